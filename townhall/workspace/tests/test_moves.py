from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client

from townhall.accounts.models import Role, Team
from townhall.cases import operations as cases
from townhall.cases.models import Case, Handoff
from townhall.cases.states import State
from townhall.cases.tests.makers import make_case, make_staff, make_team
from townhall.core.errors import NotAllowed
from townhall.core.refreshing import forget_all
from townhall.core.time import council_date, now
from townhall.files.models import StoredFile
from townhall.files.operations import store
from townhall.files.tests.makers import picture, upload
from townhall.ledger.queries import history_of_case
from townhall.notifications.models import Message
from townhall.notifications.recipients import Recipient
from townhall.ui.words import long_date
from townhall.workspace.moves import MOVES
from townhall.workspace.tests.conftest import signed_in_as
from townhall.workspace.views.move_pages import PAGES


def at(case: Case, move: str) -> str:
    return f"/work/cases/{case.reference}/{move}"


def state_of(case: Case) -> str:
    case.refresh_from_db()
    return case.state


def test_every_move_has_its_page() -> None:
    assert {move.code for move in MOVES} == set(PAGES)


@pytest.mark.capability("CASE-04", "CASE-06")
def test_a_case_is_accepted_ended_and_told_in_two_ticks(officer: Client) -> None:
    case = make_case(at=now())

    assert officer.post(at(case, "accept"), {"scheduled_on": ""})["Location"] == f"/work/cases/{case.reference}"
    ended = officer.post(at(case, "complete"), {"outcome_code": "cleared", "outcome_text": "Taken away"})
    assert ended["Location"] == at(case, "tell")
    assert state_of(case) == State.DONE
    page = officer.get(at(case, "tell")).content.decode()
    assert "Taken away" in page  # the message, as it will go out
    assert state_of(case) == State.DONE
    officer.post(at(case, "tell"), {"words": "Thank you for telling us"})

    assert state_of(case) == State.CLOSED
    message = Message.objects.get(case_id=case.pk, template="case/done")
    assert "Thank you for telling us" in message.body_text


def test_a_preview_is_what_is_sent_and_changes_nothing(officer: Client) -> None:
    case = make_case(at=now())
    before = Message.objects.count(), len(history_of_case(case.pk).rows)

    page = officer.post(at(case, "accept"), {"scheduled_on": "", "preview": "1"}).content.decode()

    assert state_of(case) == State.AWAITING_DECISION
    assert (Message.objects.count(), len(history_of_case(case.pk).rows)) == before
    officer.post(at(case, "accept"), {"scheduled_on": ""})
    sent = Message.objects.get(case_id=case.pk, template="case/accepted")
    assert sent.subject_line in page
    assert "sam@example.org" in page


@pytest.mark.capability("CASE-04")
def test_declining_needs_a_policy_reason_and_keeps_what_was_typed(officer: Client) -> None:
    case = make_case(at=now())

    refused = officer.post(at(case, "decline"), {"words": "We looked twice"})

    assert refused.status_code == 422
    assert "Select a policy reason" in refused.content.decode()
    assert "We looked twice" in refused.content.decode()
    assert state_of(case) == State.AWAITING_DECISION
    assert officer.post(at(case, "decline"), {"reason_code": "private-land", "words": ""}).status_code == 302
    assert state_of(case) == State.DECLINED


def test_a_form_that_is_out_of_date_says_what_happened_and_keeps_the_words(officer: Client) -> None:
    case = make_case(at=now())
    by = make_staff("ben", team="street-cleansing", role=Role.OFFICER)
    cases.accept(case.pk, by=by, at=now())

    answer = officer.post(
        at(case, "decline"), {"reason_code": "private-land", "words": "Kept", "seen_state": "awaiting_decision"}
    )

    assert answer.status_code == 409
    page = answer.content.decode()
    assert "it was “Awaiting decision” and is now “Accepted, to be done”" in page
    assert "Kept" in page
    assert state_of(case) == State.ACCEPTED


def test_a_date_in_the_past_is_refused_beside_its_field(officer: Client) -> None:
    case = make_case(at=now())

    answer = officer.post(at(case, "accept"), {"scheduled_on": "2001-01-01"})

    assert answer.status_code == 422
    assert "The date must be today or later" in answer.content.decode()
    assert "2001-01-01" in answer.content.decode()


