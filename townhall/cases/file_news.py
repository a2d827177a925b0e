"""What the virus scanner said of a case's files: who sent the file is told, and the team that has the case."""

from __future__ import annotations

from townhall.accounts import directory
from townhall.cases.models import Case
from townhall.cases.operations.locking import record
from townhall.cases.operations.telling import as_recipient, case_link, context_of
from townhall.core.actors import SYSTEM
from townhall.files.events import FileHeld, FileInfected
from townhall.notifications import operations as notifications
from townhall.notifications.recipients import Recipient


def infected(event: FileInfected) -> None:
    case = Case.objects.filter(pk=event.case_id).first() if event.case_id else None
    if case is None:
        return
    record(case, "case.file_infected", by=SYSTEM, at=event.at, file=str(event.file_id))
    _tell_team(case, "staff/file_infected", event, threat=event.threat)
    sender = case.follower_rows.filter(is_reporter=True, ended_at__isnull=True).first()
    if sender is None:
        return
    notifications.send(
        "case/file_infected",
        to=as_recipient(sender),
        about=case.subject,
        key=f"file-infected-{event.file_id}",
        context={**context_of(case), "name": event.name, "link": case_link(case.reference, sender.pk)},
        at=event.at,
        case_id=case.pk,
    )


def held(event: FileHeld) -> None:
    case = Case.objects.filter(pk=event.case_id).first() if event.case_id else None
    if case is not None:
        _tell_team(case, "staff/file_held", event)


def _tell_team(case: Case, template: str, event: FileInfected | FileHeld, **more: object) -> None:
    team = directory.team_by_id(case.doer_team_id)
    notifications.send(
        template,
        to=Recipient(name=team.name, email=team.email),
        about=case.subject,
        key=f"{template}-{event.file_id}",
        context={**context_of(case), "name": event.name, **more},
        at=event.at,
        case_id=case.pk,
    )
