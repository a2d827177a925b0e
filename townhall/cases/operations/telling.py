"""Telling the people who follow a case."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.db.models import QuerySet
from django.utils.crypto import salted_hmac
from django.utils.encoding import force_bytes
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from townhall.accounts import directory
from townhall.cases.events import FollowersTold
from townhall.cases.models import Case, Follower
from townhall.catalogue import queries as catalogue
from townhall.catalogue.pack import ServicePack, Update
from townhall.core.events import publish
from townhall.customers.models import CustomerRole
from townhall.notifications import operations as notifications
from townhall.notifications.operations import Rendered
from townhall.notifications.recipients import Recipient

# What a wording may name though not every change has it.
_UNSAID: Mapping[str, object] = {"scheduled_on": None, "was": None, "reason": "", "words": "", "body": ""}
TRIAL_ROLE = "trial_group"  # a customer's role; its detail names the group
TO_REPORTERS: frozenset[Update] = frozenset({"waiting_for_customer"})  # not for others who follow


class _Signer(signing.Signer):
    """As Django's; what every signature begins with is made once."""

    @cached_property
    def _begun(self) -> hmac.HMAC:
        return salted_hmac(str(self.salt) + "signer", b"", self.key, algorithm=self.algorithm)

    def signature(self, value: str | bytes, key: str | bytes | None = None) -> str:
        if key is not None and key != self.key:
            return super().signature(value, key)
        made = self._begun.copy()
        made.update(force_bytes(value))
        return signing.b64_encode(made.digest()).decode()


_SIGNER = _Signer(salt="townhall.follower")


def case_link(reference: str, follower_id: UUID) -> str:
    """A link to the public page that also says who follows, so that they may see their own words and answer."""
    return f"{settings.PUBLIC_URL}/r/{reference}?me={sign_follower(follower_id)}"


def stop_link(reference: str, follower_id: UUID) -> str:
    """Where the messages to one follower are stopped: it asks first, and a mail program's own button posts to it."""
    return f"{settings.PUBLIC_URL}/r/{reference}/stop?me={sign_follower(follower_id)}"


def context_for(follower: Follower, reference: str) -> dict[str, object]:
    """What a message says in its own way to each follower: whose report it is, and their links."""
    return {
        "report": _("your report") if follower.is_reporter else _("the report you follow"),
        "link": case_link(reference, follower.pk),
        "unsubscribe_url": stop_link(reference, follower.pk),
        "own_reference": _own_reference(follower),
    }


def _own_reference(follower: Follower) -> str:
    """Of the report that was joined to this one, by which the follower knows it; else empty. One query for those alone."""
    if follower.original_case_id == follower.case_id:
        return ""
    return Case.objects.values_list("reference", flat=True).get(pk=follower.original_case_id)


@lru_cache(maxsize=1_000)  # the mail that is made and the page that is shown both need it
def sign_follower(follower_id: UUID) -> str:
    """The token that says who follows."""
    return _SIGNER.sign(follower_id.hex)


def follower_in(token: str) -> UUID | None:
    """The follower that a link's token names, or None when it was not made by us."""
    try:
        return UUID(_SIGNER.unsign(token))
    except (signing.BadSignature, ValueError):
        return None


def own_words(pack: ServicePack, update: Update) -> str | None:
    """The service's own wording of an update, in the shape `notifications.send` takes, or None for the standard words."""
    words = pack.messages.get(update)
    if words is None or not words.body:
        return None
    return f"Subject: {words.subject}\n\n{words.body}" if words.subject else words.body


def recipient_context(pack: ServicePack, reference: str, due_on: date) -> dict[str, object]:
    """What every message about a case may say. Dates as ISO text: a message keeps them as they were."""
    return {
        "reference": reference,
        "service": pack.name,
        "service_code": pack.code,
        "is_form": bool(pack.form),
        "done": pack.done,
        "next_step": pack.next_step,
        "due_on": due_on,
        "council": settings.COUNCIL_NAME,
        "phone": settings.COUNCIL_PHONE,
    }


def context_of(case: Case, **more: object) -> dict[str, object]:
    pack = catalogue.service(case.service_code)
    return {
        **recipient_context(pack, case.reference, case.due_on),
        "place": case.address or case.place_words or _("the place you reported"),
        "team": directory.team_by_id(case.doer_team_id).name,
        **more,
    }


def tell_followers(
    case: Case,
    update: Update,
    *,
    at: datetime,
    change: str,
    context: Mapping[str, object] | None = None,
    not_before: datetime | None = None,
) -> int:
    """Send `update` to everyone who follows, if the service has it switched on. `change` names this change, so that twice is once.

    Returns how many messages were made. One query, then one insert each.
    """
    words = own_words(catalogue.service(case.service_code), update)
    shared = {**_UNSAID, **context_of(case), **(context or {})}
    keys: dict[UUID, str] = {}
    count = 0
    for follower in who_hears(case, update):
        key = f"case-{update}-{case.pk}-{change}-{follower.pk}"
        notifications.send(
            f"case/{update}",
            to=as_recipient(follower),
            about=case.subject,
            key=key,
            context={**shared, **context_for(follower, case.reference)},
            at=at,
            case_id=case.pk,
            override=words,
            not_before=not_before,
        )
        count += 1
        if follower.customer_id is not None:
            keys[follower.customer_id] = key
    if keys:
        publish(_told(case, update, keys, at=at, from_at=not_before or at))
    return count


def _told(case: Case, update: Update, keys: Mapping[UUID, str], *, at: datetime, from_at: datetime) -> FollowersTold:
    return FollowersTold(
        case_id=case.pk,
        reference=case.reference,
        service=catalogue.service(case.service_code).name,
        update=update,
        messages=keys,
        from_at=from_at,
        at=at,
    )


def who_hears(case: Case, update: Update) -> QuerySet[Follower]:
    """Those who get this update; nobody when the service has it switched off. On trial, only customers in its trial group do.

    Our questions go to those who reported it, and to nobody else who follows.
    """
    everybody = Follower.objects.filter(case_id=case.pk, ended_at__isnull=True).order_by("since", "id")
    if update in TO_REPORTERS:
        everybody = everybody.filter(is_reporter=True)
    pack = catalogue.service(case.service_code)
    if pack.sends(update):
        return everybody
    groups = {setting.trial_group for setting in pack.updates if setting.update == update}
    if not groups:
        return everybody.none()
    members = CustomerRole.objects.filter(role=TRIAL_ROLE, detail__in=groups)
    return everybody.filter(customer_id__in=members.values("customer_id"))


def preview_to(follower: Follower, case: Case, update: Update, *, context: Mapping[str, object]) -> Rendered:
    """The message that one follower would get of `update`, whatever the service has switched on."""
    return notifications.preview(
        f"case/{update}",
        to=as_recipient(follower),
        context={**_UNSAID, **context_of(case), **context, **context_for(follower, case.reference)},
        override=own_words(catalogue.service(case.service_code), update),
    )


def as_recipient(follower: Follower) -> Recipient:
    return Recipient(
        name=follower.name,
        email=follower.email,
        phone=follower.phone,
        customer_id=follower.customer_id,
        prefers=follower.prefers or None,
    )
