"""Clocks walked at random: whatever is done to them in whatever order, the rules hold."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from townhall.clocks import bank_holidays, operations
from townhall.clocks.calendars import Unit, WorkingCalendar, due_after_pause, due_at
from townhall.clocks.events import ClockRang
from townhall.clocks.models import Clock, ClockKind
from townhall.clocks.states import NEXT, OPEN_STATES, ClockState
from townhall.clocks.sweeps import ring_due
from townhall.clocks.tests.makers import PRIYA, london, make_kind, some_case
from townhall.core import events
from townhall.core.errors import RuleBroken
from townhall.core.subjects import Subject
from townhall.core.time import council_date

pytestmark = pytest.mark.proof

BEGIN = london(2026, 3, 27, 9)  # the clocks change two days later, and Easter follows
EW = WorkingCalendar(code="EW", closed=frozenset(bank_holidays.computed([2026, 2027])["england-and-wales"]))
CALENDAR = WorkingCalendar(code="CALENDAR", closed=EW.closed, every_day=True)
RUNGS = ["due_soon", "due", "overdue_5"]
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 6, 1), timezones=st.just(UTC))  # noqa: DTZ001
ACTIONS = st.sampled_from(["pause", "resume", "extend", "finish", "stop", "sweep", "sweep", "sweep"])
STEPS = st.lists(st.tuples(st.integers(0, 24 * 9), ACTIONS), max_size=12)
ON_THE_DATABASE = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@contextmanager
def hearing() -> Iterator[list[ClockRang]]:
    heard: list[ClockRang] = []

    def listen(event: ClockRang) -> None:
        heard.append(event)

    events.subscribe(ClockRang, listen)
    try:
        yield heard
    finally:
        events._handlers[ClockRang].remove(listen)


def kind_code() -> str:
    return "test.promise" if ClockKind.objects.filter(code="test.promise").exists() else make_kind()


def do(action: str, kind: str, about: Subject, at: datetime) -> None:
    if action == "pause":
        operations.pause(kind, about=about, at=at, reason="Asked", by=PRIYA)
    elif action == "resume":
        operations.resume(kind, about=about, at=at, by=PRIYA)
    elif action == "extend":
        due_on = council_date(at) + timedelta(days=10)
        operations.extend(kind, about=about, due_on=due_on, reason="Parts", by=PRIYA, at=at)
    elif action == "finish":
        operations.finish(kind, about=about, at=at)
    elif action == "stop":
        operations.stop(kind, about=about, at=at)
    else:
        while ring_due(at):
            pass


@pytest.mark.django_db
@ON_THE_DATABASE
@given(STEPS)
def test_no_order_of_events_breaks_a_rule_of_clocks(steps: list[tuple[int, str]]) -> None:
    kind, case, at = kind_code(), some_case(), BEGIN
    operations.start(kind, about=case, at=at)
    promised = Clock.objects.get(subject_id=case.id).due_at
    climbs: list[list[str]] = [[]]  # the rungs rung towards each due date that was set by hand
    for hours, action in steps:
        at += timedelta(hours=hours)
        before = Clock.objects.get(subject_id=case.id)
        with hearing() as heard:
            try:
                do(action, kind, case, at)
            except RuleBroken:
                assert Clock.objects.filter(pk=before.pk, state=before.state, due_at=before.due_at).exists()
                continue
        after = Clock.objects.get(subject_id=case.id)
        assert after.state == before.state or ClockState(after.state) in NEXT[ClockState(before.state)]
        assert after.due_at >= before.due_at
        assert after.original_due_at == promised
        rung = [event.rung for event in heard if event.subject == case]
        assert not rung or before.state == ClockState.RUNNING
        if action == "extend":
            climbs.append([])
        climbs[-1] += rung
        if action == "sweep" and after.state == ClockState.RUNNING:
            assert after.next_rung_at is None or after.next_rung_at > at
        if before.state not in OPEN_STATES:
            assert (after.state, after.due_at, after.finished_at) == (before.state, before.due_at, before.finished_at)
    for climb in climbs:
        assert climb == [name for name in RUNGS if name in climb]  # in order, none twice


@pytest.mark.django_db
@ON_THE_DATABASE
@given(st.lists(st.integers(0, 24 * 20), max_size=8), st.integers(1, 15))
def test_however_late_or_often_a_sweep_runs_every_rung_rings_once(gaps: list[int], days: int) -> None:
    kind, case, at = kind_code(), some_case(), BEGIN
    operations.start(kind, about=case, at=at, days=days)

    with hearing() as heard:
        for gap in [*gaps, 24 * 60]:
            at += timedelta(hours=gap)
            do("sweep", kind, case, at)
            do("sweep", kind, case, at)

    rung = [event.rung for event in heard if event.subject == case]
    assert rung == (RUNGS if days > 2 else rung)
    assert rung[-2:] == ["due", "overdue_5"]
    assert len(set(rung)) == len(rung)


@given(
    MOMENTS,
    st.tuples(st.integers(0, 30), st.sampled_from(Unit)),
    st.tuples(MOMENTS, MOMENTS),
    st.sampled_from([EW, CALENDAR]),
    st.sampled_from([True, False]),
)
def test_a_pause_never_makes_anything_due_earlier_and_a_longer_one_never_earlier_than_a_shorter(
    started: datetime,
    promised: tuple[int, Unit],
    pause: tuple[datetime, datetime],
    calendar: WorkingCalendar,
    rolls: bool,
) -> None:
    amount, unit = promised
    paused_from, until = sorted(pause)
    due = due_at(started, amount, unit, calendar=calendar, rolls=rolls)

    def after(paused_until: datetime) -> datetime:
        return due_after_pause(
            due, unit, paused_from=paused_from, paused_until=paused_until, calendar=calendar, rolls=rolls
        )

    assert due <= after(until) <= after(until + timedelta(days=1))
    assert after(paused_from) == due
