"""Eight at once on a real database: one wins, the others are told so or change nothing, and one entry is written."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from townhall.accounts.models import Role
from townhall.cases import operations, reconciling
from townhall.cases.models import Case, Follower, Mismatch
from townhall.cases.states import State
from townhall.cases.tests.makers import MONDAY, make_case, make_council, make_staff, make_team
from townhall.core.actors import PUBLIC, Actor
from townhall.core.errors import RuleBroken
from townhall.ledger.models import Entry
from townhall.notifications.models import Message
from townhall.notifications.recipients import Recipient

pytestmark = pytest.mark.django_db(transaction=True)
EIGHT = 8
LATER = MONDAY + timedelta(hours=1)


@pytest.fixture(autouse=True)
def council() -> None:
    make_council()


@pytest.fixture
def officers() -> list[Actor]:
    """Eight people, each with a post of their own in the team."""
    return [
        make_staff(f"o{number}", team="street-cleansing", role=Role.OFFICER, post=f"post-{number}")
        for number in range(EIGHT)
    ]


def all_at_once(act: Callable[[int], Any]) -> tuple[int, int]:
    """How many succeeded, and how many were told no; anything else is a failure."""
    gate = threading.Barrier(EIGHT)
    results: list[bool | Exception] = []

    def run(number: int) -> None:
        try:
            gate.wait()
            act(number)
            results.append(True)
        except RuleBroken:
            results.append(False)
        except Exception as error:  # noqa: BLE001 - told to the test below
            results.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(EIGHT)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one for one in results if isinstance(one, Exception)] == []
    return results.count(True), results.count(False)


def entries(case: Case, verb: str) -> int:
    return Entry.objects.filter(case_id=case.pk, verb=verb).count()


@pytest.mark.capability("CASE-02")
def test_of_eight_who_take_a_case_one_has_it(officers: list[Actor]) -> None:
    case = make_case()
    won = all_at_once(
        lambda n: operations.take(case.pk, post_id=next(iter(officers[n].posts)), by=officers[n], at=LATER)
    )
    assert won == (1, 7)
    assert entries(case, "case.taken") == 1


@pytest.mark.capability("CASE-03")
def test_an_offer_is_answered_once(officers: list[Actor]) -> None:
    case = make_case()
    highways = make_staff("hal", team="highways", role=Role.OFFICER)
    handoff = operations.offer(case.pk, to_team_id=make_team("highways").pk, note="", by=officers[0], at=MONDAY)

    def answer(number: int) -> None:
        if number % 2:
            operations.accept_offer(handoff.pk, by=highways, at=LATER)
        else:
            operations.return_offer(handoff.pk, reason="Not ours", by=highways, at=LATER)

    assert all_at_once(answer) == (1, 7)
    case.refresh_from_db()
    assert case.hops == 1
    assert entries(case, "case.offer_accepted") + entries(case, "case.offer_returned") == 1


@pytest.mark.capability("REPT-03")
def test_two_cases_merged_into_each_other_by_eight_end_as_one(officers: list[Actor]) -> None:
    one, two = make_case(), make_case(reporter=Recipient(email="ada@example.org"))
    pairs = [(one.pk, two.pk), (two.pk, one.pk)]
    won = all_at_once(lambda n: operations.merge(pairs[n % 2][0], into_id=pairs[n % 2][1], by=officers[n], at=LATER))
    assert won == (1, 7)
    assert Case.objects.filter(state=State.MERGED).count() == 1
    [left] = Case.objects.exclude(state=State.MERGED)
    assert left.followers == 2
    assert Follower.objects.filter(case=left, ended_at=None).count() == 2


@pytest.mark.capability("CASE-06")
def test_the_customer_is_told_once_however_many_close_it(officers: list[Actor]) -> None:
    case = make_case()
    operations.complete(case.pk, outcome_code="cleared", outcome_text="", by=officers[0], at=MONDAY)
    assert all_at_once(lambda n: operations.tell(case.pk, by=officers[n], at=LATER + timedelta(seconds=n))) == (1, 7)
    assert entries(case, "case.closed") == 1
    assert Message.objects.filter(case_id=case.pk, template="case/done").count() == 1


def test_one_address_follows_once() -> None:
    case = make_case()
    won = all_at_once(lambda n: operations.follow(case.pk, Recipient(email="ada@example.org"), by=PUBLIC, at=LATER))
    assert won == (8, 0)
    case.refresh_from_db()
    assert (case.followers, case.priority) == (2, 1)
    assert entries(case, "case.followed") == 1
    assert Message.objects.filter(template="case/following").count() == 1


@pytest.mark.capability("REPT-05")
def test_not_fixed_opens_a_case_once(officers: list[Actor]) -> None:
    case = make_case()
    operations.complete(case.pk, outcome_code="cleared", outcome_text="", by=officers[0], at=MONDAY)
    operations.tell(case.pk, by=officers[0], at=MONDAY)
    won = all_at_once(
        lambda n: operations.not_fixed(case.pk, text="", by=PUBLIC, at=LATER + timedelta(seconds=n), is_reporter=True)
    )
    assert won == (1, 7)
    assert entries(case, "case.reopened") == 1
    assert Message.objects.filter(case_id=case.pk, template="case/reopened").count() == 1


def test_stopping_while_the_report_is_joined_to_another_counts_where_they_follow_now() -> None:
    first, second = make_case(), make_case(reporter=Recipient(email="ada@example.org"))
    officer = make_staff("olu", team="street-cleansing", role=Role.OFFICER)
    ada = Follower.objects.get(case=second)

    def stop() -> None:
        operations.stop_following(ada.pk, by=PUBLIC, at=LATER)
        connection.close()

    stopping = threading.Thread(target=stop)
    with transaction.atomic():
        operations.merge(second.pk, into_id=first.pk, by=officer, at=LATER)
        stopping.start()
        stopping.join(timeout=1.0)  # it waits for the case that it began with
        assert stopping.is_alive()
    stopping.join()

    first.refresh_from_db()
    ada.refresh_from_db()
    assert (ada.case_id, ada.ended_at) == (first.pk, LATER)
    assert first.followers == 1


def test_a_pair_that_differs_is_put_down_once_however_many_look_and_however_often_it_was_sent() -> None:
    case = make_case()
    found = [
        reconciling.Found(case_id=case.pk, external_id=number, status_there="open", reason=Mismatch.Reason.OPEN_THERE)
        for number in ("W-1", "W-2")
    ]

    all_at_once(lambda _number: reconciling._keep("waste", found, at=LATER))

    assert [one.external_id for one in Mismatch.objects.all()] == ["W-2"]
