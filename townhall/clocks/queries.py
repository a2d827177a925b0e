"""Everything other code may read about clocks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from django.db.models import QuerySet

from townhall.clocks import reference
from townhall.clocks.calendars import Unit
from townhall.clocks.models import Clock
from townhall.clocks.states import OPEN_STATES, ClockState
from townhall.core.subjects import Subject
from townhall.core.time import aware, council_date


class Standing(StrEnum):
    """How a promise stands at some moment."""

    ON_TRACK = "on_track"
    AT_RISK = "at_risk"  # less than a fifth of its time is left
    OVERDUE = "overdue"
    PAUSED = "paused"
    MET = "met"
    MISSED = "missed"
    STOPPED = "stopped"


@dataclass(frozen=True, kw_only=True)
class ClockView:
    id: UUID
    kind: str
    about: Subject
    case_id: UUID | None
    calendar: str
    amount: int | None  # in `unit`; None when its due date was given or later extended
    unit: Unit
    state: ClockState
    started_at: datetime
    due_at: datetime
    original_due_at: datetime
    finished_at: datetime | None
    paused_at: datetime | None

    @property
    def due_on(self) -> date:
        return council_date(self.due_at)

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    def standing(self, at: datetime) -> Standing:
        if self.state != ClockState.RUNNING:
            return Standing(self.state.value)
        if aware(at) > self.due_at:
            return Standing.OVERDUE
        return Standing.AT_RISK if self._share_left(at) < 0.2 else Standing.ON_TRACK

    def _share_left(self, at: datetime) -> float:
        """Of the time from start to due, in the clock's own counting: 1.0 at the start, 0.0 when nothing is left."""
        calendar = reference.calendar(self.calendar)
        if self.unit is Unit.HOURS:
            whole = calendar.time_between(self.started_at, self.due_at)
            return calendar.time_between(at, self.due_at) / whole if whole else 0.0
        if self.unit is Unit.WORKING_DAYS:
            whole_days = calendar.working_days_between(council_date(self.started_at), self.due_on)
            return calendar.working_days_between(council_date(at), self.due_on) / whole_days if whole_days else 1.0
        whole = self.due_at - self.started_at
        return (self.due_at - aware(at)) / whole if whole else 0.0


def due_on(kind: str, about: Subject) -> date | None:
    """The council date on which the open clock of this kind falls due, or None when none is open."""
    clock = _about(about).filter(kind=kind, state__in=OPEN_STATES).first()
    return council_date(clock.due_at) if clock else None


def first_about(kind: str, about: Subject) -> ClockView | None:
    """The first clock of this kind there was about one subject."""
    clock = _about(about).filter(kind=kind).order_by("started_at", "id").first()
    return _view(clock) if clock else None


def clocks_about(about: Subject) -> list[ClockView]:
    """Every clock there has been about one subject, oldest first. One query."""
    return [_view(clock) for clock in _about(about).order_by("started_at", "id")]


def running_for(case_ids: Iterable[UUID]) -> dict[UUID, list[ClockView]]:
    """The open clocks (running or paused) of each case, soonest due first. One query; a case without any is left out."""
    found: dict[UUID, list[ClockView]] = defaultdict(list)
    for clock in Clock.objects.filter(case_id__in=list(case_ids), state__in=OPEN_STATES).order_by("due_at", "id"):
        assert clock.case_id is not None
        found[clock.case_id].append(_view(clock))
    return dict(found)


def _about(about: Subject) -> QuerySet[Clock]:
    clocks = Clock.objects.filter(subject_kind=about.kind, subject_id=about.id)
    return clocks.filter(case_id=about.id) if about.kind == "case" else clocks  # by its index: each has its own


def _view(clock: Clock) -> ClockView:
    return ClockView(
        id=clock.id,
        kind=clock.kind,
        about=Subject(kind=clock.subject_kind, id=clock.subject_id),
        case_id=clock.case_id,
        calendar=clock.calendar,
        amount=clock.amount,
        unit=Unit(clock.unit),
        state=ClockState(clock.state),
        started_at=clock.started_at,
        due_at=clock.due_at,
        original_due_at=clock.original_due_at,
        finished_at=clock.finished_at,
        paused_at=clock.paused_at,
    )
