"""Surveys: who is asked and who is not, an answer that works once, what a dissatisfied one opens, and what of it all is shown."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from townhall.accounts.models import Post, Role, User
from townhall.accounts.tests.makers import sign_in
from townhall.cases.events import CaseClosed
from townhall.cases.models import Case
from townhall.cases.tests.makers import make_case, make_council, make_staff
from townhall.clocks.events import ClockRang
from townhall.contacts import operations as contacts
from townhall.contacts.operations import Given, WrapUp
from townhall.contacts.seeds import seed_reference_data as seed_contacts
from townhall.core import events
from townhall.core.actors import SYSTEM, Actor
from townhall.core.ids import uuid7
from townhall.core.refreshing import forget_all
from townhall.core.time import now
from townhall.customers import operations as customers
from townhall.customers.models import ContactPoint
from townhall.customers.operations import NewCustomer
from townhall.feedback import asking, counting, ringing
from townhall.feedback.models import Answer, Asked, Month, Point, Recovery, SurveyRule
from townhall.feedback.seeds import RECOVERY, seed_reference_data
from townhall.notifications.models import Message
from townhall.notifications.recipients import Recipient

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _council(db: None) -> None:
    make_council()
    seed_contacts()
    seed_reference_data()
    SurveyRule.objects.update(sample_percent=100)
    forget_all()


def make_sam(email: str = "sam@example.org") -> UUID:
    made = customers.create(NewCustomer(kind="person", name="Sam Okafor"), by=SYSTEM, at=AT)
    if email:
        customers.add_contact_point(made.pk, kind=ContactPoint.Kind.EMAIL, value=email, by=SYSTEM, at=AT)
    return made.pk


def close(case: Case, *, at: datetime) -> None:
    """As `cases` announces it when a case is over."""
    events.publish(CaseClosed(case_id=case.pk, service_code=case.service_code, at=at))


def reported(sam: UUID, service: str = "fly-tipping") -> Case:
    return make_case(service, reporter=Recipient(name="Sam", email="sam@example.org", customer_id=sam))


def path_of(message: Message) -> str:
    found = re.search(r"/survey/\S+", message.body_text)
    assert found is not None
    return found[0]


def browser_of(by: Actor) -> Client:
    client = Client()
    sign_in(client, User.objects.get(pk=by.id))
    return client


def test_a_survey_follows_a_closed_request_and_its_link_answers_once_without_a_script() -> None:
    manager = make_staff("ada", team="street-cleansing", role=Role.TEAM_MANAGER)
    sam = make_sam()
    case = reported(sam)
    close(case, at=now())
    close(case, at=now())  # told twice, asked once

    message = Message.objects.get(template="survey/asked")
    assert message.recipient_address == "sam@example.org"
    assert case.reference in message.body_text
    assert "/complain" in message.body_text  # every survey says how to complain
    path, public = path_of(message), Client()
    assert "How satisfied are you?" in public.get(path).content.decode()
    assert "Select how satisfied you are" in public.post(path, {}).content.decode()
    assert "Select why" in public.post(path, {"score": "1"}).content.decode()
    assert not Answer.objects.exists()
    thanks = public.post(path, {"score": "2", "reason": "not_told", "comment": "Nobody rang."}).content.decode()
    assert "put it right" in thanks
    assert public.post(path, {"score": "5"}).status_code == 409
    assert "already" in public.get(path).content.decode()
    assert public.get(f"{path[:-3]}abc").status_code == 404

    # The reason stands with the request, and a task with its team's manager.
    answer = Answer.objects.get()
    assert (answer.case_id, answer.score, answer.reason) == (case.pk, 2, "not_told")
    recovery = Recovery.objects.get()
    assert recovery.owner_post_id in manager.posts
    on_case = browser_of(manager).get(f"/work/cases/{case.reference}").content.decode()
    assert "Answered a survey" in on_case
    assert "Dissatisfied: I was not told what was happening" in on_case
    assert recovery.due_on > answer.at.date()
    assert Message.objects.get(template="staff/recovery").recipient_address == "ada@example.org"
    client = browser_of(manager)
    assert "I was not told what was happening" in client.get("/work/tasks").content.decode()
    work = f"/work/surveys/recoveries/{recovery.pk}"
    assert "Nobody rang." in client.get(work).content.decode()
    assert "Say what was done" in client.post(work, {"words": ""}).content.decode()
    client.post(work, {"words": "Rang and explained; content now."})
    recovery.refresh_from_db()
    assert recovery.state == "done"
    other = browser_of(make_staff("hari", team="highways", role=Role.OFFICER))
    assert other.get(work).status_code == 404


def test_nobody_is_asked_too_often_nor_outside_the_sample_nor_who_cannot_be_reached() -> None:
    sam = make_sam()
    first, second = reported(sam), reported(sam, "pothole")
    close(first, at=AT)
    close(second, at=AT + timedelta(days=89))
    assert Asked.objects.count() == 1
    close(second, at=AT + timedelta(days=91))
    assert Asked.objects.count() == 2
    nobody = make_sam(email="")
    close(reported(nobody), at=AT)
    SurveyRule.objects.create(point=Point.CASE_CLOSED, service_code="pothole", sample_percent=0, gap_days=0, set_at=AT)
    other = make_sam("olu@example.org")
    close(reported(other, "pothole"), at=AT)
    assert Asked.objects.count() == 2
    close(reported(other), at=AT)
    assert Asked.objects.count() == 3


def test_a_conversation_is_followed_by_a_survey_too() -> None:
    sam = make_sam()
    adviser = make_staff("priya", team="customer-services", role=Role.ADVISER)
    spoken = contacts.start(channel="phone", by=adviser, at=AT, given=Given(name="Sam"), customer_id=sam)
    done = WrapUp(
        reason_code="information", outcome="resolved", avoidable=False, anything_else=False, service_code="pothole"
    )
    contacts.wrap_up(spoken.pk, done, by=adviser, at=AT)
    asked = Asked.objects.get()
    assert (asked.point, asked.service_code, asked.channel) == ("contact", "pothole", "phone")


@given(st.integers(min_value=0, max_value=100))
def test_the_sample_is_the_share_that_was_set_and_the_same_each_time(percent: int) -> None:
    ids = [uuid7() for _number in range(400)]
    chosen = [one for one in ids if asking.is_chosen(one, percent)]
    assert abs(len(chosen) - 4 * percent) <= 55
    assert [one for one in ids if asking.is_chosen(one, percent)] == chosen


def test_small_numbers_are_not_shown_nor_can_they_be_worked_out() -> None:
    month = date(2026, 3, 1)
    for service, answered in (("fly-tipping", 20), ("pothole", 8), ("bins", 2)):
        for number in range(answered):
            counting.count("case_closed", service, "web", at=AT, asked=1)
            counting.count("case_closed", service, "web", at=AT, score=5 if number % 2 else 1)
    lines = {line.code: line for line in counting.by_service(month)}
    assert lines["bins"].answered is None
    assert lines["pothole"].answered is None  # else the two hidden answers were the sum of all less the rest
    assert (lines["fly-tipping"].answered, lines["fly-tipping"].satisfied) == (20, 50)
    assert counting.whole(month).answered == 30
    assert Month.objects.count() == 3
    manager = browser_of(make_staff("ada", team="street-cleansing", role=Role.TEAM_MANAGER))
    page = manager.get("/work/surveys").content.decode()
    assert "Of 30 asked, 30 answered" in page
    assert "fewer than 5" in page


def test_managers_set_the_share_and_the_gap() -> None:
    manager = browser_of(make_staff("ada", team="street-cleansing", role=Role.TEAM_MANAGER))
    typed = {"point": "contact", "service": "pothole", "sample_percent": "50", "gap_days": "30"}
    assert "from 0 to 100" in manager.post("/work/surveys", typed | {"sample_percent": "101"}).content.decode()
    manager.post("/work/surveys", typed)
    rule = asking.rule_for("contact", "pothole")
    assert rule is not None
    assert (rule.sample_percent, rule.gap_days) == (50, 30)
    assert (asking.rule_for("contact", "fly-tipping") or rule).sample_percent == 100
    officer = browser_of(make_staff("olu", team="street-cleansing", role=Role.OFFICER))
    assert officer.post("/work/surveys", typed).status_code == 403


def test_a_request_that_is_known_to_be_of_somebody_else_is_closed_again_without_a_second_survey() -> None:
    make_staff("ada", team="street-cleansing", role=Role.TEAM_MANAGER)
    case = reported(make_sam())
    close(case, at=AT)
    Case.objects.filter(pk=case.pk).update(customer_id=make_sam("olu@example.org"))
    close(case, at=AT + timedelta(days=200))
    assert Asked.objects.count() == 1


COUNTS = st.dictionaries(
    st.sampled_from(["bins", "fly-tipping", "pothole", "street-light"]),
    st.tuples(st.integers(0, 12), st.integers(0, 12)),
    min_size=1,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(answered=COUNTS)
def test_no_few_answers_can_be_worked_out_from_all_that_is_shown(answered: dict[str, tuple[int, int]]) -> None:
    month = date(2026, 3, 1)
    Month.objects.all().delete()
    for service, (closed, spoken) in answered.items():
        for point, many in (("case_closed", closed), ("contact", spoken)):
            Month.objects.create(month=month, point=point, service_code=service, channel="web", asked=20, answered=many)
    shown: dict[str, dict[str, int | None]] = {}
    for point in ("", "case_closed", "contact"):
        lines = {line.code: line.answered for line in counting.by_service(month, point=point)}
        whole = counting.whole(month, point=point).answered
        assert not any(0 < (many or 0) < 5 for many in (*lines.values(), whole))
        hidden = (whole or 0) - sum(many or 0 for many in lines.values())
        if whole is not None and None in lines.values():
            assert hidden >= 5
            assert list(lines.values()).count(None) > 1
        shown[point] = lines
    for service, both in shown[""].items():
        for point in ("case_closed", "contact"):
            one = shown[point].get(service)
            assert both is None or one is None or not 0 < both - one < 5


def test_what_is_late_is_told_also_when_the_post_that_owns_it_was_switched_off() -> None:
    ada = make_staff("ada", team="street-cleansing", role=Role.TEAM_MANAGER)
    close(reported(make_sam()), at=now())
    Client().post(path_of(Message.objects.get(template="survey/asked")), {"score": "1", "reason": "not_told"})
    recovery = Recovery.objects.get()
    late = ClockRang(
        clock_id=uuid7(),
        kind=RECOVERY,
        subject=recovery.subject,
        case_id=None,
        rung="due",
        at=now(),
        due_on=recovery.due_on,
    )
    make_staff("bob", team="street-cleansing", role=Role.TEAM_MANAGER, post="street-second")
    Post.objects.filter(pk__in=ada.posts).update(is_active=False)
    forget_all()
    Message.objects.all().delete()

    ringing.clock_rang(late)

    assert [one.recipient_address for one in Message.objects.filter(template="staff/recovery")] == ["bob@example.org"]