def test_the_customer_is_asked_and_a_date_is_set(officer: Client) -> None:
    asked, planned = make_case(at=now()), make_case(at=now())
    on = council_date(now()) + timedelta(days=3)

    officer.post(at(asked, "ask"), {"question": "Which side of the road?"})
    officer.post(at(planned, "accept"), {"scheduled_on": ""})
    officer.post(at(planned, "schedule"), {"scheduled_on": on.isoformat()})

    assert state_of(asked) == State.WAITING_FOR_CUSTOMER
    planned.refresh_from_db()
    assert planned.scheduled_on == on


@pytest.mark.capability("CASE-03")
def test_an_offer_stays_with_the_sender_until_it_is_accepted(officer: Client) -> None:
    case = make_case(at=now())
    highways = make_team("highways")
    other = signed_in_as("hal", team="highways", role=Role.OFFICER)

    officer.post(at(case, "offer"), {"to_team": str(highways.pk), "note": "Yours?"})
    case.refresh_from_db()
    assert case.doer_team_id != highways.pk
    assert officer.post(at(case, "accept-offer")).status_code == 403
    assert other.post(at(case, "return-offer"), {"reason": ""}).status_code == 422
    returned = other.post(at(case, "return-offer"), {"reason": "Not on the carriageway"}, follow=True)
    assert (returned.status_code, returned.request["PATH_INFO"]) == (200, "/work/offers")
    assert Handoff.objects.get(case=case).reason == "Not on the carriageway"
    assert "Returned to the team that offered it" in returned.content.decode()
    page = officer.get(f"/work/cases/{case.reference}").content.decode()
    assert "Highways returned the offer: “Not on the carriageway”" in page
    assert page.count("Not on the carriageway") >= 2  # and in what happened
    mail = Message.objects.get(case_id=case.pk, template="staff/offer_returned")
    assert "Not on the carriageway" in mail.body_text
    officer.post(at(case, "offer"), {"to_team": str(highways.pk), "note": ""})
    other.post(at(case, "accept-offer"))

    case.refresh_from_db()
    assert (case.doer_team_id, case.hops) == (highways.pk, 2)


def test_of_two_who_take_a_case_the_second_is_told_who_has_it(officer: Client) -> None:
    case = make_case(at=now())
    ben = make_staff("ben", team="street-cleansing", role=Role.OFFICER, post="second-officer")
    cases.take(case.pk, post_id=next(iter(ben.posts)), by=ben, at=now())
    own = make_staff("olu", team="street-cleansing", role=Role.OFFICER)

    answer = officer.post(at(case, "take"), {"post": str(next(iter(own.posts)))})

    assert answer.status_code == 409
    assert "Second Officer has already taken this case." in answer.content.decode()


def test_a_duplicate_is_joined_by_its_reference_and_taken_out_again(officer: Client) -> None:
    first = make_case(at=now())
    second = make_case(at=now(), reporter=Recipient(name="Ada", email="ada@example.org"))

    page = officer.get(at(second, "merge")).content.decode()
    assert first.reference in page
    assert officer.post(at(second, "merge"), {"into": "TH-1111-1111"}).status_code == 422
    officer.post(at(second, "merge"), {"into": first.reference.lower()})
    assert state_of(second) == State.MERGED
    first.refresh_from_db()
    assert first.followers == 2
    officer.post(at(second, "unmerge"))

    assert state_of(second) == State.AWAITING_DECISION


@pytest.mark.capability("CASE-13")
def test_a_case_with_an_open_part_cannot_be_ended(officer: Client) -> None:
    case = make_case(at=now())
    officer.post(at(case, "accept"), {"scheduled_on": ""})
    given = {"service_1": "pothole", "title_1": "Fill the hole", "days_1": "5"}

    assert officer.post(at(case, "split"), given).status_code == 302
    part = case.tasks.get()
    refused = officer.post(at(case, "complete"), {"outcome_code": "cleared", "outcome_text": ""})
    assert refused.status_code == 409
    assert "A part of this case is still open" in refused.content.decode()
    officer.post(f"/work/cases/{case.reference}/parts/{part.pk}/done", {"result": "Filled"})

    assert officer.post(at(case, "complete"), {"outcome_code": "cleared", "outcome_text": ""}).status_code == 302


