"""Deals: offered by a trader, decided with a reason, told to who asked, taken once, used once, and over with the month."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from townhall.core.actors import SYSTEM, Actor, ActorKind
from townhall.core.errors import BadInput, NotAllowed, NotFound, RuleBroken, WrongState
from townhall.customers.models import ContactPoint, Customer
from townhall.customers.operations import reaching
from townhall.customers.operations.details import NewCustomer, create
from townhall.engagement import alerting, subscribing
from townhall.engagement import queries as alerts
from townhall.engagement.deals import operations as deals
from townhall.engagement.deals import queries
from townhall.engagement.deals.codes import parse_code
from townhall.engagement.deals.models import Deal, Voucher
from townhall.engagement.deals.operations import Offer
from townhall.engagement.states import DEAL_NEXT
from townhall.engagement.states import Deal as State
from townhall.engagement.subscribing import Wish
from townhall.engagement.tests.makers import NOON, customer_of, make_account
from townhall.ledger.models import Entry
from townhall.notifications.models import Message

pytestmark = pytest.mark.django_db
MANAGER = Actor(kind=ActorKind.STAFF, id="5c0f1d3e-0000-4000-8000-00000000000a", roles=frozenset({"team_manager"}))
OFFICER = Actor(kind=ActorKind.STAFF, id="5c0f1d3e-0000-4000-8000-00000000000b", roles=frozenset({"officer"}))
MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)
BREAD = Offer(title="A loaf for £1", offer="Any small loaf for £1 with a coffee", month=MARCH, where="3 Quay Street")


@pytest.fixture(autouse=True)
def _at_any_hour(settings: Any) -> None:
    settings.ALERTS_QUIET = ""


def make_trader(name: str = "Quay Bakery (fictional)") -> Actor:
    email = f"{name[:3].lower()}@example.org"
    new = NewCustomer(name=name, kind=Customer.Kind.ORGANISATION, email=email)
    return Actor(kind=ActorKind.CUSTOMER, id=str(create(new, by=SYSTEM, at=NOON).pk))


def offered(trader: Actor, **changes: Any) -> Deal:
    return deals.offer(UUID(trader.id), replace(BREAD, **changes), by=trader, at=NOON)


def approved(trader: Actor, **changes: Any) -> Deal:
    return deals.approve(offered(trader, **changes).pk, by=MANAGER, at=NOON)


def holder(email: str) -> Actor:
    return Actor(kind=ActorKind.CUSTOMER, id=str(customer_of(make_account(email))))


def take(deal: Deal, who: Actor, *, at: datetime = NOON) -> Voucher:
    return deals.take(deal.pk, UUID(who.id), by=who, at=at)


def test_an_offer_is_approved_told_to_who_asked_taken_with_a_code_of_its_own_and_used_once() -> None:
    trader, asked, other = make_trader(), holder("asked@example.org"), holder("other@example.org")
    wish = Wish(topic="deals", email="asked@example.org", customer_id=UUID(asked.id))
    subscribing.turn_on(wish, by=asked, at=NOON)
    deal = offered(trader)
    assert not queries.shown(at=NOON).rows
    with pytest.raises(NotAllowed):
        deals.approve(deal.pk, by=OFFICER, at=NOON)
    deals.approve(deal.pk, by=MANAGER, at=NOON)
    alerting.tell_of_items(NOON)
    assert [one.words for one in alerts.told_to(UUID(asked.id))] == ["A loaf for £1, Quay Bakery (fictional)"]
    assert [message.recipient_address for message in Message.objects.filter(template="alert/deal")] == [
        "asked@example.org"
    ]

    first, second = take(deal, asked), take(deal, other)
    assert take(deal, asked).code == first.code, "asked for again, the same"
    assert first.code != second.code
    assert parse_code(first.code.lower().replace("-", " ")) == first.code
    used = deals.redeem(first.code, UUID(trader.id), by=trader, at=NOON)
    assert used.redeemed_at == NOON
    with pytest.raises(WrongState, match="2 March 2026"):
        deals.redeem(first.code, UUID(trader.id), by=trader, at=NOON)
    [line] = queries.of_trader(UUID(trader.id)).rows
    assert (line.issued, line.redeemed) == (2, 1)
    done = Entry.objects.filter(verb__regex="^(deal|voucher)[.]").order_by("id").values_list("verb", flat=True)
    assert sorted(done) == ["deal.approved", "deal.offered", "voucher.issued", "voucher.issued", "voucher.redeemed"]


def test_a_no_has_a_reason_that_the_trader_hears_and_decides_once() -> None:
    trader = make_trader()
    deal = offered(trader)
    with pytest.raises(BadInput):
        deals.decline(deal.pk, reason=" ", by=MANAGER, at=NOON)
    proved = ContactPoint.objects.get(customer_id=trader.id)
    reaching.verify_contact_point(proved.pk, by=SYSTEM, at=NOON)
    reaching.add_contact_point(UUID(trader.id), kind="email", value="unproved@example.org", by=SYSTEM, at=NOON)
    deals.decline(deal.pk, reason="We show no offers of gambling.", by=MANAGER, at=NOON)
    [mail] = Message.objects.filter(template="deal/decided")
    assert mail.recipient_address == proved.normalised
    assert "We show no offers of gambling." in mail.body_text
    with pytest.raises(WrongState):
        deals.approve(deal.pk, by=MANAGER, at=NOON)


def test_a_code_that_is_mistyped_anothers_or_too_late_is_refused_with_its_reason() -> None:
    trader, rival, who = make_trader(), make_trader("Net Loft Café (fictional)"), holder("a@example.org")
    voucher = take(approved(trader), who)
    wrong = voucher.code[:-1] + ("2" if voucher.code[-1] != "2" else "3")
    for typed, by in ((wrong, trader), ("", trader), ("\x00" * 9, trader), (voucher.code, rival)):
        with pytest.raises(BadInput):
            deals.redeem(typed, UUID(by.id), by=by, at=NOON)
    with pytest.raises(NotFound):
        deals.redeem(voucher.code, UUID(trader.id), by=rival, at=NOON)
    with pytest.raises(WrongState, match="31 March 2026"):
        deals.redeem(voucher.code, UUID(trader.id), by=trader, at=datetime(2026, 4, 1, 9, tzinfo=UTC))


def test_the_set_is_renewed_each_month_what_is_over_closes_and_its_trader_is_asked_once() -> None:
    trader, who = make_trader(), holder("a@example.org")
    deal = approved(trader)
    offered(trader, title="Never answered")
    take(deal, who)
    assert deals.ask_to_renew(NOON) == 0, "too early"
    last_week = datetime(2026, 3, 26, 12, tzinfo=UTC)
    assert [deals.ask_to_renew(last_week) for _again in range(2)] == [1, 0]
    [mail] = Message.objects.filter(template="deal/renew")
    assert "Vouchers taken so far: 1. Used: 0." in mail.body_text
    assert f"/deals/yours/{deal.pk}/renewal" in mail.body_text

    again = replace(BREAD, month=APRIL)
    renewed = deals.offer(UUID(trader.id), again, by=trader, at=last_week, renews=deal.pk)
    with pytest.raises(WrongState):
        deals.offer(UUID(trader.id), again, by=trader, at=last_week, renews=deal.pk)
    deals.approve(renewed.pk, by=MANAGER, at=last_week)
    with pytest.raises(WrongState, match="not on"):
        take(renewed, who, at=last_week)
    april = datetime(2026, 4, 1, 9, tzinfo=UTC)
    assert [deals.close_those_over(april) for _again in range(2)] == [2, 0]
    assert [line.id for line in queries.shown(at=april).rows] == [renewed.pk]
    with pytest.raises(WrongState):
        take(deal, holder("late@example.org"), at=april)
    assert take(renewed, who, at=april).code


@pytest.mark.parametrize(
    ("changes", "problem"),
    [({"title": " "}, "title"), ({"offer": ""}, "offer"), ({"title": "x" * 81}, "title"), ({"most": 0}, "most"),
     ({"month": date(2026, 2, 1)}, "month"), ({"month": date(2026, 5, 1)}, "month")],
)  # fmt: skip
def test_an_offer_that_cannot_be_is_told_what_is_wrong(changes: dict[str, Any], problem: str) -> None:
    with pytest.raises(BadInput) as refused:
        offered(make_trader(), **changes)
    assert list(refused.value.problems) == [problem]


def test_a_person_offers_nothing_and_nobody_for_another() -> None:
    trader, person = make_trader(), holder("a@example.org")
    with pytest.raises(NotFound):
        deals.offer(UUID(person.id), BREAD, by=person, at=NOON)
    with pytest.raises(NotFound):
        deals.offer(UUID(trader.id), BREAD, by=person, at=NOON)
    with pytest.raises(NotFound):
        deals.withdraw(offered(trader).pk, by=person, at=NOON)


def test_each_way_out_is_an_end_and_nothing_comes_back() -> None:
    ends = {state for state, following in DEAL_NEXT.items() if not following}
    assert ends == {State.DECLINED, State.WITHDRAWN, State.CLOSED}
    assert all(State.OFFERED not in following for following in DEAL_NEXT.values())


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_use_a_voucher_once_and_take_no_more_than_there_are() -> None:
    trader, people = make_trader(), [holder(f"p{number}@example.org") for number in range(8)]
    deal = approved(trader, most=3)

    def at_once(act: Any, things: list[Any]) -> int:
        def one(thing: Any) -> bool:
            try:
                act(thing)
            except RuleBroken:
                return False
            finally:
                connection.close()
            return True

        with ThreadPoolExecutor(8) as pool:
            return sum(pool.map(one, things))

    assert at_once(lambda who: take(deal, who), people) == 3
    assert Deal.objects.get(pk=deal.pk).issued == Voucher.objects.count() == 3
    code = Voucher.objects.order_by("id").values_list("code", flat=True)[0]
    assert at_once(lambda _n: deals.redeem(code, UUID(trader.id), by=trader, at=NOON), list(range(8))) == 1
    assert Entry.objects.filter(verb="voucher.redeemed").count() == 1
