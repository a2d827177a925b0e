from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from townhall.accounts.models import Role
from townhall.cases import operations as cases
from townhall.cases.models import BulkAction, Case, Escalation, Mismatch
from townhall.cases.operations.chasing import escalate
from townhall.cases.operations.cleaning import CleanUp, clean_up, undo
from townhall.cases.states import State
from townhall.cases.tests.makers import make_case, make_post, make_staff, make_team
from townhall.core.refreshing import forget_all
from townhall.core.time import now
from townhall.notifications.models import Message
from townhall.workspace.tests.conftest import signed_in_as


@pytest.fixture
def manager() -> Client:
    return signed_in_as("sade", team="street-cleansing", role=Role.TEAM_MANAGER)


def test_what_was_raised_to_a_post_is_seen_by_whoever_holds_it(manager: Client) -> None:
    case = make_case(at=now())
    post = make_post("street-cleansing-team_manager", team="street-cleansing", role=Role.TEAM_MANAGER)
    forget_all()
    escalate(case, to_post_id=post.pk, reason=Escalation.Reason.CHASERS_MANAGER, at=now())
    raised = Escalation.objects.get()
    other = signed_in_as("moira", team="customer-services", role=Role.TEAM_MANAGER)

    page = manager.get("/work/exceptions").content.decode()
    assert case.reference in page
    assert "The customer has chased" in page
    assert other.post(f"/work/exceptions/{raised.pk}/seen").status_code == 404
    manager.post(f"/work/exceptions/{raised.pk}/seen")

    raised.refresh_from_db()
    assert raised.seen_at is not None


@pytest.mark.capability("CASE-09")
def test_a_case_past_its_limit_without_a_decision_is_an_exception(manager: Client) -> None:
    old, young = make_case(at=now() - timedelta(days=61)), make_case(at=now() - timedelta(days=50))
    elsewhere = make_case("pothole", at=now() - timedelta(days=61))

    page = manager.get("/work/exceptions").content.decode()
    everything = manager.get("/work/exceptions?all").content.decode()

    assert old.reference in page
    assert young.reference not in page
    assert elsewhere.reference not in page
    assert elsewhere.reference in everything


@pytest.mark.capability("CASE-03")
def test_cases_passed_on_more_than_a_number_of_times_are_counted(manager: Client) -> None:
    case = make_case(at=now())
    make_case(at=now())
    ours = make_staff("olu", team="street-cleansing", role=Role.OFFICER)
    theirs = make_staff("hal", team="highways", role=Role.OFFICER)
    for _times in range(2):
        offer = cases.offer(case.pk, to_team_id=make_team("highways").pk, note="", by=ours, at=now())
        cases.return_offer(offer.pk, reason="Not ours", by=theirs, at=now())

    found = manager.get("/work/exceptions/passed?more_than=1").content.decode()
    none = manager.get("/work/exceptions/passed?more_than=2").content.decode()

    assert "1 case passed on more than once" in found
    assert case.reference in found
    assert "No case was passed on that often" in none


def test_an_offer_that_nobody_answered_in_time_is_an_exception(manager: Client) -> None:
    case = make_case(at=now() - timedelta(days=5))
    ours = make_staff("olu", team="street-cleansing", role=Role.OFFICER)
    cases.offer(case.pk, to_team_id=make_team("highways").pk, note="", by=ours, at=now() - timedelta(days=4))

    page = manager.get("/work/exceptions").content.decode()

    assert "Street Cleansing to Highways" in page


def test_the_exceptions_cost_the_same_however_many_there_are(manager: Client) -> None:
    make_case(at=now() - timedelta(days=61))
    manager.get("/work/exceptions")
    with CaptureQueriesContext(connection) as few:
        manager.get("/work/exceptions")
    for _number in range(10):
        make_case(at=now() - timedelta(days=61))
    with CaptureQueriesContext(connection) as many:
        manager.get("/work/exceptions")

    assert len(few) == len(many)


def test_a_portfolio_holder_reads_the_list_and_opens_no_case() -> None:
    case = make_case(at=now() - timedelta(days=31))
    member = signed_in_as("joan", team="members", role=Role.PORTFOLIO_HOLDER)

    page = member.get("/work/exceptions/ageing").content.decode()

    assert case.reference in page
    assert f"/work/cases/{case.reference}" not in page
    assert member.get(f"/work/cases/{case.reference}").status_code == 403
    assert member.get("/work/exceptions/clean-up").status_code == 403


