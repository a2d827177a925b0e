"""Mailboxes that nobody looks into: the owner is told, and a working day later whoever manages them. And boxes that nobody writes to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction

from townhall.accounts import directory
from townhall.accounts.directory import PostEntry
from townhall.accounts.models import Role, User
from townhall.accounts.queries import mail_of
from townhall.clocks import operations as clocks
from townhall.clocks.events import ClockRang
from townhall.core.actors import SYSTEM
from townhall.core.db import fetch_all
from townhall.core.time import council_date
from townhall.ledger import operations as ledger
from townhall.mailroom.models import Mail, Mailbox
from townhall.mailroom.operations.boxes import LOOKING
from townhall.mailroom.operations.mails import was_answered
from townhall.mailroom.states import BoxState
from townhall.notifications import operations as notifications
from townhall.notifications.recipients import Recipient

BATCH = 50
UNUSED = timedelta(days=90)  # without a mail of a person, after which closing is proposed
A_YEAR = timedelta(days=365)
TO_MANAGER = "overdue_1"

# Boxes with something that a person wrote and nobody has opened since it came, and nothing that watches over them.
_UNWATCHED = """
    SELECT b.id, min(m.received_at) FROM mailroom_mailbox b
    JOIN mailroom_mail m ON m.mailbox_id = b.id AND m.opened_at IS NULL AND m.answered_at IS NULL AND m.done IN ('triage', 'case', 'more')
    WHERE b.state <> 'closed' AND (b.last_opened_at IS NULL OR m.received_at > b.last_opened_at)
        AND NOT EXISTS (SELECT FROM clocks_clock c WHERE c.subject_kind = 'mailbox' AND c.subject_id = b.id AND c.kind = %s
            AND c.state IN ('running', 'paused'))
    GROUP BY b.id LIMIT %s"""
# Mails whose case somebody has dealt with since: whoever wrote was told.
_DEALT_WITH = """
    SELECT m.id FROM mailroom_mail m JOIN cases_case c ON c.id = m.case_id
    WHERE m.answered_at IS NULL AND m.case_id IS NOT NULL AND c.state <> 'awaiting_decision' AND c.updated_at > m.received_at
    ORDER BY m.id LIMIT %s"""
_COUNTS = """
    SELECT count(*) FILTER (WHERE m.opened_at IS NULL), count(*) FILTER (WHERE c.due_at < %s)
    FROM mailroom_mail m LEFT JOIN clocks_clock c
        ON c.subject_kind = 'mail' AND c.subject_id = m.id AND c.kind = 'mail.reply' AND c.state = 'running'
    WHERE m.mailbox_id = %s AND m.answered_at IS NULL AND m.done IN ('triage', 'case', 'more')"""
_UNUSED = """
    SELECT b.id, max(m.received_at), count(m.id) FROM mailroom_mailbox b
    LEFT JOIN mailroom_mail m ON m.mailbox_id = b.id AND m.kind = 'ordinary' AND m.received_at > %(year)s
    WHERE b.state = 'open' AND b.closing_proposed_at IS NULL AND b.created_at < %(since)s AND b.fetched_at IS NOT NULL
    GROUP BY b.id HAVING coalesce(max(m.received_at), b.created_at) < %(since)s LIMIT %(limit)s"""


def watch(at: datetime) -> int:
    """The sweep: a clock for each mailbox where something lies unopened, and an end to the promise of what was dealt with."""
    started = 0
    for mailbox_id, since in fetch_all(_UNWATCHED, (LOOKING, BATCH)):
        with transaction.atomic():
            mailbox = Mailbox.objects.select_for_update().get(pk=mailbox_id)
            if mailbox.last_opened_at is None or mailbox.last_opened_at < since:
                clocks.start(LOOKING, about=mailbox.subject, at=since)
                started += 1
    ids = [mail_id for (mail_id,) in fetch_all(_DEALT_WITH, (BATCH,))]
    with transaction.atomic():
        return started + (was_answered(Mail.objects.filter(pk__in=ids), at=at) if ids else 0)


def clock_rang(event: ClockRang) -> None:
    """Nobody looked in time. A mailbox that was looked into meanwhile has no such clock."""
    if event.kind != LOOKING:
        return
    mailbox = Mailbox.objects.select_for_update().filter(pk=event.subject.id).first()
    if mailbox is None or mailbox.state == BoxState.CLOSED:
        return
    mailbox.alerted_at = event.at
    mailbox.save(update_fields=["alerted_at"])
    owner = _post(mailbox.owner_post_id)
    to = _above(owner) if event.rung == TO_MANAGER else owner
    unread, overdue = counts(mailbox.pk, at=event.at)
    said = {
        "since": mailbox.last_opened_at or mailbox.created_at,
        "unread": unread,
        "overdue": overdue,
        "to_manager": event.rung == TO_MANAGER,
    }
    key = f"mailbox-{event.clock_id}-{event.rung}"
    _tell(mailbox, to, "staff/mailbox_neglected", said, key=key, at=event.at)
    data: dict[str, object] = {"rung": event.rung, "to": to.code if to else ""}
    ledger.record("mailbox.neglected", about=mailbox.subject, by=SYSTEM, at=event.at, data=data)


def counts(mailbox_id: UUID, *, at: datetime) -> tuple[int, int]:
    """(unread, overdue) of what waits for an answer. One query."""
    [(unread, overdue)] = fetch_all(_COUNTS, (at, mailbox_id))
    return int(unread), int(overdue)


def propose_closing(at: datetime) -> int:
    """The daily sweep: the owner of a mailbox that people no longer write to is asked whether it can be closed; how many."""
    found = fetch_all(_UNUSED, {"year": at - A_YEAR, "since": at - UNUSED, "limit": BATCH})
    for mailbox_id, last, many in found:
        with transaction.atomic():
            mailbox = Mailbox.objects.select_for_update().get(pk=mailbox_id)
            mailbox.closing_proposed_at = at
            mailbox.save(update_fields=["closing_proposed_at"])
            said = {"since": council_date(last or mailbox.created_at), "many": many}
            owner = _post(mailbox.owner_post_id)
            key = f"mailbox-unused-{mailbox.pk}-{council_date(at).isoformat()}"
            _tell(mailbox, owner, "staff/mailbox_unused", said, key=key, at=at)
            ledger.record("mailbox.closing_proposed", about=mailbox.subject, by=SYSTEM, at=at, data={"mails": many})
    return len(found)


def _tell(
    mailbox: Mailbox, post: PostEntry | None, template: str, said: dict[str, object], *, key: str, at: datetime
) -> None:
    """Everybody who holds the post; without one, whoever reads the mailbox."""
    for name, email in _people(mailbox, post, at=at):
        notifications.send(
            template,
            to=Recipient(name=name, email=email),
            about=mailbox.subject,
            key=f"{key}-{email}",
            context={**said, "mailbox": mailbox.address, "link": f"{settings.PUBLIC_URL}/work/mail/boxes/{mailbox.pk}"},
            at=at,
        )


def _people(mailbox: Mailbox, post: PostEntry | None, *, at: datetime) -> Sequence[tuple[str, str]]:
    if post is not None:
        return [(post.title, email) for email in mail_of(post.id, on=council_date(at)) if email]
    return list(User.objects.filter(pk__in=mailbox.readers, is_active=True).values_list("name", "email"))


def _above(owner: PostEntry | None) -> PostEntry | None:
    """The manager of the owner's team; where the owner is that, whoever manages above, else the owner again."""
    if owner is None:
        return None
    manager = directory.manager_of(owner.team_id)
    return manager if manager is not None and manager.id != owner.id else _senior() or owner


def _senior() -> PostEntry | None:
    return next((one for one in directory.all_posts() if one.role == Role.SENIOR_MANAGER), None)


def _post(post_id: UUID | None) -> PostEntry | None:
    """None where there is none, or it was closed since."""
    try:
        return directory.post_by_id(post_id) if post_id else None
    except directory.UnknownCode:
        return None
