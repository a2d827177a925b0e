from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from townhall.clocks import closures, operations, queries
from townhall.clocks.errors import AlreadyClosed, NotClosed, NotCouncilsOwn
from townhall.clocks.events import ClockMoved
from townhall.clocks.models import Calendar, Clock
from townhall.clocks.tests.makers import PRIYA, london, make_kind, some_case
from townhall.clocks.tests.test_calendars import make_file
from townhall.core import events
from townhall.core.db import fetch_all
from townhall.core.time import end_of

pytestmark = pytest.mark.django_db

RECEIVED = london(2026, 12, 21)  # five working days later is Wednesday 30 December
NOW = london(2026, 12, 22)
SHUTDOWN = date(2026, 12, 29)


@pytest.fixture
def moved() -> Iterator[list[ClockMoved]]:
    heard: list[ClockMoved] = []
    events.subscribe(ClockMoved, heard.append)
    yield heard
    events._handlers[ClockMoved].remove(heard.append)


def test_a_shutdown_day_moves_the_councils_own_promises_and_never_a_statutory_one(moved: list[ClockMoved]) -> None:
    own, statutory = make_kind("test.own", calendar="COUNCIL_OPEN"), make_kind("test.statutory", calendar="EW")
    case = some_case()
    for kind in (own, statutory):
        operations.start(kind, about=case, at=RECEIVED, case_id=case.id)

    closures.close_day(SHUTDOWN, title="Shutdown", by=PRIYA, at=NOW)
    assert closures.recount_changed(NOW) == 1

    assert queries.due_on(own, case) == date(2026, 12, 31)
    assert queries.due_on(statutory, case) == date(2026, 12, 30)
    assert [(event.kind, event.case_id, event.due_on) for event in moved] == [(own, case.id, date(2026, 12, 31))]
    clock = Clock.objects.get(kind=own)
    assert clock.original_due_at == london(2026, 12, 30, 23, 59, second=59)
    assert clock.next_rung_at == london(2026, 12, 24, 0)
    entries = fetch_all("SELECT verb, actor_id, data->>'calendar', data->>'on' FROM ledger_entry")
    assert entries == [("calendar.day_closed", "priya", "COUNCIL_OPEN", "2026-12-29")]


def test_opening_again_moves_them_back(moved: list[ClockMoved]) -> None:
    kind, case = make_kind(calendar="COUNCIL_OPEN"), some_case()
    operations.start(kind, about=case, at=RECEIVED)
    closures.close_day(SHUTDOWN, title="Shutdown", by=PRIYA, at=NOW)

    closures.recount_changed(NOW)
    closures.reopen_day(SHUTDOWN, by=PRIYA, at=NOW)
    assert closures.recount_changed(NOW) == 1

    assert queries.due_on(kind, case) == date(2026, 12, 30)
    assert len(moved) == 2


def test_a_promise_that_was_paused_keeps_what_the_pause_gave_it() -> None:
    kind, case = make_kind(calendar="COUNCIL_OPEN"), some_case()
    operations.start(kind, about=case, at=RECEIVED)
    operations.pause(kind, about=case, at=london(2026, 12, 22), reason="Asked", by=PRIYA)
    assert operations.resume(kind, about=case, at=london(2026, 12, 24), by=PRIYA) == date(2027, 1, 4)

    closures.close_day(SHUTDOWN, title="Shutdown", by=PRIYA, at=london(2026, 12, 24))
    closures.recount_changed(london(2026, 12, 24))

    assert queries.due_on(kind, case) == date(2027, 1, 5)


def test_dates_given_by_hand_stay_as_they_are() -> None:
    kind, promised, extended = make_kind(calendar="COUNCIL_OPEN"), some_case(), some_case()
    operations.start(kind, about=promised, at=RECEIVED, due_on=date(2026, 12, 30))
    operations.start(kind, about=extended, at=RECEIVED)
    operations.extend(kind, about=extended, due_on=date(2027, 1, 6), reason="Parts", by=PRIYA, at=NOW)

    closures.close_day(SHUTDOWN, title="Shutdown", by=PRIYA, at=NOW)

    assert closures.recount_changed(NOW) == 0

    assert queries.due_on(kind, promised) == date(2026, 12, 30)
    assert queries.due_on(kind, extended) == date(2027, 1, 6)


def test_a_newly_proclaimed_bank_holiday_moves_what_is_running(tmp_path: Path) -> None:
    kind, case = make_kind(calendar="EW"), some_case()
    operations.start(kind, about=case, at=RECEIVED)
    days = ["2026-12-25", "2026-12-28", "2026-12-29"]
    proclaimed = make_file(tmp_path, days=dict.fromkeys(("england-and-wales", "scotland", "northern-ireland"), days))

    assert closures.load(proclaimed, at=NOW) > 0

    assert closures.recount_changed(NOW) == 1
    assert queries.due_on(kind, case) == date(2026, 12, 31)


def test_what_the_council_may_not_close_says_why() -> None:
    make_kind()
    with pytest.raises(NotCouncilsOwn):
        closures.close_day(SHUTDOWN, title="Shutdown", by=PRIYA, at=NOW, calendar="EW")
    with pytest.raises(AlreadyClosed):
        closures.close_day(date(2026, 12, 25), title="Christmas", by=PRIYA, at=NOW)
    with pytest.raises(NotClosed):
        closures.reopen_day(date(2026, 12, 25), by=PRIYA, at=NOW)


def test_counting_again_goes_on_until_every_process_has_seen_the_change() -> None:
    kind, late = make_kind(calendar="COUNCIL_OPEN"), some_case()
    closures.close_day(SHUTDOWN, title="Shutdown", by=PRIYA, at=NOW)
    closures.recount_changed(NOW)
    operations.start(kind, about=late, at=RECEIVED)
    on_the_old_calendar = end_of(date(2026, 12, 30))
    Clock.objects.update(due_at=on_the_old_calendar, original_due_at=on_the_old_calendar)

    assert closures.recount_changed(NOW + timedelta(seconds=20)) == 1
    assert queries.due_on(kind, late) == date(2026, 12, 31)
    assert closures.recount_changed(NOW + timedelta(seconds=40)) == 0
    assert not Calendar.objects.exclude(recount_until=None).exists()
