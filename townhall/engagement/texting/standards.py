"""The written standards for texts: enforced here, and shown as they are on the page of standards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from townhall.core.time import LONDON, aware

ENDING: Final = " Text STOP for no more."
ONE_CASE: Final = "case"


@dataclass(frozen=True, kw_only=True)
class Purpose:
    """What a text is for, and what is therefore allowed.

    consent: the purpose that somebody agreed to (customers.accounts.consents), where the law asks for it. since, until: hours in London.
    weekdays: Monday is 0. a_day: of these and all other texts to many, to one number; 0: no limit. many: it may go to many people.
    """

    code: str
    name: StrOrPromise
    basis: StrOrPromise
    parts: int
    since: time = time(8)
    until: time = time(20)
    weekdays: frozenset[int] = frozenset(range(7))
    consent: str = ""
    a_day: int = 2
    at_any_hour: bool = False  # with a reason
    many: bool = True


PURPOSES: Final[Mapping[str, Purpose]] = {
    one.code: one
    for one in (
        Purpose(
            code="collection",
            name=_("A delayed or changed collection"),
            basis=_("Public task: telling people about the service they get. Not advertising, so no consent is asked."),
            parts=2,
        ),
        Purpose(
            code="payment",
            name=_("A reminder of a payment"),
            basis=_("Public task: collecting what is owed. Not advertising, so no consent is asked."),
            parts=2,
            until=time(19),
            weekdays=frozenset(range(6)),
            a_day=1,
        ),
        Purpose(
            code="emergency",
            name=_("An emergency"),
            basis=_("Public task and vital interests: warning and informing the public in an emergency."),
            parts=3,
            a_day=0,
            at_any_hour=True,
        ),
        Purpose(
            code="news",
            name=_("News and events"),
            basis=_("Consent to alerts by text message, which is asked for separately and taken back by STOP."),
            parts=2,
            since=time(9),
            until=time(18),
            weekdays=frozenset(range(5)),
            consent="text-alerts",
            a_day=1,
        ),
        Purpose(
            code=ONE_CASE,
            name=_("One customer, about their own business with us"),
            basis=_("Public task: answering what they asked of us."),
            parts=4,
            a_day=0,
            many=False,
        ),
    )
}


@dataclass(frozen=True, kw_only=True)
class Ready:
    """Words to begin with."""

    code: str
    name: StrOrPromise
    purpose: str
    words: StrOrPromise
    to: str = ""
    to_code: str = ""


READY: Final = (
    Ready(
        code="collection-delay",
        name=_("Collections are late"),
        purpose="collection",
        words=_("Your bins were not emptied today. Please leave them out: the crew comes back tomorrow. Sorry."),
        to="round",
    ),
    Ready(
        code="payment-due",
        name=_("A payment is due soon"),
        purpose="payment",
        words=_("{amount} is due on {due}, reference {reference}. Pay at {link} or ring us if that is hard."),
        to="saved",
        to_code="bill-due",
    ),
    Ready(
        code="emergency",
        name=_("An emergency near you"),
        purpose="emergency",
        words=_("Flood warning for your area. Stay away from the river. If you are in danger ring 999."),
        to="ward",
    ),
)


def framed(words: str, *, many: bool) -> str:
    """As it is sent: who it is from first and, of one to many, how to stop them last."""
    return f"{settings.TEXT_SENDER}: {words}{ENDING if many else ''}"


def is_open(purpose: Purpose, at: datetime) -> bool:
    local = aware(at).astimezone(LONDON)
    return local.weekday() in purpose.weekdays and purpose.since <= local.time() < purpose.until


def open_from(purpose: Purpose, at: datetime) -> datetime:
    """The first moment from `at` on at which a text for this may go."""
    if is_open(purpose, at):
        return at
    local = aware(at).astimezone(LONDON)
    day = local.date() + timedelta(days=1 if local.time() >= purpose.since else 0)
    while day.weekday() not in purpose.weekdays:
        day += timedelta(days=1)
    return datetime.combine(day, purpose.since, LONDON)


def pence_of(parts: int) -> int:
    """What so many parts cost, to the penny."""
    return int((Decimal(settings.TEXT_PART_PENCE) * parts).quantize(Decimal(1), rounding=ROUND_HALF_UP))
