"""The cases of a customer and of a conversation, as lines. The list of everything is `timeline`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from townhall.cases.access import cases_visible_to
from townhall.cases.models import OPEN_STATES, Case
from townhall.core.actors import Actor
from townhall.core.db import fetch_all
from townhall.workspace.case_line import CaseLine

MOST = 10  # open cases of one customer
_CASES_OF_CONTACT = """
    SELECT c.id, x.kind, c.reference, c.service_code, c.state, coalesce(nullif(c.address, ''), c.place_words), c.due_on,
      c.doer_team_id
    FROM cases_casecontact x JOIN cases_case c ON c.id = x.case_id WHERE x.contact_id = %s ORDER BY x.at, x.id LIMIT 30"""


def open_cases(customer_id: UUID, *, by: Actor) -> list[CaseLine]:
    """A customer's cases that are not over and may be seen, for an adviser who is asked how far they are. One statement."""
    found = cases_visible_to(by).filter(customer_id=customer_id, state__in=OPEN_STATES)
    return [line_of(case) for case in found.order_by("-opened_at", "-id")[:MOST]]


def has_open_case(customer_id: UUID, *, by: Actor) -> bool:
    """Whether somebody who does not see every case has one of theirs to work on: reason enough to look. One statement."""
    return cases_visible_to(by).filter(customer_id=customer_id, state__in=OPEN_STATES).exists()


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


def line_of(case: Case) -> CaseLine:
    """A case that may be seen, as a line."""
    return CaseLine(
        id=case.pk,
        kind="own",
        reference=case.reference,
        service=case.service_code,
        state=case.state,
        place=case.address or case.place_words,
        due_on=case.due_on,
    )


def _line(row: tuple[Any, ...]) -> CaseLine:
    return CaseLine(id=row[0], kind=row[1], reference=row[2], service=row[3], state=row[4], place=row[5], due_on=row[6])
