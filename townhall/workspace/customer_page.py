"""Everything a customer got in touch about, in one list: contacts by every channel, with the cases they were about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import msgspec

from townhall.cases.access import SEE_ALL, cases_visible_to
from townhall.cases.models import OPEN_STATES
from townhall.cases.states import State
from townhall.core.actors import Actor
from townhall.core.db import fetch_all
from townhall.core.paging import Page, page_of, read_cursor

SIZE = 20
_FROM_THE_END = (datetime(9000, 1, 1, tzinfo=UTC), UUID(int=2**128 - 1))

# A case stands with the contact that opened it; on its own only when that contact is somebody else's or is not known.
_HISTORY = """
    SELECT t.*, u.name FROM (
      (SELECT k.id, k.started_at AS at, k.channel, k.reason_code, k.outcome, k.ended_at IS NULL AS going_on, k.adviser_id, k.notes,
         (SELECT json_agg(json_build_object('id', c.id, 'kind', x.kind, 'reference', c.reference, 'service', c.service_code,
            'state', c.state, 'place', coalesce(nullif(c.address, ''), c.place_words), 'due_on', c.due_on) ORDER BY c.opened_at)::text
          FROM cases_casecontact x JOIN cases_case c ON c.id = x.case_id WHERE x.contact_id = k.id) AS cases
       FROM contacts_contact k WHERE k.customer_id = %s AND (k.started_at, k.id) < (%s, %s)
       ORDER BY k.started_at DESC, k.id DESC LIMIT %s)
      UNION ALL
      (SELECT c.id, c.opened_at, '', '', '', false, NULL, '',
         json_build_array(json_build_object('id', c.id, 'kind', 'own', 'reference', c.reference, 'service', c.service_code,
            'state', c.state, 'place', coalesce(nullif(c.address, ''), c.place_words), 'due_on', c.due_on))::text
       FROM cases_case c WHERE c.customer_id = %s AND (c.opened_at, c.id) < (%s, %s)
         AND NOT EXISTS (SELECT 1 FROM cases_casecontact x JOIN contacts_contact k ON k.id = x.contact_id
                         WHERE x.case_id = c.id AND x.kind = 'origin' AND k.customer_id = c.customer_id)
       ORDER BY c.opened_at DESC, c.id DESC LIMIT %s)
    ) t LEFT JOIN accounts_user u ON u.id = t.adviser_id
    ORDER BY t.at DESC, t.id DESC LIMIT %s"""

_OPEN_CASES = """
    SELECT c.id, 'own', c.reference, c.service_code, c.state, coalesce(nullif(c.address, ''), c.place_words), c.due_on
    FROM cases_case c WHERE c.customer_id = %s AND c.state = ANY(%s) ORDER BY c.opened_at DESC, c.id DESC LIMIT 10"""
_CASES_OF_CONTACT = """
    SELECT c.id, x.kind, c.reference, c.service_code, c.state, coalesce(nullif(c.address, ''), c.place_words), c.due_on,
      c.doer_team_id
    FROM cases_casecontact x JOIN cases_case c ON c.id = x.case_id WHERE x.contact_id = %s ORDER BY x.at, x.id LIMIT 30"""


class CaseLine(msgspec.Struct, frozen=True, kw_only=True):
    """A case as a line. `kind`: what the contact was to it (origin, chaser, more), or own. Without a reference it is not for the reader."""

    id: UUID
    kind: str
    reference: str
    service: str
    state: str
    place: str
    due_on: date

    @property
    def state_words(self) -> str:
        return str(State(self.state).label)

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES


@dataclass(frozen=True, kw_only=True)
class Happening:
    """One time they got in touch, or a case without a contact of theirs (then `channel` is empty)."""

    id: UUID
    at: datetime
    channel: str
    reason: str
    outcome: str
    going_on: bool
    adviser: str
    notes: str
    cases: Sequence[CaseLine]


_LINES = msgspec.json.Decoder(list[CaseLine])


def history(customer_id: UUID, *, by: Actor, after: str = "") -> Page[Happening]:
    """Newest first, from a cursor on. One statement; a second for those who see only some cases."""
    at, key = _cursor(after)
    rows = fetch_all(_HISTORY, (customer_id, at, key, SIZE + 1, customer_id, at, key, SIZE + 1, SIZE + 1))
    happenings = _seen_by(by, [_happening(row) for row in rows])
    return page_of(happenings, size=SIZE, key=lambda one: (one.at.isoformat(), one.id))


def open_cases(customer_id: UUID, *, by: Actor) -> list[CaseLine]:
    """A customer's cases that are not over, for an adviser who is asked how far they are. One statement."""
    rows = fetch_all(_OPEN_CASES, (customer_id, OPEN_STATES))
    lines = [_line(row) for row in rows]
    seen = _visible([line.id for line in lines], by=by)
    return [line for line in lines if seen is None or line.id in seen]


def cases_of_contact(contact_id: UUID) -> list[tuple[CaseLine, UUID]]:
    """The cases that a conversation was about so far, each with the team that does the work. One statement."""
    return [(_line(row), row[7]) for row in fetch_all(_CASES_OF_CONTACT, (contact_id,))]


def customers_of_cases(case_ids: Sequence[UUID]) -> list[tuple[UUID, str]]:
    """Whose cases these are, each with a reference; those of nobody known are left out. One statement, where there are any."""
    if not case_ids:
        return []
    rows = fetch_all(
        "SELECT customer_id, reference FROM cases_case WHERE id = ANY(%s) AND customer_id IS NOT NULL ORDER BY opened_at",
        (list(case_ids),),
    )
    return [(customer_id, reference) for customer_id, reference in rows]


def _line(row: tuple[Any, ...]) -> CaseLine:
    return CaseLine(id=row[0], kind=row[1], reference=row[2], service=row[3], state=row[4], place=row[5], due_on=row[6])


def _happening(row: tuple[Any, ...]) -> Happening:
    return Happening(
        id=row[0],
        at=row[1],
        channel=row[2],
        reason=row[3],
        outcome=row[4],
        going_on=row[5],
        notes=row[7],
        cases=_LINES.decode(row[8]) if row[8] else [],
        adviser=row[9] or "",
    )


def _seen_by(by: Actor, found: list[Happening]) -> list[Happening]:
    """Without the cases that the reader may not see: that there was one is left, and no more."""
    seen = _visible([line.id for one in found for line in one.cases], by=by)
    if seen is None:
        return found
    return [_blanked(one, seen) for one in found]


def _blanked(one: Happening, seen: set[UUID]) -> Happening:
    lines = [
        line
        if line.id in seen
        else CaseLine(
            id=line.id, kind=line.kind, reference="", service="", state=line.state, place="", due_on=line.due_on
        )
        for line in one.cases
    ]
    notes = one.notes if all(line.reference for line in lines) else ""
    return Happening(
        id=one.id,
        at=one.at,
        channel=one.channel,
        reason=one.reason,
        outcome=one.outcome,
        going_on=one.going_on,
        adviser=one.adviser,
        notes=notes,
        cases=lines,
    )


def _visible(case_ids: Sequence[UUID], *, by: Actor) -> set[UUID] | None:
    """Which of these the reader may see; None for all of them."""
    if not case_ids or by.roles & SEE_ALL:
        return None
    return set(cases_visible_to(by).filter(pk__in=case_ids).values_list("pk", flat=True))


def _cursor(text: str) -> tuple[datetime, UUID]:
    values = read_cursor(text, length=2) if text else None
    try:
        return (datetime.fromisoformat(values[0]), UUID(values[1])) if values else _FROM_THE_END
    except ValueError:
        return _FROM_THE_END
