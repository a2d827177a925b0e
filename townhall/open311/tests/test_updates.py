"""The update extension, as FixMyStreet uses it."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest

from townhall.accounts import keys
from townhall.accounts.key_operations import create_key
from townhall.accounts.models import Team
from townhall.cases import operations as cases
from townhall.cases.models import Case, CaseContact, ContractorJob, Follower, Note
from townhall.cases.tests.makers import MONDAY, make_case, make_team
from townhall.core.actors import SYSTEM, Actor, ActorKind
from townhall.core.db import fetch_all
from townhall.core.errors import NotAllowed
from townhall.core.time import now
from townhall.open311 import updates
from townhall.open311.tests.asking import KEY, get, made, update

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("council")]
TEAM_KEY = "a-key-of-a-team"


def told(**parameters: str) -> list[tuple[str, str]]:
    rows = get("servicerequestupdates.json", **parameters).json()
    return [(row["status"], row["description"]) for row in rows]


def closed(officer: Actor) -> Case:
    case = made()
    at = now()
    cases.complete(case.pk, outcome_code="cleared", outcome_text="", by=officer, at=at)
    cases.tell(case.pk, by=officer, at=at)
    case.refresh_from_db()
    return case


@pytest.mark.capability("INTG-01")
def test_the_life_of_a_case_is_told_in_order(officer: Actor) -> None:
    case = made()
    at = now()
    cases.accept(case.pk, by=officer, at=at)
    cases.schedule(case.pk, on=at.date() + timedelta(days=3), by=officer, at=at)
    cases.post_update(case.pk, text="The van is on its way", by=officer, at=at)
    cases.complete(case.pk, outcome_code="cleared", outcome_text="Two bags", by=officer, at=at)
    cases.tell(case.pk, by=officer, at=at)

    found = told()

    assert [status for status, _words in found] == ["planned", "action_scheduled", "unchanged", "fixed"]
    assert found[2][1] == "The van is on its way"
    assert found[3][1] == "Cleared. Two bags"
    rows = get("servicerequestupdates.json").json()
    assert {row["service_request_id"] for row in rows} == {case.reference}
    assert len({row["update_id"] for row in rows}) == 4
    assert rows == get("servicerequestupdates.json").json()


def test_a_declined_report_says_why_and_one_that_was_not_fixed_is_closed(officer: Actor) -> None:
    declined, nothing_found = made(), made()
    at = now()
    cases.decline(declined.pk, reason_code="private-land", by=officer, at=at)
    cases.complete(nothing_found.pk, outcome_code="nothing-found", outcome_text="", by=officer, at=at)
    cases.tell(nothing_found.pk, by=officer, at=at)

    assert [status for status, _words in told()] == ["no_further_action", "closed"]
    assert "private land" in told()[0][1]


def test_only_the_window_is_told(officer: Actor) -> None:
    at = now()
    for days in (3, 2, 1):
        case = make_case(at=at - timedelta(days=days))
        cases.accept(case.pk, by=officer, at=at - timedelta(days=days))

    def window(first: float, last: float) -> int:
        dates = {"start_date": at - timedelta(days=first), "end_date": at - timedelta(days=last)}
        return len(told(**{name: date.isoformat() for name, date in dates.items()}))

    assert (window(4, 0), window(2.5, 1.5), window(0.5, 0)) == (3, 1, 0)
    assert get("servicerequestupdates.json", start_date="never").status_code == 400


def test_updates_of_hidden_reports_go_to_the_key_that_made_them(officer: Actor) -> None:
    case = made(also={"attribute[fixmystreet_id]": "99"})
    Case.objects.filter(pk=case.pk).update(is_public=False)
    cases.accept(case.pk, by=officer, at=now())

    assert told() == []
    (row,) = get("servicerequestupdates.json", api_key=KEY).json()
    assert (row["service_request_id"], row["fixmystreet_id"]) == (case.reference, "99")


def test_the_index_the_query_and_the_table_name_the_same_verbs() -> None:
    migration = import_module("townhall.open311.migrations.0001_initial")

    for verb in updates.TOLD:
        assert f"'{verb}'" in migration.VERBS
        assert f"'{verb}'" in updates._UPDATES
    assert migration.VERBS.count("'case.") == len(updates.TOLD)


def test_the_window_is_read_by_an_index() -> None:
    at = now()
    values = {"start": at - timedelta(hours=2), "end": at, "key": "", "most": 1000, "limit": 1000, "skip": 0}
    fetch_all("SELECT set_config('enable_seqscan', 'off', true)")

    plan = "\n".join(row[0] for row in fetch_all(f"EXPLAIN {updates._UPDATES}", values))

    assert "case_news" in plan
    assert "_at_id_idx" in plan or "ledger_entry_told" in plan


@pytest.mark.capability("INTG-01")
def test_words_of_the_public_reach_the_staff_and_not_the_public() -> None:
    case = made()

    answer = update(case.reference, email="jo@example.org", media_url="https://example.org/2.jpg")

    assert answer.status_code == 200, answer.content
    note = case.notes.get()
    assert answer.json() == [{"update_id": str(note.pk), "account_id": None}]
    assert note.kind == Note.Kind.REPLY
    assert note.text == "It is still there\n\nhttps://example.org/2.jpg"
    contact = CaseContact.objects.get(case=case, kind=CaseContact.Kind.MORE).contact
    assert (contact.given_name, contact.given_email) == ("Sam", "jo@example.org")
    assert told() == []


def test_a_repeated_update_is_the_same_update() -> None:
    case = made()

    first, second = (update(case.reference).json() for _ in range(2))

    assert first == second
    assert case.notes.count() == 1


def test_an_answer_to_our_question_goes_on_with_the_case(officer: Actor) -> None:
    case = made()
    cases.ask_customer(case.pk, question="Which side?", by=officer, at=now())

    update(case.reference, description="The north side")

    case.refresh_from_db()
    assert case.state == "awaiting_decision"


@pytest.mark.parametrize("status", ["REOPEN", "OPEN"])
def test_not_fixed_opens_it_again(officer: Actor, status: str) -> None:
    case = closed(officer)

    assert update(case.reference, status=status).status_code == 200

    case.refresh_from_db()
    assert case.state == "accepted"
    assert told()[-1] == ("open", "This is open again.")


@pytest.mark.parametrize(
    "fields",
    [
        {"status": "CLOSED"},
        {"status": "FIXED"},
        {"status": "SOMETHING_NEW"},
        {"status": "REOPEN", "updated_datetime": "2020-01-01T00:00:00Z"},
    ],
)
def test_other_and_older_updates_leave_it_closed(officer: Actor, fields: dict[str, str]) -> None:
    case = closed(officer)

    assert update(case.reference, **fields).status_code == 200

    case.refresh_from_db()
    assert case.state == "closed"
    assert case.notes.filter(kind="reply").count() == 1


def test_the_public_cannot_close_a_case() -> None:
    case = made()

    update(case.reference, status="FIXED", description="Somebody took it away")

    case.refresh_from_db()
    assert case.state == "awaiting_decision"


def test_an_update_without_words_or_a_change_is_left_out() -> None:
    case = made()

    answer = update(case.reference, description="")

    assert answer.json()[0]["update_id"] == "1"
    assert not case.notes.exists()


def test_alerts_are_sent_to_who_asks_for_them() -> None:
    case = made()

    update(case.reference, email="jo@example.org", email_alerts_requested="TRUE")

    assert Follower.objects.filter(case=case, email="jo@example.org").exists()


def test_words_about_a_joined_report_go_to_the_one_that_goes_on(officer: Actor) -> None:
    first, second = made(), made()
    cases.merge(second.pk, into_id=first.pk, by=officer, at=now())

    update(second.reference)

    assert first.notes.count() == 1


def test_a_key_says_nothing_about_reports_that_others_made() -> None:
    create_key(name="Another site", scopes=["open311.write"], by=SYSTEM, at=MONDAY, key="another-key")
    keys.forget()
    theirs, on_the_web = made(), make_case(at=now())

    for reference in (theirs.reference, on_the_web.reference):
        answer = update(reference, api_key="another-key", email="jo@example.org", email_alerts_requested="TRUE")
        assert answer.status_code == 404

    assert not Note.objects.exists()
    assert not Follower.objects.filter(email="jo@example.org").exists()


def test_the_key_of_a_team_moves_cases_by_updates_alone(officer: Actor) -> None:
    team = make_team("street-cleansing")
    made_key = create_key(name="Depot", scopes=["open311.write"], by=SYSTEM, at=MONDAY, key=TEAM_KEY, team_id=team.pk)
    keys.forget()
    case = make_case(at=now())
    by = Actor(
        kind=ActorKind.CONNECTOR, id=str(made_key), teams=frozenset({team.pk}), scopes=frozenset({"open311.write"})
    )
    with pytest.raises(NotAllowed):
        cases.accept(case.pk, by=by, at=now())
    with pytest.raises(NotAllowed):
        cases.decline(case.pk, reason_code="private-land", by=by, at=now())

    update(case.reference, api_key=TEAM_KEY, status="IN_PROGRESS", description="")

    case.refresh_from_db()
    assert case.state == "accepted"


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"api_key": None}, 403),
        ({"service_request_id": None}, 400),
        ({"service_request_id": "nothing"}, 404),
        ({"service_request_id": "TH-1111-1111"}, 404),
        ({"update_id": None}, 400),
        ({"status": None}, 400),
        ({"updated_datetime": None}, 400),
        ({"updated_datetime": "yesterday"}, 400),
        ({"description": "x" * 4001}, 400),
        ({"jurisdiction_id": "elsewhere"}, 404),
    ],
)
def test_what_is_wrong_with_an_update(fields: dict[str, Any], status: int) -> None:
    case = made()

    answer = update(case.reference, **fields)

    assert (answer.status_code, answer.json()[0]["code"]) == (status, status)
    assert not case.notes.exists()


@pytest.fixture
def job(council: None, officer: Actor) -> ContractorJob:
    """A case that a contractor was sent, and the contractor's key."""
    team = make_team("clean-streets", kind=Team.Kind.CONTRACTOR)
    create_key(name="Clean Streets", scopes=["open311.write"], by=SYSTEM, at=MONDAY, key=TEAM_KEY, team_id=team.pk)
    keys.forget()
    case = made()
    return cases.send_to_contractor(
        case.pk, team_id=team.pk, contract_ref="C-1", obligations="Clear it", days=5, by=officer, at=now()
    )


@pytest.mark.capability("CASE-12")
def test_a_contractors_system_tells_progress_and_the_end(job: ContractorJob) -> None:
    reference = job.case.reference
    update(reference, api_key=TEAM_KEY, status="IN_PROGRESS", description="We have started")
    repeated = update(reference, api_key=TEAM_KEY, status="IN_PROGRESS", description="We have started")
    assert repeated.status_code == 200
    assert ("unchanged", "We have started") in told()

    for _twice in range(2):
        answer = update(reference, api_key=TEAM_KEY, status="CLOSED", description="Taken away", update_id="2")
        assert answer.status_code == 200

    job.refresh_from_db()
    assert (job.state, job.case.state, job.case.outcome_code) == ("done", "done", "cleared")


@pytest.mark.capability("CASE-12")
def test_a_contractors_system_gives_a_job_back(job: ContractorJob) -> None:
    update(job.case.reference, api_key=TEAM_KEY, status="NO_FURTHER_ACTION", description="Behind a locked gate")

    job.refresh_from_db()
    assert (job.state, job.refusal) == ("refused", "Behind a locked gate")
