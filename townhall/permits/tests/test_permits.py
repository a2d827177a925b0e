"""Parking permits: who may have one, what it costs, when it is issued, renewed, changed and given up (FORM-09)."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from townhall.cases.models import Case
from townhall.core.errors import BadInput, NotAllowed, RuleBroken, WrongState
from townhall.ledger.models import Entry
from townhall.notifications.models import Message
from townhall.payments.models import Charge, Refund
from townhall.permits import changing, issuing, pricing, queries, tidying
from townhall.permits.asking import NotEligible
from townhall.permits.models import Permit, Price, Vehicle, ZoneRule
from townhall.permits.tests.makers import ADVISER, INSIDE, NEXT_DOOR, NOON, OUTSIDE, ask, make_zone, officer, pay

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _zone(tmp_path: Path) -> None:
    make_zone(tmp_path)


def issued(uprn: str = INSIDE, **changed: Any) -> Permit:
    permit = ask(uprn, **changed)
    pay(permit)
    return issuing.check_evidence(permit.pk, seen="Council tax bill", by=officer(), at=NOON)


@pytest.mark.capability("FORM-09")
def test_a_permit_is_asked_for_paid_for_its_evidence_seen_at_a_centre_and_then_holds() -> None:
    permit = ask()
    charge = Charge.objects.get()
    assert (permit.zone_code, permit.place_in_home, charge.amount_pence) == ("A", 1, 8_000)
    assert "zone A" in charge.description
    pay(permit)
    assert Permit.objects.get().state == "asked", "nobody has seen the evidence"
    assert not queries.allowed_here("zz12abc", on=NOON.date())

    with pytest.raises(BadInput):
        issuing.check_evidence(permit.pk, seen="Driving licence", site_code="library", by=ADVISER, at=NOON)
    with pytest.raises(BadInput) as unseen:
        issuing.check_evidence(permit.pk, seen=" ", site_code="main-centre", by=ADVISER, at=NOON)
    assert list(unseen.value.problems) == ["seen"], "nothing was sent in, and nobody says what was seen"
    permit = issuing.check_evidence(permit.pk, seen="Driving  licence", site_code="main-centre", by=ADVISER, at=NOON)
    assert permit.seen == "Driving licence"
    assert "licence" not in str(Entry.objects.get(verb="permit.checked").data)

    assert (permit.state, permit.starts_on, permit.ends_on) == ("issued", date(2026, 3, 2), date(2027, 3, 1))
    assert (permit.site_code, permit.checked_by) == ("main-centre", ADVISER.id)
    mail = Message.objects.get(template="permit/issued")
    assert mail.recipient_address == "pat@example.org"
    assert permit.number in mail.body_text
    assert Case.objects.get().state == "closed"
    (here,) = queries.allowed_here("zz 12 abc", on=NOON.date(), zone_code="A")
    assert here.number == permit.number
    assert not queries.allowed_here("ZZ12ABC", on=NOON.date(), zone_code="B")
    assert not queries.allowed_here("ZZ12ABC", on=date(2027, 3, 2))
    verbs = Entry.objects.filter(subject_id=permit.pk).order_by("at", "id").values_list("verb", flat=True)
    assert list(verbs) == ["permit.asked", "permit.paid", "permit.checked", "permit.issued"]


def test_evidence_first_and_payment_after_is_the_same_and_sent_twice_is_once() -> None:
    permit = ask(key="same")
    assert ask(key="same").pk == permit.pk
    issuing.check_evidence(permit.pk, seen="Council tax bill", by=officer(), at=NOON)
    assert Permit.objects.get().state == "asked"
    pay(permit)
    assert Permit.objects.get().state == "issued"
    assert Message.objects.filter(template="permit/issued").count() == 1


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"uprn": OUTSIDE}, "not in a permit zone"),
        ({"address": {"line1": "12 Mill Lane", "town": "Aldermere", "postcode": "ZZ1 1AA"}}, "from the list"),
        ({"kind": "renewal"}, "no permit to renew"),
        ({"mark": "zz12abc"}, "a permit for zone A already"),
    ],
)
def test_who_cannot_have_one_is_told_why_and_nothing_is_kept(changed: dict[str, Any], why: str) -> None:
    if "mark" in changed:
        issued(NEXT_DOOR)
    before = Permit.objects.count(), Case.objects.count(), Charge.objects.count()
    with pytest.raises(NotEligible, match=why):
        ask(**changed)
    assert (Permit.objects.count(), Case.objects.count(), Charge.objects.count()) == before


def test_the_second_of_a_home_costs_more_and_there_is_a_most() -> None:
    ZoneRule.objects.create(zone_code="A", most_per_home=2)
    issued()
    assert ask(mark="ZZ34 DEF").price_pence == 12_000
    assert ask(NEXT_DOOR, mark="ZZ56 GHI").price_pence == 8_000, "another home's first"
    with pytest.raises(NotEligible, match="can have 2 permits"):
        ask(mark="ZZ78 JKL")


def test_prices_are_data_by_zone_engine_and_day() -> None:
    day = date(2026, 3, 2)
    assert pricing.price("A", band="electric", number=1, months=6, on=day) == 2_000
    assert pricing.price("A", band="high", number=7, months=12, on=day) == 26_500, "as the third"
    row = {"band": "electric", "number": 1, "months": 6}
    Price.objects.create(zone_code="A", pence=500, from_on=day + DAY, **row)
    assert pricing.price("A", on=day, band="electric", number=1, months=6) == 2_000
    assert pricing.price("A", on=day + DAY, band="electric", number=1, months=6) == 500
    assert pricing.price("B", on=day + DAY, band="electric", number=1, months=6) == 2_000
    assert pricing.prices("A", on=day + DAY)[0].pence == {6: 500, 12: 3_500}
    with pytest.raises(BadInput):
        pricing.price("A", band="electric", number=1, months=3, on=day)


@pytest.mark.capability("FORM-09")
def test_its_holder_renews_it_without_new_evidence_and_anybody_else_is_checked() -> None:
    first = issued()
    assert first.ends_on is not None
    with pytest.raises(NotEligible, match="60 days before"):
        ask(kind="renewal", at=NOON + DAY)
    near_end = NOON + timedelta(days=340)
    assert [one.number for one in queries.ending_between(date(2027, 2, 1), date(2027, 3, 1))] == [first.number]
    other = ask(kind="renewal", at=near_end, email="stranger@example.org")
    pay(other, at=near_end)
    assert Permit.objects.get(pk=other.pk).state == "asked"
    issuing.refuse(other.pk, words="You are not its holder.", by=officer(), at=near_end)

    renewed = ask(kind="renewal", at=near_end, email="Pat@example.org")
    assert renewed.place_in_home == 1, "the one that it renews does not count"
    pay(renewed, at=near_end)
    renewed.refresh_from_db()
    assert (renewed.state, renewed.starts_on) == ("issued", first.ends_on + DAY)
    assert queries.ending_between(date(2027, 2, 1), date(2027, 3, 1)) == []
    with pytest.raises(NotEligible):
        ask(kind="renewal", at=near_end + DAY)


def test_another_vehicle_takes_its_place_at_once_or_when_what_it_costs_is_paid() -> None:
    permit = issued()
    changing.change_vehicle(permit.pk, mark="zz34 def", band="low", by=officer(), at=NOON)
    assert queries.allowed_here("ZZ34DEF", on=NOON.date())
    assert not queries.allowed_here("ZZ12ABC", on=NOON.date())

    later = NOON + timedelta(days=31 + 30)  # two months have begun, and ten of twelve have not all
    change = changing.change_vehicle(permit.pk, mark="ZZ56 GHI", band="high", by=officer(), at=later)
    assert change.extra_pence == (12_000 - 5_500) * 9 // 12
    assert queries.allowed_here("ZZ34DEF", on=later.date()), "until it is paid"
    again = changing.change_vehicle(permit.pk, mark="ZZ78 JKL", band="high", by=officer(), at=later)
    assert set(Charge.objects.filter(subject_kind="permit_vehicle").values_list("state", flat=True)) == {
        "cancelled",
        "open",
    }
    pay(permit, charge=Charge.objects.get(subject_id=again.pk), at=later)
    assert [one.mark for one in Vehicle.objects.filter(from_at__isnull=False, until_at__isnull=True)] == ["ZZ78 JKL"]
    assert Message.objects.filter(template="permit/vehicle").count() == 2
    with pytest.raises(BadInput):
        changing.change_vehicle(permit.pk, mark="ZZ78JKL", band="high", by=officer(), at=later)


def test_given_up_the_months_not_begun_go_back_and_it_no_longer_holds() -> None:
    permit = issued()
    later = NOON + timedelta(days=100)  # in its fourth month
    assert changing.refund_for(permit, at=later) == 8_000 * 8 // 12
    permit = changing.give_up(permit.pk, by=officer(), at=later)
    assert changing.give_up(permit.pk, by=officer(), at=later).pk == permit.pk

    (refund,) = Refund.objects.all()
    assert (permit.state, permit.refund_pence, refund.amount_pence) == ("given_up", 5_333, 5_333)
    assert not queries.allowed_here("ZZ12ABC", on=later.date())
    assert "£53.33" in Message.objects.get(template="permit/given_up").body_text
    with pytest.raises(WrongState):
        changing.change_vehicle(permit.pk, mark="ZZ34 DEF", band="low", by=officer(), at=later)


def test_a_refusal_says_why_gives_the_fee_back_and_only_officers_of_parking_refuse() -> None:
    permit = ask()
    pay(permit)
    with pytest.raises(NotAllowed):
        issuing.refuse(permit.pk, words="No.", by=ADVISER, at=NOON)
    for act in (issuing.check_evidence, partial(issuing.refuse, words="No.")):
        with pytest.raises(NotAllowed):
            act(permit.pk, by=officer("members"), at=NOON)
    with pytest.raises(BadInput):
        issuing.refuse(permit.pk, words=" ", by=officer(), at=NOON)
    permit = issuing.refuse(permit.pk, words="The bill names another street.", by=officer(), at=NOON)
    assert Refund.objects.get().amount_pence == 8_000
    assert Case.objects.get().state == "declined"
    assert "another street" in Message.objects.get(template="case/declined").body_text
    with pytest.raises(WrongState):
        issuing.check_evidence(permit.pk, seen="Council tax bill", by=officer(), at=NOON)


def test_one_that_nobody_pays_for_lapses_and_frees_the_place() -> None:
    permit = ask()
    assert tidying.sweep(NOON + timedelta(days=29)) == 0
    assert tidying.sweep(NOON + timedelta(days=31)) == 1
    assert tidying.sweep(NOON + timedelta(days=31)) == 0
    permit.refresh_from_db()
    assert (permit.state, Charge.objects.get().state, Case.objects.get().state) == ("lapsed", "cancelled", "withdrawn")
    assert ask().place_in_home == 1


def test_pages_of_those_waiting_follow_one_another() -> None:
    for number in range(3):
        ask(mark=f"ZZ{number} AAA")
    first = queries.waiting(at=NOON, size=2)
    rest = queries.waiting(at=NOON, size=2, after=first.after)
    assert [one.mark for one in (*first.rows, *rest.rows)] == ["ZZ0 AAA", "ZZ1 AAA", "ZZ2 AAA"]
    assert rest.after == ""


@pytest.mark.django_db(transaction=True)
def test_two_of_one_home_at_once_are_its_first_and_its_second(tmp_path: Path) -> None:
    ZoneRule.objects.create(zone_code="A", most_per_home=2)
    gate = threading.Barrier(4)

    def send(number: int) -> int:
        try:
            gate.wait()
            return ask(mark=f"ZZ{number} AAA").place_in_home
        except RuleBroken:
            return 0
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(send, range(4))) == [0, 0, 1, 2]
