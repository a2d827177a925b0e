"""My requests: everything a customer asked of the council, by any channel, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from townhall.cases.models import OPEN_STATES, Case, Follower, Note
from townhall.cases.states import State
from townhall.catalogue import queries as catalogue
from townhall.contacts import queries as contacts
from townhall.core.db import fetch_all
from townhall.core.errors import NotFound
from townhall.core.paging import Page, page_of, read_cursor
from townhall.core.references import parse_reference

SIZE = 20
_FROM_THE_END = (datetime(9000, 1, 1, tzinfo=UTC), UUID(int=2**128 - 1))

# A case stands for the contact that opened it; a contact is listed by itself when no case came of it.
_MINE = """
    (SELECT c.id, c.opened_at AS at, c.origin_channel, c.service_code, c.reference, c.state,
            coalesce(nullif(c.address, ''), c.place_words), c.due_on
     FROM cases_case c WHERE c.customer_id = %s AND (c.opened_at, c.id) < (%s, %s)
     ORDER BY c.opened_at DESC, c.id DESC LIMIT %s)
    UNION ALL
    (SELECT k.id, k.started_at, k.channel, k.service_code, '', '', '', NULL
     FROM contacts_contact k WHERE k.customer_id = %s AND (k.started_at, k.id) < (%s, %s)
       AND NOT EXISTS (SELECT 1 FROM cases_casecontact x WHERE x.contact_id = k.id)
     ORDER BY k.started_at DESC, k.id DESC LIMIT %s)
    ORDER BY at DESC, id DESC LIMIT %s"""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request. Without a reference it was a conversation that needed no more work."""

    id: UUID
    at: datetime
    channel: str  # in words
    service: str  # the name; empty when none was noted
    reference: str
    state: str  # in words
    is_open: bool
    place: str
    due_on: date | None


def mine(customer_id: UUID, *, after: str = "", size: int = SIZE) -> Page[Asked]:
    """A customer's requests. One statement."""
    at, key = _cursor(after)
    here = (customer_id, at, key, size + 1)
    rows = fetch_all(_MINE, (*here, *here, size + 1))
    return page_of([_asked(row) for row in rows], size=size, key=lambda one: (one.at.isoformat(), one.id))


def _asked(row: tuple[Any, ...]) -> Asked:
    channels = contacts.words().all_channels
    return Asked(
        id=row[0],
        at=row[1],
        channel=channels.get(row[2], row[2]),
        service=_service_name(row[3]),
        reference=row[4],
        state=str(State(row[5]).label) if row[5] else "",
        is_open=row[5] in OPEN_STATES,
        place=row[6],
        due_on=row[7],
    )


def _service_name(code: str) -> str:
    try:
        return catalogue.service(code).name if code else ""
    except NotFound:
        return ""


def _cursor(text: str) -> tuple[datetime, UUID]:
    values = read_cursor(text, length=2) if text else None
    try:
        return (datetime.fromisoformat(values[0]), UUID(values[1])) if values else _FROM_THE_END
    except ValueError:
        return _FROM_THE_END


@dataclass(frozen=True, kw_only=True)
class OwnCase:
    """What only whose request it is may see of it, beside the public page."""

    case: Case
    follower: Follower | None  # how they are told of it and may answer
    notes: Sequence[Note]  # our questions, their replies and additions, in order

    @property
    def is_open(self) -> bool:
        return self.case.state in OPEN_STATES

    @property
    def question(self) -> Note | None:
        """The question that waits for their answer."""
        if self.case.state != State.WAITING_FOR_CUSTOMER:
            return None
        return next((note for note in reversed(self.notes) if note.kind == Note.Kind.QUESTION), None)

    @property
    def can_cancel(self) -> bool:
        early = (State.AWAITING_DECISION, State.ACCEPTED, State.WAITING_FOR_CUSTOMER)
        return self.follower is not None and self.case.followers <= 1 and self.case.state in early


def own_case(reference: str, *, customer_id: UUID) -> OwnCase:
    """A request of this customer. Three queries. Raises NotFound for another's, as for one that is not there."""
    known = parse_reference(reference)
    case = Case.objects.filter(reference=known, customer_id=customer_id).first() if known else None
    if case is None:
        raise NotFound
    theirs = Follower.objects.filter(case=case, customer_id=customer_id, is_reporter=True, ended_at=None)
    shown = (Note.Kind.QUESTION, Note.Kind.REPLY, Note.Kind.UPDATE)
    notes = list(case.notes.filter(kind__in=shown).order_by("at", "id")[:200])
    return OwnCase(case=case, follower=theirs.order_by("since").first(), notes=notes)
