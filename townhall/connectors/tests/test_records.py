"""Asking systems that keep accounts and a diary, over real HTTP: when they are well, slow, down, refusing and asked twice."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import date, timedelta

import httpx
import pytest
from django.db import connection

from townhall.connectors import operations, records, registry, signing
from townhall.connectors.contracts import accounts, electoral, library, slots
from townhall.connectors.protocol import LookUpFailed, Refused
from townhall.connectors.standins import Standin, Standins
from townhall.connectors.tests.makers import NOON
from townhall.core.errors import NotFound
from townhall.core.time import council_date, now

pytestmark = pytest.mark.django_db(transaction=True)
SYSTEMS = ("housing", "revenues", "library", "electoral")
AT = NOON


@pytest.fixture
def offices(transactional_db: None) -> Iterator[dict[str, Standin]]:
    server = Standins([Standin(code, secret=signing.secret_of(code), tell_url="") for code in SYSTEMS])
    server.start()
    for code in SYSTEMS:
        operations.set_connector(code, name=code, kind="records", base_url=server.url(code), at=NOON)
    records.forget()
    yield server.systems
    server.stop()
    records.forget()


def test_each_system_answers_in_the_agreed_shape(offices: dict[str, Standin]) -> None:
    tax = accounts.council_tax("70001234", at=AT)
    rent = accounts.rent("R4410021", at=AT)
    lease = accounts.leasehold("LH200310", at=AT)
    card = library.card("L9900412", at=AT)
    assert tax is not None
    assert len(tax.instalments) == 10
    assert rent is not None
    assert rent.entries[0].balance_pence == rent.balance_pence
    assert lease is not None
    assert lease.works[0].comments_until == council_date(now()) + timedelta(days=20)
    assert card is not None
    assert {loan.card for loan in card.loans} == {"L9900412"}
    found = electoral.elector("100001", "Noor New", key="one", at=AT)
    assert found is not None
    assert found.status in ("registered", "not_registered")
    assert accounts.rent("00000000", at=AT) is None


def test_a_payment_that_was_told_is_on_the_account(offices: dict[str, Standin]) -> None:
    before = accounts.rent("R4410021", at=AT)
    offices["housing"].office.accounts.pay("R4410021", 5_000)
    after = accounts.rent("r 441 0021", at=AT)
    assert before is not None
    assert after is not None
    assert before.balance_pence - after.balance_pence == 5_000
    assert (after.entries[0].words, after.entries[0].pence) == ("Payment", -5_000)


@pytest.mark.parametrize("mood", [{"outage": True}, {"busy": True}, {"broken": True}, {"delay": 1.0}])
def test_a_system_in_trouble_is_said_to_be_so_within_the_time_and_then_left_alone(
    offices: dict[str, Standin], mood: dict[str, float]
) -> None:
    offices["housing"].book.change_mood(mood)
    started = time.monotonic()
    with pytest.raises(LookUpFailed):
        accounts.rent("R4410021", at=AT, seconds=0.2)
    first = time.monotonic() - started
    started = time.monotonic()
    with pytest.raises(LookUpFailed):
        accounts.rent("R4410021", at=AT, seconds=0.2)
    assert first < 0.8
    assert time.monotonic() - started < 0.05  # it was not asked again
    assert accounts.council_tax("70001234", at=AT) is not None  # the others are not held up

    offices["housing"].book.change_mood({"outage": False, "busy": False, "broken": False, "delay": 0})
    records.forget()
    assert accounts.rent("R4410021", at=AT) is not None


def test_a_system_that_was_never_set_up_is_not_found() -> None:
    with pytest.raises(NotFound):
        accounts.rent("R4410021", at=AT)


def test_a_time_is_held_booked_and_let_go_and_a_repeat_changes_nothing(offices: dict[str, Standin]) -> None:
    diary = offices["housing"].office.diary
    slot = slots.free("housing", "plumbing", since=council_date(now()), at=AT)[0]
    holds = [slots.hold("housing", slot.id, key="hold-1", at=AT) for _time in range(2)]
    assert isinstance(holds[0], slots.Hold)
    assert holds[0] == holds[1]
    made = [slots.book("housing", holds[0].id, details={}, replaces="", key="book-1", at=AT) for _time in range(2)]
    assert isinstance(made[0], slots.Booking)
    assert made[0] == made[1]
    assert len(diary.bookings) == 1
    assert slots.book("housing", holds[0].id, details={}, replaces="", key="book-2", at=AT) == Refused(
        "this hold is over"
    )
    other = slots.hold("housing", slots.free("housing", "plumbing", since=slot.on, at=AT)[-1].id, key="hold-2", at=AT)
    assert isinstance(other, slots.Hold)
    moved = slots.book("housing", other.id, details={}, replaces=made[0].id, key="book-3", at=AT)
    assert isinstance(moved, slots.Booking)
    before = slots.booking("housing", made[0].id, at=AT)
    assert before is not None
    assert before.status == "released"
    let_go = slots.release("housing", moved.id, key="release", at=AT)
    assert isinstance(let_go, slots.Booking)
    assert let_go.status == "released"


def test_one_place_left_goes_to_one_of_eight(offices: dict[str, Standin]) -> None:
    offices["housing"].office.diary.room = 1
    slot = slots.free("housing", "roofing", since=council_date(now()), at=AT)[0]
    came: list[object] = []

    def take(number: int) -> None:
        came.append(slots.hold("housing", slot.id, key=f"hold-{number}", at=AT))
        connection.close()

    threads = [threading.Thread(target=take, args=(number,)) for number in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(type(one).__name__ for one in came) == ["Hold"] + ["Refused"] * 7


def test_refusals_are_told_apart_from_trouble(offices: dict[str, Standin]) -> None:
    offices["housing"].book.change_mood({"refuse": True})
    slot = slots.free("housing", "plumbing", since=council_date(now()), at=AT)[0]
    assert slots.hold("housing", slot.id, key="hold-1", at=AT) == Refused("not our area")


def test_what_is_soon_due_back_comes_a_page_at_a_time(
    offices: dict[str, Standin], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library, "PAGE", 2)
    cards = [f"L99004{number:02d}" for number in range(6)]
    held = [loan for number in cards for loan in _card(number).loans]
    today = council_date(now())
    first, last = today - timedelta(days=60), today + timedelta(days=60)

    pages = list(library.due_between(first, last, at=AT))

    assert sorted(loan.id for page in pages for loan in page) == sorted(loan.id for loan in held)
    assert max(len(page) for page in pages) == 2
    assert list(library.due_between(date(2001, 1, 1), date(2001, 1, 2), at=AT)) == [[]]
    owing = {one.card: one.pence for page in library.fines(at=AT) for one in page}
    assert owing == {number: _card(number).fines_pence for number in cards if _card(number).fines_pence}


def _card(number: str) -> library.Card:
    found = library.card(number, at=AT)
    assert found is not None
    return found


def test_a_visit_that_planners_move_is_told_to_townhall(offices: dict[str, Standin]) -> None:
    housing = offices["housing"]
    slot = slots.free("housing", "plumbing", since=council_date(now()), at=AT)[0]
    hold = slots.hold("housing", slot.id, key="hold-1", at=AT)
    assert isinstance(hold, slots.Hold)
    made = slots.book("housing", hold.id, details={}, replaces="", key="book-1", at=AT)
    assert isinstance(made, slots.Booking)
    base = registry.known("housing")
    assert base is not None
    with httpx.Client(base_url=base.base_url, follow_redirects=True, trust_env=False) as person:
        assert made.id in person.get("/").text
        assert "Next day" in person.post(f"/page/bookings/{made.id}", data={"move": "1"}).text
    [event] = housing.book.events
    assert event.body["kind"] == "housing.visit"
    assert event.body["visit"]["id"] == made.id
    assert event.body["visit"]["slot"]["on"] > slot.on.isoformat()
