"""Staff sessions: who is signed in, for how long, and how that ends. Times as in settings; see docs/operations.md."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction

from townhall.accounts.models import StaffSession
from townhall.accounts.queries import staff_actor
from townhall.core.actors import Actor
from townhall.core.db import execute, fetch_all
from townhall.core.subjects import Subject
from townhall.core.time import council_date
from townhall.ledger.operations import record

IDLE = timedelta(seconds=settings.STAFF_IDLE_SECONDS)
LONGEST = timedelta(hours=settings.STAFF_SESSION_HOURS)
SEEN_EVERY = timedelta(seconds=30)  # a session's last activity is written down no more often than this
_UNSEEN = IDLE + SEEN_EVERY  # so nobody is signed out before the time that their page counts down to
ENDED_KEPT = timedelta(days=30)
TIDIED_AT_ONCE = 1_000

# Session, person and posts held, a row for each post (or one without): a session that is over gives nothing.
RUNNING = """
    SELECT session.user_id, person.email, person.name, session.started_at, session.last_seen_at,
           held.role, held.team_id, held.id, held.site_code
    FROM accounts_staffsession AS session
    JOIN accounts_user AS person ON person.id = session.user_id AND person.is_active
    LEFT JOIN (
        SELECT holder.user_id, post.role, post.team_id, post.id, post.site_code
        FROM accounts_postholder AS holder
        JOIN accounts_post AS post ON post.id = holder.post_id AND post.is_active
        JOIN accounts_team AS team ON team.id = post.team_id AND team.is_active
        WHERE holder.from_on <= %s AND (holder.until_on IS NULL OR holder.until_on >= %s)
    ) AS held ON held.user_id = session.user_id
    WHERE session.id = %s AND session.ended_at IS NULL AND session.last_seen_at > %s AND session.started_at > %s
"""
RUNNING_IN = f"{RUNNING} AND EXISTS (SELECT FROM django_session WHERE session_key = %s AND expire_date > %s)"


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """A member of staff with a running session. Stands in for Django's user: `request.user` is this or AnonymousUser."""

    session_id: UUID
    user_id: UUID
    email: str
    name: str
    actor: Actor
    started_at: datetime
    last_seen_at: datetime
    asked_at: datetime  # when this was read: the moment of the request
    is_authenticated: ClassVar[bool] = True
    is_anonymous: ClassVar[bool] = False
    is_active: ClassVar[bool] = True

    @property
    def pk(self) -> UUID:
        return self.user_id

    @property
    def seconds_left(self) -> int:
        """How long after this request the session ends if nothing more happens; pages warn two minutes before."""
        return int(min(IDLE, self.started_at + LONGEST - self.asked_at).total_seconds())

    def get_full_name(self) -> str:
        return self.name

    def get_username(self) -> str:
        return self.email


def running(session_id: UUID, at: datetime, *, browser: str = "") -> SignedIn | None:
    """The person behind a session that has not ended, idled out or grown too old. One query.

    browser: the key of the browser's session, which must be there still; without it the caller has read that.
    """
    on = council_date(at)
    asked = (on, on, session_id, at - _UNSEEN, at - LONGEST)
    rows = (
        fetch_all(RUNNING_IN, (*asked, browser, at), binary=True) if browser else fetch_all(RUNNING, asked, binary=True)
    )
    if not rows:
        return None
    user_id, email, name, started_at, last_seen_at = rows[0][:5]
    return SignedIn(
        session_id=session_id,
        user_id=user_id,
        email=email,
        name=name,
        actor=staff_actor(user_id, [row[5:] for row in rows if row[7] is not None]),
        started_at=started_at,
        last_seen_at=last_seen_at,
        asked_at=at,
    )


@transaction.atomic
def start(user_id: UUID, *, browser: str, at: datetime, by: Actor) -> StaffSession:
    """Begin a session for somebody who has shown both factors."""
    session = StaffSession.objects.create(user_id=user_id, browser=browser[:200], started_at=at, last_seen_at=at)
    record("staff.signed_in", about=_person(user_id), by=by, at=at, data={"session": str(session.id)})
    return session


def seen(session_id: UUID, at: datetime) -> None:
    """Write down activity. Never revives a session that has ended in the meantime."""
    execute(
        "UPDATE accounts_staffsession SET last_seen_at = %s "
        "WHERE id = %s AND ended_at IS NULL AND last_seen_at > %s AND last_seen_at < %s",
        (at, session_id, at - _UNSEEN, at),
    )


@transaction.atomic
def end(session_id: UUID, *, user_id: UUID, because: str, by: Actor, at: datetime) -> bool:
    """End one of a person's own sessions. False when it is over already, or somebody else's."""
    ended = StaffSession.objects.filter(pk=session_id, user_id=user_id, ended_at=None).update(
        ended_at=at, ended_because=because
    )
    if ended:
        data: dict[str, object] = {"session": str(session_id), "because": because}
        record("staff.signed_out", about=_person(user_id), by=by, at=at, data=data)
    return bool(ended)


@transaction.atomic
def end_all(user_id: UUID, *, because: str, by: Actor, at: datetime, keep: UUID | None = None) -> int:
    """End a person's sessions, except `keep`. Returns how many."""
    rest = StaffSession.objects.filter(user_id=user_id, ended_at=None)
    if keep is not None:
        rest = rest.exclude(pk=keep)
    ended = rest.update(ended_at=at, ended_because=because)
    if ended:
        data: dict[str, object] = {"sessions": ended, "because": because}
        record("staff.sessions_ended", about=_person(user_id), by=by, at=at, data=data)
    return ended


def sessions_of(user_id: UUID, at: datetime) -> list[StaffSession]:
    """A person's running sessions, the newest first."""
    rows = StaffSession.objects.filter(
        user_id=user_id, ended_at=None, last_seen_at__gt=at - _UNSEEN, started_at__gt=at - LONGEST
    )
    return list(rows.order_by("-started_at")[:50])


def tidy(at: datetime) -> int:
    """Sweep: remove browser sessions that are over, and forget staff sessions ENDED_KEPT after they began (the ledger remembers)."""
    stale = Session.objects.filter(expire_date__lt=at).values_list("pk", flat=True)[:TIDIED_AT_ONCE]
    removed = Session.objects.filter(pk__in=list(stale), expire_date__lt=at).delete()[0]
    old = StaffSession.objects.filter(started_at__lt=at - ENDED_KEPT).values_list("pk", flat=True)[:TIDIED_AT_ONCE]
    return removed + StaffSession.objects.filter(pk__in=list(old)).delete()[0]


def _person(user_id: UUID) -> Subject:
    return Subject(kind="user", id=user_id)
