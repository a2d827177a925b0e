"""What hangs on a case: a contractor's job, tasks of other services, and an offer to another team. When it is over, so are they."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.utils.translation import gettext as _

from townhall.accounts import directory
from townhall.accounts.models import Team
from townhall.cases.models import OPEN_JOBS, Case, ContractorJob, Handoff, Task
from townhall.cases.operations.locking import record
from townhall.cases.operations.telling import context_of
from townhall.cases.states import State
from townhall.clocks import operations as clocks
from townhall.core.actors import Actor
from townhall.core.db import insert
from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.notifications import operations as notifications
from townhall.notifications.recipients import Recipient


def new_job(
    case_id: UUID,
    *,
    team_id: UUID,
    from_team_id: UUID,
    contract_ref: str,
    obligations: str,
    days: int,
    at: datetime,
) -> tuple[UUID, date]:
    """A contractor's job, with its clock: its id and due date. Two inserts that wait for no answer."""
    job_id = uuid7()
    due_on = clocks.start(
        "case.contractor_job", about=Subject(kind="contractor_job", id=job_id), at=at, case_id=case_id, days=days
    )
    insert(
        "cases_contractorjob",
        {
            "id": job_id,
            "case_id": case_id,
            "team_id": team_id,
            "from_team_id": from_team_id,
            "contract_ref": contract_ref,
            "obligations": obligations,
            "days": days,
            "due_on": due_on,
            "state": ContractorJob.State.SENT.value,
            "last_update": "",
            "refusal": "",
            "created_at": at,
            "updated_at": at,
        },
    )
    return job_id, due_on


def open_job(case: Case) -> ContractorJob | None:
    """The job a contractor still has for a locked case, locked too."""
    return case.contractor_jobs.select_for_update().filter(state__in=OPEN_JOBS).first()


def end_job(job: ContractorJob, state: ContractorJob.State, *, at: datetime) -> None:
    """Close a locked job and its clock. What it says besides is set by the caller."""
    job.state, job.ended_at, job.updated_at = state, at, at
    job.save(update_fields=["state", "ended_at", "updated_at", "last_update", "refusal"])
    if state is ContractorJob.State.DONE:
        clocks.finish("case.contractor_job", about=job.subject, at=at)
    else:
        clocks.stop("case.contractor_job", about=job.subject, at=at)


def cancel_job_of(case: Case, *, by: Actor, at: datetime) -> None:
    """Take the work back from a contractor, if one has it. They are told, and why as far as the state of the case says."""
    job = open_job(case)
    if job is not None:
        end_job(job, ContractorJob.State.CANCELLED, at=at)
        record(case, "case.contractor_cancelled", by=by, at=at, job=str(job.pk))
        _mail_cancelled(case, job, at=at)


def cancel_parts(case: Case, *, by: Actor, at: datetime) -> None:
    """The case is over without the work: contractor, other services and whoever was offered it are let go."""
    cancel_job_of(case, by=by, at=at)
    for task in case.tasks.select_for_update().filter(state=Task.State.OPEN).order_by("id"):
        task.state, task.ended_at = Task.State.CANCELLED, at
        task.save(update_fields=["state", "ended_at"])
        clocks.stop("case.task", about=task.subject, at=at)
        record(case, "case.task_cancelled", by=by, at=at, task=str(task.pk))
    withdraw_offers(case, by=by, at=at)


def withdraw_offers(case: Case, *, by: Actor, at: datetime) -> None:
    """Nobody need answer for a case whose work is over."""
    for handoff in case.handoffs.select_for_update().filter(state=Handoff.State.OFFERED):
        handoff.state, handoff.answered_at = Handoff.State.WITHDRAWN, at
        handoff.save(update_fields=["state", "answered_at"])
        clocks.stop("case.handoff", about=Subject(kind="handoff", id=handoff.pk), at=at)
        record(case, "case.offer_withdrawn", by=by, at=at, handoff=str(handoff.pk), hops=case.hops)


def _mail_cancelled(case: Case, job: ContractorJob, *, at: datetime) -> None:
    why = {
        State.MERGED: _("it was reported before, and is dealt with under the earlier report"),
        State.DECLINED: _("the council does not do this work"),
        State.REFERRED: _("another organisation deals with it"),
        State.WITHDRAWN: _("whoever reported it does not need it any more"),
    }
    team = directory.team_by_id(job.team_id)
    notifications.send(
        "staff/job_cancelled",
        to=Recipient(name=team.name, email=team.email),
        about=job.subject,
        key=f"job-cancelled-{job.pk}",
        context={
            **context_of(case),
            "contract_ref": job.contract_ref,
            "reason": why.get(
                State(case.state), _("the council has given the work to somebody else, or does it itself")
            ),
        },
        at=at,
        case_id=case.pk,
    )


def send_job_again(case: Case, *, by: Actor, at: datetime) -> None:
    """A case that a contractor did, or was to do, is open again: they have the same job once more."""
    if directory.team_by_id(case.doer_team_id).kind != Team.Kind.CONTRACTOR:
        return
    last = case.contractor_jobs.filter(team_id=case.doer_team_id).order_by("created_at", "id").last()
    if last is None or open_job(case) is not None:
        return
    job_id, due_on = new_job(
        case.pk,
        team_id=last.team_id,
        from_team_id=last.from_team_id,
        contract_ref=last.contract_ref,
        obligations=last.obligations,
        days=last.days,
        at=at,
    )
    record(case, "case.contractor_sent", by=by, at=at, job=str(job_id), due_on=due_on.isoformat())
