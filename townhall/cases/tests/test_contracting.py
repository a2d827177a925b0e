"""Work sent to a contractor (CASE-12): contract, due date, obligations; progress that the customer sees as if done in-house."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from townhall.accounts.models import Role, Team
from townhall.cases import operations, public
from townhall.cases.access import cases_visible_to
from townhall.cases.models import Case, ContractorJob
from townhall.cases.states import State
from townhall.cases.tests.makers import MONDAY, make_case, make_council, make_staff, make_team
from townhall.clocks import queries as clocks
from townhall.core.actors import PUBLIC, Actor, ActorKind
from townhall.core.errors import BadInput, NotAllowed, NotFound, WrongState
from townhall.core.time import now
from townhall.ledger.queries import history_of_case
from townhall.notifications.models import Message

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def council() -> None:
    make_council()
    make_team("aldermere-cleansing", kind=Team.Kind.CONTRACTOR)
    make_team("another-contractor", kind=Team.Kind.CONTRACTOR)


@pytest.fixture
def officer() -> Actor:
    return make_staff("olu", team="street-cleansing", role=Role.OFFICER)


@pytest.fixture
def contractor() -> Actor:
    return make_staff("con", team="aldermere-cleansing", role=Role.CONTRACTOR)


def send(case: Case, officer: Actor, **changes: object) -> ContractorJob:
    given: dict[str, object] = {
        "team_id": make_team("aldermere-cleansing").pk,
        "contract_ref": "ACS-2024-07",
        "obligations": "Photograph before and after.",
        "days": 3,
    }
    return operations.send_to_contractor(case.pk, **(given | changes), by=officer, at=MONDAY)  # type: ignore[arg-type]


def told(case: Case) -> list[str]:
    rows = Message.objects.filter(case_id=case.pk, template__startswith="case/").order_by("created_at", "id")
    return list(rows.values_list("template", flat=True))


@pytest.mark.capability("CASE-12")
def test_a_job_carries_contract_date_and_obligations_and_its_progress_reaches_the_customer(
    officer: Actor, contractor: Actor
) -> None:
    case = make_case()
    job = send(case, officer)
    assert (job.contract_ref, job.obligations, job.due_on) == (
        "ACS-2024-07",
        "Photograph before and after.",
        date(2026, 3, 5),
    )
    assert clocks.due_on("case.contractor_job", job.subject) == date(2026, 3, 5)
    mail = Message.objects.get(template="staff/job_sent")
    assert "ACS-2024-07" in mail.body_text
    assert "5 March 2026" in mail.body_text

    operations.accept_job(job.pk, by=contractor, at=MONDAY + HOUR)
    operations.schedule_job(job.pk, on=date(2026, 3, 4), by=contractor, at=MONDAY + 2 * HOUR)
    operations.post_progress(job.pk, text="The van is on its way", by=contractor, at=MONDAY + 3 * HOUR)
    operations.finish_job(job.pk, result="Sofa taken away", by=contractor, at=MONDAY + 4 * HOUR)
    case.refresh_from_db()
    assert (case.state, case.outcome_text) == (State.DONE, "Sofa taken away")
    operations.tell(case.pk, by=officer, at=MONDAY + 5 * HOUR)

    assert told(case) == ["case/received", "case/handed_on", "case/scheduled", "case/update", "case/done"]
    assert "The van is on its way" in Message.objects.get(template="case/update").body_text
    page = public.follow_page(case.reference)
    assert page is not None
    assert [step.title for step in page.steps] == [
        "Received",
        "Accepted: we will do it",
        "Given a date",
        "Work under way",
        "Work finished",
    ]
    assert [text for _at, text in page.news] == ["The van is on its way"]


@pytest.mark.capability("CASE-12")
def test_a_refused_job_goes_back_to_the_team_that_sent_it(officer: Actor, contractor: Actor) -> None:
    case = make_case()
    sent_by = case.doer_team_id
    job = send(case, officer)
    case.refresh_from_db()
    assert case.doer_team_id == job.team_id

    operations.refuse_job(job.pk, reason="Not in our area", by=contractor, at=MONDAY + HOUR)

    case.refresh_from_db()
    job.refresh_from_db()
    assert (case.doer_team_id, case.state, job.state) == (sent_by, State.ACCEPTED, ContractorJob.State.REFUSED)
    assert "Not in our area" in Message.objects.get(template="staff/job_refused").body_text
    assert clocks.due_on("case.contractor_job", job.subject) is None
    send(case, officer)  # and may be sent again


def test_not_fixed_gives_the_same_contractor_the_same_job_again(officer: Actor, contractor: Actor) -> None:
    case = make_case()
    job = send(case, officer)
    operations.finish_job(job.pk, result="", by=contractor, at=MONDAY + HOUR)
    operations.tell(case.pk, by=officer, at=MONDAY + 2 * HOUR)

    operations.not_fixed(case.pk, text="Still here", by=PUBLIC, at=MONDAY + 3 * HOUR, is_reporter=True)

    again = ContractorJob.objects.exclude(pk=job.pk).get(case=case)
    assert (again.state, again.contract_ref, again.team_id) == (ContractorJob.State.SENT, job.contract_ref, job.team_id)


def test_a_contractor_sees_and_moves_its_own_jobs_only(officer: Actor, contractor: Actor) -> None:
    mine, other = make_case(), make_case()
    job = send(mine, officer)
    theirs = send(other, officer, team_id=make_team("another-contractor").pk)

    assert list(cases_visible_to(contractor)) == [mine]
    with pytest.raises(NotFound):
        operations.accept_job(theirs.pk, by=contractor, at=MONDAY)
    with pytest.raises(NotAllowed):
        operations.accept_job(job.pk, by=officer, at=MONDAY)
    with pytest.raises(NotAllowed):
        operations.decline(mine.pk, reason_code="private-land", by=contractor, at=MONDAY)
    assert mine in cases_visible_to(officer)  # who sent it keeps sight of it


def test_a_key_of_one_contractor_cannot_move_anothers_job(officer: Actor) -> None:
    job = send(make_case(), officer)
    key = Actor(kind=ActorKind.CONNECTOR, id="key", teams=frozenset({make_team("another-contractor").pk}))

    with pytest.raises(NotFound):
        operations.accept_job(job.pk, by=key, at=MONDAY)


@pytest.mark.parametrize("end", ["refused", "cancelled", "done"])
def test_a_contractor_sees_a_case_while_the_job_is_theirs_and_30_days_after_it_is_done(
    officer: Actor, contractor: Actor, end: str
) -> None:
    case = make_case()
    job = send(case, officer)
    assert case in cases_visible_to(contractor)
    at = now()
    if end == "refused":
        operations.refuse_job(job.pk, reason="Locked gate", by=contractor, at=at)
    elif end == "cancelled":
        operations.cancel_job(case.pk, by=officer, at=at)
    else:
        operations.finish_job(job.pk, result="Gone", by=contractor, at=at)

    assert cases_visible_to(contractor).filter(pk=case.pk).exists() == (end == "done")
    ContractorJob.objects.filter(pk=job.pk).update(updated_at=at - timedelta(days=31))
    assert case not in cases_visible_to(contractor)


@pytest.mark.parametrize("field", ["contract_ref", "obligations"])
def test_nothing_is_sent_without_a_contract(officer: Actor, field: str) -> None:
    with pytest.raises(BadInput) as refused:
        send(make_case(), officer, **{field: "  "})
    assert field in refused.value.problems


def test_nothing_is_sent_to_a_council_team(officer: Actor) -> None:
    with pytest.raises(BadInput):
        send(make_case(), officer, team_id=make_team("highways").pk)


def test_one_contractor_at_a_time_and_the_council_does_not_finish_behind_its_back(officer: Actor) -> None:
    case = make_case()
    send(case, officer)
    with pytest.raises(WrongState):
        send(case, officer)
    with pytest.raises(WrongState):
        operations.complete(case.pk, outcome_code="cleared", outcome_text="", by=officer, at=MONDAY + HOUR)
    operations.cancel_job(case.pk, by=officer, at=MONDAY + HOUR)
    operations.complete(case.pk, outcome_code="cleared", outcome_text="", by=officer, at=MONDAY + HOUR)
    case.refresh_from_db()
    assert case.state == State.DONE


def test_a_declined_case_lets_its_contractor_go(officer: Actor) -> None:
    case = make_case()
    job = send(case, officer)
    refusal = "private-land"
    operations.decline(case.pk, reason_code=refusal, by=officer, at=MONDAY + HOUR)

    job.refresh_from_db()
    assert job.state == ContractorJob.State.CANCELLED
    assert clocks.due_on("case.contractor_job", job.subject) is None
    mail = Message.objects.get(template="staff/job_cancelled")
    assert "the council does not do this work" in mail.body_text
    assert "ACS-2024-07" in mail.body_text


@pytest.mark.capability("CASE-12")
@pytest.mark.parametrize(
    ("end", "words"),
    [
        ("merged", "it was reported before"),
        ("withdrawn", "whoever reported it does not need it"),
        ("taken back", "the council has given the work to somebody else, or does it itself"),
    ],
)
def test_a_contractor_is_told_when_a_job_is_called_off(officer: Actor, end: str, words: str) -> None:
    case = make_case()
    send(case, officer)
    match end:
        case "merged":
            operations.merge(case.pk, into_id=make_case().pk, by=officer, at=MONDAY + HOUR)
        case "withdrawn":
            operations.withdraw(case.pk, by=officer, at=MONDAY + HOUR)
        case _:
            operations.cancel_job(case.pk, by=officer, at=MONDAY + HOUR)

    mail = Message.objects.get(template="staff/job_cancelled")
    assert words in mail.body_text
    assert case.reference in mail.subject_line
    assert "case.contractor_cancelled" in [entry.verb for entry in history_of_case(case.pk).rows]


def test_the_same_update_twice_is_told_once(officer: Actor, contractor: Actor) -> None:
    case = make_case()
    job = send(case, officer)
    for _ in range(2):
        operations.post_progress(job.pk, text="Half done", by=contractor, at=MONDAY + HOUR, update_id="u-1")

    assert told(case).count("case/update") == 1
    verbs = [entry.verb for entry in history_of_case(case.pk).rows]
    assert verbs.count("case.contractor_started") == 1
