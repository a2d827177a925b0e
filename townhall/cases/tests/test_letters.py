"""What the letters about a case say, to the reporter and to everybody else who follows."""

from __future__ import annotations

from datetime import date

import pytest

from townhall.accounts.models import PostHolder, Role, User
from townhall.cases import operations as cases
from townhall.cases.models import Case, Escalation
from townhall.cases.operations.chasing import escalate
from townhall.cases.tests.makers import MONDAY, make_case, make_council, make_post, make_staff
from townhall.core.subjects import Subject
from townhall.files.models import Purpose
from townhall.files.operations import approve, store
from townhall.files.tests.makers import picture, upload
from townhall.notifications.html import as_html
from townhall.notifications.models import Message
from townhall.notifications.recipients import Recipient

pytestmark = pytest.mark.django_db
EVE = Recipient(name="Eve", email="eve@example.org")


@pytest.fixture(autouse=True)
def _council() -> None:
    make_council()


def letter(template: str, to: str) -> Message:
    return Message.objects.get(template=template, recipient_address=to)


def test_who_only_follows_is_told_of_the_report_they_follow() -> None:
    officer = make_staff("olu", team="street-cleansing", role=Role.OFFICER)
    case = make_case()
    cases.follow(case.pk, EVE, by=officer, at=MONDAY)

    cases.accept(case.pk, by=officer, at=MONDAY)

    theirs, own = letter("case/accepted", "eve@example.org"), letter("case/accepted", "sam@example.org")
    assert theirs.subject_line == f"We will deal with the report you follow {case.reference}"
    assert "your report" not in theirs.body_text.lower()
    assert own.subject_line == f"We will deal with your report {case.reference}"


def test_the_letter_about_joining_names_both_references() -> None:
    officer = make_staff("olu", team="street-cleansing", role=Role.OFFICER)
    first, second = make_case(), make_case(reporter=EVE)

    cases.merge(second.pk, into_id=first.pk, by=officer, at=MONDAY)

    told = letter("case/merged", "eve@example.org")
    assert told.subject_line == f"Your report {second.reference} has been joined to {first.reference}"
    assert f"/r/{first.reference}/stop?me=" in told.unsubscribe_url


def test_whose_report_was_joined_is_told_of_both_references_at_the_end() -> None:
    officer = make_staff("olu", team="street-cleansing", role=Role.OFFICER)
    first, second = make_case(), make_case(reporter=EVE)
    cases.merge(second.pk, into_id=first.pk, by=officer, at=MONDAY)
    cases.complete(first.pk, outcome_code="cleared", outcome_text="", by=officer, at=MONDAY)

    cases.tell(first.pk, by=officer, at=MONDAY)

    eves, sams = letter("case/done", "eve@example.org"), letter("case/done", "sam@example.org")
    assert first.reference in eves.body_text
    assert second.reference in eves.body_text
    assert second.reference not in sams.body_text


def test_a_place_near_an_address_reads_well_in_a_letter() -> None:
    officer = make_staff("olu", team="street-cleansing", role=Role.OFFICER)
    case = make_case()
    Case.objects.filter(pk=case.pk).update(address="Near 7 Wherry Lane")

    cases.accept(case.pk, by=officer, at=MONDAY)

    assert "about fly-tipping near 7 Wherry Lane" in letter("case/accepted", "sam@example.org").body_text


@pytest.mark.parametrize("is_approved", [True, False])
def test_the_letter_of_the_end_names_the_photo_only_when_everybody_may_see_it(is_approved: bool) -> None:
    officer = make_staff("olu", team="street-cleansing", role=Role.OFFICER)
    case = make_case()
    subject = Subject(kind="case", id=case.pk)
    photo = upload("after.jpg", picture())
    kept = store(photo, about=subject, purpose=Purpose.AFTER, by=officer, at=MONDAY, case_id=case.pk)
    if is_approved:
        approve(kept.pk, by=officer, at=MONDAY)
    cases.accept(case.pk, by=officer, at=MONDAY)
    cases.complete(case.pk, outcome_code="cleared", outcome_text="Took two men.", by=officer, at=MONDAY)

    cases.tell(case.pk, by=officer, at=MONDAY)

    body = letter("case/done", "sam@example.org").body_text
    assert ("with a photo" in body) is is_approved
    assert "Took two men." in body
    assert f"To stop these messages: http://localhost:8000/r/{case.reference}/stop?me=" in body


def test_what_is_raised_goes_to_whoever_holds_the_post_with_a_link_and_a_signature_of_its_own() -> None:
    case = make_case()
    post = make_post("head-of-street-scene", team="management", role=Role.SENIOR_MANAGER)
    escalate(case, to_post_id=post.pk, reason=Escalation.Reason.OVERDUE, at=MONDAY)
    assert not Message.objects.filter(template="staff/escalated").exclude(recipient_address="").exists()

    holder = User.objects.create(email="grace@example.org", name="Grace")
    PostHolder.objects.create(post=post, user=holder, from_on=date(2020, 1, 1))
    escalate(case, to_post_id=post.pk, reason=Escalation.Reason.REFERRAL_AGE, at=MONDAY)

    told = letter("staff/escalated", "grace@example.org")
    assert f"/work/cases/{case.reference}" in told.body_text
    last = as_html(told.body_text).split("<li>")[-1]
    assert "Borough Council" not in last.split("</li>")[0]
    assert "Open the case" not in last.split("</li>")[0]
