from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from townhall.accounts.models import Role
from townhall.cases import operations as cases
from townhall.cases.models import Case
from townhall.cases.operations.telling import sign_follower
from townhall.cases.tests.makers import make_case, make_staff
from townhall.clocks.models import ClockKind
from townhall.connectors import operations as connectors
from townhall.connectors.models import Delivery
from townhall.contacts.seeds import seed_reference_data
from townhall.core.errors import NotAllowed
from townhall.core.refreshing import forget_all
from townhall.core.time import now
from townhall.files.models import StoredFile
from townhall.files.operations import store
from townhall.files.tests.makers import picture, upload
from townhall.ledger.operations import record
from townhall.notifications.models import Message
from townhall.workspace.tests.conftest import signed_in_as
from townhall.workspace.views.case import CLOCK_WORDS


@pytest.mark.capability("CASE-02")
def test_the_page_names_the_service_the_doer_and_the_teller(officer: Client) -> None:
    case = make_case(at=now())

    page = officer.get(f"/work/cases/{case.reference}").content.decode()

    assert "Old sofa on the verge" in page
    for words in ("Accountable service", "Does the work", "Street Cleansing", "Tells the customer"):
        assert words in page
    assert "Street Cleansing Duty" in page


def test_the_reporters_own_words_of_the_place_stand_beside_the_address(officer: Client) -> None:
    case = make_case(at=now(), place_words="Behind the bus shelter")

    page = officer.get(f"/work/cases/{case.reference}").content.decode()

    assert "Harbour Row" in page
    assert page.count("“Behind the bus shelter”") == 2  # under the heading, and under "Where"


def test_moves_that_are_not_allowed_say_why(officer: Client) -> None:
    case = make_case(at=now())

    page = officer.get(f"/work/cases/{case.reference}").content.decode()

    assert f'href="/work/cases/{case.reference}/accept"' in page
    assert f'href="/work/cases/{case.reference}/tell"' not in page
    assert "Only accepted work can be given a date. Accept it first." in page


def test_somebody_who_only_looks_is_told_that_the_team_decides() -> None:
    case = make_case(at=now())
    officer = make_staff("olive", team="street-cleansing", role=Role.OFFICER)
    cases.add_staff_note(case.pk, text="She is frail and lives alone.", by=officer, at=now())
    auditor = signed_in_as("aud", team="corporate", role=Role.AUDITOR)

    page = auditor.get(f"/work/cases/{case.reference}").content.decode()

    assert "Only these roles may accept a case" in page
    assert "Your post does not see who they are." in page
    assert "sam@example.org" not in page
    assert "She is frail" not in page
    assert "Your post does not see what was written to them." in page
    assert Message.objects.filter(case_id=case.pk).exists()
    for told in Message.objects.filter(case_id=case.pk):
        assert told.body_text.splitlines()[0] not in page
        assert told.recipient_name not in page
    assert auditor.post(f"/work/cases/{case.reference}/accept").status_code == 403


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.DATA_PROTECTION_OFFICER])
def test_somebody_who_only_looks_adds_no_note(role: Role) -> None:
    case = make_case(at=now())
    looking = signed_in_as("aud", team="corporate", role=role)

    assert "Only these roles may add notes to a case" in looking.get(f"/work/cases/{case.reference}").content.decode()
    assert looking.post(f"/work/cases/{case.reference}/note", {"text": "I was here"}).status_code == 403
    assert not case.notes.exists()
    with pytest.raises(NotAllowed):
        cases.add_staff_note(case.pk, text="I was here", by=make_staff("aud", team="corporate", role=role), at=now())


def buttons(client: Client, case: Case) -> list[tuple[str, str]]:
    """The moves offered as buttons, in their order."""
    page = client.get(f"/work/cases/{case.reference}").content.decode()
    return re.findall(r'class="govuk-button([^"]*) ws-move".*?>([^<]+)</a>', page)


def test_the_move_that_is_expected_next_is_the_main_button(officer: Client) -> None:
    case = make_case(at=now())
    by = make_staff("olu", team="street-cleansing", role=Role.OFFICER)
    quiet = " govuk-button--secondary"

    assert buttons(officer, case) == [("", "Accept"), (quiet, "Decline")]
    cases.accept(case.pk, by=by, at=now())
    assert buttons(officer, case) == [("", "End the work")]
    cases.complete(case.pk, outcome_code="cleared", outcome_text="", by=by, at=now())
    assert buttons(officer, case) == [("", "Tell the customer and close")]
    assert (
        f'href="/work/cases/{case.reference}/reopen"' in officer.get(f"/work/cases/{case.reference}").content.decode()
    )


def test_links_that_came_with_an_open311_report_are_plain_outside_links(officer: Client) -> None:
    seed_reference_data()
    forget_all()
    case = make_case(at=now(), channel="api")
    case.attributes = {"media_url": ["https://photos.example.org/a.jpg", "javascript:alert(1)"]}
    case.save(update_fields=["attributes"])

    page = officer.get(f"/work/cases/{case.reference}").content.decode()

    assert '<a class="govuk-link" href="https://photos.example.org/a.jpg" rel="noreferrer">' in page
    assert "javascript:alert" not in page
    assert "media url" not in page
    assert "No photo was sent" not in page
    assert "<dt>Came by</dt><dd>Another system, " in page


