"""A case that touches several services: a task for each, one lead owner and one reply."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from townhall.accounts import directory
from townhall.cases.models import OPEN_STATES, Case, Task
from townhall.cases.operations.locking import locked, record
from townhall.cases.states import State
from townhall.catalogue import queries as catalogue
from townhall.clocks import operations as clocks
from townhall.core.actors import Actor
from townhall.core.errors import BadInput, NotAllowed, NotFound, WrongState
from townhall.core.ids import uuid7
from townhall.core.subjects import Subject

MOST_DAYS = 365


@dataclass(frozen=True, kw_only=True)
class Part:
    """What one service is to do. `team_id`: the service's own team when None; `days`: working days to do it."""

    service_code: str
    title: str
    team_id: UUID | None = None
    days: int = 5


@transaction.atomic
def split(case_id: UUID, parts: Sequence[Part], *, by: Actor, at: datetime) -> list[Task]:
    """Ask other services for their parts of a case. The case keeps its owner, its promise and the one reply.

    Raises BadInput without a title or a known service, WrongState when the work of the case is over.
    """
    case = locked(case_id, by=by, to="cases.split")
    if case.state not in OPEN_STATES or case.state == State.DONE:
        raise WrongState(_("The work of this case is over."))
    if not parts:
        raise BadInput({"parts": _("Enter at least one part")})
    return [_add(case, part, by=by, at=at) for part in parts]


@transaction.atomic
def end_task(task_id: UUID, *, result: str, by: Actor, at: datetime) -> Task:
    """One service has done its part. The customer hears from the lead when the whole is done."""
    task, case = _task(task_id, by=by, to="cases.complete")
    task.result = result.strip()
    _end(task, case, Task.State.DONE, by=by, at=at)
    return task


@transaction.atomic
def cancel_task(task_id: UUID, *, reason: str, by: Actor, at: datetime) -> Task:
    """A part turned out not to be needed. Raises BadInput without a reason."""
    if not reason.strip():
        raise BadInput({"reason": _("Enter why it is not needed")})
    task, case = _task(task_id, by=by, to="cases.split")
    task.result = reason.strip()
    _end(task, case, Task.State.CANCELLED, by=by, at=at)
    return task


def _add(case: Case, part: Part, *, by: Actor, at: datetime) -> Task:
    if not part.title.strip():
        raise BadInput({"title": _("Enter what is to be done")})
    if not 0 <= part.days <= MOST_DAYS:
        raise BadInput({"days": _("Enter a number of working days from 0 to %(most)s") % {"most": MOST_DAYS}})
    try:
        service = catalogue.service(part.service_code)
    except NotFound:
        raise BadInput({"service": _("Select the service")}) from None
    team_id = part.team_id or directory.team(service.owner_team).id
    task_id = uuid7()
    due_on = clocks.start("case.task", about=Subject(kind="task", id=task_id), at=at, case_id=case.pk, days=part.days)
    task = Task.objects.create(
        id=task_id,
        case=case,
        service_code=part.service_code,
        team_id=team_id,
        title=part.title.strip(),
        due_on=due_on,
        created_at=at,
    )
    team = directory.team_by_id(team_id).code
    record(case, "case.task_added", by=by, at=at, task=str(task_id), service=part.service_code, team=team)
    return task


def _task(task_id: UUID, *, by: Actor, to: str) -> tuple[Task, Case]:
    """An open task and its case, locked: case first. Only its team, or whoever leads the case, may end it."""
    found = Task.objects.filter(pk=task_id).first()
    if found is None:
        raise NotFound
    case = locked(found.case_id, by=by, to=to, of_part=True)
    task = Task.objects.select_for_update().get(pk=task_id)
    if by.is_staff and not by.teams & {task.team_id, case.doer_team_id}:
        raise NotAllowed(_("Only the team that has this part, or the one that leads the case, can end it."))
    if task.state != Task.State.OPEN:
        raise WrongState(_("This part has already ended."))
    return task, case


def _end(task: Task, case: Case, state: Task.State, *, by: Actor, at: datetime) -> None:
    task.state, task.ended_at = state, at
    task.save(update_fields=["state", "ended_at", "result"])
    if state is Task.State.DONE:
        clocks.finish("case.task", about=task.subject, at=at)
    else:
        clocks.stop("case.task", about=task.subject, at=at)
    left = case.tasks.filter(state=Task.State.OPEN).count()
    record(case, f"case.task_{state.value}", by=by, at=at, task=str(task.pk), left=left)
