"""What nudges were shown to whom, and what followed. Counted behind the work, from what it left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from townhall.accounts.events import AccountOpened
from townhall.core.db import execute, fetch_all, fetch_one
from townhall.core.ids import uuid7
from townhall.outreach import nudging
from townhall.outreach.models import Nudge, Reached

READ = 2_000  # rows in one go
SETTLED = timedelta(minutes=1)  # what was written longer ago is committed: a transaction takes seconds
FIRST = timedelta(days=1)  # how far back the first look goes
KEEPS_WHO = timedelta(days=90)  # the longest a nudge may count what followed
_MESSAGES = """SELECT m.id, m.body_text, m.customer_id, m.recipient_address, m.channel, m.created_at, m.template,
      coalesce(c.service_code, '')
    FROM notifications_message m LEFT JOIN cases_case c ON c.id = m.case_id
    WHERE m.id > %s AND m.id < %s ORDER BY m.id LIMIT %s"""
_CONTACTS = """SELECT k.id, k.customer_id, k.given_email, k.started_at FROM contacts_contact k
    WHERE k.id > %s AND k.id < %s AND k.channel IN ('web', 'account') ORDER BY k.id LIMIT %s"""
# Only what was shown where nobody was online by then: who reports on the web and reads of it there has not changed their way.
_WENT_ONLINE = """UPDATE outreach_shown s SET taken_at = %s, taken_how = 'online' FROM outreach_nudge n
    WHERE n.id = s.nudge_id AND s.taken_at IS NULL AND s.place IN ('letter', 'script') AND s.shown_at < %s
      AND s.shown_at > %s - n.within_days * interval '1 day' AND (s.customer_id = %s OR (s.mailbox = %s AND %s <> ''))"""
_OPENED = """UPDATE outreach_shown s SET taken_at = %s, taken_how = 'account' FROM outreach_nudge n
    WHERE n.id = s.nudge_id AND (s.taken_at IS NULL OR s.taken_how = 'online') AND s.shown_at <= %s
      AND s.shown_at > %s - n.within_days * interval '1 day' AND (s.customer_id = %s OR (s.mailbox = %s AND %s <> ''))"""
_RESULTS = """SELECT s.nudge_id, count(*), count(s.followed_at), count(*) FILTER (WHERE s.taken_how = 'account'),
      count(*) FILTER (WHERE s.taken_how = 'online'), count(*) FILTER (WHERE s.followed_at IS NOT NULL OR s.taken_at IS NOT NULL)
    FROM outreach_shown s WHERE s.nudge_id = ANY(%s) GROUP BY s.nudge_id"""
_BY_SERVICE = """SELECT service_code, place, count(*), count(*) FILTER (WHERE followed_at IS NOT NULL OR taken_at IS NOT NULL)
    FROM outreach_shown WHERE nudge_id = %s GROUP BY service_code, place ORDER BY count(*) DESC, service_code, place LIMIT 100"""


@dataclass(frozen=True, kw_only=True)
class Result:
    """What a nudge did. `taken`: of those shown, who followed its link, opened an account or got in touch online in time."""

    shown: int = 0
    followed: int = 0
    accounts: int = 0
    online: int = 0
    taken: int = 0

    @property
    def percent(self) -> float:
        return 100 * self.taken / self.shown if self.shown else 0.0


def shown(
    nudge_id: UUID,
    place: str,
    *,
    about: UUID,
    at: datetime,
    service: str = "",
    customer_id: UUID | None = None,
    email: str = "",
) -> None:
    """Note one showing. The same page opened again is the same showing. One statement."""
    execute(
        """INSERT INTO outreach_shown (id, nudge_id, place, service_code, about_id, customer_id, mailbox, shown_at, taken_how)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s, '') ON CONFLICT DO NOTHING""",
        (uuid7(), nudge_id, place, service, about, customer_id, nudging.mailbox(email), at),
    )


def followed(code: str, token: str, *, at: datetime) -> str | None:
    """A link was opened: where it leads, or None when there is no such nudge. Whose link it was counts once.

    A link whose showing is not counted yet is counted with it; one that is not ours only leads on.
    """
    nudge = Nudge.objects.filter(code=code).first()
    if nudge is None:
        return None
    about = nudging.shown_with(code, token)
    if about is not None and not _mark(nudge.pk, about, at=at):
        _count_message(about)
        _mark(nudge.pk, about, at=at)
    return nudge.leads_to


def _mark(nudge_id: UUID, about: UUID, *, at: datetime) -> int:
    query = "UPDATE outreach_shown SET followed_at = coalesce(followed_at, %s) WHERE nudge_id = %s AND about_id = %s"
    return execute(query, (at, nudge_id, about))


def _count_message(message_id: UUID) -> None:
    before = UUID(int=message_id.int - 1)
    _keep(fetch_all(_MESSAGES, (before, UUID(int=message_id.int + 1), 1)))


def count_shown(at: datetime) -> int:
    """The sweep that reads new messages once, in order, for nudges; how many it read."""
    with transaction.atomic():
        since = _reached("messages", at=at)
        rows = fetch_all(_MESSAGES, (since, _floor(at - SETTLED), READ))
        _keep(rows)
        _now_at("messages", rows)
    return len(rows)


def _keep(rows: Sequence[tuple[Any, ...]]) -> None:
    known = {one.code: one.pk for one in Nudge.objects.exclude(state="draft").only("code", "id")}
    for message_id, words, customer_id, address, channel, made_at, template, service in rows:
        found = nudging.LINK.search(words) if "/n/" in words else None
        if found is None or found[1] not in known or nudging.shown_with(found[1], found[2]) != message_id:
            continue
        place = Nudge.Place.LETTER if channel == "letter" else nudging.PLACES_OF.get(template, Nudge.Place.LETTER)
        email = address if channel == "email" else ""
        shown(
            known[found[1]], place, about=message_id, at=made_at, service=service, customer_id=customer_id, email=email
        )


def count_online(at: datetime) -> int:
    """The sweep that reads new digital contacts once, and marks what was said to these people before; how many it read."""
    with transaction.atomic():
        since = _reached("contacts", at=at)
        rows = fetch_all(_CONTACTS, (since, _floor(at - SETTLED), READ))
        for _id, customer_id, email, began in rows:
            if customer_id is not None or email:
                hashed = nudging.mailbox(email)
                execute(_WENT_ONLINE, (began, began, began, customer_id, hashed, hashed))
        _now_at("contacts", rows)
    return len(rows)


def account_opened(event: AccountOpened) -> None:
    """Somebody opened an account: the nudges shown to them in time brought it, as far as anybody can say."""
    hashed = nudging.mailbox(event.email)
    execute(_OPENED, (event.at, event.at, event.at, event.customer_id, hashed, hashed))


def forget_who(at: datetime) -> int:
    """The daily sweep: what was shown longer ago is a count, and nobody's."""
    return execute(
        """UPDATE outreach_shown SET customer_id = NULL, mailbox = ''
        WHERE shown_at < %s AND (customer_id IS NOT NULL OR mailbox <> '')""",
        (at - KEEPS_WHO,),
    )


