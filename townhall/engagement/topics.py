"""What people can be alerted to: one line for each topic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

HALF_A_MILE = 805  # metres
NEAREST, FURTHEST = 100, 8_047  # metres; five miles


@dataclass(frozen=True, kw_only=True)
class Topic:
    code: str
    name: StrOrPromise
    template: str
    needs_place: bool = False  # an address
    has_distance: bool = False  # and how far around it
    needs_bill: bool = False  # the account number of a bill, from somebody without an account
    needs_account: bool = False  # of what only a customer's own record tells
    consent: str = ""  # the purpose that a customer with an account has to agree to at the moment of telling
    ahead: timedelta = timedelta()  # how long before the day it is about
    charge_kind: str = ""


TOPICS: Final[Mapping[str, Topic]] = {
    topic.code: topic
    for topic in (
        Topic(
            code="missed-bin",
            name=_("Bins that we could not empty at an address, and why"),
            template="alert/missed_bin",
            needs_place=True,
            consent="alerts",
        ),
        Topic(
            code="planning",
            name=_("Planning applications near an address"),
            template="alert/planning",
            needs_place=True,
            has_distance=True,
            consent="alerts",
        ),
        Topic(
            code="events",
            name=_("Events near an address"),
            template="alert/event",
            needs_place=True,
            has_distance=True,
            consent="alerts",
        ),
        Topic(
            code="council-tax",
            name=_("Council tax instalments, five days before each is due"),
            template="alert/council_tax",
            needs_bill=True,
            ahead=timedelta(days=5),
            charge_kind="council-tax",
        ),
        Topic(
            code="library",
            name=_("Library loans three days before they are due, and fines"),
            template="alert/library",
            needs_account=True,
            ahead=timedelta(days=3),
        ),
        Topic(
            code="permits",
            name=_("Parking permits, four weeks before they run out"),
            template="alert/permit",
            needs_account=True,
            ahead=timedelta(days=28),
        ),
        Topic(
            code="requests",
            name=_("News of my own requests"),
            template="alert/request",
            needs_account=True,
        ),
        Topic(
            code="deals",
            name=_("Deals of local traders"),
            template="alert/deal",
            needs_account=True,
        ),
    )
}
RADII: Final[tuple[tuple[int, StrOrPromise], ...]] = (
    (402, _("A quarter of a mile")),
    (HALF_A_MILE, _("Half a mile")),
    (1_609, _("1 mile")),
    (3_219, _("2 miles")),
)
