"""The page of a report, and answering back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from townhall.accounts.models import Role
from townhall.cases import operations as cases
from townhall.cases.models import BulkAction, Case, Follower, Note
from townhall.cases.operations import links
from townhall.cases.operations.cleaning import UNDO, CleanUp, clean_up, undo
from townhall.cases.operations.links import LINK_KEPT
from townhall.cases.operations.telling import sign_follower
from townhall.cases.states import State
from townhall.cases.tests.makers import make_staff
from townhall.catalogue import queries as catalogue
from townhall.complaints.tests.makers import make_complaint, make_desk
from townhall.core.actors import PUBLIC, Actor
from townhall.core.time import now
from townhall.files.models import StoredFile
from townhall.notifications.models import Message
from townhall.notifications.recipients import Recipient
from townhall.portal.tests.makers import make_report

pytestmark = pytest.mark.usefixtures("borough")


def an_officer() -> Actor:
    return make_staff("priya", team="street-cleansing", role=Role.OFFICER)


def the_reporter(reference: str) -> str:
    return sign_follower(Follower.objects.get(case__reference=reference, is_reporter=True).pk)


def finish(case_id: Any) -> None:
    officer = an_officer()
    cases.accept(case_id, by=officer, at=now())
    cases.complete(case_id, outcome_code="cleared", outcome_text="Took two men.", by=officer, at=now())
    cases.tell(case_id, by=officer, at=now())


@pytest.mark.capability("REPT-05")
def test_the_page_tells_the_way_like_a_parcel(client: Client) -> None:
    made = make_report()
    officer = an_officer()

    first = client.get(f"/r/{made.reference}").content.decode()
    assert "Received" in first
    assert "Waiting for a decision" in first
    cases.accept(made.case_id, by=officer, at=now())
    assert "Accepted: we will do it" in client.get(f"/r/{made.reference}").content.decode()
    cases.complete(made.case_id, outcome_code="cleared", outcome_text="Took two men.", by=officer, at=now())
    cases.tell(made.case_id, by=officer, at=now())

    last = client.get(f"/r/{made.reference}").content.decode()
    assert "Work finished" in last
    assert "Done: Cleared" in last
    assert "Took two men." in last


def test_the_reference_alone_shows_nothing_personal(client: Client) -> None:
    made = make_report(description="Call me on 07700 900123")

    words = client.get(f"/r/{made.reference}").content.decode()

    for secret in ("Pat", "pat@example.org", "07700", "Stop following", "Add something"):
        assert secret not in words


def test_opening_the_page_is_one_statement_and_no_session(
    client: Client, django_assert_num_queries: Callable[[int], Any]
) -> None:
    made = make_report()
    client.get(f"/r/{made.reference}")  # the services are in memory from here on

    with django_assert_num_queries(0):  # none through the ORM; the one that there is goes past it
        answer = client.get(f"/r/{made.reference}")

    assert answer.status_code == 200
    assert "sessionid" not in client.cookies


@pytest.mark.parametrize("typed", ["{}", "{} ", "  th {}", "{}."])
def test_a_reference_is_found_however_it_is_typed(client: Client, typed: str) -> None:
    made = make_report()
    short = made.reference.removeprefix("TH-").lower().replace("-", " ")

    answer = client.get("/follow", {"reference": typed.format(short)})

    assert answer.headers["Location"] == f"/r/{made.reference}"
    assert client.get(f"/r/{short.replace(' ', '')}").status_code == 200


def test_a_mistyped_reference_is_told(client: Client) -> None:
    make_report()

    words = client.get("/follow", {"reference": "TH-1111-1111"}).content.decode()

    assert "We have no report with that reference" in words
    assert 'value="TH-1111-1111"' in words
    assert client.get("/r/TH-1111-1111").status_code == 404


def test_a_complaint_is_followed_by_its_reference_from_the_same_box(client: Client) -> None:
    make_desk()
    made = make_complaint()

    answer = client.get("/follow", {"reference": made.reference.lower()})

    assert answer.headers["Location"] == f"/complaints/{made.reference}"
    assert "/complain" in client.get("/").content.decode()


def test_not_fixed_opens_the_same_case(client: Client) -> None:
    made = make_report()
    finish(made.case_id)
    me = the_reporter(made.reference)
    assert "Is it fixed?" in client.get(f"/r/{made.reference}?me={me}").content.decode()

    client.post(f"/r/{made.reference}/reopening", {"me": me, "not_fixed": "The sofa is back"})

    case = Case.objects.get(pk=made.case_id)
    assert case.state == State.ACCEPTED
    assert Note.objects.get(case=case, kind="reply").text == "The sofa is back"
    assert "Opened again" in client.get(f"/r/{made.reference}").content.decode()


def test_what_is_still_wrong_is_asked(client: Client) -> None:
    made = make_report()
    finish(made.case_id)
    me = the_reporter(made.reference)

    answer = client.post(f"/r/{made.reference}/reopening", {"me": me, "not_fixed": "  "})

    assert answer.status_code == 422
    assert "Tell us what is still wrong" in answer.content.decode()
    assert Case.objects.get(pk=made.case_id).state == State.CLOSED


def test_only_a_follower_may_say_not_fixed(client: Client) -> None:
    made = make_report()
    finish(made.case_id)

    answer = client.post(f"/r/{made.reference}/reopening", {"not_fixed": "Again"})

    assert answer.status_code == 422
    assert Case.objects.get(pk=made.case_id).state == State.CLOSED
    assert "Is it fixed?" not in client.get(f"/r/{made.reference}").content.decode()


def test_our_question_is_answered_on_the_page(client: Client) -> None:
    made = make_report()
    cases.ask_customer(made.case_id, question="Which side of the road?", by=an_officer(), at=now())
    me = the_reporter(made.reference)
    assert "Which side of the road?" in client.get(f"/r/{made.reference}?me={me}").content.decode()
    assert "Which side of the road?" not in client.get(f"/r/{made.reference}").content.decode()

    empty = client.post(f"/r/{made.reference}/reply", {"me": me, "reply": " "})
    assert empty.status_code == 422
    client.post(f"/r/{made.reference}/reply", {"me": me, "reply": "The left"})

    assert Note.objects.get(case_id=made.case_id, kind="reply").text == "The left"
    assert Case.objects.get(pk=made.case_id).state == State.AWAITING_DECISION


def test_our_question_is_for_who_reported_it_alone(client: Client) -> None:
    made = make_report()
    other = cases.follow(made.case_id, Recipient(email="jo@example.org"), by=PUBLIC, at=now())
    cases.ask_customer(made.case_id, question="Which side of the road?", by=an_officer(), at=now())
    me = sign_follower(other.pk)

    asked = Message.objects.filter(case_id=made.case_id, template="case/waiting_for_customer")
    assert [one.recipient_address for one in asked] == [
        Follower.objects.get(case_id=made.case_id, is_reporter=True).email
    ]
    assert "Which side of the road?" not in client.get(f"/r/{made.reference}?me={me}").content.decode()
    assert client.post(f"/r/{made.reference}/reply", {"me": me, "reply": "The left"}).status_code == 404
    assert Case.objects.get(pk=made.case_id).state == State.WAITING_FOR_CUSTOMER


def test_more_can_be_added_by_who_follows(client: Client) -> None:
    made = make_report()
    me = the_reporter(made.reference)

    answer = client.post(f"/r/{made.reference}/more", {"me": me, "more": "There is a fridge as well"}, follow=True)

    assert "We have added that" in answer.content.decode()
    assert "fridge" not in client.get(f"/r/{made.reference}").content.decode()
    assert Note.objects.get(case_id=made.case_id).text == "There is a fridge as well"
    assert Client().post(f"/r/{made.reference}/more", {"more": "Me too"}).status_code == 404
    assert Client().post(f"/r/{made.reference}/more", {"more": "x", "me": me[:-1] + "x"}).status_code == 404


def test_a_mail_programs_own_button_stops_the_messages() -> None:
    made = make_report()
    me = the_reporter(made.reference)
    outside = Client(enforce_csrf_checks=True)
    assert "Stop following" in outside.get(f"/r/{made.reference}/stop?me={me}").content.decode()
    assert Follower.objects.get().ended_at is None

    answer = outside.post(f"/r/{made.reference}/stop?me={me}", {"List-Unsubscribe": "One-Click"})

    assert answer.status_code == 200
    assert Follower.objects.get().ended_at is not None


def test_following_needs_no_account(client: Client) -> None:
    made = make_report()

    wrong = client.post(f"/r/{made.reference}/followers", {"email": "sam"})
    assert wrong.status_code == 422
    assert 'value="sam"' in wrong.content.decode()
    right = client.post(f"/r/{made.reference}/followers", {"email": "sam@example.org"}, follow=True)

    assert "You follow this report" in right.content.decode()
    assert Case.objects.get(pk=made.case_id).followers == 2


@pytest.mark.parametrize("email", ["pat@example.org", "PAT@example.org", "new@example.org"])
def test_whoever_types_an_address_is_not_taken_for_its_owner(client: Client, email: str) -> None:
    """The reporter's own address too: the personal link answers for them, so only their mail brings it."""
    made = make_report()
    base = f"/r/{made.reference}"

    answer = client.post(f"{base}/followers", {"email": email})

    assert "me=" not in answer.headers["Location"]
    assert "Stop following" not in client.get(answer.headers["Location"]).content.decode()