def test_work_is_sent_to_a_contractor_under_its_contract(officer: Client) -> None:
    firm = make_team("firm", kind=Team.Kind.CONTRACTOR)
    forget_all()
    case = make_case(at=now())
    given = {"team": str(firm.pk), "contract_ref": "ACS-1", "obligations": "Sweep the place", "days": "5"}

    assert officer.post(at(case, "contractor"), {**given, "contract_ref": ""}).status_code == 422
    assert officer.post(at(case, "contractor"), given).status_code == 302

    job = case.contractor_jobs.get()
    assert (job.contract_ref, job.team_id) == ("ACS-1", firm.pk)
    page = officer.get(f"/work/cases/{case.reference}").content.decode()
    assert "contract ACS-1" in page


def test_closing_without_a_message_needs_a_reason(officer: Client) -> None:
    case = make_case(at=now())
    officer.post(at(case, "accept"), {"scheduled_on": ""})
    officer.post(at(case, "complete"), {"outcome_code": "cleared", "outcome_text": ""})

    assert officer.post(at(case, "close"), {"no_message_reason": " "}).status_code == 422
    officer.post(at(case, "close"), {"no_message_reason": "They rang and know"})

    case.refresh_from_db()
    assert (case.state, case.no_message_reason) == (State.CLOSED, "They rang and know")


@pytest.mark.capability("CASE-09")
def test_only_a_manager_approves_more_time_and_the_customer_is_told(officer: Client) -> None:
    case = make_case(at=now())
    until = council_date(now()) + timedelta(days=90)
    given = {"until_on": until.isoformat(), "reason": "The owner is being traced"}
    manager = signed_in_as("sade", team="street-cleansing", role=Role.TEAM_MANAGER)

    assert officer.post(at(case, "extend"), given).status_code == 403
    assert manager.post(at(case, "extend"), {**given, "reason": ""}).status_code == 422
    manager.post(at(case, "extend"), given)

    case.refresh_from_db()
    assert case.due_on == until
    assert "The owner is being traced" in Message.objects.get(case_id=case.pk, template="case/date_changed").body_text


def test_staff_open_a_closed_case_again_with_a_reason(officer: Client) -> None:
    case = make_case(at=now())
    officer.post(at(case, "accept"), {"scheduled_on": ""})
    officer.post(at(case, "complete"), {"outcome_code": "cleared", "outcome_text": ""})
    officer.post(at(case, "tell"), {"words": ""})

    officer.post(at(case, "reopen"), {"reason": "The wrong place was cleared"})

    assert state_of(case) == State.ACCEPTED
    assert "The wrong place was cleared" in officer.get(f"/work/cases/{case.reference}").content.decode()


@pytest.mark.parametrize("move", sorted(PAGES))
def test_every_move_opens_or_says_why_not(officer: Client, move: str) -> None:
    case = make_case(at=now())

    answer = officer.get(at(case, move))

    assert answer.status_code in {200, 403}
    assert case.reference in answer.content.decode() or answer.status_code == 403


@pytest.mark.parametrize("text", ["x" * 10_000, "\x00", "🙂" * 500, "\u202eabc", "<script>alert(1)</script>"])
def test_hostile_words_end_in_a_page_not_an_error(officer: Client, text: str) -> None:
    case = make_case(at=now())

    answer = officer.post(at(case, "note"), {"text": text})
    page = officer.get(f"/work/cases/{case.reference}").content.decode()

    assert answer.status_code in {302, 422}
    assert "<script>alert" not in page


