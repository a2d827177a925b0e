from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import psycopg
import pytest
from django.db import transaction

from townhall.clocks import operations, queries, reference
from townhall.clocks.errors import MayNotPause, NoOpenClock, NotLater, NotPaused, NotRunning, ReasonNeeded, UnknownCode
from townhall.clocks.models import Clock, ClockExtension, ClockKind, ClockPause
from townhall.clocks.queries import Standing
from townhall.clocks.states import ClockState
from townhall.clocks.tests.makers import PRIYA, SEEDED_AT, london, make_kind, some_case
from townhall.core.db import fetch_all, pipelined
from townhall.core.time import end_of

pytestmark = pytest.mark.django_db

RECEIVED = london(2026, 4, 1, 10)  # a Wednesday; five working days later is Friday 10 April, past Easter


def test_a_promise_falls_due_at_the_end_of_its_council_date() -> None:
    case = some_case()

    due_on = operations.start(make_kind(), about=case, at=RECEIVED, case_id=case.id)

    assert due_on == date(2026, 4, 10)
    clock = Clock.objects.get()
    assert clock.due_at == clock.original_due_at == london(2026, 4, 10, 23, 59, second=59)
    assert (clock.subject_kind, clock.subject_id, clock.case_id) == ("case", case.id, case.id)
    assert queries.due_on("test.promise", case) == date(2026, 4, 10)


def test_just_before_midnight_in_summer_is_still_that_council_date() -> None:
    due_on = operations.start(make_kind(amount=1), about=some_case(), at=london(2026, 7, 1, 23, 59))

    assert due_on == date(2026, 7, 2)


def test_the_caller_may_choose_the_days_the_calendar_or_the_date() -> None:
    kind = make_kind()
    friday = london(2026, 7, 10)

    assert operations.start(kind, about=some_case(), at=friday, days=20) == date(2026, 8, 7)
    assert operations.start(kind, about=some_case(), at=friday, days=20, calendar="UK_ANY") == date(2026, 8, 11)
    assert operations.start(kind, about=some_case(), at=friday, due_on=date(2026, 7, 18)) == date(2026, 7, 18)


def test_calendar_days_need_no_working_day_unless_the_kind_rolls() -> None:
    plain = make_kind(amount=30, unit="calendar_days", calendar="CALENDAR")
    rolling = make_kind("test.statutory", amount=30, unit="calendar_days", calendar="CALENDAR", rolls=True)
    at = london(2026, 3, 5)  # thirty days on is Easter Saturday

    assert operations.start(plain, about=some_case(), at=at) == date(2026, 4, 4)
    assert operations.start(rolling, about=some_case(), at=at) == date(2026, 4, 7)


def test_hours_run_only_while_the_council_is_open() -> None:
    case = some_case()
    operations.start(make_kind(amount=4, unit="hours", calendar="COUNCIL_OPEN"), about=case, at=london(2026, 4, 2, 15))

    assert Clock.objects.get().due_at == london(2026, 4, 7, 11)


@pytest.mark.parametrize("remembered", [True, False])
def test_starting_works_inside_a_pipeline_whether_or_not_the_calendars_are_remembered(remembered: bool) -> None:
    kind = make_kind()
    reference.forget()
    if remembered:
        reference.kind(kind)

    with transaction.atomic(), pipelined():
        for _ in range(3):
            assert operations.start(kind, about=some_case(), at=RECEIVED) == date(2026, 4, 10)

    assert Clock.objects.count() == 3


def test_a_subject_has_one_open_clock_of_a_kind_and_may_have_another_after_it() -> None:
    kind, case = make_kind(), some_case()
    operations.start(kind, about=case, at=RECEIVED)
    with pytest.raises(psycopg.errors.UniqueViolation), transaction.atomic():
        operations.start(kind, about=case, at=RECEIVED)

    operations.stop(kind, about=case, at=RECEIVED)
    operations.start(kind, about=case, at=RECEIVED)

    assert [view.state for view in queries.clocks_about(case)] == [ClockState.STOPPED, ClockState.RUNNING]