def test_a_joined_report_leads_to_the_one_that_goes_on(client: Client) -> None:
    first, second = make_report(), make_report(key="k2", east=315)
    cases.merge(second.case_id, into_id=first.case_id, by=an_officer(), at=now())

    assert client.get(f"/r/{second.reference}?me=x:y").headers["Location"] == f"/r/{first.reference}?me=x%3Ay"


def test_approved_photos_are_shown_before_and_after(client: Client) -> None:
    made = make_report()
    for purpose, state in (("before", "approved"), ("after", "approved"), ("before", "private")):
        StoredFile.objects.create(
            subject_kind="case",
            subject_id=made.case_id,
            case_id=made.case_id,
            purpose=purpose,
            state=state,
            decided_at=None if state == "private" else now(),
            decided_by="" if state == "private" else "priya",
            content_type="image/jpeg",
            bytes=1,
            sha256="0" * 64,
            storage_name=f"{purpose}-{state}",
            uploaded_by_kind="public",
            created_at=now() + timedelta(seconds=1),
        )

    words = client.get(f"/r/{made.reference}").content.decode()

    assert words.count('<figure class="th-photo">') == 2
    assert ">Before<" in words
    assert ">After<" in words


@pytest.mark.parametrize(("ago", "is_being_closed"), [(UNDO / 2, True), (UNDO, False)])
def test_a_report_closed_with_many_is_being_closed_until_that_cannot_be_undone(
    client: Client, ago: timedelta, is_being_closed: bool
) -> None:
    case = Case.objects.get(reference=make_report().reference)
    Case.objects.filter(pk=case.pk).update(opened_at=now() - timedelta(days=1))
    manager = make_staff("mia", team="street-cleansing", role=Role.TEAM_MANAGER)
    wanted = CleanUp(kind="close", outcome_code=catalogue.service(case.service_code).outcomes[0].code, words="Gone.")

    clean_up([case.pk], wanted, by=manager, at=now() - ago)
    page = client.get(f"/r/{case.reference}").content.decode()
    assert ("Being closed. We can still change this until" in page) is is_being_closed
    if is_being_closed:
        undo(BulkAction.objects.get().pk, by=manager, at=now())
        assert "Being closed" not in client.get(f"/r/{case.reference}").content.decode()


