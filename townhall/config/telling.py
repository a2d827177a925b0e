"""Who tells somebody another way what reached them by none: of a case the post that its page names for it."""

from __future__ import annotations

from uuid import UUID

from townhall.core.db import fetch_one
from townhall.notifications import unreached


def connect() -> None:
    unreached.owned_by(_teller)


def _teller(case_id: UUID) -> UUID | None:
    found = fetch_one("SELECT teller_post_id FROM cases_case WHERE id = %s", (case_id,))
    return found[0] if found else None
