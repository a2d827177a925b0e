"""What other code may read of repairs and visits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.db.models import Q

from townhall.cases.models import OPEN_STATES, Case
from townhall.connectors.contracts import slots
from townhall.connectors.contracts.slots import Slot
from townhall.connectors.protocol import LookUpFailed
from townhall.core.errors import NotFound
from townhall.core.time import council_date
from townhall.housing.models import Repair, Visit
from townhall.housing.states import VisitState

TARGET = "housing"
OPEN_FOR = timedelta(days=120)  # a link to a repair's own pages
MOST = 100
# Whether there is anything for `of_customer` to read: for a page that asks this of many things in one statement.
OF_CUSTOMER = "EXISTS (SELECT FROM housing_repair WHERE customer_id = %(customer)s)"
_SIGNER = signing.TimestampSigner(salt="townhall.repair")
_NOW = (VisitState.BOOKED, VisitState.CONFIRMING, VisitState.CANCELLING)


@dataclass(frozen=True, kw_only=True)
class Day:
    on: date
    slots: Sequence[Slot]


@dataclass(frozen=True, kw_only=True)
class Whole:
    """A repair with its visits, newest first."""

    repair: Repair
    visits: Sequence[Visit]

    def _first(self, *states: VisitState) -> Visit | None:
        return next((one for one in self.visits if one.state in states), None)

    @property
    def booked(self) -> Visit | None:
        return self._first(VisitState.BOOKED)

    @property
    def waiting(self) -> Visit | None:
        """The housing system has not answered yet."""
        return self._first(VisitState.CONFIRMING, VisitState.CANCELLING)

    @property
    def last(self) -> Visit | None:
        """What became of the visit, where none is booked."""
        return self._first(VisitState.DONE, VisitState.MISSED, VisitState.CANCELLED, VisitState.GONE)


def whole(repair_id: UUID) -> Whole | None:
    """Two queries."""
    repair = Repair.objects.filter(pk=repair_id).first()
    return Whole(repair=repair, visits=list(repair.visits.order_by("-made_at", "-id")[:30])) if repair else None


def of_case(case_id: UUID) -> Repair | None:
    """One query."""
    return Repair.objects.filter(case_id=case_id).first()


def is_open(repair: Repair) -> bool:
    """Whether its case is still open. One query."""
    return Case.objects.filter(pk=repair.case_id, state__in=OPEN_STATES).exists()


def visit(visit_id: UUID, *, repair_id: UUID) -> Visit | None:
    return Visit.objects.select_related("repair", "replaces").filter(pk=visit_id, repair_id=repair_id).first()


def token_for(repair_id: UUID) -> str:
    return _SIGNER.sign(repair_id.hex)


def repair_in(token: str) -> UUID | None:
    """Whose pages these are."""
    try:
        return UUID(_SIGNER.unsign(token, max_age=OPEN_FOR))
    except (signing.BadSignature, ValueError):
        return None


def link_for(repair_id: UUID) -> str:
    return f"{settings.PUBLIC_URL}/repairs/{token_for(repair_id)}"


def free_times(repair: Repair, *, at: datetime) -> list[Day] | None:
    """Times that can be had, by day. A call to the housing system. None: it does not answer."""
    try:
        found = slots.free(TARGET, repair.trade, since=council_date(at), at=at)
    except (LookUpFailed, NotFound, KeyError):
        return None
    later = [one for one in found if one.on > council_date(at)]
    return [Day(on=on, slots=list(same)) for on, same in groupby(later, key=lambda one: one.on)]


def slot_named(days: Sequence[Day] | None, slot_id: str) -> Slot | None:
    return next((one for day in days or () for one in day.slots if one.id == slot_id), None)


def of_customer(customer_id: UUID, *, limit: int = 5) -> list[Visit]:
    """Visits booked for a customer, the next first. One query."""
    rows = Visit.objects.select_related("repair").filter(repair__customer_id=customer_id, state__in=_NOW)
    return list(rows.order_by("on", "begins", "id")[:limit])


def to_look_at(*, at: datetime) -> list[Visit]:
    """Visits that need somebody: nobody was in, or the housing system has not answered for some time. One query."""
    stuck = Q(state__in=(VisitState.CONFIRMING, VisitState.CANCELLING), changed_at__lt=at - timedelta(minutes=15))
    missed = Q(state=VisitState.MISSED, on__gte=council_date(at) - timedelta(days=28))
    rows = Visit.objects.select_related("repair").filter(stuck | missed)
    return list(rows.order_by("on", "id")[:MOST])


def booked_from(first: date, *, limit: int = MOST) -> list[Visit]:
    """Booked visits from a day on, in order. One query."""
    rows = Visit.objects.select_related("repair").filter(state=VisitState.BOOKED, on__gte=first)
    return list(rows.order_by("on", "begins", "id")[:limit])


def without_time(*, limit: int = MOST) -> list[Repair]:
    """Repairs for which nobody has chosen a time, the oldest first. One query."""
    taken = Visit.objects.filter(state__in=(*_NOW, VisitState.DONE)).values("repair_id")
    return list(Repair.objects.exclude(pk__in=taken).order_by("made_at", "id")[:limit])