def test_a_personal_link_ends_some_time_after_the_case_and_a_new_one_goes_to_who_follows(client: Client) -> None:
    made = make_report()
    page, me = f"/r/{made.reference}", the_reporter(made.reference)
    finish(made.case_id)
    assert "You follow this report" in client.get(f"{page}?me={me}").content.decode()

    long_ago = now() - LINK_KEPT - timedelta(hours=1)
    Case.objects.filter(pk=made.case_id).update(closed_at=long_ago)
    ended = client.get(f"{page}?me={me}")
    assert ended.status_code == 410
    assert "This personal link has ended" in ended.content.decode()
    assert client.post(f"{page}/reopening", {"me": me, "not_fixed": "Still there"}).status_code == 410
    assert client.get(page).status_code == 200
    assert "Stop following" in client.get(f"{page}/stop?me={me}").content.decode()  # an old mail's button still works

    answers = [client.post(f"{page}/link", {"email": email}) for email in ("PAT@example.org", "other@example.org", "x")]
    assert {answer.headers["Location"] for answer in answers} == {f"{page}?said=link"}
    client.post(f"{page}/link", {"email": "pat@example.org"})
    mail = Message.objects.get(template="case/new_link")
    assert mail.recipient_address == "pat@example.org"
    link = next(word for word in mail.body_text.split() if f"{page}?me=" in word)
    assert "You follow this report" in client.get(link[link.index("/r/") :]).content.decode()


def test_a_new_link_ends_as_well(client: Client) -> None:
    made = make_report()
    finish(made.case_id)
    Case.objects.filter(pk=made.case_id).update(closed_at=now() - 3 * LINK_KEPT)
    links.send_new_link(made.case_id, email="pat@example.org", at=now() - LINK_KEPT - timedelta(hours=1))
    link = next(word for word in Message.objects.get(template="case/new_link").body_text.split() if "?me=" in word)

    assert client.get(link[link.index("/r/") :]).status_code == 410


def test_approved_photos_of_joined_reports_are_on_the_page_of_the_one_that_goes_on(client: Client) -> None:
    first, second = make_report(), make_report(key="k2")
    for number, state in enumerate(("approved", "private")):
        StoredFile.objects.create(
            id=UUID(int=number + 1),
            subject_kind="case",
            subject_id=second.case_id,
            case_id=second.case_id,
            purpose="before",
            content_type="image/webp",
            bytes=1,
            sha256="",
            storage_name=f"theirs-{state}",
            state=state,
            decided_at=now() if state == "approved" else None,
            uploaded_by_kind="public",
            original_name="a.jpg",
            created_at=now(),
        )
    cases.merge(second.case_id, into_id=first.case_id, by=an_officer(), at=now())

    page = client.get(f"/r/{first.reference}").content.decode()

    assert f"/files/{UUID(int=1)}" in page
    assert str(UUID(int=2)) not in page
