"""The data protection officer's search: who looked at whom, and who changed what. Everything is said in words, with names."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from townhall.accounts import directory
from townhall.accounts.permissions import may
from townhall.core.actors import Actor
from townhall.core.db import fetch_all
from townhall.customers.merging import also_known_as
from townhall.governance import plain
from townhall.ledger import searching
from townhall.ledger.queries import Happened, Looked
from townhall.ledger.searching import Sought
from townhall.workspace.looked_at import page_words, reason_words
from townhall.workspace.timeline import words_of as verb_words

LOOKS, CHANGES = "looks", "changes"
MOST_STAFF = 20  # of one name
MOST = 10_000  # rows of a file
_EACH = 1_000
_STAFF = """SELECT id::text, name, email FROM accounts_user
    WHERE lower(email) = lower(%s) OR position(lower(%s) IN lower(name)) > 0 ORDER BY lower(email) <> lower(%s), name, email LIMIT %s"""
_NAMES = "SELECT id::text, name FROM accounts_user WHERE id::text = ANY(%s)"
_REFERENCES = "SELECT id, reference FROM cases_case WHERE id = ANY(%s)"
_CUSTOMERS = "SELECT id, name FROM customers_customer WHERE id = ANY(%s)"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One look or one change. `who`: the name of staff, else what kind of actor; `staff_id`: to search for them."""

    at: datetime
    who: str
    staff_id: str
    what: str
    customer_id: UUID | None
    customer: str  # the name, for whoever may see customers
    reference: str  # of the case it was about
    detail: str


@dataclass(frozen=True, kw_only=True)
class Found:
    rows: Sequence[Row]
    after: str


@dataclass(frozen=True, kw_only=True)
class Question:
    """`kind`: looks or changes. `customer_id`: when it is about that one customer."""

    kind: str
    sought: Sought
    customer_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class Colleague:
    id: str
    name: str
    email: str


def staff_named(typed: str) -> list[Colleague]:
    """By a part of the name, such as the first, or the whole email address; that one alone. At most MOST_STAFF and one."""
    words = typed.strip()
    rows = [
        Colleague(id=row[0], name=row[1], email=row[2])
        for row in fetch_all(_STAFF, (words, words, words, MOST_STAFF + 1))
    ]
    exact = [one for one in rows if one.email.casefold() == words.casefold()]
    return exact or rows


def records_of(customer_ids: Collection[UUID]) -> list[UUID]:
    """These with every record that was merged into one of them."""
    return [*customer_ids, *(other for one in customer_ids for other in also_known_as(one))]


def search(question: Question, *, by: Actor, after: str = "", size: int = searching.PAGE) -> Found:
    """A page of what was asked for, newest first. At most four statements."""
    if question.kind == LOOKS:
        looks = searching.looks(question.sought, after=after, size=size)
        return _found([_look(one) for one in looks.rows], looks.after, by)
    changes = searching.entries(question.sought, after=after, size=size)
    return _found([_change(one) for one in changes.rows], changes.after, by)


def all_of(question: Question, *, by: Actor) -> Iterator[Row]:
    """The newest MOST, a thousand at a time."""
    after, left = "", MOST
    while left > 0:
        found = search(question, by=by, after=after, size=min(_EACH, left))
        yield from found.rows
        after, left = found.after, left - len(found.rows)
        if not after:
            return


_Plain = tuple[datetime, str, str, str, UUID | None, UUID | None, str]


def _look(one: Looked) -> _Plain:
    return (
        one.at,
        one.actor_kind,
        one.actor_id,
        page_words(one.page),
        one.customer_id,
        one.case_id,
        reason_words(one.reason),
    )


def _change(one: Happened) -> _Plain:
    return one.at, one.actor_kind, one.actor_id, verb_words(one.verb), one.customer_id, one.case_id, _said(one)


def _said(one: Happened) -> str:
    """What the entry holds besides, without internal ids; posts and teams by their names."""
    told = plain.told("", {name: _named(value) for name, value in sorted(one.data.items())})
    return "; ".join(f"{name}: {value}" for name, value in told.items())


def _named(value: object) -> object:
    if not isinstance(value, str) or len(value) != 36:
        return value
    try:
        key = UUID(value)
    except ValueError:
        return value
    for find in (directory.post_by_id, directory.team_by_id):
        try:
            entry = find(key)
        except directory.UnknownCode:
            continue
        return str(getattr(entry, "title", "") or getattr(entry, "name", ""))
    return value


def _found(rows: Sequence[_Plain], after: str, by: Actor) -> Found:
    names = _read(_NAMES, {actor for _at, kind, actor, *_rest in rows if kind == "staff"})
    references = _read(_REFERENCES, {case for *_rest, case, _detail in rows if case is not None})
    seen = {row[4] for row in rows if row[4] is not None} if may(by, "customers.see").allowed else set()
    customers = _read(_CUSTOMERS, seen)
    return Found(
        rows=[
            Row(
                at=at,
                who=names.get(actor) or _actor_words(kind),
                staff_id=actor if actor in names else "",
                what=what,
                customer_id=customer,
                customer=customers.get(customer, ""),
                reference=references.get(case, ""),
                detail=detail,
            )
            for at, kind, actor, what, customer, case, detail in rows
        ],
        after=after,
    )


def _read(statement: str, ids: Collection[object]) -> dict[object, str]:
    return dict(fetch_all(statement, (list(ids),))) if ids else {}


def _actor_words(kind: str) -> str:
    return {
        "staff": _("A member of staff"),
        "customer": _("The customer"),
        "connector": _("Another system"),
        "system": _("Townhall"),
    }.get(kind, _("The public"))
