from __future__ import annotations

from datetime import timedelta

import pytest

from townhall.accounts.models import Role
from townhall.cases import operations
from townhall.cases.models import Case, Escalation
from townhall.cases.states import State
from townhall.cases.tests.makers import MONDAY, make_case, make_council, make_staff
from townhall.clocks.sweeps import ring_due
from townhall.core.actors import PUBLIC
from townhall.notifications.models import Message

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def council() -> None:
    make_council()


def _reasons(case: Case) -> set[tuple[str, str]]:
    return {(row.reason, row.to_post.code) for row in Escalation.objects.filter(case=case).select_related("to_post")}


@pytest.mark.capability("CASE-08", "CASE-09")
def test_an_open_case_goes_to_senior_manager_and_portfolio_holder_at_30_days_and_needs_a_decision_at_60() -> None:
    make_staff("mel", team="street-cleansing", role=Role.TEAM_MANAGER)
    case = make_case()

    ring_due(MONDAY + timedelta(days=31))
    assert ("referral_age", "head-of-environment") in _reasons(case)
    assert ("referral_age", "cabinet-environment") in _reasons(case)
    assert ("decision_age", "head-of-environment") not in _reasons(case)

    ring_due(MONDAY + timedelta(days=61))
    assert ("decision_age", "head-of-environment") in _reasons(case)
    assert ("overdue", "street-cleansing-team_manager") in _reasons(case)


def test_a_question_nobody_answers_comes_back_to_the_team() -> None:
    officer = make_staff("olu", team="street-cleansing", role=Role.OFFICER)
    case = make_case()
    operations.ask_customer(case.pk, question="Which side?", by=officer, at=MONDAY)

    ring_due(MONDAY + timedelta(days=8))
    ring_due(MONDAY + timedelta(days=16))

    case.refresh_from_db()
    assert case.state == State.AWAITING_DECISION
    assert Message.objects.filter(case_id=case.pk, template="case/waiting_for_customer").count() == 2


def test_an_answer_brings_the_case_back_with_a_later_date() -> None:
    officer = make_staff("olu", team="street-cleansing", role=Role.OFFICER)
    case = make_case()
    operations.ask_customer(case.pk, question="Which side?", by=officer, at=MONDAY)

    operations.customer_replied(case.pk, text="The left", by=PUBLIC, at=MONDAY + timedelta(days=2))

    first = case.due_on
    case.refresh_from_db()
    assert case.state == State.AWAITING_DECISION
    assert case.due_on > first
