"""What reached nobody by any way that may be used: a task with an owner, who tells them another way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from townhall.accounts import directory
from townhall.accounts.models import Role
from townhall.core.actors import Actor
from townhall.core.db import execute, fetch_one, insert, is_pipelined
from townhall.core.errors import BadInput, NotFound
from townhall.core.subjects import Subject
from townhall.core.time import aware
from townhall.ledger import operations as ledger
from townhall.notifications.models import Unreached

WITHIN = timedelta(days=2)
LONGEST = 500
# Sent to the staff, to somebody who waits at a screen, or to everybody who asked for such news: nobody is owed a second way.
_NOT_OWED = (
    *("staff/", "account/", "texts/", "alert/", "newsletter/", "proposal/", "incident/", "deal/", "survey/"),
    *("outreach/campaign", "text/to-many"),
)
# By the message's row: where its key was there before, there is no such row, and so no task.
_BEGIN = """INSERT INTO notifications_unreached (message_id, owner_post_id, opened_at, due_at, ended_at, ended_by, how)
    SELECT id, %s, %s, %s, NULL, '', '' FROM notifications_message WHERE id = %s
    ON CONFLICT (message_id) DO UPDATE SET ended_at = NULL, ended_by = '', how = '', opened_at = excluded.opened_at,
      due_at = excluded.due_at"""
_OPEN = """SELECT u.message_id, m.case_id, m.customer_id FROM notifications_unreached u JOIN notifications_message m ON m.id = u.message_id
    WHERE u.message_id = %s AND u.ended_at IS NULL FOR UPDATE OF u"""

_THERE = "SELECT 1 FROM notifications_message WHERE id = %s"

Owner = Callable[[UUID], UUID | None]
_owner_of_case: list[Owner] = []


def owned_by(owner: Owner) -> None:
    """Who tells the customer about a case is known above this app: its post, by the case's id."""
    _owner_of_case[:] = [owner]


def is_owed(template: str, *, customer_id: UUID | None, case_id: UUID | None) -> bool:
    """Whether somebody has to hear of this another way."""
    return (customer_id is not None or case_id is not None) and not template.startswith(_NOT_OWED)


def begin(
    message_id: UUID,
    *,
    template: str,
    customer_id: UUID | None,
    case_id: UUID | None,
    at: datetime,
    is_new: bool = False,
) -> None:
    """The task, in the transaction that gave the message up. Nothing where nobody is owed it.

    is_new: the message is surely written in this very transaction, perhaps in the same statement, where no other part of it sees it.
    """
    if not is_owed(template, customer_id=customer_id, case_id=case_id):
        return
    owner = _owner_of_case[0](case_id) if _owner_of_case and case_id is not None else None
    owner = owner or _usual_owner()
    if is_new:
        row = {"message_id": message_id, "owner_post_id": owner, "opened_at": aware(at), "due_at": aware(at) + WITHIN}
        insert("notifications_unreached", {**row, "ended_by": "", "how": ""})
        return
    if is_pipelined():
        fetch_one(_THERE, (message_id,))  # a read sends what was gathered before it
    execute(_BEGIN, (owner, aware(at), aware(at) + WITHIN, message_id))


def _usual_owner() -> UUID | None:
    """Of what is about no case: the manager whose post comes first where advisers are, who answer for the customer's record."""
    posts = directory.all_posts()
    front = {post.team_id for post in posts if post.role == Role.ADVISER}
    managers = (post.id for post in posts if post.role == Role.TEAM_MANAGER and post.team_id in front)
    return next(managers, None)


@transaction.atomic
def told(message_id: UUID, *, how: str, by: Actor, at: datetime) -> None:
    """They were told another way. Raises BadInput without how, NotFound for what is no open task."""
    words = " ".join(how.split())[:LONGEST]
    if not words:
        raise BadInput({"how": _("Say how you told them, or why not")})
    found = fetch_one(_OPEN, (message_id,))
    if found is None:
        raise NotFound
    _end(message_id, words, by=by, at=at)
    about = Subject(kind="message", id=message_id)
    ledger.record("message.told_otherwise", about=about, by=by, at=at, case_id=found[1], customer_id=found[2])


def sent_again(message_id: UUID, *, by: Actor, at: datetime) -> None:
    """It is on its way once more: the task is over, and comes back if that fails too."""
    _end(message_id, "", by=by, at=at)


def _end(message_id: UUID, words: str, *, by: Actor, at: datetime) -> None:
    still_open = Unreached.objects.filter(pk=message_id, ended_at=None)
    still_open.update(ended_at=aware(at), ended_by=by.id or by.kind.value, how=words)
