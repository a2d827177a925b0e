"""What happens when something of a register falls due: its owner is told, and after some days whoever is above."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from townhall.accounts import directory
from townhall.accounts.directory import PostEntry
from townhall.accounts.queries import mail_of
from townhall.clocks.events import ClockRang
from townhall.core.actors import SYSTEM
from townhall.core.time import council_date
from townhall.ledger import operations as ledger
from townhall.notifications import operations as notifications
from townhall.notifications.recipients import Recipient
from townhall.registers.definition import Definition
from townhall.registers.falling_due import CLOCK
from townhall.registers.models import Action
from townhall.registers.operations import post_id
from townhall.registers.queries import definition_of
from townhall.registers.states import ActionState

ESCALATES = "overdue_5"


def clock_rang(event: ClockRang) -> None:
    if event.kind != CLOCK:
        return
    rows = Action.objects.select_for_update(of=("self",)).select_related("row")
    action = rows.filter(pk=event.subject.id, state=ActionState.OPEN).first()
    if action is None:
        return
    definition = definition_of(action.row.register_id)
    owner = _post(action.owner_post_id) or _post(post_id(definition.owner_post))
    told = {post.id: post for post in (owner, *_above(definition, owner, event.rung)) if post is not None}
    for post in told.values():
        _mail(action, definition, post, event)
    if event.rung == ESCALATES:
        action.escalated_at = event.at
        action.save(update_fields=["escalated_at"])
        data: dict[str, object] = {"row": str(action.row_id), "to": [post.code for post in told.values()]}
        ledger.record("register_action.escalated", about=action.subject, by=SYSTEM, at=event.at, data=data)


def _above(definition: Definition, owner: PostEntry | None, rung: str) -> list[PostEntry | None]:
    if rung != ESCALATES:
        return []
    named = _post(post_id(definition.escalate_to))
    return [named or (directory.manager_of(owner.team_id) if owner else None)]


def _post(post: UUID | None) -> PostEntry | None:
    """None where there is none, or it was closed since."""
    try:
        return directory.post_by_id(post) if post else None
    except directory.UnknownCode:
        return None


def _mail(action: Action, definition: Definition, post: PostEntry, event: ClockRang) -> None:
    why = {"due_soon": _("is due soon"), "due": _("is due"), ESCALATES: _("is overdue")}.get(event.rung, _("is due"))
    for email in mail_of(post.id, on=council_date(event.at)):
        notifications.send(
            "staff/register_due",
            to=Recipient(name=post.title, email=email),
            about=action.subject,
            key=f"register-{event.clock_id}-{event.rung}-{post.id}-{email}",
            context={
                "register": definition.title,
                "row": action.row.title,
                "action": action.title,
                "why": why,
                "due_on": action.due_on,
                "link": f"{settings.PUBLIC_URL}/work/registers/rows/{action.row_id}",
            },
            at=event.at,
        )
