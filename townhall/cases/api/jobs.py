"""A contractor's own system: what it was sent, and how far it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import wraps
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from townhall.cases import operations as cases
from townhall.cases.access import jobs_seen_by
from townhall.cases.api.moves import Returning, Scheduling, Telling, Text, keep_photo, photo_again
from townhall.cases.api.reports import JobOut, PhotoOut, job_out
from townhall.cases.models import OPEN_JOBS, ContractorJob
from townhall.core.api.endpoints import Call, Group
from townhall.core.errors import NotFound

group = Group("Contractors")
WORK = "contractor.work"
Move = Callable[[Call], JobOut]
MOST = 500


class JobAccepting(Struct, frozen=True, kw_only=True):
    scheduled_on: date | None = None


class Finishing(Struct, frozen=True, kw_only=True):
    """`outcome`: one of the service's; its first that counts as done when empty."""

    result: Text = ""
    outcome: str = ""


@group.endpoint("GET", "/jobs", summary="Jobs still to do, soonest due first", gives=list[JobOut], scope=WORK)
def list_jobs(call: Call) -> list[JobOut]:
    open_jobs = ContractorJob.objects.filter(state__in=OPEN_JOBS)
    if call.by.teams:
        open_jobs = open_jobs.filter(team__in=call.by.teams)
    return [job_out(job, job.case) for job in open_jobs.select_related("case").order_by("due_on", "id")[:MOST]]


@group.endpoint("GET", "/jobs/{job_id}", summary="One job", gives=JobOut, scope=WORK)
def get_job(call: Call) -> JobOut:
    return _out(call, _job(call))


def job_again(call: Call, _earlier: UUID) -> JobOut:
    return _out(call, _job(call))


def job_move(path: str, *, summary: str, takes: type[Struct]) -> Callable[[Callable[[Call], ContractorJob]], Move]:
    """Declare what moves a job on. The answer is the job as it then is, and to a repeat of the call as it is by now."""

    def declare(does: Callable[[Call], ContractorJob]) -> Move:
        @wraps(does)
        def run(call: Call) -> JobOut:
            return _out(call, does(call))

        declared = group.endpoint(
            "POST", f"/jobs/{{job_id}}/{path}", summary=summary, gives=JobOut, takes=takes, scope=WORK, again=job_again
        )
        return declared(run)

    return declare


@job_move("accept", summary="We will do it", takes=JobAccepting)
def accept_job(call: Call) -> ContractorJob:
    return cases.accept_job(_job(call).pk, scheduled_on=call.body.scheduled_on, by=call.by, at=call.at)


@job_move("schedule", summary="Give or change the date of the work", takes=Scheduling)
def schedule_job(call: Call) -> ContractorJob:
    return cases.schedule_job(_job(call).pk, on=call.body.on, by=call.by, at=call.at)


@job_move("progress", summary="Say how far it is", takes=Telling)
def job_progress(call: Call) -> ContractorJob:
    """Shown on the public page and told to everybody who follows."""
    return cases.post_progress(_job(call).pk, text=call.body.text, by=call.by, at=call.at)


@group.endpoint(
    "POST",
    "/jobs/{job_id}/photos",
    summary="Add a photo of the work",
    gives=PhotoOut,
    takes_file=True,
    status=201,
    scope=WORK,
    again=photo_again,
)
def add_job_photo(call: Call) -> PhotoOut:
    """Private until somebody of the council approves it. JPEG, PNG, HEIC, WebP or GIF, in the field `file`."""
    return keep_photo(call, _job(call).case_id)


@job_move("finish", summary="The work is done", takes=Finishing)
def finish_job(call: Call) -> ContractorJob:
    body: Finishing = call.body
    return cases.finish_job(_job(call).pk, result=body.result, outcome_code=body.outcome, by=call.by, at=call.at)


@job_move("refuse", summary="We will not do it, and why", takes=Returning)
def refuse_job(call: Call) -> ContractorJob:
    return cases.refuse_job(_job(call).pk, reason=call.body.reason, by=call.by, at=call.at)


def _job(call: Call) -> ContractorJob:
    """One of the key's own; any for a key of the council's. Raises NotFound."""
    found = ContractorJob.objects.select_related("case").filter(pk=call.path["job_id"]).first()
    if found is None or (call.by.teams and found.team_id not in call.by.teams):
        raise NotFound
    return found


def _out(call: Call, job: ContractorJob) -> JobOut:
    """A job that is not the contractor's any more, as it was refused or taken back, without what its contract says."""
    shown = job_out(job, job.case)
    if call.by.teams and not jobs_seen_by(call.by).filter(pk=job.pk).exists():
        return replace(shown, contract="", obligations="")
    return shown
