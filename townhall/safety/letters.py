"""Fairly worded letters to the person: why there is a marker, what it means, who sees it, until when, and how to appeal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.utils import translation
from django.utils.translation import gettext as _

from townhall.clocks import reference
from townhall.core.actors import Actor
from townhall.core.subjects import Subject
from townhall.customers.models import CustomerAddress
from townhall.documents.models import Kind
from townhall.documents.operations import keep_document, language_of
from townhall.documents.wording import worded
from townhall.notifications import operations as notifications
from townhall.notifications.recipients import Recipient
from townhall.safety.models import Appeal, Marker

APPEAL = "marker.appeal"  # the clock, in working days


def of_marker(marker: Marker, *, by: Actor, at: datetime) -> UUID:
    """That there is one."""
    titles = {
        Marker.Kind.WARNING: _("A note on your record about how we meet you"),
        Marker.Kind.RESTRICTION: _("How to get in touch with us from now on"),
    }
    return _write(marker, "marker_letter", titles, about=marker.subject, key=f"marker-{marker.pk}", by=by, at=at)


def of_appeal(appeal: Appeal, *, by: Actor, at: datetime) -> UUID:
    """What became of an appeal."""
    title = dict.fromkeys(Marker.Kind, _("Your appeal about the note on your record"))
    more = {"appeal": appeal, "outcome": Appeal.Outcome(appeal.outcome)}
    key = f"marker-appeal-{appeal.pk}"
    return _write(appeal.marker, "marker_appeal", title, about=appeal.subject, key=key, more=more, by=by, at=at)


def _write(
    marker: Marker,
    template: str,
    titles: Mapping[Marker.Kind, str],
    *,
    about: Subject,
    key: str,
    by: Actor,
    at: datetime,
    more: Mapping[str, object] | None = None,
) -> UUID:
    """Kept as a document of theirs and posted, in the caller's transaction."""
    customer = marker.customer
    language = language_of(customer.pk)
    with translation.override(language):
        title = titles[Marker.Kind(marker.kind)]
        context = {
            "marker": marker,
            "name": customer.name,
            "category": Marker.Category(marker.category).label,
            "precautions": [Marker.Precaution(code).label for code in marker.precautions],
            "appeal_days": reference.kind(APPEAL).amount,
            **(more or {}),
        }
        html = worded(template, context, language=language)
    document = keep_document(
        customer_id=customer.pk,
        kind=Kind.LETTER,
        title=title,
        about=about,
        key=key,
        html=html,
        language=language,
        by=by,
        at=at,
    )
    home = CustomerAddress.objects.filter(customer=customer, until_on=None).order_by("-from_on").first()
    notifications.send(
        f"safety/{template}",
        to=Recipient(name=customer.name, customer_id=customer.pk, postal=home.line if home else ""),
        about=about,
        key=f"{key}-letter",
        context={**context, "title": title},
        at=at,
        channel="letter",
    )
    return document.pk
