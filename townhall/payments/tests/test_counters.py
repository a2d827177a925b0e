"""Cards at the counters: each centre and each kind from its own day on (PAY-03)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from townhall.core.actors import SYSTEM
from townhall.core.errors import BadInput, NotAllowed
from townhall.payments import counters, income, operations
from townhall.payments.errors import NotAtThisCounter
from townhall.payments.models import Charge, Income, Method, Payment
from townhall.payments.seeds import seed_reference_data
from townhall.payments.standin import PretendProvider
from townhall.payments.tests.makers import ADVISER, FINANCE, NOON, make_charge, make_payment, press
from townhall.places.models import Site

MONDAY = date(2026, 3, 2)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def sites(db: None) -> None:
    seed_reference_data()
    Site.objects.create(code="main", name="Main", address="", phone="")
    Site.objects.create(code="north", name="North", address="", phone="")


def open_first(site: str = "main", *, live_on: date = MONDAY) -> None:
    for kind in ("penalty-notice", "parking-permit"):
        operations.open_counter(site, kind, live_on=live_on, by=FINANCE, at=NOON)


@pytest.mark.capability("PAY-03")
def test_a_card_is_taken_at_a_live_counter_and_nowhere_else(provider: PretendProvider) -> None:
    open_first()
    charge = make_charge(kind="penalty-notice")
    for site in ("north", "", "nowhere"):
        with pytest.raises(NotAtThisCounter):
            operations.start(charge.pk, method=Method.TERMINAL, by=ADVISER, at=NOON, site_code=site)
    tax = make_charge(kind="council-tax")
    with pytest.raises(NotAtThisCounter):
        operations.start(tax.pk, method=Method.TERMINAL, by=ADVISER, at=NOON, site_code="main")

    payment = operations.start(charge.pk, method=Method.TERMINAL, by=ADVISER, at=NOON, site_code="main")
    press(payment.next_url, "success:normal")
    operations.look_now(payment.pk, at=NOON)

    assert Charge.objects.get(pk=charge.pk).state == "paid"
    assert provider.books["terminal"].payments[payment.provider_id].status == "success"
    row = Income.objects.get()
    assert (row.method, row.site_code, row.kind_code) == ("terminal", "main", "penalty-notice")


@pytest.mark.capability("PAY-03")
def test_before_its_live_day_and_after_its_last_a_counter_takes_nothing(provider: PretendProvider) -> None:
    open_first(live_on=MONDAY + DAY)
    charge = make_charge(kind="parking-permit")
    with pytest.raises(NotAtThisCounter):
        operations.start(charge.pk, method=Method.TERMINAL, by=ADVISER, at=NOON, site_code="main")
    assert operations.start(charge.pk, method=Method.TERMINAL, by=ADVISER, at=NOON + DAY, site_code="main").next_url

    operations.end_counter("main", "parking-permit", ended_on=MONDAY + 2 * DAY, by=FINANCE, at=NOON)
    other = make_charge(kind="parking-permit")
    with pytest.raises(NotAtThisCounter):
        operations.start(other.pk, method=Method.TERMINAL, by=ADVISER, at=NOON + 2 * DAY, site_code="main")


@pytest.mark.capability("PAY-03")
def test_parking_fines_and_permits_come_first_at_each_centre() -> None:
    open_first("main")
    with pytest.raises(BadInput, match="come first"):
        operations.open_counter("north", "council-tax", live_on=MONDAY, by=FINANCE, at=NOON)
    with pytest.raises(BadInput, match="come first"):
        operations.open_counter("main", "council-tax", live_on=MONDAY - DAY, by=FINANCE, at=NOON)

    operations.open_counter("main", "council-tax", live_on=MONDAY, by=FINANCE, at=NOON)

    assert counters.live_kinds("main", on=MONDAY) == {"penalty-notice", "parking-permit", "council-tax"}
    assert counters.sites_taking("council-tax", on=MONDAY) == {"main"}


def test_who_may_switch_and_what_is_there() -> None:
    with pytest.raises(NotAllowed):
        operations.open_counter("main", "penalty-notice", live_on=MONDAY, by=ADVISER, at=NOON)
    with pytest.raises(BadInput):
        operations.open_counter("nowhere", "penalty-notice", live_on=MONDAY, by=FINANCE, at=NOON)
    with pytest.raises(BadInput):
        operations.end_counter("north", "penalty-notice", ended_on=MONDAY, by=FINANCE, at=NOON)


def test_the_counter_ends_what_was_begun_online(provider: PretendProvider) -> None:
    open_first()
    online = make_payment(kind="penalty-notice")

    payment = operations.start(online.charge_id, method=Method.TERMINAL, by=ADVISER, at=NOON, site_code="main")

    assert Payment.objects.get(pk=online.pk).state == "cancelled"
    assert payment.method == "terminal"


@pytest.mark.capability("PAY-05")
def test_income_over_time_by_method_kind_and_site(provider: PretendProvider) -> None:
    open_first()
    at_counter = operations.start(
        make_charge(kind="penalty-notice").pk, method=Method.TERMINAL, by=ADVISER, at=NOON, site_code="main"
    )
    online = make_payment()
    later = make_payment(at=NOON + 40 * DAY)
    for payment, at in ((at_counter, NOON), (online, NOON), (later, NOON + 40 * DAY)):
        press(payment.next_url, "success:none")
        operations.look_now(payment.pk, at=at)

    def lines(by: str, step: str = "month") -> list[tuple[str, str, int]]:
        found = income.report(first_on=MONDAY, last_on=MONDAY + 60 * DAY, by=by, step=step, seen_by=SYSTEM)
        return [(line.since.isoformat(), line.what, line.net_pence) for line in found]

    assert lines("method") == [
        ("2026-03-01", "card", 12_050),
        ("2026-03-01", "terminal", 12_050),
        ("2026-04-01", "card", 12_050),
    ]
    assert lines("site_code")[1] == ("2026-03-01", "main", 12_050)
    assert lines("kind_code", "day") == [
        ("2026-03-02", "council-tax", 12_050),
        ("2026-03-02", "penalty-notice", 12_050),
        ("2026-04-11", "council-tax", 12_050),
    ]
    assert income.report(first_on=MONDAY + DAY, last_on=MONDAY + 5 * DAY, by="method", step="day", seen_by=SYSTEM) == []
