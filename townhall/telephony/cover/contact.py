"""Whom a customer asks for about their case: whoever holds its post today, so it changes when they are away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from townhall.core.db import fetch_one

_CONTACT = """
    SELECT u.name, p.title, t.name, t.phone,
        (SELECT v.name FROM telephony_absence a JOIN accounts_user v ON v.id = a.user_id
         WHERE p.id = ANY(a.posts) AND a.from_on <= %(on)s AND a.until_on >= %(on)s AND a.cover_id = u.id LIMIT 1)
    FROM cases_case c
    JOIN accounts_post p ON p.id = coalesce(c.doer_post_id, c.teller_post_id)
    JOIN accounts_team t ON t.id = p.team_id
    JOIN telephony_phoneteam f ON f.team_id = t.id AND f.shows_names
    JOIN accounts_postholder h ON h.post_id = p.id AND h.from_on <= %(on)s AND (h.until_on IS NULL OR h.until_on >= %(on)s)
    JOIN accounts_user u ON u.id = h.user_id AND u.is_active
    WHERE c.id = %(case)s ORDER BY h.from_on DESC, u.name LIMIT 1"""


@dataclass(frozen=True, kw_only=True)
class AskFor:
    name: str
    post: str
    team: str
    phone: str
    instead_of: str  # whoever is away; empty when nobody is


def ask_for(case_id: UUID, *, on: date) -> AskFor | None:
    """None where the team does not show names, or nobody holds the post. One statement."""
    row = fetch_one(_CONTACT, {"on": on, "case": case_id})
    return AskFor(name=row[0], post=row[1], team=row[2], phone=row[3], instead_of=row[4] or "") if row else None