@pytest.mark.capability("CASE-08")
def test_an_old_backlog_is_closed_with_a_preview_and_put_back_before_anybody_is_told(manager: Client) -> None:
    old = [make_case(at=now() - timedelta(days=40)) for _number in range(3)]
    given = {
        "kind": "close",
        "outcome_code": "cleared",
        "words": "We have been there since",
        "case": [case.reference for case in old[:2]],
    }

    preview = manager.post("/work/exceptions/clean-up", given).content.decode()
    assert "What would happen to 2 cases" in preview
    assert "2 messages would be sent" in preview
    assert "2 customers: “Done”, by email" in preview
    assert "We have been there since" in preview
    assert not BulkAction.objects.exists()
    manager.post("/work/exceptions/clean-up", {**given, "go": "1"})
    action = BulkAction.objects.get()
    assert _states(old) == [State.CLOSED, State.CLOSED, State.AWAITING_DECISION]
    manager.post(f"/work/exceptions/clean-up/{action.pk}/undo")

    assert _states(old) == [State.AWAITING_DECISION] * 3
    told = Message.objects.filter(template="case/done").values_list("state", flat=True)
    assert set(told) == {"withdrawn"}


@pytest.mark.capability("CASE-08")
def test_the_outcomes_offered_are_those_that_the_chosen_cases_share(manager: Client) -> None:
    rubbish, hole = make_case(at=now() - timedelta(days=40)), make_case("pothole", at=now() - timedelta(days=40))
    path, choose = "/work/exceptions/clean-up?all", {"kind": "close", "choose": "1"}

    assert "Cleared" not in manager.get(path).content.decode()
    one = manager.post(path, {**choose, "case": [rubbish.reference]}).content.decode()
    assert "Cleared" in one
    assert "Repaired" not in one
    both = manager.post(path, {**choose, "case": [rubbish.reference, hole.reference]}).content.decode()
    assert "These cases have no outcome in common" in both
    assert "Select at least one case" in manager.post(path, choose).content.decode()
    assert not BulkAction.objects.exists()


def test_closing_many_needs_words_and_an_outcome(manager: Client) -> None:
    case = make_case(at=now() - timedelta(days=40))

    answer = manager.post("/work/exceptions/clean-up", {"kind": "close", "case": [case.reference]})

    assert answer.status_code == 422
    assert "Enter what the customers are told" in answer.content.decode()
    assert f'value="{case.reference}" checked' in answer.content.decode()


def _states(found: list[Case]) -> list[str]:
    for case in found:
        case.refresh_from_db()
    return [case.state for case in found]


def test_a_case_open_here_and_finished_there_is_listed(manager: Client) -> None:
    case, settled = make_case(at=now()), make_case(at=now())
    for one, over in ((case, None), (settled, now())):
        Mismatch.objects.create(
            case=one,
            target="works",
            external_id=f"W-{one.reference}",
            reason=Mismatch.Reason.OPEN_HERE,
            found_at=now(),
            seen_at=now(),
            settled_at=over,
        )

    page = manager.get("/work/exceptions/pairs").content.decode()

    assert case.reference in page
    assert "Open here, finished there" in page
    assert settled.reference not in page


def test_the_number_of_late_cases_is_that_of_the_list_its_link_opens() -> None:
    """Also for a manager whose own team does no cases: the queue alone would show them every team's."""
    make_case(at=now() - timedelta(days=60))
    forget_all()
    for team in ("street-cleansing", "customer-services"):
        manager = signed_in_as(f"boss-{team}", team=team, role=Role.TEAM_MANAGER)
        page = manager.get("/work/exceptions").content.decode()
        number, link = re.findall(
            r'ws-figure">(\d+)</span> <a class="govuk-link" href="(/work/[^"]*late=1[^"]*)"', page
        )[0]
        listed = manager.get(link.replace("&amp;", "&")).content.decode().partition("<tbody")[2]
        assert len(set(re.findall(r"TH-[0-9A-Z]{4}-[0-9A-Z]{4}", listed))) == int(number)


def test_the_team_filter_says_what_the_queue_shows() -> None:
    make_case(at=now())
    forget_all()
    adviser = signed_in_as("ana", team="customer-services", role=Role.ADVISER)

    page = adviser.get("/work/").content.decode()

    assert re.search(r'<option value="all"[^>]*selected', page)
    assert "TH-" in page.partition("<tbody")[2]


def test_the_history_of_a_clean_up_that_was_undone_never_says_that_the_customer_was_told(manager: Client) -> None:
    case = make_case(at=now() - timedelta(days=60))
    by = make_staff("sade", team="street-cleansing", role=Role.TEAM_MANAGER)
    wanted = CleanUp(kind="close", words="Gone", outcome_code="cleared")
    action = clean_up([case.pk], wanted, by=by, at=now())
    undo(action.pk, by=by, at=now())

    page = manager.get(f"/work/cases/{case.reference}").content.decode()

    assert "Customer told, closed" not in page
    assert "Undone: nobody was told" in page
    assert "Opened again" not in manager.get("/work/").content.decode()
