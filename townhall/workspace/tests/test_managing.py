"""The lists that managers look at."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from townhall.accounts.models import Role
from townhall.cases import operations
from townhall.cases.tests.makers import MONDAY, make_case, make_staff, make_team
from townhall.core.actors import Actor
from townhall.workspace import managing

LATER = MONDAY + timedelta(days=61)


@pytest.fixture
def officer() -> Actor:
    return make_staff("olu", team="street-cleansing", role=Role.OFFICER)


@pytest.mark.capability("CASE-08")
def test_what_is_open_past_the_age_is_listed_oldest_first_with_owner_and_last_contact(officer: Actor) -> None:
    old, older = make_case(at=MONDAY + timedelta(days=2)), make_case(at=MONDAY)
    make_case(at=LATER)
    done = make_case(at=MONDAY)
    operations.decline(done.pk, reason_code="private-land", by=officer, at=MONDAY)

    lines = managing.past_referral(LATER)

    assert [line.reference for line in lines] == [older.reference, old.reference]
    assert (lines[0].team, lines[0].contacted_at, lines[0].opened_at) == ("Street Cleansing", MONDAY, MONDAY)
    assert managing.past_referral(LATER, teams=[make_team("highways").pk]) == []


@pytest.mark.capability("CASE-09")
def test_past_the_second_limit_a_case_is_an_exception_until_it_is_decided_or_extended(officer: Actor) -> None:
    manager = make_staff("mel", team="street-cleansing", role=Role.TEAM_MANAGER)
    waiting, extended, declined, closed = cases = [make_case() for _ in range(4)]

    def exceptions() -> set[str]:
        return {line.reference for line in managing.past_decision(LATER)}

    assert managing.past_decision(MONDAY + timedelta(days=59)) == []
    assert exceptions() == {case.reference for case in cases}
    operations.extend_decision(extended.pk, until_on=date(2026, 6, 1), reason="A crane", by=manager, at=LATER)
    operations.decline(declined.pk, reason_code="private-land", by=officer, at=LATER)
    operations.complete(closed.pk, outcome_code="cleared", outcome_text="", by=officer, at=LATER)
    operations.tell(closed.pk, by=officer, at=LATER)

    assert exceptions() == {waiting.reference}
