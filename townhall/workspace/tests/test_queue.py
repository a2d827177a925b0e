from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from townhall.accounts.models import Role, Team
from townhall.cases import operations as cases
from townhall.cases.models import Case
from townhall.cases.tests.makers import make_case, make_staff, make_team
from townhall.core.actors import PUBLIC
from townhall.core.time import now
from townhall.workspace import counting
from townhall.workspace.tests.conftest import signed_in_as

REFERENCE = re.compile(r"TH-[0-9A-Z]{4}-[0-9A-Z]{4}")


def shown(answer: Any) -> list[str]:
    """The references on a page, in the order of the table."""
    return list(dict.fromkeys(REFERENCE.findall(answer.content.decode().partition("<tbody")[2])))


def test_a_team_sees_its_open_cases_with_the_soonest_promise_first(officer: Client) -> None:
    late = make_case(at=now() - timedelta(days=20))
    fresh = make_case(at=now())
    others = make_case("pothole", at=now())

    answer = officer.get("/work/")

    assert shown(answer) == [late.reference, fresh.reference]
    assert others.reference not in answer.content.decode()
    assert "days late" in answer.content.decode()


def test_filters_and_their_numbers_agree(officer: Client) -> None:
    by = make_staff("olu", team="street-cleansing", role=Role.OFFICER)
    waiting, accepted = make_case(at=now()), make_case(at=now())
    cases.accept(accepted.pk, by=by, at=now())
    cases.take(accepted.pk, post_id=next(iter(by.posts)), by=by, at=now())
    counting._counted.forget()

    assert shown(officer.get("/work/?state=accepted")) == [accepted.reference]
    assert shown(officer.get("/work/?whose=mine")) == [accepted.reference]
    assert shown(officer.get("/work/?whose=unassigned")) == [waiting.reference]
    assert shown(officer.get("/work/?late=1")) == []
    page = officer.get("/work/").content.decode()
    assert "Taken by me (1)" in page
    assert "Taken by nobody (1)" in page
    assert "Past the promised date (0)" in page


@pytest.mark.capability("CASE-12")
def test_what_a_team_sent_to_a_contractor_stands_in_a_list_of_its_own(officer: Client) -> None:
    by = make_staff("olu", team="street-cleansing", role=Role.OFFICER)
    here, out, over = make_case(at=now()), make_case(at=now()), make_case(at=now())
    contractor = make_team("cleaners", kind=Team.Kind.CONTRACTOR)
    for case in (out, over):
        cases.send_to_contractor(
            case.pk, team_id=contractor.pk, contract_ref="C1", obligations="Do it", days=2, by=by, at=now()
        )
    cases.cancel_job(over.pk, by=by, at=now())
    counting._counted.forget()

    queue = officer.get("/work/")
    sent_out = officer.get("/work/?whose=contractor")

    assert set(shown(queue)) == {here.reference, over.reference}
    assert "With a contractor (1)" in queue.content.decode()
    assert shown(sent_out) == [out.reference]
    assert "Cleaners" in sent_out.content.decode()
    assert "1 open case<" in sent_out.content.decode()
    assert shown(officer.get("/work/?whose=contractor&state=done")) == []


def test_pages_go_on_and_come_back_without_losing_or_repeating_a_case(officer: Client) -> None:
    made = {make_case(at=now() - timedelta(minutes=number)).reference for number in range(60)}

    first = officer.get("/work/")
    second = officer.get(_link(first, "next"))
    third = officer.get(_link(second, "next"))
    back = officer.get(_link(third, "prev"))

    assert [len(shown(one)) for one in (first, second, third)] == [25, 25, 10]
    assert {*shown(first), *shown(second), *shown(third)} == made
    assert shown(back) == shown(second)
    assert shown(officer.get(_link(back, "prev"))) == shown(first)
    assert 'rel="prev"' not in first.content.decode()
    assert 'rel="next"' not in third.content.decode()


def _link(answer: Any, rel: str) -> str:
    found = re.search(rf'rel="{rel}" href="([^"]+)"', answer.content.decode())
    assert found is not None
    return found[1].replace("&amp;", "&")


def test_a_cursor_that_was_tampered_with_shows_the_first_page(officer: Client) -> None:
    case = make_case(at=now())

    assert shown(officer.get("/work/?after=nonsense")) == [case.reference]
    assert shown(officer.get("/work/?state=unheard-of&before=%00")) == [case.reference]


