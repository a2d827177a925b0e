from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from townhall.cases import operations as cases
from townhall.cases.models import Case
from townhall.cases.states import State
from townhall.connectors import records
from townhall.connectors.events import AnnouncementReceived
from townhall.connectors.standins import Standin
from townhall.core.actors import PUBLIC, SYSTEM
from townhall.core.errors import BadInput, WrongState
from townhall.core.events import publish
from townhall.core.ids import uuid7
from townhall.core.time import LONDON, now
from townhall.housing import operations, queries, settling
from townhall.housing.models import Repair, Visit
from townhall.housing.states import VisitState
from townhall.housing.tests.makers import LATER, free, fresh, housing, make_repair  # noqa: F401 - a fixture
from townhall.ledger.models import Entry
from townhall.notifications.models import Message

pytestmark = pytest.mark.django_db(transaction=True)


def book(repair: Repair, number: int = 0, **more: Any) -> Visit:
    held = operations.hold(repair.pk, free(repair)[number], by=PUBLIC, at=now())
    given = {"access": "Ring twice", "phone": "07700 900982", "by_text": True, **more}
    return operations.confirm(held.pk, **given, by=PUBLIC, at=now())


def told(repair: Repair, *, of: str = "repair/") -> list[str]:
    rows = Message.objects.filter(case_id=repair.case_id, template__startswith=of).exclude(state="withdrawn")
    return list(rows.order_by("created_at", "id").values_list("template", flat=True))


def say(visit: Visit, **what: Any) -> None:
    """The housing system tells of a visit."""
    data = {"visit": {"id": visit.booking, "status": "booked", **what}}
    with transaction.atomic():
        publish(
            AnnouncementReceived(
                event=uuid7(), source="housing", event_id="e", kind="housing.visit", data=data, at=now()
            )
        )


def test_the_form_says_who_has_to_come_and_how_soon(housing: Standin) -> None:  # noqa: F811
    repair = make_repair()
    assert (repair.problem, repair.trade, repair.urgency) == ("leak", "plumbing", "urgent")
    assert (repair.name, repair.phone) == ("Tam Tenant", "07700 900982")
    assert make_repair(room="outside", what_outside="gutter", what_kitchen=None).trade == "roofing"


def test_a_time_is_held_booked_and_told_with_a_reminder_by_text_the_day_before(housing: Standin) -> None:  # noqa: F811
    repair = make_repair()
    visit = book(repair, 4)  # two working days on, so that the day before is still to come

    assert visit.state == VisitState.BOOKED
    there = housing.office.diary.bookings[visit.booking]
    assert (there.about["reference"], there.about["access"]) == (repair.reference, "Ring twice")
    case = Case.objects.get(pk=repair.case_id)
    assert (case.state, case.scheduled_on) == (State.ACCEPTED, visit.on)
    assert told(repair) == ["repair/booked", "repair/reminder"]
    reminder = Message.objects.get(template="repair/reminder")
    assert (reminder.channel, reminder.state) == ("text", "pending")
    assert reminder.next_attempt_at is not None
    assert reminder.next_attempt_at.astimezone(LONDON) == datetime(
        visit.on.year, visit.on.month, visit.on.day, 10, tzinfo=LONDON
    ) - timedelta(days=1)
    assert Entry.objects.filter(verb="visit.booked", case_id=repair.case_id).count() == 1
    again = operations.confirm(visit.pk, access="", phone="", by_text=False, by=PUBLIC, at=now())
    assert again.booking == visit.booking
    assert len(housing.office.diary.bookings) == 1


def test_of_two_who_want_the_last_place_one_is_told_and_keeps_the_request(housing: Standin) -> None:  # noqa: F811
    housing.office.diary.room = 1
    repairs = [make_repair() for _one in range(6)]
    slot = free(repairs[0])[0]
    came: list[str] = []

    def take(repair: Repair) -> None:
        try:
            operations.hold(repair.pk, slot, by=PUBLIC, at=now())
            came.append("held")
        except operations.TimeGone:
            came.append("gone")
        finally:
            connection.close()

    threads = [threading.Thread(target=take, args=(repair,)) for repair in repairs]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert sorted(came) == ["gone"] * 5 + ["held"]
    assert Case.objects.filter(pk__in=[one.case_id for one in repairs], state=State.AWAITING_DECISION).count() == 6


def test_changing_keeps_the_old_time_until_the_new_one_is_booked(housing: Standin) -> None:  # noqa: F811
    repair = make_repair()
    first = book(repair)
    held = operations.hold(repair.pk, free(repair)[3], by=PUBLIC, at=now())
    assert fresh(first).state == VisitState.BOOKED

    second = operations.confirm(held.pk, access="", phone="07700 900982", by_text=False, by=PUBLIC, at=now())

    assert (fresh(first).state, second.state) == (VisitState.REPLACED, VisitState.BOOKED)
    statuses = {one.id: one.status for one in housing.office.diary.bookings.values()}
    assert statuses == {first.booking: "released", second.booking: "booked"}
    assert told(repair) == ["repair/booked", "repair/changed", "repair/reminder"]  # the first reminder is withdrawn
    assert Case.objects.get(pk=repair.case_id).scheduled_on == second.on


