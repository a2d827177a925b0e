"""A customer asking how far it is: kept on the case, and raised when it happens too often."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F

from townhall.accounts import directory
from townhall.accounts.directory import PostEntry
from townhall.accounts.queries import mail_of
from townhall.cases.models import Case, CaseContact, Escalation
from townhall.cases.operations.locking import record
from townhall.cases.operations.telling import context_of
from townhall.catalogue import queries as catalogue
from townhall.core.actors import SYSTEM, Actor
from townhall.core.errors import NotFound
from townhall.core.ids import uuid7
from townhall.core.time import council_date
from townhall.notifications import operations as notifications
from townhall.notifications.models import Message
from townhall.notifications.recipients import Recipient


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
    if case.chasers >= pack.clocks.chasers_to_manager:
        manager = manager_for(case, case.doer_team_id)
        escalate(case, to_post_id=manager.id, reason=Escalation.Reason.CHASERS_MANAGER, at=at)
    if case.chasers >= pack.clocks.chasers_to_senior:
        senior = directory.post(pack.senior_manager)
        escalate(case, to_post_id=senior.id, reason=Escalation.Reason.CHASERS_SENIOR, at=at)
    return case


def manager_for(case: Case, team_id: UUID) -> PostEntry:
    """Who manages that team; without a manager (a contractor), who manages the accountable service, or else its senior manager."""
    pack = catalogue.service(case.service_code)
    own = directory.manager_of(team_id) or directory.manager_of(directory.team(pack.owner_team).id)
    return own or directory.post(pack.senior_manager)


def escalate(case: Case, *, to_post_id: UUID, reason: Escalation.Reason, at: datetime) -> bool:
    """Raise a locked case to a post, once for each reason, and write to who holds it. False when it already was."""
    _row, made = Escalation.objects.get_or_create(
        case=case, to_post_id=to_post_id, reason=reason, defaults={"id": uuid7(), "at": at}
    )
    if made:
        post = directory.post_by_id(to_post_id)
        record(case, "case.escalated", by=SYSTEM, at=at, to=post.code, reason=reason.value)
        _mail(case, post, reason, at=at)
    return made


def _mail(case: Case, post: PostEntry, reason: Escalation.Reason, *, at: datetime) -> None:
    """With the reason, who has it and when the customer last heard from us. To whoever holds the post; to its team when nobody does."""
    last_told = Message.objects.filter(case_id=case.pk, template__startswith="case/").order_by("-created_at").first()
    context = {
        **context_of(case),
        "reason": Escalation.Reason(reason).label,
        "last_told": last_told.created_at if last_told else None,
        "opened_at": case.opened_at,
        "work_link": f"{settings.PUBLIC_URL}/work/cases/{case.reference}",
    }
    key = f"escalated-{case.pk}-{reason.value}-{post.id}"
    for email in mail_of(post.id, on=council_date(at)):
        notifications.send(
            "staff/escalated",
            to=Recipient(name=post.title, email=email),
            about=case.subject,
            key=f"{key}-{email}",
            context=context,
            at=at,
            case_id=case.pk,
        )


@transaction.atomic
def seen(escalation_id: UUID, *, by: Actor, at: datetime) -> Escalation:
    """Somebody who holds the post has seen what was raised to it. Twice is once. Raises NotFound for another post's."""
    raised = Escalation.objects.select_for_update().filter(pk=escalation_id, to_post_id__in=by.posts).first()
    if raised is None:
        raise NotFound
    if raised.seen_at is None:
        raised.seen_at = at
        raised.save(update_fields=["seen_at"])
        record(raised.case, "case.escalation_seen", by=by, at=at, reason=raised.reason)
    return raised