@pytest.mark.capability("GOVN-03")
def test_every_view_of_a_case_is_written_down(officer: Client) -> None:
    case = make_case(at=now())

    officer.get(f"/work/cases/{case.reference}")

    with connection.cursor() as cursor:
        cursor.execute("SELECT page, actor_id FROM ledger_look WHERE case_id = %s", [case.pk])
        ((page, who),) = cursor.fetchall()
    by = make_staff("olu", team="street-cleansing", role=Role.OFFICER)
    assert (page, who) == ("workspace.case", by.id)


def test_a_case_page_costs_the_same_however_much_happened(officer: Client) -> None:
    case = make_case(at=now())
    officer.get(f"/work/cases/{case.reference}")
    with CaptureQueriesContext(connection) as before:
        officer.get(f"/work/cases/{case.reference}")
    by = make_staff("olu", team="street-cleansing", role=Role.OFFICER)
    cases.accept(case.pk, by=by, at=now())
    for number in range(12):
        cases.add_staff_note(case.pk, text=f"Note {number}", by=by, at=now())
    with CaptureQueriesContext(connection) as after:
        page = officer.get(f"/work/cases/{case.reference}").content.decode()

    assert "Note 11" in page
    assert len(before) == len(after)
    assert len(after) <= 9


def test_the_page_tells_who_else_has_the_case_open(officer: Client) -> None:
    case = make_case(at=now())
    colleague = signed_in_as("ben", team="street-cleansing", role=Role.OFFICER)

    colleague.get(f"/work/cases/{case.reference}")
    assert "Ben has this case open" in officer.get(f"/work/cases/{case.reference}").content.decode()
    colleague.get(f"/work/cases/{case.reference}/accept")
    heard = officer.post(f"/work/cases/{case.reference}/presence", {"doing": "viewing"})

    assert "Ben is editing this case" in heard.content.decode()
    assert "Olu" not in heard.content.decode()


@pytest.mark.capability("REPT-04")
def test_a_photo_is_public_only_once_it_is_approved(officer: Client) -> None:
    case = make_case(at=now())
    by = make_staff("olu", team="street-cleansing", role=Role.OFFICER)
    photo = store(upload("sofa.jpg", picture()), about=case.subject, purpose="before", by=by, at=now(), case_id=case.pk)
    assert Client().get(f"/files/{photo.pk}").status_code == 404

    officer.post(f"/work/cases/{case.reference}/photos/{photo.pk}", {"decision": "approve"})
    assert Client().get(f"/files/{photo.pk}").status_code == 200
    officer.post(f"/work/cases/{case.reference}/photos/{photo.pk}", {"decision": "reject"})

    assert StoredFile.objects.get(pk=photo.pk).state == "rejected"
    assert Client().get(f"/files/{photo.pk}").status_code == 404


def test_a_photo_of_another_case_cannot_be_approved_from_here(officer: Client) -> None:
    case, other = make_case(at=now()), make_case("pothole", at=now())
    by = make_staff("hal", team="highways", role=Role.OFFICER)
    photo = store(upload("a.jpg", picture()), about=other.subject, purpose="before", by=by, at=now(), case_id=other.pk)

    answer = officer.post(f"/work/cases/{case.reference}/photos/{photo.pk}", {"decision": "approve"})

    assert answer.status_code == 404
    assert StoredFile.objects.get(pk=photo.pk).state == "private"


def test_staff_never_see_the_token_by_which_a_customer_answers(officer: Client) -> None:
    case = make_case(at=now())
    token = sign_follower(case.follower_rows.get().pk)

    page = officer.get(f"/work/cases/{case.reference}").content.decode()
    preview = officer.post(f"/work/cases/{case.reference}/accept", {"preview": "1"}).content.decode()

    assert "We have your report" in page
    assert token not in page
    assert token not in preview


def test_a_message_is_shown_without_the_marks_of_bold(officer: Client) -> None:
    case = make_case(at=now())
    Message.objects.filter(case_id=case.pk).update(body_text="We come by **5 May**.\n\nAll **two\nlines** stay.")

    page = officer.get(f"/work/cases/{case.reference}").content.decode()

    assert "We come by 5 May." in page
    assert "All **two" in page


def test_what_is_reported_near_by_is_listed_with_the_likely_ones_marked(officer: Client) -> None:
    first = make_case(at=now() - timedelta(hours=2))
    second = make_case(at=now())

    page = officer.get(f"/work/cases/{second.reference}/nearby").content.decode()

    assert first.reference in page
    assert "May be the same" in page


