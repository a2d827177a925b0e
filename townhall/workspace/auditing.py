"""The data protection officer's search: who looked at whom, and who changed what."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from townhall.core.db import fetch_all, fetch_one
from townhall.core.paging import Page
from townhall.customers.merging import also_known_as
from townhall.customers.reasons import words_of
from townhall.ledger import queries as ledger
from townhall.ledger.queries import Happened, Looked
from townhall.workspace.happened import verb_words

_STAFF = "SELECT id, name, email FROM accounts_user WHERE lower(email) = lower(%s) OR lower(name) = lower(%s) LIMIT 1"
_NAMES = "SELECT id::text, name FROM accounts_user WHERE id::text = ANY(%s)"
_REFERENCES = "SELECT id, reference FROM cases_case WHERE id = ANY(%s)"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One look or one change. `who` is a name for staff, else the kind of actor."""

    at: datetime
    who: str
    what: str
    customer_id: UUID | None
    reference: str  # of the case it was about
    detail: str


@dataclass(frozen=True, kw_only=True)
class Found:
    rows: list[Row]
    after: str


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is looked for: of staff, customer and case exactly one. since <= at < until.

    Looks are kept by who looked and at which customer, so those at a case are asked for by its customer.
    """

    kind: str  # looks or changes
    staff_id: str = ""
    customer_id: UUID | None = None
    case_id: UUID | None = None
    since: datetime
    until: datetime


def staff_named(typed: str) -> tuple[str, str] | None:
    """Id and name of a member of staff, by their email address or full name."""
    row = fetch_one(_STAFF, (typed.strip(), typed.strip()))
    return (str(row[0]), row[1]) if row else None


def search(question: Question, *, after: str = "") -> Found:
    """A page of what was asked for, newest first (a case's changes: oldest first). At most three statements."""
    if question.kind == "looks":
        looks = _looks(question, after)
        return _found(
            looks.after,
            [
                (one.at, one.actor_kind, one.actor_id, one.page, one.customer_id, one.case_id, words_of(one.reason))
                for one in looks.rows
            ],
        )
    changes = _changes(question, after)
    return _found(
        changes.after,
        [
            (one.at, one.actor_kind, one.actor_id, verb_words(one.verb), one.customer_id, one.case_id, _said(one))
            for one in changes.rows
        ],
    )


def _looks(question: Question, after: str) -> Page[Looked]:
    since, until = question.since, question.until
    if question.customer_id is not None:
        return ledger.looks_at_customer(
            question.customer_id, since=since, until=until, also=also_known_as(question.customer_id), after=after
        )
    return ledger.looks_by(question.staff_id, since=since, until=until, after=after)


def _changes(question: Question, after: str) -> Page[Happened]:
    if question.customer_id is not None:
        return ledger.history_of_customer(question.customer_id, also=also_known_as(question.customer_id), after=after)
    if question.case_id is not None:
        return ledger.history_of_case(question.case_id, after=after, size=50)
    return ledger.done_by_staff(question.staff_id, since=question.since, until=question.until, after=after)


def _said(one: Happened) -> str:
    return ", ".join(f"{name}: {value}" for name, value in sorted(one.data.items()))


_Plain = tuple[datetime, str, str, str, UUID | None, UUID | None, str]


def _found(after: str, plain: list[_Plain]) -> Found:
    names = _names({actor for _at, kind, actor, *_rest in plain if kind == "staff"})
    references = _references({case for *_rest, case, _detail in plain if case is not None})
    rows = [
        Row(
            at=at,
            who=names.get(actor, kind),
            what=what,
            customer_id=customer,
            reference=references.get(case, "") if case else "",
            detail=detail,
        )
        for at, kind, actor, what, customer, case, detail in plain
    ]
    return Found(rows=rows, after=after)


def _names(ids: Collection[str]) -> dict[str, str]:
    return dict(fetch_all(_NAMES, (list(ids),))) if ids else {}


def _references(ids: Collection[UUID]) -> dict[UUID, str]:
    return dict(fetch_all(_REFERENCES, (list(ids),))) if ids else {}