def test_an_unknown_kind_is_a_mistake_and_says_which() -> None:
    with pytest.raises(UnknownCode, match=r"no\.such"):
        operations.start("no.such", about=some_case(), at=RECEIVED)


@pytest.mark.parametrize(
    ("finished", "state"), [(end_of(date(2026, 4, 10)), ClockState.MET), (london(2026, 4, 11, 0), ClockState.MISSED)]
)
def test_a_promise_is_met_until_the_last_second_of_its_date(finished: object, state: ClockState) -> None:
    kind, case = make_kind(), some_case()
    operations.start(kind, about=case, at=RECEIVED)

    assert operations.finish(kind, about=case, at=finished) == state  # type: ignore[arg-type]

    clock = Clock.objects.get()
    assert (clock.state, clock.finished_at, clock.next_rung_at) == (state, finished, None)
    assert operations.finish(kind, about=case, at=london(2026, 4, 12)) is None
    assert not operations.stop(kind, about=case, at=london(2026, 4, 12))


def test_a_pause_moves_the_date_by_the_working_days_it_took_and_the_first_date_is_kept() -> None:
    kind, case = make_kind(), some_case()
    operations.start(kind, about=case, at=RECEIVED, case_id=case.id)

    operations.pause(kind, about=case, at=london(2026, 4, 2, 9), reason="Asked for the house number", by=PRIYA)
    assert Clock.objects.get().next_rung_at is None
    due_on = operations.resume(kind, about=case, at=london(2026, 4, 9, 16), by=PRIYA)

    # Thursday 2, Tuesday 7 and Wednesday 8 April ended while it stood still; Easter and the weekend did not count anyway.
    assert due_on == date(2026, 4, 15)
    clock = Clock.objects.get()
    assert (clock.state, clock.original_due_at) == (ClockState.RUNNING, london(2026, 4, 10, 23, 59, second=59))
    assert clock.paused_seconds == 7 * 86_400 + 7 * 3_600
    pause = ClockPause.objects.get()
    assert (pause.reason, pause.by_id, pause.until_at) == (
        "Asked for the house number",
        "priya",
        london(2026, 4, 9, 16),
    )
    entries = fetch_all("SELECT verb, actor_id, case_id, data FROM ledger_entry ORDER BY at")
    assert [(verb, actor, case_id) for verb, actor, case_id, _ in entries] == [
        ("clock.paused", "priya", case.id),
        ("clock.resumed", "priya", case.id),
    ]
    assert "house number" not in str(entries)


def test_a_pause_within_one_day_takes_nothing_from_the_customer() -> None:
    kind, case = make_kind(), some_case()
    operations.start(kind, about=case, at=RECEIVED)
    operations.pause(kind, about=case, at=london(2026, 4, 2, 9), reason="Asked", by=PRIYA)

    assert operations.resume(kind, about=case, at=london(2026, 4, 2, 17), by=PRIYA) == date(2026, 4, 10)


def test_hours_that_passed_in_a_pause_are_given_back() -> None:
    kind, case = make_kind(amount=4, unit="hours", calendar="COUNCIL_OPEN"), some_case()
    operations.start(kind, about=case, at=london(2026, 3, 9, 9))  # due at one o'clock

    operations.pause(kind, about=case, at=london(2026, 3, 9, 10), reason="Asked", by=PRIYA)
    operations.resume(kind, about=case, at=london(2026, 3, 10, 10), by=PRIYA)

    assert Clock.objects.get().due_at == london(2026, 3, 10, 13)


def test_work_finished_in_a_pause_is_judged_by_the_date_as_the_pause_moved_it() -> None:
    kind, case = make_kind(), some_case()
    operations.start(kind, about=case, at=RECEIVED)
    operations.pause(kind, about=case, at=london(2026, 4, 9), reason="Asked", by=PRIYA)

    assert operations.finish(kind, about=case, at=london(2026, 4, 20)) == ClockState.MET
    assert ClockPause.objects.get().until_at == london(2026, 4, 20)


