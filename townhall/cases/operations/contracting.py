"""Work sent to a contractor: under which contract, by when, and how far it is. The customer sees it as if done in-house."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from townhall.accounts import directory
from townhall.accounts.models import Team
from townhall.cases.models import OPEN_JOBS, OPEN_STATES, Case, ContractorJob, Handoff
from townhall.cases.operations.deciding import set_date
from townhall.cases.operations.finishing import end_work
from townhall.cases.operations.locking import locked, move, record
from townhall.cases.operations.parts import cancel_job_of, end_job, new_job, open_job
from townhall.cases.operations.telling import context_of, tell_followers
from townhall.cases.operations.updating import tell_news
from townhall.cases.states import State
from townhall.catalogue import queries as catalogue
from townhall.core.actors import Actor, ActorKind
from townhall.core.errors import BadInput, NotFound, WrongState
from townhall.core.time import council_date
from townhall.notifications import operations as notifications
from townhall.notifications.recipients import Recipient

MOST_DAYS = 365


@transaction.atomic
def send_to_contractor(
    case_id: UUID, *, team_id: UUID, contract_ref: str, obligations: str, days: int, by: Actor, at: datetime
) -> ContractorJob:
    """Have a contractor do the work of a case, in so many working days. Work not yet accepted is accepted by this.

    Raises BadInput without a contract or for a team that is not a contractor, WrongState when the case is over, on offer, or with a
    contractor already.
    """
    case = locked(case_id, by=by, to="cases.hand_off")
    _check_sending(case, team_id=team_id, contract_ref=contract_ref, obligations=obligations, days=days)
    if case.state == State.AWAITING_DECISION:
        move(case, State.ACCEPTED, by=by, at=at, accepted_at=at)
    job_id, due_on = new_job(
        case.pk,
        team_id=team_id,
        from_team_id=case.doer_team_id,
        contract_ref=contract_ref.strip(),
        obligations=obligations.strip(),
        days=days,
        at=at,
    )
    _give(case, team_id, at=at)
    job = ContractorJob.objects.get(pk=job_id)
    record(case, "case.contractor_sent", by=by, at=at, job=str(job_id), due_on=due_on.isoformat())
    _mail_contractor(case, job, at=at)
    tell_followers(case, "handed_on", at=at, change=str(job_id))
    return job


@transaction.atomic
def accept_job(job_id: UUID, *, by: Actor, at: datetime, scheduled_on: date | None = None) -> ContractorJob:
    """The contractor will do it, on a date if one is known. Followers are told as if the council had said so."""
    job, case = _job(job_id, by=by)
    _check(job, ContractorJob.State.SENT)
    job.state, job.updated_at = ContractorJob.State.ACCEPTED, at
    job.save(update_fields=["state", "updated_at"])
    record(case, "case.contractor_accepted", by=by, at=at, job=str(job_id))
    if case.state == State.AWAITING_DECISION:
        move(case, State.ACCEPTED, by=by, at=at, accepted_at=at)
        tell_followers(case, "accepted", at=at, change=at.isoformat(), context={"scheduled_on": scheduled_on})
    if scheduled_on is not None:
        _set_date(job, case, scheduled_on, by=by, at=at)
    return job


@transaction.atomic
def schedule_job(job_id: UUID, *, on: date, by: Actor, at: datetime) -> ContractorJob:
    """The contractor gives, or changes, the date of the work; followers are told. An answer to the offer of work is implied."""
    job, case = _job(job_id, by=by)
    if job.state == ContractorJob.State.SENT:
        return accept_job(job_id, by=by, at=at, scheduled_on=on)
    _set_date(job, case, on, by=by, at=at)
    return job


@transaction.atomic
def post_progress(job_id: UUID, *, text: str, by: Actor, at: datetime, update_id: str = "") -> ContractorJob:
    """The contractor says how far it is: shown on the public page and told to followers. From the first on, work is under way.

    Photos are stored about the case (`files.store`, purpose "after"), and shown once approved. update_id: the sender's own id of this
    update; the same again changes nothing.
    """
    job, case = _job(job_id, by=by)
    if not text.strip():
        raise BadInput({"text": _("Enter what was done")})
    if update_id and case.notes.filter(update_id=update_id).exists():
        return job
    if job.state == ContractorJob.State.SENT:
        accept_job(job_id, by=by, at=at)
    if job.state != ContractorJob.State.IN_PROGRESS:
        record(case, "case.contractor_started", by=by, at=at, job=str(job_id))
    job.state, job.last_update, job.updated_at = ContractorJob.State.IN_PROGRESS, text.strip(), at
    job.save(update_fields=["state", "last_update", "updated_at"])
    case.refresh_from_db()
    tell_news(case, text.strip(), by=by, at=at, update_id=update_id)
    return job


@transaction.atomic
def finish_job(job_id: UUID, *, result: str, by: Actor, at: datetime, outcome_code: str = "") -> ContractorJob:
    """The contractor has done it: the work of the case is over (first tick), and the customer is still to be told.

    outcome_code: one of the service's; its first that counts as done when empty. While another service's task is open, only the
    job ends. Raises BadInput for an outcome that is not the service's.
    """
    job, case = _job(job_id, by=by)
    job.last_update = result.strip() or job.last_update
    end_job(job, ContractorJob.State.DONE, at=at)
    record(case, "case.contractor_done", by=by, at=at, job=str(job_id))
    if not case.tasks.filter(state="open").exists():
        end_work(case, outcome_code=outcome_code or usual_outcome(case), outcome_text=result.strip(), by=by, at=at)
    return job


@transaction.atomic
def refuse_job(job_id: UUID, *, reason: str, by: Actor, at: datetime) -> ContractorJob:
    """The contractor will not do it, and says why: the team that sent it has it back."""
    job, case = _job(job_id, by=by)
    if not reason.strip():
        raise BadInput({"reason": _("Enter why you cannot do it")})
    job.refusal = reason.strip()
    end_job(job, ContractorJob.State.REFUSED, at=at)
    record(case, "case.contractor_refused", by=by, at=at, job=str(job_id))
    _take_back(job, case, at=at)
    _mail_sender(job, case, at=at)
    return job


@transaction.atomic
def cancel_job(case_id: UUID, *, by: Actor, at: datetime) -> Case:
    """Take the work back from the contractor; the team that sent it does it."""
    case = locked(case_id, by=by, to="cases.hand_off")
    job = open_job(case)
    if job is None:
        raise WrongState(_("No contractor has this case."))
    cancel_job_of(case, by=by, at=at)
    _take_back(job, case, at=at)
    return case


def usual_outcome(case: Case) -> str:
    """The code of the service's first outcome that counts as done."""
    outcomes = catalogue.service(case.service_code).outcomes
    return next((one.code for one in outcomes if one.fixed), outcomes[0].code)