def results(nudge_ids: Sequence[UUID]) -> dict[UUID, Result]:
    """By nudge. One query of an index."""
    return {
        row[0]: Result(shown=row[1], followed=row[2], accounts=row[3], online=row[4], taken=row[5])
        for row in fetch_all(_RESULTS, (list(nudge_ids),))
    }


def by_service(nudge_id: UUID) -> list[tuple[str, str, int, int]]:
    """Service, place, shown, taken; the most shown first. One query."""
    return [(row[0], row[1], row[2], row[3]) for row in fetch_all(_BY_SERVICE, (nudge_id,))]


def _reached(name: str, *, at: datetime) -> UUID:
    """How far was read, its row locked: two workers take turns."""
    Reached.objects.get_or_create(name=name, defaults={"last": _floor(at - FIRST)})
    found = fetch_one("SELECT last FROM outreach_reached WHERE name = %s FOR UPDATE", (name,))
    assert found is not None
    last: UUID = found[0]
    return last


def _now_at(name: str, rows: Sequence[tuple[Any, ...]]) -> None:
    if rows:
        Reached.objects.filter(name=name).update(last=rows[-1][0])


def _floor(at: datetime) -> UUID:
    """The smallest UUIDv7 made at a moment."""
    return UUID(int=int(at.timestamp() * 1000) << 80 | 0x7 << 76 | 0b10 << 62)
