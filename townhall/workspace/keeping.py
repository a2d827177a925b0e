"""What was typed on a page of the desk and not sent yet: kept on the server a second after each change, and put back when the page opens.

Only whoever typed it sees it. It goes when the page is sent, when they throw it away, and after a week.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec
from django.utils.translation import gettext as _

from townhall.core.cards import REFUSAL, has_card_number
from townhall.core.db import execute, fetch_one
from townhall.core.errors import BadInput
from townhall.core.ids import uuid7

LASTS = timedelta(days=7)
MOST_FIELDS = 200
LONGEST = 20_000  # characters of all values together
LONGEST_PATH = 300
TIDIED_AT_ONCE = 1_000
_NEVER: Final = frozenset({"csrfmiddlewaretoken", "key", "password"})
_KEEP: Final = """INSERT INTO workspace_kept (id, user_id, page, fields, kept_at) VALUES (%s, %s, %s, %s::jsonb, %s)
    ON CONFLICT (user_id, page) DO UPDATE SET fields = excluded.fields, kept_at = excluded.kept_at"""


def keep(user_id: UUID, page: str, fields: Mapping[str, Sequence[str]], *, at: datetime) -> None:
    """In place of what was kept of this page before. Raises BadInput for too much, a card number, or a page that is none of the desk's."""
    kept = {name: list(values) for name, values in fields.items() if name not in _NEVER and any(values)}
    if not page.startswith("/work/") or len(page) > LONGEST_PATH or len(kept) > MOST_FIELDS:
        raise BadInput({"": _("This cannot be kept")})
    values = [value for several in kept.values() for value in several]
    if sum(map(len, values)) > LONGEST:
        raise BadInput({"": _("This is too long to be kept")})
    if any(has_card_number(value) for value in values):
        raise BadInput({"": str(REFUSAL)})
    if not kept:
        forget(user_id, page)
        return
    execute(_KEEP, (uuid7(), user_id, page, msgspec.json.encode(kept).decode(), at))


def kept(user_id: UUID, page: str) -> dict[str, list[str]]:
    """What this person typed there, by field; empty when nothing is kept. One statement."""
    row = fetch_one("SELECT fields::text FROM workspace_kept WHERE user_id = %s AND page = %s", (user_id, page))
    return msgspec.json.decode(row[0], type=dict[str, list[str]]) if row else {}


def forget(user_id: UUID, page: str) -> None:
    """It was sent, or is not wanted. May run inside a transaction; nothing there is no error."""
    execute("DELETE FROM workspace_kept WHERE user_id = %s AND page = %s", (user_id, page))


def tidy(at: datetime) -> int:
    """Sweep: forget what was left for a week."""
    return execute(
        "DELETE FROM workspace_kept WHERE id IN (SELECT id FROM workspace_kept WHERE kept_at < %s LIMIT %s)",
        (at - LASTS, TIDIED_AT_ONCE),
    )
