from __future__ import annotations

from datetime import timedelta

import pytest

from townhall.accounts.models import Role
from townhall.cases import operations
from townhall.cases.public import follow_page
from townhall.cases.states import State
from townhall.cases.tests.makers import MONDAY, SAM, make_case, make_council, make_staff
from townhall.catalogue.pack import Published
from townhall.core.actors import PUBLIC
from townhall.ledger.queries import history_of_case
from townhall.notifications.models import Message
from townhall.notifications.recipients import Recipient

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def council() -> None:
    make_council()


def test_a_case_is_opened_accepted_finished_told_and_opened_again() -> None:
    case = make_case()
    officer = make_staff("olu", team="street-cleansing", role=Role.OFFICER)

    operations.accept(case.pk, by=officer, at=MONDAY + timedelta(hours=1))
    operations.complete(
        case.pk, outcome_code="cleared", outcome_text="Taken away", by=officer, at=MONDAY + timedelta(days=1)
    )
    case.refresh_from_db()
    assert case.state == State.DONE
    operations.tell(case.pk, by=officer, at=MONDAY + timedelta(days=1, minutes=1))
    case.refresh_from_db()
    assert case.state == State.CLOSED
    operations.not_fixed(case.pk, text="Still there", by=PUBLIC, at=MONDAY + timedelta(days=2), is_reporter=True)
    case.refresh_from_db()

    assert case.state == State.ACCEPTED
    templates = list(Message.objects.filter(case_id=case.pk).order_by("created_at").values_list("template", flat=True))
    assert templates == ["case/received", "case/accepted", "case/done", "case/reopened"]


def test_followers_move_with_a_merge_and_back() -> None:
    first, second = make_case(), make_case(reporter=Recipient(name="Ada", email="ada@example.org"))
    operations.follow(second.pk, Recipient(email="bo@example.org"), by=PUBLIC, at=MONDAY)
    operations.follow(second.pk, SAM, by=PUBLIC, at=MONDAY)
    officer = make_staff("olu", team="street-cleansing", role=Role.OFFICER)

    operations.merge(second.pk, into_id=first.pk, by=officer, at=MONDAY + timedelta(hours=2))
    first.refresh_from_db()
    assert first.followers == 3
    operations.unmerge(second.pk, by=officer, at=MONDAY + timedelta(hours=3))
    first.refresh_from_db()
    second.refresh_from_db()

    assert (first.followers, second.followers, second.state) == (1, 3, State.AWAITING_DECISION)


def test_an_urgent_case_that_is_opened_again_keeps_its_urgent_promise() -> None:
    urgent = Published(days=1, calendar="CALENDAR")
    case = make_case(published=urgent)
    officer = make_staff("olu", team="street-cleansing", role=Role.OFFICER)
    operations.complete(case.pk, outcome_code="cleared", outcome_text="", by=officer, at=MONDAY)
    operations.tell(case.pk, by=officer, at=MONDAY)

    operations.not_fixed(case.pk, text="Still there", by=PUBLIC, at=MONDAY + timedelta(days=2), is_reporter=True)

    case.refresh_from_db()
    assert case.due_on == (MONDAY + timedelta(days=3)).date()
    verbs = [entry.verb for entry in history_of_case(case.pk).rows]
    assert verbs.count("case.reopened") == 1
    assert "case.accepted" not in verbs
    page = follow_page(case.reference)
    assert page is not None
    assert [step.title for step in page.steps if step.state == "done"] == ["Received", "Work finished", "Opened again"]


def test_work_that_ended_is_opened_again_before_anybody_was_told_and_ends_again() -> None:
    case = make_case()
    officer = make_staff("olu", team="street-cleansing", role=Role.OFFICER)

    for _time in range(2):
        operations.complete(case.pk, outcome_code="cleared", outcome_text="", by=officer, at=MONDAY)
        operations.reopen(case.pk, reason="The wrong place", by=officer, at=MONDAY)

    case.refresh_from_db()
    assert case.state == State.ACCEPTED
