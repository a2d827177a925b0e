"""The bin collections of a day are moved or cancelled from a page, and residents read it (REPT-07)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client

from townhall.accounts.models import Role
from townhall.core.time import council_date, now
from townhall.ledger.models import Entry
from townhall.neighbourhood.queries import next_collections
from townhall.neighbourhood.tests.makers import HOME, make_place
from townhall.workspace.tests.conftest import signed_in_as


def coming_collection() -> date:
    return next_collections(HOME, at=now() + timedelta(days=1))[0].on


@pytest.mark.capability("REPT-07")
def test_an_officer_moves_the_collections_of_a_day_and_cancels_those_of_another(officer: Client) -> None:
    make_place()
    usual = coming_collection()
    other = usual + timedelta(days=2)

    moved = officer.post(
        "/work/incidents/collections",
        {"from_on": usual.isoformat(), "to_on": other.isoformat(), "reason": "Snow"},
        follow=True,
    ).content.decode()

    assert "1 round is moved." in moved
    assert "Snow" in moved
    assert coming_collection() == other
    assert Entry.objects.filter(verb="rounds.moved").count() == 1
    cancelled = officer.post(
        "/work/incidents/collections", {"from_on": usual.isoformat(), "reason": "Strike"}, follow=True
    )
    assert "1 round does not come." in cancelled.content.decode()
    assert coming_collection() > other


def test_a_day_on_which_nothing_is_collected_or_that_is_over_is_refused(officer: Client) -> None:
    make_place()
    usual = coming_collection()
    for typed, words in (
        ({"from_on": (usual + timedelta(days=1)).isoformat(), "reason": "Snow"}, "No round collects on that day"),
        ({"from_on": usual.isoformat(), "to_on": usual.isoformat(), "reason": "Snow"}, "not the usual one"),
        ({"from_on": (council_date(now()) - timedelta(days=9)).isoformat(), "reason": "Snow"}, "today or later"),
        ({"from_on": usual.isoformat()}, "Enter why"),
        ({"reason": "Snow"}, "Enter the usual day"),
    ):
        answer = officer.post("/work/incidents/collections", typed)
        assert answer.status_code == 422
        assert words in answer.content.decode()


def test_an_auditor_may_not() -> None:
    assert signed_in_as("una", team="audit", role=Role.AUDITOR).get("/work/incidents/collections").status_code == 403
