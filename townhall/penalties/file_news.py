"""What the virus scanner said of an appeal's evidence: the appellant is told, and the team that decides."""

from __future__ import annotations

from townhall.accounts import directory
from townhall.catalogue import queries as catalogue
from townhall.core.actors import SYSTEM
from townhall.files.events import FileHeld, FileInfected
from townhall.ledger import operations as ledger
from townhall.notifications import operations as notifications
from townhall.notifications.recipients import Recipient
from townhall.penalties.models import Appeal
from townhall.penalties.operations import tell

DECIDED_BY = "parking-permit"  # notices have no service of their own: the team of this one decides (`penalties.decide`)


def infected(event: FileInfected) -> None:
    made = _appeal(event)
    if made is None:
        return
    notice = made.notice
    ledger.record(
        "penalty.file_infected",
        about=notice.subject,
        by=SYSTEM,
        at=event.at,
        customer_id=notice.customer_id,
        data={"appeal": str(made.pk), "file": str(event.file_id)},
    )
    _tell_team(made, "staff/appeal_file_infected", event, threat=event.threat)
    key = f"penalty-file-infected-{event.file_id}"
    tell("penalty/file_infected", made, key=key, context={"name": event.name}, at=event.at)


def held(event: FileHeld) -> None:
    made = _appeal(event)
    if made is not None:
        _tell_team(made, "staff/appeal_file_held", event)


def _appeal(event: FileInfected | FileHeld) -> Appeal | None:
    if event.about.kind != "appeal":
        return None
    return Appeal.objects.select_related("notice").filter(pk=event.about.id).first()


def _tell_team(made: Appeal, template: str, event: FileInfected | FileHeld, **more: object) -> None:
    team = directory.team(catalogue.service(DECIDED_BY).owner_team)
    notifications.send(
        template,
        to=Recipient(name=team.name, email=team.email),
        about=made.subject,
        key=f"{template}-{event.file_id}",
        context={"number": made.notice.number, "reference": made.reference, "name": event.name,
                 "decide_by": made.decide_by, **more},
        at=event.at,
    )  # fmt: skip
