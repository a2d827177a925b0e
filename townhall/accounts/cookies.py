"""What the browser's session holds while somebody signs in, and once they have."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from townhall.accounts.web import SESSION_KEY
from townhall.core.time import aware

if TYPE_CHECKING:
    from django.contrib.sessions.backends.base import SessionBase

BETWEEN_STEPS = timedelta(minutes=10)  # from the password to the code
_PENDING, _PENDING_AT, _NEXT = "staff_pending", "staff_pending_at", "staff_next"


def password_shown(session: SessionBase, user_id: UUID, *, next_path: str, at: datetime) -> None:
    """Remember the first step, under a new session id."""
    _clear(session)
    session.cycle_key()
    session[_PENDING], session[_PENDING_AT], session[_NEXT] = str(user_id), at.isoformat(), next_path


def pending(session: SessionBase, at: datetime) -> UUID | None:
    """Who has shown a password and not yet a code, for a few minutes."""
    user_id, since = session.get(_PENDING), session.get(_PENDING_AT)
    if not user_id or not since or at - aware(datetime.fromisoformat(since)) > BETWEEN_STEPS:
        return None
    return UUID(user_id)


def signed_in(session: SessionBase, staff_session_id: UUID) -> str:
    """Turn the pending session into a signed-in one, under a new id. Where the person wanted to go."""
    next_path = str(session.get(_NEXT) or "")
    _clear(session)
    session.cycle_key()
    session[SESSION_KEY] = str(staff_session_id)
    return next_path


def _clear(session: SessionBase) -> None:
    for key in (_PENDING, _PENDING_AT, _NEXT, SESSION_KEY):
        session.pop(key, None)
