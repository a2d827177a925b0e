"""Alerts of what other apps and systems say is soon due: from the system itself, over real HTTP, to who asked."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from townhall.connectors import records
from townhall.connectors.protocol import LookUpFailed
from townhall.connectors.standins import Standin, accounts
from townhall.core.actors import SYSTEM, Actor, ActorKind
from townhall.core.time import council_date, now
from townhall.customers import operations as customers
from townhall.engagement import queries, reminding, subscribing
from townhall.engagement.subscribing import Wish
from townhall.engagement.tests.makers import customer_of, make_account
from townhall.permits.models import Permit
from townhall.permits.tests.makers import NOON, ask, make_zone
from townhall.standing.tests.makers import systems

__all__ = ["systems"]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_any_hour(settings: Any) -> None:
    settings.ALERTS_QUIET = ""


def turned_on(topic: str) -> UUID:
    account = make_account()
    customer = customer_of(account)
    by = Actor(kind=ActorKind.CUSTOMER, id=str(customer))
    subscribing.turn_on(Wish(topic=topic, email=account.email, customer_id=customer), by=by, at=NOON)
    return customer


def a_card_with_news(today: date) -> dict[str, Any]:
    """A made-up card of the pretend library with a loan due within three days and a fine."""
    for number in range(10_000, 11_000):
        card = accounts.card(f"L{number}")
        if (
            card
            and card["fines_pence"]
            and any(today <= date.fromisoformat(one["due_on"]) <= today + timedelta(days=3) for one in card["loans"])
        ):
            return card
    raise AssertionError("no card like that")


@pytest.mark.django_db(transaction=True)
def test_loans_that_are_soon_due_and_fines_are_told_from_the_library_itself(systems: dict[str, Standin]) -> None:
    at = now()
    card = a_card_with_news(council_date(at))
    customer = turned_on("library")
    customers.add_number(customer, kind="library", value=card["number"], by=SYSTEM, at=NOON)
    systems["library"].office.cards.append(card["number"])

    systems["library"].book.change_mood({"outage": True})
    with pytest.raises(LookUpFailed):
        reminding.remind_of("library", at)
    assert not queries.told_to(customer)
    systems["library"].book.change_mood({"outage": False})
    records.forget()
    told = reminding.remind_of("library", at)
    assert told >= 2
    assert reminding.remind_of("library", at) == 0
    words = [one.words for one in queries.told_to(customer)]
    assert f"There is £{card['fines_pence'] / 100:.2f} to pay" in words
    assert any("is due back on" in one for one in words)
    assert {one.source for one in queries.told_to(customer)} == {"library"}


def test_a_permit_that_runs_out_is_told_of_four_weeks_before_with_the_page_to_renew_it(tmp_path: Path) -> None:
    make_zone(tmp_path)
    customer = turned_on("permits")
    permit = ask()
    today = NOON.date()
    Permit.objects.filter(pk=permit.pk).update(
        state="issued",
        customer_id=customer,
        issued_at=NOON,
        paid_at=NOON,
        starts_on=today,
        ends_on=today + timedelta(days=40),
    )
    permit.vehicles.update(from_at=NOON)
    assert reminding.remind_of("permits", NOON) == 0
    assert [reminding.remind_of("permits", NOON + timedelta(days=12)) for _again in range(2)] == [1, 0]
    [one] = queries.told_to(customer)
    assert one.words == f"Parking permit {permit.number} for ZZ12 ABC ends on 11 April 2026"