def test_the_later_report_is_offered_to_be_joined_to_the_earlier(officer: Client) -> None:
    first = make_case(at=now() - timedelta(hours=2))
    second = make_case(at=now())
    into = "/work/cases/{}/merge?into={}".format

    from_second = officer.get(f"/work/cases/{second.reference}/nearby").content.decode()
    assert into(second.reference, first.reference) in from_second
    assert "reported earlier, on" in from_second
    from_first = officer.get(f"/work/cases/{first.reference}/nearby").content.decode()
    assert into(second.reference, first.reference) in from_first
    assert into(first.reference, second.reference) not in from_first
    assert "reported later, on" in from_first
    assert (
        f"Join {second.reference} to this one instead"
        in officer.get(f"/work/cases/{first.reference}/merge").content.decode()
    )

    Case.objects.filter(pk=second.pk).update(followers=4)  # fewer people hear of another reference
    assert (
        into(first.reference, second.reference) in officer.get(f"/work/cases/{first.reference}/nearby").content.decode()
    )


def test_a_closed_report_is_not_offered_to_be_joined(officer: Client) -> None:
    first = make_case(at=now() - timedelta(hours=2))
    second = make_case(at=now())
    by = make_staff("olu", team="street-cleansing", role=Role.OFFICER)
    cases.complete(first.pk, outcome_code="cleared", outcome_text="", by=by, at=now())
    cases.tell(first.pk, by=by, at=now())

    page = officer.get(f"/work/cases/{second.reference}/nearby").content.decode()

    assert first.reference in page
    assert "merge?into=" not in page
    assert f"Choose {first.reference}" not in officer.get(f"/work/cases/{second.reference}/merge").content.decode()


def test_every_kind_of_clock_of_a_case_has_words() -> None:
    kinds = set(ClockKind.objects.filter(code__startswith="case.").values_list("code", flat=True))

    assert kinds - {"case.promise"} | {"mail.reply"} == set(CLOCK_WORDS)


def test_after_the_work_ended_the_page_says_until_when_the_customer_is_told(officer: Client) -> None:
    case = make_case(at=now())
    by = make_staff("olu", team="street-cleansing", role=Role.OFFICER)
    cases.complete(case.pk, outcome_code="cleared", outcome_text="", by=by, at=now())

    page = officer.get(f"/work/cases/{case.reference}").content.decode()

    assert "Customer to be told by" in page
    assert "case.telling" not in page


def test_what_joined_reports_say_and_show_is_on_the_case_that_goes_on(officer: Client) -> None:
    first, second, third = make_case(at=now()), make_case(at=now(), description="A mattress too"), make_case(at=now())
    by = make_staff("olu", team="street-cleansing", role=Role.OFFICER)
    photo = store(
        upload("bed.jpg", picture()), about=second.subject, purpose="before", by=by, at=now(), case_id=second.pk
    )
    cases.merge(second.pk, into_id=third.pk, by=by, at=now())
    cases.merge(third.pk, into_id=first.pk, by=by, at=now())

    page = officer.get(f"/work/cases/{first.reference}").content.decode()
    joined = page.partition('id="joined"')[2].partition("</section>")[0]
    assert {second.reference, third.reference} <= set(re.findall(r"TH-[0-9A-Z]{4}-[0-9A-Z]{4}", joined))
    assert "A mattress too" in joined
    assert f"/work/cases/{first.reference}/photos/{photo.pk}" in joined
    officer.post(f"/work/cases/{first.reference}/photos/{photo.pk}", {"decision": "approve"})

    assert StoredFile.objects.get(pk=photo.pk).state == "approved"


def test_a_job_that_another_system_may_still_have_is_pointed_out_until_they_say_it_is_closed(officer: Client) -> None:
    case = make_case(at=now())
    by = make_staff("olu", team="street-cleansing", role=Role.OFFICER)
    connectors.deliver("waste", kind="job", payload={}, about=case.subject, key="one", at=now(), case_id=case.pk)
    Delivery.objects.update(state="sent", external_id="WA-1")
    cases.complete(case.pk, outcome_code="cleared", outcome_text="", by=by, at=now())
    cases.tell(case.pk, by=by, at=now())

    asked = officer.get(f"/work/cases/{case.reference}").content.decode()
    assert "They have not said that it is closed with them" in asked
    record(
        "case.back_office_said",
        about=case.subject,
        by=by,
        at=now(),
        case_id=case.pk,
        data={"status": "completed", "source": "waste"},
    )

    page = officer.get(f"/work/cases/{case.reference}").content.decode()
    assert "their number WA-1, closed with them" in page
    assert "They have not said" not in page


def test_a_job_that_was_called_off_is_said_to_be(officer: Client) -> None:
    case = make_case(at=now())
    by = make_staff("olu", team="street-cleansing", role=Role.OFFICER)
    connectors.deliver("waste", kind="job", payload={}, about=case.subject, key="one", at=now(), case_id=case.pk)
    cases.withdraw(case.pk, by=by, at=now())

    page = officer.get(f"/work/cases/{case.reference}").content.decode()

    assert "waste (called off): waiting to be sent" in page
    assert "Called off with the other system" in page
    assert "They have not said" not in page
