"""Codes printed on material: the page behind one counts its visits, and advisers ask for it. No visitor is known by it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from townhall.core.db import execute, fetch_all
from townhall.core.time import council_date
from townhall.outreach.models import Campaign
from townhall.registers import queries as registers
from townhall.ui.paths import is_ours

CODE_LENGTH = 6  # characters: a register's codes have five, so the two never meet
_VISITS = "SELECT code, sum(visits) FROM outreach_codevisits WHERE code = ANY(%s) GROUP BY code"
_CONTACTS = "SELECT code, count(*) FROM outreach_codecontact WHERE code = ANY(%s) GROUP BY code"


@dataclass(frozen=True, kw_only=True)
class Coded:
    """What a code stands for, and the page of the public site it leads to."""

    code: str
    name: str
    leads_to: str


def behind(typed: str) -> Coded | None:
    """However it was typed; None for a code that we did not give out."""
    code = "".join(character for character in typed.upper() if character.isalnum())[:10]
    if not code:
        return None
    campaign = Campaign.objects.filter(code=code).first()
    if campaign is not None:
        return Coded(code=code, name=campaign.name, leads_to=campaign.leads_to)
    row = registers.by_code(code)
    if row is None:
        return None
    page = str(row.values.get("leads_to", ""))
    return Coded(code=code, name=row.title, leads_to=page if is_ours(page) else "/")


def visited(code: str, *, at: datetime) -> Coded | None:
    """The page behind a code was opened: counted for its day. Two statements."""
    found = behind(code)
    if found is not None:
        execute(
            """INSERT INTO outreach_codevisits AS held (code, "on", visits) VALUES (%s, %s, 1)
            ON CONFLICT (code, "on") DO UPDATE SET visits = held.visits + 1""",
            (found.code, council_date(at)),
        )
    return found


def named(contact_id: UUID, code: str, *, at: datetime) -> None:
    """Somebody named it in a conversation; of two codes the later counts."""
    execute(
        """INSERT INTO outreach_codecontact (contact_id, code, at) VALUES (%s, %s, %s)
        ON CONFLICT (contact_id) DO UPDATE SET code = excluded.code, at = excluded.at""",
        (contact_id, code, at),
    )


def brought(codes: Sequence[str]) -> Mapping[str, tuple[int, int]]:
    """Visits and contacts by code. Two queries."""
    visits = dict(fetch_all(_VISITS, (list(codes),)))
    contacts = dict(fetch_all(_CONTACTS, (list(codes),)))
    return {code: (int(visits.get(code, 0)), int(contacts.get(code, 0))) for code in codes}