def _check_sending(case: Case, *, team_id: UUID, contract_ref: str, obligations: str, days: int) -> None:
    problems = {}
    if directory.team_by_id(team_id).kind != Team.Kind.CONTRACTOR:
        problems["team"] = _("Select a contractor")
    if not contract_ref.strip():
        problems["contract_ref"] = _("Enter the contract reference")
    if not obligations.strip():
        problems["obligations"] = _("Enter what the contract binds them to")
    if not 0 <= days <= MOST_DAYS:
        problems["days"] = _("Enter a number of working days from 0 to %(most)s") % {"most": MOST_DAYS}
    if problems:
        raise BadInput(problems)
    if case.state not in OPEN_STATES or case.state == State.DONE:
        raise WrongState(_("The work of this case is over."))
    if case.handoffs.filter(state=Handoff.State.OFFERED).exists():
        raise WrongState(_("This case is on offer to another team. Withdraw the offer first."))
    if open_job(case) is not None:
        raise WrongState(_("A contractor already has this case."))


def _job(job_id: UUID, *, by: Actor) -> tuple[ContractorJob, Case]:
    """An open job and its case, locked: case first. Raises NotFound for another contractor's job, WrongState when it is over."""
    found = ContractorJob.objects.filter(pk=job_id).first()
    if found is None:
        raise NotFound
    case = locked(found.case_id, by=by, to="contractor.work")
    job = ContractorJob.objects.select_for_update().get(pk=job_id)
    bound = by.kind is ActorKind.STAFF or bool(by.teams)  # a key may be one contractor's, or the council's own
    if bound and job.team_id not in by.teams:
        raise NotFound
    if job.state not in OPEN_JOBS:
        raise WrongState(_("This job is over."))
    return job, case


def _check(job: ContractorJob, *states: ContractorJob.State) -> None:
    if job.state not in states:
        raise WrongState(_("This job has moved on."))


def _set_date(job: ContractorJob, case: Case, on: date, *, by: Actor, at: datetime) -> None:
    if on < council_date(at):
        raise BadInput({"scheduled_on": _("The date must be today or later")})
    job.scheduled_on, job.updated_at = on, at
    job.save(update_fields=["scheduled_on", "updated_at"])
    if case.state == State.ACCEPTED:
        set_date(case, on, by=by, at=at)


def _give(case: Case, team_id: UUID, *, at: datetime) -> None:
    case.doer_team_id, case.doer_post, case.updated_at = team_id, None, at
    case.save(update_fields=["doer_team", "doer_post", "updated_at"])


def _take_back(job: ContractorJob, case: Case, *, at: datetime) -> None:
    _give(case, job.from_team_id, at=at)
    tell_followers(case, "handed_on", at=at, change=f"{job.pk}-back")


def _mail_contractor(case: Case, job: ContractorJob, *, at: datetime) -> None:
    team = directory.team_by_id(job.team_id)
    notifications.send(
        "staff/job_sent",
        to=Recipient(name=team.name, email=team.email),
        about=job.subject,
        key=f"job-sent-{job.pk}",
        context={
            **context_of(case),
            "contract_ref": job.contract_ref,
            "obligations": job.obligations,
            "job_due_on": job.due_on,
            "description": case.description,
        },
        at=at,
        case_id=case.pk,
    )


def _mail_sender(job: ContractorJob, case: Case, *, at: datetime) -> None:
    sender, contractor = directory.team_by_id(job.from_team_id), directory.team_by_id(job.team_id)
    notifications.send(
        "staff/job_refused",
        to=Recipient(name=sender.name, email=sender.email),
        about=job.subject,
        key=f"job-refused-{job.pk}",
        context={**context_of(case), "contractor": contractor.name, "reason": job.refusal},
        at=at,
        case_id=case.pk,
    )
