"""What happens when a review, a content task or a change falls due: its owner is told, and after some days whoever is above."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from townhall.accounts import directory
from townhall.accounts.directory import PostEntry
from townhall.accounts.queries import mail_of
from townhall.clocks.events import ClockRang
from townhall.core.actors import SYSTEM
from townhall.core.time import council_date
from townhall.knowledge import changes, entries, tasks
from townhall.knowledge.models import Change, Entry, Referral, Task
from townhall.knowledge.states import ChangeState, TaskState
from townhall.ledger import operations as ledger
from townhall.notifications import operations as notifications
from townhall.notifications.recipients import Recipient

KINDS = frozenset({entries.REVIEW, tasks.CLOCK, changes.CLOCK})
ESCALATES = "overdue_5"


def clock_rang(event: ClockRang) -> None:
    if event.kind not in KINDS:
        return
    found = _what(event)
    if found is None:
        return
    what, owner_id, path = found
    owner = _post(owner_id) or _post(tasks.fallback_owner())
    told = [owner] if owner else []
    if owner and event.rung == ESCALATES:
        above = directory.manager_of(owner.team_id)
        told += [above] if above is not None and above.id != owner.id else []
        data: dict[str, object] = {"kind": event.kind, "to": [post.code for post in told]}
        ledger.record("knowledge.escalated", about=event.subject, by=SYSTEM, at=event.at, data=data)
    for post in told:
        _mail(event, post, what=what, path=path, due_on=event.due_on)


def _what(event: ClockRang) -> tuple[str, UUID | None, str] | None:
    """What it is about, who answers for it and where; None when it is over."""
    key = event.subject.id
    match event.subject.kind:
        case "knowledge":
            entry = Entry.objects.filter(pk=key, withdrawn_at=None).first()
            return (entry.title, entry.owner_post_id, f"/work/knowledge/{entry.code}") if entry else None
        case "knowledge_task":
            task = Task.objects.filter(pk=key, state=TaskState.OPEN).first()
            return (task.title, task.owner_post_id, f"/work/knowledge/tasks/{task.pk}") if task else None
        case "knowledge_change":
            change = Change.objects.filter(pk=key, state=ChangeState.PREPARING).first()
            return (change.title, change.owner_post_id, f"/work/knowledge/changes/{change.pk}") if change else None
        case "knowledge_referral":
            referral = Referral.objects.filter(pk=key, ended_at=None).first()
            return (referral.name, referral.owner_post_id, "/work/knowledge/referrals") if referral else None
    return None


def _post(post_id: UUID | None) -> PostEntry | None:
    try:
        return directory.post_by_id(post_id) if post_id else None
    except directory.UnknownCode:
        return None


def _mail(event: ClockRang, post: PostEntry, *, what: str, path: str, due_on: date) -> None:
    to_do = {
        entries.REVIEW: _("Read it again and say whether it still holds"),
        tasks.CLOCK: _("Put right what is unclear, wrong or missing"),
        changes.CLOCK: _("Everything that the change needs is ready"),
    }[event.kind]
    why = {"due_soon": _("is due soon"), "due": _("is due")}.get(event.rung, _("is overdue"))
    for email in mail_of(post.id, on=council_date(event.at)):
        notifications.send(
            "staff/knowledge_due",
            to=Recipient(name=post.title, email=email),
            about=event.subject,
            key=f"knowledge-{event.clock_id}-{event.rung}-{post.id}-{email}",
            context={
                "what": what,
                "to_do": to_do,
                "why": why,
                "due_on": due_on,
                "link": f"{settings.PUBLIC_URL}{path}",
            },
            at=event.at,
        )
