"""Sessions of residents: who is signed in, for how long, and how that ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction

from townhall.accounts.residents.models import ResidentSession
from townhall.accounts.residents.steps import new_token, token_hash
from townhall.core.actors import Actor, ActorKind
from townhall.core.db import execute, fetch_one
from townhall.core.subjects import Subject
from townhall.ledger.operations import record

IDLE = timedelta(seconds=settings.RESIDENT_IDLE_SECONDS)
SHARED_IDLE = timedelta(seconds=settings.SHARED_IDLE_SECONDS)
LONGEST = timedelta(hours=settings.RESIDENT_SESSION_HOURS)
SEEN_EVERY = timedelta(seconds=30)
FRESH = timedelta(minutes=15)  # after proving who they are, what may be changed that could lock its owner out
ENDED_KEPT = timedelta(days=30)
TIDIED_AT_ONCE = 1_000

RUNNING = """
    SELECT s.id, s.account_id, a.email, a.name, s.started_at, s.shown_at, s.last_seen_at, s.is_shared, s.is_strong, s.how,
           s.acting_link_id
    FROM accounts_residentsession s JOIN accounts_residentaccount a ON a.id = s.account_id AND a.closed_at IS NULL
    WHERE s.token_hash = %s AND s.ended_at IS NULL AND s.started_at > %s
      AND s.last_seen_at > CASE WHEN s.is_shared THEN %s ELSE %s END
"""


@dataclass(frozen=True, kw_only=True)
class Resident:
    """Somebody with a running session."""

    session_id: UUID
    account_id: UUID
    email: str
    name: str
    started_at: datetime
    shown_at: datetime
    last_seen_at: datetime
    is_shared: bool
    is_strong: bool
    how: str
    acting_link_id: UUID | None
    asked_at: datetime  # the moment of the request

    @property
    def actor(self) -> Actor:
        return themselves(self.account_id)

    @property
    def seconds_left(self) -> int:
        """Until the session ends if nothing more happens; the page warns two minutes before."""
        idle = SHARED_IDLE if self.is_shared else IDLE
        return int(min(idle, self.started_at + LONGEST - self.asked_at).total_seconds())

    @property
    def is_fresh(self) -> bool:
        return self.asked_at - self.shown_at <= FRESH


def themselves(account_id: UUID) -> Actor:
    """Somebody acting on their own account. What they do with a customer's record is done as that customer."""
    return Actor(kind=ActorKind.CUSTOMER, id=str(account_id))


def about(account_id: UUID) -> Subject:
    return Subject(kind="account", id=account_id)


def running(token: str, at: datetime) -> Resident | None:
    """Who holds this token. One query."""
    row = fetch_one(RUNNING, (token_hash(token), at - LONGEST, at - SHARED_IDLE - SEEN_EVERY, at - IDLE - SEEN_EVERY))
    if row is None:
        return None
    return Resident(
        session_id=row[0],
        account_id=row[1],
        email=row[2],
        name=row[3],
        started_at=row[4],
        shown_at=row[5],
        last_seen_at=row[6],
        is_shared=row[7],
        is_strong=row[8],
        how=row[9],
        acting_link_id=row[10],
        asked_at=at,
    )


_customers: list[Callable[[UUID], UUID | None]] = []


def customers_from(lookup: Callable[[UUID], UUID | None]) -> None:
    """Whose account it is is known above this app: `config/owners.py` gives the lookup. A sign-in is kept with their record."""
    _customers[:] = [lookup]


@transaction.atomic
def start(
    account_id: UUID,
    *,
    browser: str,
    how: str,
    at: datetime,
    is_strong: bool = False,
    is_shared: bool = False,
    provider_session: str = "",
) -> str:
    """Begin a session for somebody who has proved who they are; the token for the cookie, always a new one."""
    token = new_token()
    session = ResidentSession.objects.create(
        account_id=account_id,
        token_hash=token_hash(token),
        browser=browser[:200],
        how=how,
        is_strong=is_strong,
        is_shared=is_shared,
        provider_session=provider_session,
        started_at=at,
        shown_at=at,
        last_seen_at=at,
    )
    data: dict[str, object] = {"session": str(session.pk), "how": how}
    customer_id = next((lookup(account_id) for lookup in _customers), None)
    by = themselves(account_id)
    record("account.signed_in", about=about(account_id), by=by, at=at, customer_id=customer_id, data=data)
    return token


def shown_again(session_id: UUID, at: datetime) -> None:
    """They proved who they are once more."""
    ResidentSession.objects.filter(pk=session_id, ended_at=None).update(shown_at=at)


def seen(session_id: UUID, at: datetime) -> None:
    execute(
        "UPDATE accounts_residentsession SET last_seen_at = %s WHERE id = %s AND ended_at IS NULL AND last_seen_at < %s",
        (at, session_id, at),
    )


def act_for(session_id: UUID, link_id: UUID | None) -> None:
    """Which customer they act for from now on. The caller checks that the link is theirs; every request checks it again."""
    ResidentSession.objects.filter(pk=session_id, ended_at=None).update(acting_link_id=link_id)


@transaction.atomic
def end(session_id: UUID, *, account_id: UUID, because: str, at: datetime) -> bool:
    """End one of somebody's own sessions. False when it is over, or another's."""
    ended = ResidentSession.objects.filter(pk=session_id, account_id=account_id, ended_at=None).update(
        ended_at=at, ended_because=because
    )
    if ended:
        data: dict[str, object] = {"session": str(session_id), "because": because}
        record("account.signed_out", about=about(account_id), by=themselves(account_id), at=at, data=data)
    return bool(ended)


@transaction.atomic
def end_all(account_id: UUID, *, because: str, at: datetime, keep: UUID | None = None) -> int:
    """End somebody's sessions, except `keep`; how many."""
    rest = ResidentSession.objects.filter(account_id=account_id, ended_at=None)
    if keep is not None:
        rest = rest.exclude(pk=keep)
    ended = rest.update(ended_at=at, ended_because=because)
    if ended:
        data: dict[str, object] = {"sessions": ended, "because": because}
        record("account.sessions_ended", about=about(account_id), by=themselves(account_id), at=at, data=data)
    return ended


def sessions_of(account_id: UUID, at: datetime) -> list[ResidentSession]:
    """Somebody's running sessions, the newest first. One query."""
    rows = ResidentSession.objects.filter(
        account_id=account_id, ended_at=None, last_seen_at__gt=at - IDLE - SEEN_EVERY, started_at__gt=at - LONGEST
    )
    return [
        row
        for row in rows.order_by("-started_at")[:50]
        if not row.is_shared or row.last_seen_at > at - SHARED_IDLE - SEEN_EVERY
    ]


def tidy(at: datetime) -> int:
    """Sweep: forget sessions some weeks after they began (the ledger remembers)."""
    old = ResidentSession.objects.filter(started_at__lt=at - ENDED_KEPT).values_list("pk", flat=True)[:TIDIED_AT_ONCE]
    return ResidentSession.objects.filter(pk__in=list(old)).delete()[0]
