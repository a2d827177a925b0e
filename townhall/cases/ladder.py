"""What happens to a case when one of its clocks rings. Called inside the transaction that moves the clock on, once for each rung."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from townhall.accounts import directory
from townhall.cases.models import OPEN_JOBS, OPEN_STATES, Case, ContractorJob, Escalation, Handoff, Task
from townhall.cases.operations.chasing import escalate, manager_for
from townhall.cases.operations.deciding import change_due, go_on_without_answer
from townhall.cases.operations.telling import tell_followers
from townhall.cases.states import State
from townhall.catalogue import queries as catalogue
from townhall.clocks.events import ClockMoved, ClockRang
from townhall.core.actors import SYSTEM


def clock_rang(event: ClockRang) -> None:
    """Answer to a rung. A clock about something else, or a case that is over, is left alone."""
    answer = _ANSWERS.get((event.kind, event.rung))
    if answer is None or event.case_id is None:
        return
    case = Case.objects.select_for_update().filter(pk=event.case_id).first()
    if case is not None and case.state in OPEN_STATES:
        answer(case, event)


def clock_moved(event: ClockMoved) -> None:
    """A calendar changed, and the promised date with it: the case and everybody who follows get the new one."""
    if event.kind != "case.promise" or event.case_id is None:
        return
    case = Case.objects.select_for_update().filter(pk=event.case_id).first()
    if case is not None and case.state in OPEN_STATES and case.due_on != event.due_on:
        change_due(case, event.due_on, by=SYSTEM, at=event.at)


def _overdue(case: Case, event: ClockRang) -> None:
    """The promised date has passed: the team's manager is told, or the service's own where a contractor does the work."""
    _raise_to_manager(case, case.doer_team_id, Escalation.Reason.OVERDUE, at=event.at)


def _job_overdue(case: Case, event: ClockRang) -> None:
    """A contractor is late: the manager of the team that sent the work is told."""
    job = ContractorJob.objects.filter(pk=event.subject.id, state__in=OPEN_JOBS).first()
    if job is not None:
        _raise_to_manager(case, job.from_team_id, Escalation.Reason.JOB_OVERDUE, at=event.at)


def _task_overdue(case: Case, event: ClockRang) -> None:
    """Another service is late with its part: its manager is told, and the lead's."""
    task = Task.objects.filter(pk=event.subject.id, state=Task.State.OPEN).first()
    if task is not None:
        for team_id in {task.team_id, case.doer_team_id}:
            _raise_to_manager(case, team_id, Escalation.Reason.TASK_OVERDUE, at=event.at)


def _not_told(case: Case, event: ClockRang) -> None:
    """The work is over and nobody was told: the manager of whoever must tell."""
    if case.state == State.DONE:
        teller = directory.post_by_id(case.teller_post_id)
        _raise_to_manager(case, teller.team_id, Escalation.Reason.NOT_TOLD, at=event.at)


def _too_old(case: Case, event: ClockRang) -> None:
    """Open past its age (30 days unless the service says otherwise): senior manager and portfolio holder."""
    pack = catalogue.service(case.service_code)
    for code in (pack.senior_manager, pack.portfolio_holder):
        escalate(case, to_post_id=directory.post(code).id, reason=Escalation.Reason.REFERRAL_AGE, at=event.at)


def _decision_forced(case: Case, event: ClockRang) -> None:
    """Past the hard limit (60 days): it is on the exceptions page until it is closed, declined or extended."""
    if case.state == State.DONE:
        return
    senior = directory.post(catalogue.service(case.service_code).senior_manager)
    escalate(case, to_post_id=senior.id, reason=Escalation.Reason.DECISION_AGE, at=event.at)


def _unanswered(case: Case, event: ClockRang) -> None:
    """Nobody answered an offer in time: it stays on offer, the sender stays responsible, and their manager is told."""
    handoff = Handoff.objects.filter(pk=event.subject.id, state=Handoff.State.OFFERED).first()
    if handoff is not None:
        _raise_to_manager(case, handoff.from_team_id, Escalation.Reason.HANDOFF_UNANSWERED, at=event.at)


def _remind_customer(case: Case, event: ClockRang) -> None:
    question = case.notes.filter(kind="question").order_by("at").last()
    if case.state == State.WAITING_FOR_CUSTOMER and question:
        tell_followers(
            case,
            "waiting_for_customer",
            at=event.at,
            change=f"reminder-{event.clock_id}",
            context={"question": question.text, "reply_by": event.due_on},
        )


def _no_answer(case: Case, event: ClockRang) -> None:
    """The customer did not answer in time: the team decides with what it knows."""
    if case.state != State.WAITING_FOR_CUSTOMER:
        return
    go_on_without_answer(case, at=event.at)


def _raise_to_manager(case: Case, team_id: UUID, reason: Escalation.Reason, *, at: datetime) -> None:
    escalate(case, to_post_id=manager_for(case, team_id).id, reason=reason, at=at)


_ANSWERS: dict[tuple[str, str], Callable[[Case, ClockRang], None]] = {
    ("case.promise", "due"): _overdue,
    ("case.referral", "due"): _too_old,
    ("case.decision", "due"): _decision_forced,
    ("case.handoff", "due"): _unanswered,
    ("case.customer_reply", "due_soon"): _remind_customer,
    ("case.customer_reply", "due"): _no_answer,
    ("case.contractor_job", "due"): _job_overdue,
    ("case.task", "due"): _task_overdue,
    ("case.telling", "due"): _not_told,
}