def test_a_booking_without_an_answer_is_asked_again_under_the_same_key_until_it_is_one(housing: Standin) -> None:  # noqa: F811
    repair = make_repair()
    held = operations.hold(repair.pk, free(repair)[0], by=PUBLIC, at=now())
    housing.book.change_mood({"broken": True})  # it books, and answers with an error
    visit = operations.confirm(held.pk, access="", phone="", by_text=False, by=PUBLIC, at=now())

    assert visit.state == VisitState.CONFIRMING
    assert told(repair) == []
    with pytest.raises(WrongState):
        operations.cancel(repair.pk, is_needed=True, by=PUBLIC, at=now())
    assert settling.sweep(now()) == 0  # not yet time
    housing.book.change_mood({"broken": False})
    records.forget()
    assert settling.sweep(now() + LATER) == 1

    assert fresh(visit).state == VisitState.BOOKED
    assert len(housing.office.diary.bookings) == 1
    assert told(repair)[0] == "repair/booked"
    assert settling.sweep(now() + LATER) == 0


def test_a_time_that_went_while_the_system_was_away_is_told(housing: Standin) -> None:  # noqa: F811
    repair = make_repair()
    held = operations.hold(repair.pk, free(repair)[0], by=PUBLIC, at=now())
    housing.book.change_mood({"outage": True})
    visit = operations.confirm(held.pk, access="", phone="", by_text=False, by=PUBLIC, at=now())
    housing.office.diary._holds.clear()  # it was restarted, and the hold is over
    housing.book.change_mood({"outage": False})
    records.forget()
    settling.sweep(now() + LATER)

    assert fresh(visit).state == VisitState.GONE
    assert told(repair) == ["repair/gone"]
    assert queries.link_for(repair.pk).rpartition("/")[0] in Message.objects.get(template="repair/gone").body_text


def test_a_hold_that_is_over_is_not_booked(housing: Standin) -> None:  # noqa: F811
    repair = make_repair()
    held = operations.hold(repair.pk, free(repair)[0], by=PUBLIC, at=now())
    with pytest.raises(operations.TimeGone):
        operations.confirm(held.pk, access="", phone="", by_text=False, by=PUBLIC, at=now() + timedelta(minutes=10))
    assert fresh(held).state == VisitState.GONE
    assert not housing.office.diary.bookings


def test_while_the_housing_system_is_away_the_request_is_kept_and_nothing_is_offered(housing: Standin) -> None:  # noqa: F811
    housing.book.change_mood({"busy": True})
    repair = make_repair()
    assert queries.free_times(repair, at=now()) is None
    housing.book.change_mood({"busy": False})
    records.forget()
    slot = free(repair)[0]
    housing.book.change_mood({"outage": True})
    with pytest.raises(operations.SystemAway):
        operations.hold(repair.pk, slot, by=PUBLIC, at=now())
    assert [one.state for one in Visit.objects.all()] == [VisitState.GONE]
    assert [one.pk for one in queries.without_time()] == [repair.pk]


@pytest.mark.parametrize("is_needed", [True, False])
def test_a_visit_is_called_off_there_too_however_long_it_takes(housing: Standin, is_needed: bool) -> None:  # noqa: F811
    repair = make_repair()
    visit = book(repair)
    housing.book.change_mood({"outage": True})
    operations.cancel(repair.pk, is_needed=is_needed, by=PUBLIC, at=now())
    assert fresh(visit).state == VisitState.CANCELLING
    housing.book.change_mood({"outage": False})
    records.forget()
    assert settling.sweep(now() + LATER) == 1

    assert housing.office.diary.bookings[visit.booking].status == "released"
    assert told(repair) == ["repair/booked", "repair/cancelled"]  # and no reminder
    case = Case.objects.get(pk=repair.case_id)
    assert case.state == (State.ACCEPTED if is_needed else State.WITHDRAWN)


def test_what_the_trade_and_the_planners_do_is_told(housing: Standin) -> None:  # noqa: F811
    repair = make_repair()
    visit = book(repair)
    diary = housing.office.diary
    slot = diary.slot(diary.next_after(visit.slot))
    for _twice in range(2):
        say(visit, slot=slot)
    assert fresh(visit).on.isoformat() == slot["on"]
    assert Case.objects.get(pk=repair.case_id).scheduled_on == fresh(visit).on
    say(visit, slot=slot, status="on_way")
    say(visit, slot=slot, status="no_access")
    say(visit, slot=slot, status="done")  # too late: nobody was in

    assert fresh(visit).state == VisitState.MISSED
    assert told(repair) == ["repair/booked", "repair/moved", "repair/on_way", "repair/missed"]
    assert [one.pk for one in queries.to_look_at(at=now())] == [visit.pk]
    assert book(repair).state == VisitState.BOOKED  # another time


def test_nothing_is_booked_for_a_repair_that_is_over(housing: Standin) -> None:  # noqa: F811
    repair = make_repair()
    slot = free(repair)[0]
    cases.withdraw(repair.case_id, by=SYSTEM, at=now())
    with pytest.raises(WrongState):
        operations.hold(repair.pk, slot, by=PUBLIC, at=now())


def test_a_reminder_by_text_needs_a_number(housing: Standin) -> None:  # noqa: F811
    repair = make_repair()
    held = operations.hold(repair.pk, free(repair)[0], by=PUBLIC, at=now())
    with pytest.raises(BadInput):
        operations.confirm(held.pk, access="", phone="", by_text=True, by=PUBLIC, at=now())
    assert fresh(held).state == VisitState.HELD
