"""Turning alerts on and off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from townhall.core.actors import Actor
from townhall.core.errors import BadInput, NotFound
from townhall.customers.accounts import consents
from townhall.customers.typed import normalised_phone
from townhall.engagement import stopping
from townhall.engagement.models import AlertSubscription
from townhall.engagement.topics import FURTHEST, HALF_A_MILE, NEAREST, TOPICS, Topic
from townhall.ledger import operations as ledger
from townhall.notifications import operations as notifications
from townhall.notifications.recipients import Recipient, email_address
from townhall.payments.owed import reference_key
from townhall.places import queries as places

CONFIRM_WITHIN = timedelta(days=7)
_CONFIRM = signing.TimestampSigner(salt="townhall.alert.confirm")
_STOP = signing.Signer(salt="townhall.alert.stop")


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What somebody wants to be told. `customer_id`: of who is signed in; everybody else confirms the email address."""

    topic: str
    email: str
    uprn: str = ""
    radius_m: int = HALF_A_MILE
    bill: str = ""
    name: str = ""
    phone: str = ""
    by_text: bool = False
    customer_id: UUID | None = None


@transaction.atomic
def turn_on(wish: Wish, *, by: Actor, at: datetime) -> AlertSubscription:
    """Be told of a topic: from now on when signed in, otherwise once the link in a mail was confirmed. Raises BadInput."""
    topic = _checked(wish)
    found = places.address(wish.uprn) if topic.needs_place else None
    written = wish.bill if topic.needs_bill else ""
    by_text = wish.by_text and bool(normalised_phone(wish.phone))
    made = AlertSubscription.objects.create(
        topic=topic.code,
        email=email_address(wish.email).lower(),
        phone=wish.phone,
        by_text=by_text,
        number=normalised_phone(wish.phone) if by_text else "",
        name=wish.name,
        customer_id=wish.customer_id,
        place_key=found.code if found else reference_key(written),
        place=found.label if found else written.strip(),
        easting=int(found.place.easting) if found and found.place.easting is not None else None,
        northing=int(found.place.northing) if found and found.place.northing is not None else None,
        radius_m=wish.radius_m,
        created_at=at,
    )
    if wish.customer_id is None:
        _ask_to_confirm(made, at=at)
        return made
    if topic.consent:
        version = consents.wordings()[topic.consent].version
        consents.give(wish.customer_id, topic.consent, version=version, channel="web", by=by, at=at)
    if by_text:
        stopping.allow_texts(wish.customer_id, made.number, channel="web", by=by, at=at)
    return _begin(made, by=by, at=at)


@transaction.atomic
def confirm(subscription_id: UUID, *, by: Actor, at: datetime) -> AlertSubscription:
    """The address is theirs, and they want it. Twice is once. Raises NotFound, also when it was turned off since."""
    row = AlertSubscription.objects.select_for_update().filter(pk=subscription_id).first()
    if row is None or row.ended_at is not None:
        raise NotFound
    return row if row.confirmed_at is not None else _begin(row, by=by, at=at)


def _begin(row: AlertSubscription, *, by: Actor, at: datetime) -> AlertSubscription:
    for earlier in _same_as(row).select_for_update().exclude(pk=row.pk):
        _end(earlier, "replaced", by=by, at=at)
    row.confirmed_at = at
    row.save(update_fields=["confirmed_at"])
    data: dict[str, object] = {"topic": row.topic, "radius_m": row.radius_m}
    ledger.record("alert.turned_on", about=row.subject, by=by, at=at, customer_id=row.customer_id, data=data)
    return row


def _same_as(row: AlertSubscription) -> QuerySet[AlertSubscription]:
    """Of one topic at one place only one is on for an address."""
    held = AlertSubscription.objects.filter(confirmed_at__isnull=False, ended_at__isnull=True)
    return held.filter(topic=row.topic, email=row.email, place_key=row.place_key)


@transaction.atomic
def turn_off(subscription_id: UUID, *, by: Actor, at: datetime) -> None:
    """Be told no more; what still waits to be sent is taken back. Twice is once. Raises NotFound."""
    row = AlertSubscription.objects.select_for_update().filter(pk=subscription_id).first()
    if row is None:
        raise NotFound
    if row.ended_at is None:
        _end(row, "stopped", by=by, at=at)
        notifications.withdraw_about(row.subject, by=by, at=at)


TEXTED = "texted"


def end_by_text(row: AlertSubscription, *, by: Actor, at: datetime) -> None:
    """They texted STOP: this is over, and what waits is taken back. `row` is locked and on."""
    _end(row, TEXTED, by=by, at=at)
    notifications.withdraw_about(row.subject, by=by, at=at)


def begin_again(row: AlertSubscription, *, by: Actor, at: datetime) -> bool:
    """They texted START: what STOP ended is on again; False when they turned the same on since. `row` is locked."""
    if row.topic not in TOPICS or _same_as(row).exists():
        return False
    row.ended_at, row.ended_because = None, ""
    row.save(update_fields=["ended_at", "ended_because"])
    _begin(row, by=by, at=at)
    return True


def _end(row: AlertSubscription, because: str, *, by: Actor, at: datetime) -> None:
    row.ended_at, row.ended_because = at, because
    row.save(update_fields=["ended_at", "ended_because"])
    data: dict[str, object] = {"topic": row.topic, "because": because}
    ledger.record("alert.turned_off", about=row.subject, by=by, at=at, customer_id=row.customer_id, data=data)


def _checked(wish: Wish) -> Topic:
    topic = TOPICS.get(wish.topic)
    if topic is None:
        raise BadInput({"topic": _("Select what we should tell you about")})
    problems = {}
    if topic.needs_place and (not wish.uprn.isdecimal() or places.address(wish.uprn) is None):
        problems["place"] = _("Search for the address and select it from the list")
    if topic.has_distance and not NEAREST <= wish.radius_m <= FURTHEST:
        problems["radius"] = _("Select how far around the address")
    if topic.needs_bill and wish.customer_id is None and len(reference_key(wish.bill)) < 3:
        problems["bill"] = _("Enter the account number on your bill")
    if topic.needs_account and wish.customer_id is None:
        problems["email"] = _("Sign in to your account to turn this on")
    elif not email_address(wish.email):
        problems["email"] = _("Enter an email address in the correct format, like name@example.com")
    if problems:
        raise BadInput(problems)
    return topic


def _ask_to_confirm(row: AlertSubscription, *, at: datetime) -> None:
    notifications.send(
        "alert/confirm",
        to=Recipient(email=row.email),
        about=row.subject,
        key=f"alert-confirm-{row.pk}",
        context={"topic": TOPICS[row.topic].name, "place": row.place, "link": confirm_link(row.pk)},
        at=at,
    )


def confirm_link(subscription_id: UUID) -> str:
    return f"{settings.PUBLIC_URL}/alerts/confirm/{_CONFIRM.sign(subscription_id.hex)}"


def to_confirm(token: str) -> UUID | None:
    """The subscription that a link's token names; None when it was not made by us, or more than a week ago."""
    try:
        return UUID(_CONFIRM.unsign(token, max_age=CONFIRM_WITHIN))
    except (signing.BadSignature, ValueError):
        return None


def stop_link(subscription_id: UUID) -> str:
    """Where somebody stops an alert without signing in: their mail program's own button posts here (RFC 8058)."""
    return f"{settings.PUBLIC_URL}/alerts/stop/{_STOP.sign(subscription_id.hex)}"


def to_stop(token: str) -> UUID | None:
    try:
        return UUID(_STOP.unsign(token))
    except (signing.BadSignature, ValueError):
        return None