def test_a_statutory_clock_never_stands_still() -> None:
    kind, case = make_kind(may_pause=False), some_case()
    operations.start(kind, about=case, at=RECEIVED)

    with pytest.raises(MayNotPause):
        operations.pause(kind, about=case, at=RECEIVED, reason="Asked", by=PRIYA)


def test_what_cannot_be_paused_resumed_or_extended_says_why() -> None:
    kind, case = make_kind(), some_case()
    with pytest.raises(NoOpenClock):
        operations.pause(kind, about=case, at=RECEIVED, reason="Asked", by=PRIYA)
    operations.start(kind, about=case, at=RECEIVED)
    with pytest.raises(ReasonNeeded):
        operations.pause(kind, about=case, at=RECEIVED, reason=" ", by=PRIYA)
    with pytest.raises(NotPaused):
        operations.resume(kind, about=case, at=RECEIVED, by=PRIYA)
    with pytest.raises(ReasonNeeded):
        operations.extend(kind, about=case, due_on=date(2026, 5, 1), reason="", by=PRIYA, at=RECEIVED)
    with pytest.raises(NotLater):
        operations.extend(kind, about=case, due_on=date(2026, 4, 10), reason="More time", by=PRIYA, at=RECEIVED)
    operations.pause(kind, about=case, at=RECEIVED, reason="Asked", by=PRIYA)
    with pytest.raises(NotRunning):
        operations.pause(kind, about=case, at=RECEIVED, reason="Asked", by=PRIYA)


def test_an_extension_keeps_the_first_date_and_its_reason() -> None:
    kind, case = make_kind(), some_case()
    operations.start(kind, about=case, at=RECEIVED)

    due_on = operations.extend(
        kind, about=case, due_on=date(2026, 5, 1), reason="Parts on order", by=PRIYA, at=london(2026, 4, 9)
    )

    assert due_on == date(2026, 5, 1)
    clock, extension = Clock.objects.get(), ClockExtension.objects.get()
    assert (clock.due_at, clock.original_due_at) == (end_of(date(2026, 5, 1)), end_of(date(2026, 4, 10)))
    assert (extension.reason, extension.from_due_at, extension.to_due_at) == (
        "Parts on order",
        clock.original_due_at,
        clock.due_at,
    )
    assert operations.finish(kind, about=case, at=london(2026, 4, 30)) == ClockState.MET


def test_how_a_promise_stands() -> None:
    kind, case = make_kind(amount=10), some_case()
    operations.start(kind, about=case, at=london(2026, 6, 1), case_id=case.id)  # due on Monday 15 June
    [view] = queries.running_for([case.id])[case.id]

    assert view.due_on == date(2026, 6, 15)
    assert view.original_due_at == view.due_at
    assert view.standing(london(2026, 6, 10)) == Standing.ON_TRACK
    assert view.standing(london(2026, 6, 12)) == Standing.AT_RISK
    assert view.standing(london(2026, 6, 16)) == Standing.OVERDUE
    operations.finish(kind, about=case, at=london(2026, 6, 16))
    assert queries.running_for([case.id]) == {}
    assert [view.standing(london(2026, 6, 17)) for view in queries.clocks_about(case)] == [Standing.MISSED]


def test_a_process_notices_a_kind_that_another_one_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    kind = make_kind(amount=5)
    assert operations.start(kind, about=some_case(), at=RECEIVED) == date(2026, 4, 10)
    ClockKind.objects.filter(code=kind).update(amount=1)
    assert operations.start(kind, about=some_case(), at=RECEIVED) == date(2026, 4, 10)  # for a few seconds

    kept = reference._known._kept
    assert kept is not None
    monkeypatch.setattr(reference._known, "_kept", replace(kept, until=0.0))  # they are over

    assert operations.start(kind, about=some_case(), at=RECEIVED) == date(2026, 4, 2)
    assert timedelta(days=1) > RECEIVED - SEEDED_AT
