"""What customers agreed to: asked for each purpose by itself, in a wording with a version, and taken back as easily.

Nothing is copied from here: whoever wants to know asks `agreed` at that moment, so a withdrawal holds on every screen and for every
connector at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from townhall.accounts import permissions
from townhall.core.actors import Actor
from townhall.core.errors import BadInput, WrongState
from townhall.core.refreshing import Refreshing
from townhall.core.subjects import Subject
from townhall.customers.accounts.models import Consent, ConsentWording
from townhall.customers.operations.recording import record
from townhall.customers.permissions import locked
from townhall.ledger import operations as ledger


@dataclass(frozen=True, kw_only=True)
class Wording:
    """What is asked for one purpose, as it is asked now."""

    purpose: str
    version: int
    title: StrOrPromise
    words: StrOrPromise


PARTNER: Final = "partner-"  # with the code of a partner's team: that they may be passed on to it

# The first wordings. The council's own versions of them, and purposes of its own, are rows (ConsentWording).
_FIRST: Final = (
    Wording(
        purpose="newsletter",
        version=1,
        title=gettext_lazy("The council’s newsletter"),
        words=gettext_lazy("You may send me the council’s newsletter by email."),
    ),
    Wording(
        purpose="alerts",
        version=1,
        title=gettext_lazy("News for my address"),
        words=gettext_lazy("You may tell me of changed collections, works and plans near my address."),
    ),
    Wording(
        purpose="text-alerts",
        version=1,
        title=gettext_lazy("Alerts by text message"),
        words=gettext_lazy("You may send me the alerts that I turn on for my phone by text message."),
    ),
    Wording(
        purpose="share-benefits",
        version=1,
        title=gettext_lazy("Council tax, benefits and housing"),
        words=gettext_lazy(
            "Council tax, benefits and housing may share what I tell one of them, so that I need not tell the others."
        ),
    ),
    Wording(
        purpose="share-family",
        version=1,
        title=gettext_lazy("Housing, benefits and school"),
        words=gettext_lazy(
            "Housing, council tax, benefits and school admissions may share what I tell them, so that one person can help my family."
        ),
    ),
    Wording(
        purpose="share-care",
        version=1,
        title=gettext_lazy("Adult social care"),
        words=gettext_lazy("Adult social care may see my access needs and how to reach me."),
    ),
    Wording(
        purpose="share-services",
        version=1,
        title=gettext_lazy("All of the council’s services"),
        words=gettext_lazy(
            "Every service of the council may see what I asked of the others, so that whoever I speak to knows of it."
        ),
    ),
    Wording(
        purpose="electoral-roll",
        version=1,
        title=gettext_lazy("The electoral roll as evidence"),
        words=gettext_lazy(
            "You may look me up on the electoral roll to check my address. You keep whether it matched, not the entry."
        ),
    ),
)


def _load() -> dict[str, Wording]:
    found = {one.purpose: one for one in _FIRST}
    for row in ConsentWording.objects.order_by("purpose", "version"):
        found[row.purpose] = Wording(purpose=row.purpose, version=row.version, title=row.title, words=row.words)
    return found


_wordings = Refreshing(_load)


def wordings() -> Mapping[str, Wording]:
    """What is asked now, by purpose; at most a few seconds old."""
    return _wordings.get()


def listed(held: Mapping[str, Consent]) -> list[Wording]:
    """What somebody may choose by themselves, and what they agreed to of what is asked only when they are passed on to a partner."""
    return [one for one in wordings().values() if one.purpose in held or not one.purpose.startswith(PARTNER)]


def given(customer_id: UUID) -> dict[str, Consent]:
    """What holds now, by purpose. One query."""
    return {row.purpose: row for row in Consent.objects.filter(customer_id=customer_id, withdrawn_at=None)}


def history(customer_id: UUID) -> list[Consent]:
    return list(Consent.objects.filter(customer_id=customer_id).order_by("-given_at")[:200])


def agreed(customer_id: UUID, purpose: str) -> bool:
    """Whether this may be done with their data at this moment. One query."""
    return Consent.objects.filter(customer_id=customer_id, purpose=purpose, withdrawn_at=None).exists()


@transaction.atomic
def give(customer_id: UUID, purpose: str, *, version: int, channel: str, by: Actor, at: datetime) -> Consent:
    """They agreed to this wording. Twice is once. Raises BadInput for an unknown purpose, WrongState when the wording has changed."""
    locked(customer_id, by=by, own=True)
    wording = wordings().get(purpose)
    if wording is None:
        raise BadInput({"purpose": _("Select what it is for")})
    if wording.version != version:
        raise WrongState(_("The wording has changed since you opened this page. Read it again."))
    held = Consent.objects.filter(customer_id=customer_id, purpose=purpose, withdrawn_at=None).first()
    if held is not None and held.version == version:
        return held
    if held is not None:  # the same purpose in an earlier wording
        held.withdrawn_at, held.withdrawn_channel = at, channel
        held.save(update_fields=["withdrawn_at", "withdrawn_channel"])
    made = Consent.objects.create(
        customer_id=customer_id, purpose=purpose, version=version, channel=channel, given_at=at
    )
    record("consent_given", customer_id, by=by, at=at, purpose=purpose, version=version, channel=channel)
    return made


@transaction.atomic
def withdraw(customer_id: UUID, purpose: str, *, channel: str, by: Actor, at: datetime) -> bool:
    """They take it back. False when it did not hold."""
    locked(customer_id, by=by, own=True)
    ended = Consent.objects.filter(customer_id=customer_id, purpose=purpose, withdrawn_at=None).update(
        withdrawn_at=at, withdrawn_channel=channel
    )
    if ended:
        record("consent_withdrawn", customer_id, by=by, at=at, purpose=purpose, channel=channel)
    return bool(ended)


@transaction.atomic
def reword(purpose: str, *, title: str, words: str, by: Actor, at: datetime) -> ConsentWording:
    """Ask in other words from now on. What was agreed to before keeps its version. Raises NotAllowed, BadInput."""
    permissions.require(by, "catalogue.administer")
    if not (purpose and title.strip() and words.strip()):
        raise BadInput({"words": _("Enter what people are asked to agree to")})
    known = ConsentWording.objects.filter(purpose=purpose).aggregate(last=Max("version"))["last"] or 0
    first = next((one.version for one in _FIRST if one.purpose == purpose), 0)
    made = ConsentWording.objects.create(
        purpose=purpose, version=max(known, first) + 1, title=title.strip(), words=words.strip(), made_at=at
    )
    data: dict[str, object] = {"purpose": purpose, "version": made.version}
    ledger.record("consent.reworded", about=Subject(kind="consent_wording", id=made.pk), by=by, at=at, data=data)
    _wordings.forget()
    return made
