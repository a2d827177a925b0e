"""A customer asking how far it is: kept on the case, and raised when it happens too often."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F

from townhall.accounts import directory
from townhall.cases.models import Case, CaseContact, Escalation
from townhall.cases.operations.locking import record
from townhall.catalogue import queries as catalogue
from townhall.core.actors import SYSTEM, Actor
from townhall.core.ids import uuid7


@transaction.atomic
def chase(case_id: UUID, *, contact_id: UUID, by: Actor, at: datetime) -> Case:
    """Log a contact as a chaser of a case. The same contact twice is once.

    At the service's numbers of chasers the case is raised to the team manager, then to the senior manager.
    """
    case = Case.objects.select_for_update().get(pk=case_id)
    _row, made = CaseContact.objects.get_or_create(
        case=case, contact_id=contact_id, kind=CaseContact.Kind.CHASER, defaults={"id": uuid7(), "at": at}
    )
    if not made:
        return case
    case.chasers = F("chasers") + 1
    case.save(update_fields=["chasers"])
    case.refresh_from_db()
    record(case, "case.chased", by=by, at=at, contact=str(contact_id), chasers=case.chasers)
    pack = catalogue.service(case.service_code)
    if case.chasers >= pack.clocks.chasers_to_manager and (manager := directory.manager_of(case.doer_team_id)):
        escalate(case, to_post_id=manager.id, reason=Escalation.Reason.CHASERS_MANAGER, at=at)
    if case.chasers >= pack.clocks.chasers_to_senior:
        senior = directory.post(pack.senior_manager)
        escalate(case, to_post_id=senior.id, reason=Escalation.Reason.CHASERS_SENIOR, at=at)
    return case


def escalate(case: Case, *, to_post_id: UUID, reason: Escalation.Reason, at: datetime) -> bool:
    """Raise a locked case to a post, once for each reason. False when it already was."""
    _row, made = Escalation.objects.get_or_create(
        case=case, to_post_id=to_post_id, reason=reason, defaults={"id": uuid7(), "at": at}
    )
    if made:
        post = directory.post_by_id(to_post_id)
        record(case, "case.escalated", by=SYSTEM, at=at, to=post.code, reason=reason.value)
    return made