def test_a_queue_page_costs_the_same_whatever_waits(officer: Client) -> None:
    make_case(at=now())
    officer.get("/work/")
    few = _queries(officer)
    for _number in range(30):
        make_case(at=now())
    many = _queries(officer)

    assert few == many
    assert many <= 5  # session, person, rows, offers waiting


def _queries(client: Client) -> int:
    with CaptureQueriesContext(connection) as asked:
        client.get("/work/")
    return len(asked)


def test_a_case_is_found_by_its_reference_however_it_is_typed(officer: Client) -> None:
    case = make_case(at=now())

    assert officer.get("/work/find", {"reference": case.reference.lower().replace("-", " ")})["Location"] == (
        f"/work/cases/{case.reference}"
    )
    lost = officer.get("/work/find", {"reference": "TH-0000-0000"}, follow=True)
    assert "There is no case with the reference" in lost.content.decode()


def test_another_teams_case_is_not_there_for_an_officer() -> None:
    case = make_case(at=now())
    stranger = signed_in_as("hal", team="highways", role=Role.OFFICER)

    assert stranger.get(f"/work/cases/{case.reference}").status_code == 404
    assert case.reference not in stranger.get("/work/").content.decode()


def test_an_adviser_sees_every_teams_queue_and_may_choose_one() -> None:
    mine, theirs = make_case(at=now()), make_case("pothole", at=now())
    adviser = signed_in_as("ada", team="customer-services", role=Role.ADVISER)

    assert set(shown(adviser.get("/work/"))) == {mine.reference, theirs.reference}
    assert shown(adviser.get("/work/?team=highways")) == [theirs.reference]


def test_an_offer_is_counted_in_the_header_and_listed() -> None:
    case = make_case(at=now())
    by = make_staff("olu", team="street-cleansing", role=Role.OFFICER)
    other = signed_in_as("hal", team="highways", role=Role.OFFICER)
    cases.offer(case.pk, to_team_id=make_team("highways").pk, note="On the carriageway", by=by, at=now())

    page = other.get("/work/offers").content.decode()

    assert "Offers (1)" in page
    assert case.reference in page
    assert "On the carriageway" in page


def test_nobody_without_a_sign_in_sees_a_queue_and_a_contractor_is_refused() -> None:
    assert Client().get("/work/")["Location"].startswith("/staff/sign-in")
    assert signed_in_as("con", team="firm", role=Role.CONTRACTOR).get("/work/")["Location"] == "/contractor/"


def test_an_empty_queue_says_so(officer: Client) -> None:
    assert Case.objects.count() == 0
    assert "No case is waiting here" in officer.get("/work/").content.decode()


def test_what_was_opened_again_and_what_is_chased_stands_out(officer: Client) -> None:
    case = make_case(at=now())
    by = make_staff("olu", team="street-cleansing", role=Role.OFFICER)
    cases.complete(case.pk, outcome_code="cleared", outcome_text="", by=by, at=now())
    cases.tell(case.pk, by=by, at=now())
    cases.not_fixed(case.pk, text="Still there", by=PUBLIC, at=now(), is_reporter=True)
    contact = case.contacts.get().contact_id
    cases.chase(case.pk, contact_id=contact, by=by, at=now())

    page = officer.get("/work/").content.decode()

    assert "Opened again</strong>" in page
    assert "Chased once</strong>" in page
    shown = officer.get(f"/work/cases/{case.reference}").content.decode()
    assert "Opened again</strong>" in shown


def test_work_opened_again_before_the_customer_was_told_stands_out_too(officer: Client) -> None:
    by = make_staff("olu", team="street-cleansing", role=Role.OFFICER)
    again, told = make_case(at=now() - timedelta(hours=3)), make_case(at=now() - timedelta(hours=3))
    for case in (again, told):
        cases.complete(case.pk, outcome_code="cleared", outcome_text="", by=by, at=now() - timedelta(hours=2))
    assert "Opened again" not in officer.get("/work/").content.decode()

    cases.reopen(again.pk, reason="It is still there", by=by, at=now() - timedelta(hours=1))

    page = officer.get("/work/").content.decode()
    assert page.count("Opened again") == 1
    assert "Opened again" in page.partition(again.reference)[2].partition("</tr>")[0]
