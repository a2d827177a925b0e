"""Chasers, contacts about incidents, updates on trial, withdrawing, and what a contractor's or another team's delay sets off."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from townhall.accounts.models import Role, Team
from townhall.cases import operations
from townhall.cases.models import Case, Escalation, IncidentContact
from townhall.cases.operations import Part
from townhall.cases.states import State
from townhall.cases.tests.makers import MONDAY, SAM, make_case, make_council, make_staff, make_team
from townhall.clocks.sweeps import ring_due
from townhall.contacts import operations as contacts
from townhall.contacts.operations import Given
from townhall.core.actors import PUBLIC, SYSTEM, Actor
from townhall.core.errors import NotFound, WrongState
from townhall.neighbourhood import operations as neighbourhood
from townhall.neighbourhood.tests.makers import HARBOUR_ROW, make_place
from townhall.notifications.models import Message
from townhall.notifications.recipients import Recipient

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def council() -> None:
    make_council()


@pytest.fixture
def officer() -> Actor:
    return make_staff("olu", team="street-cleansing", role=Role.OFFICER)


@pytest.fixture
def manager() -> Actor:
    return make_staff("mel", team="street-cleansing", role=Role.TEAM_MANAGER)


def make_contact() -> UUID:
    return contacts.log(
        channel="phone", service_code="fly-tipping", reason_code="progress", given=Given(), by=SYSTEM, at=MONDAY
    )


def raised(case: Case) -> set[tuple[str, str]]:
    rows = Escalation.objects.filter(case=case)
    return set(rows.values_list("reason", "to_post__code"))


@pytest.mark.capability("CASE-10")
def test_a_second_chaser_reaches_the_manager_and_a_third_the_senior_manager_and_none_is_new_work(
    officer: Actor, manager: Actor
) -> None:
    case = make_case()
    before = Case.objects.count()

    operations.chase(case.pk, contact_id=make_contact(), by=officer, at=MONDAY)
    assert raised(case) == set()
    second = make_contact()
    for _ in range(2):  # the same contact twice is one chaser
        operations.chase(case.pk, contact_id=second, by=officer, at=MONDAY)
    assert raised(case) == {("chasers_manager", "street-cleansing-team_manager")}
    operations.chase(case.pk, contact_id=make_contact(), by=officer, at=MONDAY)

    assert raised(case) == {
        ("chasers_manager", "street-cleansing-team_manager"),
        ("chasers_senior", "head-of-environment"),
    }
    case.refresh_from_db()
    assert (case.chasers, Case.objects.count()) == (3, before)
    assert Message.objects.filter(template="staff/escalated").count() == 2


def test_what_was_raised_is_seen_by_the_post_it_was_raised_to(officer: Actor, manager: Actor) -> None:
    case = make_case()
    for _ in range(2):
        operations.chase(case.pk, contact_id=make_contact(), by=officer, at=MONDAY)
    escalation = Escalation.objects.get(case=case)

    with pytest.raises(NotFound):
        operations.seen(escalation.pk, by=officer, at=MONDAY)
    for days in range(2):  # twice is once
        operations.seen(escalation.pk, by=manager, at=MONDAY + days * DAY)

    escalation.refresh_from_db()
    assert (escalation.seen_at, escalation.to_post_id in manager.posts) == (MONDAY, True)


@pytest.mark.capability("CASE-14")
def test_a_later_contact_is_kept_with_the_incident_and_makes_no_case(officer: Actor) -> None:
    make_place()
    incident = neighbourhood.post_incident(
        service_code="fly-tipping",
        scope="street",
        scope_code=HARBOUR_ROW,
        title="Road closed",
        message="We clear Harbour Row on Friday.",
        by=officer,
        at=MONDAY,
    )
    contact = make_contact()
    for _ in range(2):
        operations.attach_to_incident(incident.pk, contact_id=contact, by=officer, at=MONDAY)

    assert IncidentContact.objects.filter(incident=incident).count() == 1
    assert not Case.objects.exists()
    with pytest.raises(NotFound):
        operations.attach_to_incident(contact, contact_id=contact, by=officer, at=MONDAY)


def test_the_reporter_may_withdraw_while_nobody_else_follows(officer: Actor) -> None:
    case = make_case()
    reporter = case.follower_rows.get()
    ada = operations.follow(case.pk, Recipient(email="ada@example.org"), by=PUBLIC, at=MONDAY)
    with pytest.raises(WrongState):
        operations.withdraw_own(reporter.pk, by=PUBLIC, at=MONDAY)
    with pytest.raises(WrongState):
        operations.withdraw_own(ada.pk, by=PUBLIC, at=MONDAY)
    operations.stop_following(ada.pk, by=PUBLIC, at=MONDAY)

    operations.withdraw_own(reporter.pk, by=PUBLIC, at=MONDAY)

    case.refresh_from_db()
    assert case.state == State.WITHDRAWN
    with pytest.raises(WrongState):
        operations.withdraw_own(reporter.pk, by=PUBLIC, at=MONDAY)


@pytest.mark.capability("CASE-05")
def test_news_is_told_to_everybody_who_follows_and_a_note_of_staff_to_nobody(officer: Actor) -> None:
    case = make_case()
    operations.follow(case.pk, Recipient(email="ada@example.org"), by=PUBLIC, at=MONDAY)
    for _ in range(2):
        operations.post_update(case.pk, text="The lorry is ordered", by=officer, at=MONDAY, update_id="x-1")
    operations.add_staff_note(case.pk, text="Same family as last year", by=officer, at=MONDAY)

    assert Message.objects.filter(template="case/update").count() == 2
    assert not Message.objects.filter(body_text__contains="Same family").exists()


def test_work_that_is_over_but_not_told_is_raised(officer: Actor, manager: Actor) -> None:
    case = make_case()
    operations.complete(case.pk, outcome_code="cleared", outcome_text="", by=officer, at=MONDAY)
    ring_due(MONDAY + 4 * DAY)
    assert ("not_told", "street-cleansing-team_manager") in raised(case)


@pytest.mark.capability("CASE-12", "CASE-13")
def test_a_late_contractor_and_a_late_part_are_raised_to_those_who_asked(officer: Actor, manager: Actor) -> None:
    make_staff("hal", team="highways", role=Role.TEAM_MANAGER)
    sent, split = make_case(), make_case(reporter=SAM)
    team = make_team("cleaners", kind=Team.Kind.CONTRACTOR).pk
    operations.send_to_contractor(
        sent.pk, team_id=team, contract_ref="C1", obligations="Do it", days=2, by=officer, at=MONDAY
    )
    operations.split(split.pk, [Part(service_code="pothole", title="Fill", days=2)], by=officer, at=MONDAY)

    ring_due(MONDAY + 4 * DAY)

    assert raised(sent) == {("job_overdue", "street-cleansing-team_manager")}
    assert raised(split) == {
        ("task_overdue", "street-cleansing-team_manager"),
        ("task_overdue", "highways-team_manager"),
    }


def test_an_offer_made_on_friday_is_not_unanswered_on_saturday(officer: Actor, manager: Actor) -> None:
    friday = MONDAY + 4 * DAY
    case = make_case(at=friday)
    handoff = operations.offer(case.pk, to_team_id=make_team("highways").pk, note="", by=officer, at=friday)
    assert handoff.answer_due_at == friday + 3 * DAY  # Monday, the same time
    ring_due(friday + 2 * DAY)
    assert raised(case) == set()
    ring_due(friday + 3 * DAY + timedelta(minutes=1))
    assert raised(case) == {("handoff_unanswered", "street-cleansing-team_manager")}