@pytest.mark.capability("CASE-03")
def test_a_team_that_is_only_offered_a_case_answers_or_notes_and_no_more(officer: Client) -> None:
    case = make_case(at=now())
    by = make_staff("olu", team="street-cleansing", role=Role.OFFICER)
    cases.accept(case.pk, by=by, at=now())
    offer = cases.offer(case.pk, to_team_id=make_team("highways").pk, note="", by=by, at=now())
    other = signed_in_as("hal", team="highways", role=Role.OFFICER)
    theirs = make_staff("hal", team="highways", role=Role.OFFICER)
    boss = make_staff("mo", team="highways", role=Role.TEAM_MANAGER)

    page = other.get(f"/work/cases/{case.reference}").content.decode()
    ways = set(re.findall(rf'href="/work/cases/{case.reference}/([a-z-]+)"', page)) - {"nearby"}
    assert ways == {"accept-offer", "return-offer", "note"}
    for move in ("complete", "decline", "withdraw", "withdraw-offer", "schedule"):
        given = {"outcome_code": "cleared", "outcome_text": "", "reason_code": "private-land", "words": ""}
        assert other.post(at(case, move), {**given, "scheduled_on": "2099-01-01"}).status_code == 403
    for refused in (theirs, boss):
        with pytest.raises(NotAllowed, match="only offered"):
            cases.complete(case.pk, outcome_code="cleared", outcome_text="", by=refused, at=now())
        with pytest.raises(NotAllowed, match="only offered"):
            cases.withdraw_offer(offer.pk, by=refused, at=now())
    assert state_of(case) == State.ACCEPTED
    assert other.post(at(case, "note"), {"text": "We look on Monday"}).status_code == 302
    cases.accept_offer(offer.pk, by=theirs, at=now())

    assert other.post(at(case, "complete"), {"outcome_code": "cleared", "outcome_text": ""}).status_code == 302


def test_photos_that_wait_are_approved_before_the_customer_is_told(officer: Client) -> None:
    case = make_case(at=now())
    by = make_staff("olu", team="street-cleansing", role=Role.OFFICER)
    cases.complete(case.pk, outcome_code="cleared", outcome_text="", by=by, at=now())
    photo = store(upload("a.jpg", picture()), about=case.subject, purpose="after", by=by, at=now(), case_id=case.pk)

    assert "1 photo waits for approval" in officer.get(at(case, "tell")).content.decode()
    approved = officer.post(
        at(case, "tell"), {"approve": str(photo.pk), "words": "The path is clear too"}
    ).content.decode()

    assert "The photo is shown to the public." in approved
    assert approved.count("The path is clear too") == 2  # in the field, and in the message as it will go out
    assert StoredFile.objects.get(pk=photo.pk).state == "approved"
    assert Case.objects.get(pk=case.pk).state == "done"
    assert officer.post(at(case, "tell"), {"reject": "none"}).status_code == 404
    assert "waits for approval" not in officer.get(at(case, "tell")).content.decode()


def test_a_date_after_the_promise_is_warned_about_and_stands_in_the_history(officer: Client) -> None:
    case = make_case(at=now())
    on = case.due_on + timedelta(days=1)

    assert "which the customer was promised" not in officer.get(at(case, "accept")).content.decode()
    preview = officer.post(at(case, "accept"), {"scheduled_on": on.isoformat(), "preview": "1"}).content.decode()
    assert "which the customer was promised" in preview
    done = officer.post(at(case, "accept"), {"scheduled_on": on.isoformat()}, follow=True).content.decode()
    assert "which the customer was promised" in done

    history = done.partition('id="happened"')[2]
    assert f"For {long_date(on)}" in history
    officer.post(at(case, "complete"), {"outcome_code": "cleared", "outcome_text": ""})
    history = officer.get(f"/work/cases/{case.reference}").content.decode().partition('id="happened"')[2]
    assert re.search(r"Work ended.*?Cleared", history, re.DOTALL)


def test_who_returned_an_offer_is_not_said_to_have_the_case_open(officer: Client) -> None:
    case = make_case(at=now())
    by = make_staff("olu", team="street-cleansing", role=Role.OFFICER)
    cases.offer(case.pk, to_team_id=make_team("highways").pk, note="", by=by, at=now())
    other = signed_in_as("hal", team="highways", role=Role.OFFICER)
    other.get(at(case, "return-offer"))
    assert "Hal is editing" in officer.get(f"/work/cases/{case.reference}").content.decode()

    other.post(at(case, "return-offer"), {"reason": "Not ours"})

    assert "Hal is editing" not in officer.get(f"/work/cases/{case.reference}").content.decode()


def test_a_message_to_many_and_their_following_are_one_line_each(officer: Client) -> None:
    case = make_case(at=now())
    by = make_staff("olu", team="street-cleansing", role=Role.OFFICER)
    for number in range(4):
        cases.follow(case.pk, Recipient(email=f"f{number}@example.org"), by=by, at=now())
    cases.accept(case.pk, by=by, at=now())

    page = officer.get(f"/work/cases/{case.reference}").content.decode()

    assert "to 5 people" in page
    assert page.partition('id="happened"')[2].count("Followed") == 1
    assert "5 people follow it now" in page
