"""Who is on call when, and the hours of standby that nobody covers yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from townhall.accounts import permissions
from townhall.accounts.queries import with_email
from townhall.core.actors import Actor
from townhall.core.errors import BadInput, NotFound
from townhall.core.subjects import Subject
from townhall.customers.typed import normalised_phone
from townhall.ledger import operations as ledger
from townhall.places.opening import Where, spans
from townhall.telephony.calls.lines import MANAGE
from townhall.telephony.cover.stretches import without
from townhall.telephony.models import NightService, OnCallTurn

STANDBY = "standby"  # the channel under which the standby hours of a service are kept (places)
AHEAD_DAYS = 28


@dataclass(frozen=True, kw_only=True)
class Gap:
    """Standby hours with nobody on call."""

    service_code: str
    since: datetime
    until: datetime


@transaction.atomic
def add_turn(
    service_code: str,
    *,
    email: str,
    phone: str,
    starts_at: datetime | None,
    ends_at: datetime | None,
    position: int,
    by: Actor,
    at: datetime,
) -> OnCallTurn:
    """Put somebody on call. Raises BadInput, NotAllowed."""
    permissions.require(by, MANAGE)
    user = with_email(email)
    number = normalised_phone(phone)
    problems: dict[str, str] = {}
    if not NightService.objects.filter(pk=service_code, is_active=True).exists():
        problems["service"] = _("Select a service that is answered out of hours")
    if user is None:
        problems["email"] = _("Nobody on the staff has this email address")
    if not number:
        problems["phone"] = _("Enter the mobile number that is paged")
    if starts_at is None or ends_at is None:
        problems["starts_at"] = _("Enter from when to when")
    elif ends_at <= starts_at or ends_at <= at:
        problems["ends_at"] = _("It must end after it begins, and not be over")
    if problems or user is None or starts_at is None or ends_at is None:
        raise BadInput(problems)
    made = OnCallTurn.objects.create(
        service_code=service_code, user=user, phone=number, position=position, starts_at=starts_at, ends_at=ends_at
    )
    data: dict[str, object] = {"service": service_code, "user": str(user.pk)}
    ledger.record("on_call.added", about=_turn(made), by=by, at=at, data=data)
    return made


@transaction.atomic
def remove_turn(turn_id: UUID, *, by: Actor, at: datetime) -> None:
    """Raises NotFound, NotAllowed."""
    permissions.require(by, MANAGE)
    found = OnCallTurn.objects.select_for_update().filter(pk=turn_id).first()
    if found is None:
        raise NotFound
    ledger.record("on_call.removed", about=_turn(found), by=by, at=at, data={"service": found.service_code})
    found.delete()


def _turn(one: OnCallTurn) -> Subject:
    return Subject(kind="on_call_turn", id=one.pk)


def turns(*, at: datetime) -> list[OnCallTurn]:
    """Those to come or running, the soonest first."""
    coming = OnCallTurn.objects.filter(ends_at__gt=at, starts_at__lt=at + timedelta(days=AHEAD_DAYS))
    return list(coming.select_related("user").order_by("starts_at", "service_code", "position")[:500])


def gaps(*, at: datetime) -> list[Gap]:
    """Standby hours of the next weeks that nobody covers, by service and time."""
    found: list[Gap] = []
    until = at + timedelta(days=AHEAD_DAYS)
    kept = turns(at=at)
    for service in NightService.objects.filter(is_active=True).order_by("service_code"):
        covered = [(one.starts_at, one.ends_at) for one in kept if one.service_code == service.pk]
        for span in spans(Where(service=service.pk, channel=STANDBY), since=at, days=AHEAD_DAYS):
            if span.opens < until:
                found += [
                    Gap(service_code=service.pk, since=since, until=end)
                    for since, end in without([(max(span.opens, at), min(span.closes, until))], covered)
                ]
    return found
