"""What happens to a case when one of its clocks rings. Called inside the transaction that moves the clock on, once for each rung."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from townhall.accounts import directory
from townhall.cases.models import OPEN_STATES, Case, Escalation, Handoff
from townhall.cases.operations.chasing import escalate
from townhall.cases.operations.telling import context_of, tell_followers
from townhall.cases.states import State
from townhall.catalogue import queries as catalogue
from townhall.clocks.events import ClockMoved, ClockRang
from townhall.core.actors import SYSTEM
from townhall.notifications import operations as notifications
from townhall.notifications.models import Message
from townhall.notifications.recipients import Recipient


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
    from townhall.cases.operations.deciding import change_due

    if event.kind != "case.promise" or event.case_id is None:
        return
    case = Case.objects.select_for_update().filter(pk=event.case_id).first()
    if case is not None and case.state in OPEN_STATES and case.due_on != event.due_on:
        change_due(case, event.due_on, by=SYSTEM, at=event.at)


def _overdue(case: Case, event: ClockRang) -> None:
    """The promised date has passed: the team's manager is told."""
    if manager := directory.manager_of(case.doer_team_id):
        _raise(case, manager.id, Escalation.Reason.OVERDUE, at=event.at)


def _too_old(case: Case, event: ClockRang) -> None:
    """Open past its age (30 days unless the service says otherwise): senior manager and portfolio holder."""
    pack = catalogue.service(case.service_code)
    for code in (pack.senior_manager, pack.portfolio_holder):
        _raise(case, directory.post(code).id, Escalation.Reason.REFERRAL_AGE, at=event.at)


def _decision_forced(case: Case, event: ClockRang) -> None:
    """Past the hard limit (60 days): it is on the exceptions page until it is closed, declined or extended."""
    if case.state == State.DONE:
        return
    senior = directory.post(catalogue.service(case.service_code).senior_manager)
    _raise(case, senior.id, Escalation.Reason.DECISION_AGE, at=event.at)


def _unanswered(case: Case, event: ClockRang) -> None:
    """Nobody answered an offer in time: it stays on offer, the sender stays responsible, and their manager is told."""
    handoff = Handoff.objects.filter(pk=event.subject.id, state=Handoff.State.OFFERED).first()
    manager = directory.manager_of(handoff.from_team_id) if handoff else None
    if manager:
        _raise(case, manager.id, Escalation.Reason.HANDOFF_UNANSWERED, at=event.at)


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
    from townhall.cases.operations.deciding import go_on_without_answer

    go_on_without_answer(case, at=event.at)


def _raise(case: Case, post_id: UUID, reason: Escalation.Reason, *, at: datetime) -> None:
    """Escalate once, and write to the post's team mailbox with the reason, the owner and when the customer last heard."""
    if not escalate(case, to_post_id=post_id, reason=reason, at=at):
        return
    post = directory.post_by_id(post_id)
    team = directory.team_by_id(post.team_id)
    last_told = Message.objects.filter(case_id=case.pk, template__startswith="case/").order_by("-created_at").first()
    notifications.send(
        "staff/escalated",
        to=Recipient(name=post.title, email=team.email),
        about=case.subject,
        key=f"escalated-{case.pk}-{reason.value}-{post_id}",
        context={
            **context_of(case),
            "reason": Escalation.Reason(reason).label,
            "last_told": last_told.created_at if last_told else None,
            "opened_at": case.opened_at,
        },
        at=at,
        case_id=case.pk,
    )


_ANSWERS: dict[tuple[str, str], Callable[[Case, ClockRang], None]] = {
    ("case.promise", "due"): _overdue,
    ("case.referral", "due"): _too_old,
    ("case.decision", "due"): _decision_forced,
    ("case.handoff", "due"): _unanswered,
    ("case.customer_reply", "due_soon"): _remind_customer,
    ("case.customer_reply", "due"): _no_answer,
    ("case.contractor_job", "due"): _overdue,
    ("case.task", "due"): _overdue,
}
