"""A missed bin is checked against the round first (REPT-07)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from townhall.neighbourhood.intake import CrewReport, crew_reported, move_collections
from townhall.neighbourhood.models import AddressRound
from townhall.neighbourhood.queries import Kind, MissedBinAnswer, missed_bin_answer, next_collections
from townhall.neighbourhood.tests.makers import (
    ELSEWHERE,
    HARBOUR_ROW,
    HOME,
    MONDAY,
    NEIGHBOUR,
    OFFICER,
    ROUND,
    TUESDAY,
    WEDNESDAY,
    at,
    make_place,
    make_round,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def place() -> None:
    make_place()


def ask(uprn: str = HOME, *, on: date, hour: int = 10) -> MissedBinAnswer:
    return missed_bin_answer(uprn, stream="refuse", at=at(on, hour))


def crew(kind: str, *, event_id: str = "e1", on: date = MONDAY, **more: object) -> bool:
    report = CrewReport(event_id=event_id, round_code=ROUND, on=on, kind=kind, **more)  # type: ignore[arg-type]
    return crew_reported(report, by=OFFICER, at=at(on, 16))


@pytest.mark.capability("REPT-07")
def test_a_bin_left_full_after_the_round_is_a_true_miss() -> None:
    answer = ask(on=TUESDAY)
    assert (answer.kind, answer.collected_on, answer.next_on) == (Kind.MISSED, MONDAY, date(2026, 3, 9))
    assert answer.makes_a_job


@pytest.mark.capability("REPT-07")
def test_on_the_day_the_crew_may_still_come() -> None:
    answer = ask(on=MONDAY, hour=14)
    assert answer.kind is Kind.CREW_OUT
    assert answer.finishes_at is not None
    assert answer.finishes_at.hour == 15
    assert not answer.makes_a_job
    assert ask(on=MONDAY, hour=16).kind is Kind.MISSED
    crew("completed", on=MONDAY)
    assert ask(on=MONDAY, hour=14).kind is Kind.MISSED  # the crew says that it was there


@pytest.mark.capability("REPT-07")
@pytest.mark.parametrize(
    ("where", "home", "neighbour"),
    [
        ({"uprn": HOME}, Kind.CREW_REASON, Kind.MISSED),
        ({"usrn": HARBOUR_ROW}, Kind.CREW_REASON, Kind.CREW_REASON),
        ({}, Kind.CREW_REASON, Kind.CREW_REASON),
    ],
)
def test_what_the_crew_said_is_told_to_those_it_touches(where: dict[str, str], home: Kind, neighbour: Kind) -> None:
    crew("blocked", detail="White van across the entrance", return_on=WEDNESDAY, **where)  # type: ignore[arg-type]

    answer = ask(on=TUESDAY)

    assert answer.kind is home
    assert (answer.reason, answer.detail, answer.return_on) == (
        "The lorry could not get past parked vehicles",
        "White van across the entrance",
        WEDNESDAY,
    )
    assert ask(NEIGHBOUR, on=TUESDAY).kind is neighbour


def test_a_finished_round_does_not_hide_the_reason_for_one_address() -> None:
    crew("not_presented", uprn=HOME)
    crew("completed", event_id="e2")
    assert ask(on=TUESDAY).kind is Kind.CREW_REASON
    assert ask(NEIGHBOUR, on=TUESDAY).kind is Kind.MISSED


@pytest.mark.parametrize(
    ("on", "kind"),
    [
        (WEDNESDAY, Kind.MISSED),  # two working days after
        (date(2026, 3, 5), Kind.TOO_LATE),
        (date(2026, 3, 7), Kind.NOT_YET_DUE),  # nearer to the next than to the last
    ],
)
def test_a_miss_may_be_reported_for_two_working_days(on: date, kind: Kind) -> None:
    assert ask(on=on).kind is kind


def test_a_weekend_and_a_bank_holiday_do_not_count_against_the_reporter() -> None:
    good_friday = date(2026, 4, 3)
    make_round("refuse-thu", first_on=date(2026, 1, 1))
    AddressRound.objects.create(uprn=ELSEWHERE, round_id="refuse-thu")
    # Collected Thursday 2 April; Good Friday, the weekend and Easter Monday are no working days.
    assert ask(ELSEWHERE, on=good_friday + timedelta(days=5)).kind is Kind.MISSED  # Wednesday 8 April
    assert ask(ELSEWHERE, on=good_friday + timedelta(days=4)).kind is Kind.MISSED


def test_a_moved_collection_is_not_yet_due() -> None:
    moved = move_collections(MONDAY, WEDNESDAY, reason="Snow", by=OFFICER, at=at(MONDAY, 6))
    assert moved == 1

    for on in (MONDAY, TUESDAY):
        answer = ask(on=on)
        assert (answer.kind, answer.moved_from, answer.next_on, answer.reason) == (
            Kind.NOT_YET_DUE,
            MONDAY,
            WEDNESDAY,
            "Snow",
        )
    assert ask(on=WEDNESDAY, hour=18).kind is Kind.MISSED
    [coming] = next_collections(HOME, at=at(TUESDAY))
    assert (coming.on, coming.moved_from) == (WEDNESDAY, MONDAY)


def test_a_cancelled_collection_gives_the_reason_and_the_next_one() -> None:
    move_collections(MONDAY, None, reason="Strike", by=OFFICER, at=at(MONDAY, 6))
    answer = ask(on=TUESDAY)
    assert (answer.kind, answer.reason, answer.next_on) == (Kind.NOT_YET_DUE, "Strike", date(2026, 3, 9))


def test_an_address_without_that_collection_is_told_so() -> None:
    assert ask(ELSEWHERE, on=TUESDAY).kind is Kind.NO_ROUND
    assert missed_bin_answer(HOME, stream="garden", at=at(TUESDAY)).kind is Kind.NO_ROUND


def test_a_fortnightly_round_comes_every_other_week() -> None:
    make_round("recycling-a", stream="recycling", weeks=2)
    AddressRound.objects.create(uprn=HOME, round_id="recycling-a")
    found = {one.stream: one.on for one in next_collections(HOME, at=at(TUESDAY))}
    assert found == {"recycling": date(2026, 3, 16), "refuse": date(2026, 3, 9)}


def test_today_counts_as_the_next_collection_until_the_crew_is_done() -> None:
    assert [one.on for one in next_collections(HOME, at=at(MONDAY, 10))] == [MONDAY]
    assert [one.on for one in next_collections(HOME, at=at(MONDAY, 16))] == [date(2026, 3, 9)]


def test_the_same_event_of_a_crew_counts_once() -> None:
    assert crew("blocked", usrn=HARBOUR_ROW)
    assert not crew("blocked", usrn=HARBOUR_ROW)


def test_an_answer_costs_a_few_queries() -> None:
    crew("completed")
    ask(on=TUESDAY)  # calendars are kept from here on
    with CaptureQueriesContext(connection) as seen:
        ask(on=TUESDAY)
    assert len(seen) <= 5
