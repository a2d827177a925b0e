"""So many attempts in a quarter of an hour, counted in the database so that every process counts the same.

An attempt is counted before it is looked at, in one statement: a hundred at once get no more tries than one after another. What
comes while the limit is reached is not counted, so a lock ends by itself, WINDOW after the first attempt.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from townhall.accounts.models import Throttle
from townhall.core.db import execute, fetch_one
from townhall.core.sealing import fingerprint

WINDOW = timedelta(minutes=15)
TIDIED_AT_ONCE = 1_000


@dataclass(frozen=True, kw_only=True)
class Limit:
    what: str
    most: int  # attempts in a WINDOW


# An account is what somebody tries to break into. An address may be a whole council behind one router, so it gets more.
SIGN_IN = Limit(what="sign_in.account", most=10)
SIGN_IN_ADDRESS = Limit(what="sign_in.address", most=50)
CODE = Limit(what="code.account", most=5)
CODE_ADDRESS = Limit(what="code.address", most=50)

_COUNT = """
    INSERT INTO accounts_throttle AS kept (key, started_at, attempts) VALUES (%s, %s, %s)
    ON CONFLICT (key) DO UPDATE SET
        started_at = CASE WHEN kept.started_at <= %s THEN excluded.started_at ELSE kept.started_at END,
        attempts = CASE WHEN kept.started_at <= %s THEN excluded.attempts
                        ELSE least(kept.attempts + excluded.attempts, %s + 1) END
    RETURNING started_at, attempts
"""


def wait(limit: Limit, whom: str, at: datetime, *, times: int = 1) -> timedelta:
    """Count an attempt, or several, by or at `whom` (an email, a user id, an address). How long to wait; zero when it may go on."""
    before = at - WINDOW
    row = fetch_one(_COUNT, (_key(limit, whom), at, times, before, before, limit.most))
    assert row is not None
    started_at, attempts = row
    return started_at + WINDOW - at if attempts > limit.most else timedelta(0)


def forget(limit: Limit, whom: str) -> None:
    """It was them: start counting anew."""
    execute("DELETE FROM accounts_throttle WHERE key = %s", (_key(limit, whom),))


def give_back(limit: Limit, whom: str) -> None:
    """Take one attempt off, so that an office behind one address is not held up by its own right passwords."""
    execute(
        "UPDATE accounts_throttle SET attempts = attempts - 1 WHERE key = %s AND attempts > 0", (_key(limit, whom),)
    )


def tidy(at: datetime) -> int:
    """Remove counts that no longer matter."""
    old = Throttle.objects.filter(started_at__lte=at - WINDOW).values_list("key", flat=True)[:TIDIED_AT_ONCE]
    return Throttle.objects.filter(key__in=list(old), started_at__lte=at - WINDOW).delete()[0]


def _key(limit: Limit, whom: str) -> str:
    return f"{limit.what}:{fingerprint('throttle', whom)}"
