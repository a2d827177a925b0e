from __future__ import annotations

import json
import os
import threading
from datetime import date
from pathlib import Path

import pytest
from django.db import connection

from townhall.clocks import bank_holidays, evaluate, reference, seeds
from townhall.clocks.bank_holidays import DIVISIONS, UnreadableFile
from townhall.clocks.models import Calendar, ClockKind, ClosedDay, OpeningInterval
from townhall.clocks.tests.makers import SEEDED_AT

SHARED = Path(os.environ.get("TOWNHALL_SHARED_DATA", Path(__file__).resolve().parents[4] / "shared" / "data"))


def make_file(folder: Path, *, days: dict[str, list[str]]) -> Path:
    """A small file in the shape of GOV.UK's list; divisions not named have New Year's Day 2026 only."""
    path = folder / "bank-holidays.json"
    content = {
        division: {
            "division": division,
            "events": [
                {"title": "A day off", "date": on, "notes": "", "bunting": True}
                for on in days.get(division, ["2026-01-01"])
            ],
        }
        for division in DIVISIONS
    }
    path.write_text(json.dumps(content))
    return path


def closed(code: str) -> set[date]:
    return set(ClosedDay.objects.filter(calendar_id=code).values_list("on", flat=True))


@pytest.mark.django_db
def test_a_fresh_install_has_every_calendar_and_kind_for_years_ahead() -> None:
    seeds.seed_reference_data(at=SEEDED_AT)

    assert set(Calendar.objects.values_list("code", flat=True)) >= {
        "EW",
        "UK_ANY",
        "CHILDREN_2006",
        "COUNCIL_OPEN",
        "CALENDAR",
    }
    assert {on for on in closed("EW") if on.year == 2026} == {
        date(2026, 1, 1),
        date(2026, 4, 3),
        date(2026, 4, 6),
        date(2026, 5, 4),
        date(2026, 5, 25),
        date(2026, 8, 31),
        date(2026, 12, 25),
        date(2026, 12, 28),
    }
    assert closed("UK_ANY") >= closed("EW") | {
        date(2026, 1, 2),
        date(2026, 3, 17),
        date(2026, 7, 13),
        date(2026, 11, 30),
    }
    assert date(2027, 12, 25) in closed("CHILDREN_2006")  # a Saturday, named in the regulations
    assert {on.year for on in closed("EW")} == set(range(2012, 2032))
    assert reference.kind("case.referral").amount == 30
    assert reference.kind("case.decision").amount == 60
    assert not reference.kind("case.referral").may_pause


@pytest.mark.django_db
def test_seeding_and_loading_again_make_no_doubles_and_keep_what_the_council_changed() -> None:
    seeds.seed_reference_data(at=SEEDED_AT)
    ClockKind.objects.filter(code="case.referral").update(amount=25)
    ClosedDay.objects.create(calendar_id="COUNCIL_OPEN", on=date(2026, 12, 29), title="Shutdown", is_councils_own=True)
    before = ClosedDay.objects.count()

    seeds.seed_reference_data(at=SEEDED_AT)
    assert seeds.load_bank_holidays(at=SEEDED_AT) == 0
    assert seeds.keep_calendars_ahead(SEEDED_AT) == 0

    assert ClosedDay.objects.count() == before
    assert ClockKind.objects.get(code="case.referral").amount == 25


@pytest.mark.django_db
def test_a_file_takes_the_place_of_its_own_years_and_of_nothing_else(tmp_path: Path) -> None:
    seeds.seed_calendars(at=SEEDED_AT)
    shutdown = date(2026, 12, 29)
    ClosedDay.objects.create(calendar_id="COUNCIL_OPEN", on=shutdown, title="Shutdown", is_councils_own=True)
    other_years = {on for on in closed("EW") if on.year != 2026}
    path = make_file(tmp_path, days={"england-and-wales": ["2026-01-01", "2026-06-09"], "scotland": ["2026-01-02"]})

    changed = seeds.load_bank_holidays(path, at=SEEDED_AT)

    assert changed > 0
    assert closed("EW") == other_years | {date(2026, 1, 1), date(2026, 6, 9)}
    assert {on for on in closed("UK_ANY") if on.year == 2026} == {date(2026, 1, 1), date(2026, 1, 2), date(2026, 6, 9)}
    assert {on for on in closed("COUNCIL_OPEN") if on.year == 2026} == {date(2026, 1, 1), date(2026, 6, 9), shutdown}
    assert shutdown not in closed("EW") | closed("UK_ANY") | closed("CALENDAR")
    assert seeds.load_bank_holidays(path, at=SEEDED_AT) == 0
    assert seeds.keep_calendars_ahead(SEEDED_AT) == 0  # what a file corrected is not put back


@pytest.mark.django_db
def test_a_year_that_comes_within_reach_is_added() -> None:
    seeds.seed_calendars(at=SEEDED_AT)

    assert seeds.keep_calendars_ahead(SEEDED_AT.replace(year=2027)) > 0

    assert date(2032, 1, 1) in closed("EW")


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"scotland": {"events": []}}', '{"scotland": {"events": [{"date": "soon"}]}}']
)
def test_a_file_of_another_shape_is_refused_with_its_name(tmp_path: Path, content: str) -> None:
    path = tmp_path / "wrong.json"
    path.write_text(content)

    with pytest.raises(UnreadableFile, match=r"wrong\.json"):
        bank_holidays.from_file(path)


def test_worked_deadlines_are_counted_right_and_wrong_ones_found(tmp_path: Path) -> None:
    path = tmp_path / "deadlines.csv"
    path.write_text(
        "region,received,working_days,due\n"
        "england-and-wales,2026-12-21,5,2026-12-30\n"
        "scotland,2026-12-31,1,2027-01-05\n"
        "northern-ireland,2026-07-10,1,2026-07-13\n"  # a bank holiday there
    )

    assert evaluate.deadlines(path) == (2, 3)


def test_the_holidays_package_agrees_with_the_published_list() -> None:
    path = SHARED / "bank-holidays" / "bank-holidays.json"
    if not path.exists():
        pytest.skip(f"No published list at {path}; set TOWNHALL_SHARED_DATA to the folder that has bank-holidays/")
    published = bank_holidays.from_file(path)
    computed = bank_holidays.computed(range(2012, 2029))
    # Proclaimed on 3 February 2026; the file may be older.
    proclaimed_since = {"scotland": {date(2026, 6, 15)}}

    for division in DIVISIONS:
        assert set(computed[division]) - proclaimed_since.get(division, set()) == set(published[division]) - {
            date(2026, 6, 15)
        }


def test_the_sample_of_worked_deadlines_is_all_right() -> None:
    path = SHARED / "deadlines" / "working_days_sample.csv"
    if not path.exists():
        pytest.skip(f"No sample at {path}; set TOWNHALL_SHARED_DATA to the folder that has deadlines/")

    assert evaluate.deadlines(path) == (400, 400)


@pytest.mark.django_db(transaction=True)
def test_processes_that_start_at_once_fill_the_calendars_once() -> None:
    together, failures = threading.Barrier(4), list[BaseException]()

    def seed() -> None:
        try:
            together.wait()
            seeds.seed_reference_data(at=SEEDED_AT)
        except BaseException as error:  # noqa: BLE001 - shown below
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=seed) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert ClosedDay.objects.filter(calendar_id="EW", on__year=2026).count() == 8
    assert OpeningInterval.objects.filter(calendar_id="COUNCIL_OPEN").count() == 5
