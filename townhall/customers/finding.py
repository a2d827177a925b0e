"""Finding customers by whatever was typed. Most ways are one lookup in a btree; a misspelt name takes the trigram index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from townhall.accounts import fields, permissions
from townhall.core.actors import Actor
from townhall.core.db import fetch_all
from townhall.customers.matching.lookup import MOST_COMPARED, MOST_OF_KEY, best, keys_of, words_of
from townhall.customers.models import AccessNeed
from townhall.customers.permissions import SEE
from townhall.customers.typed import (
    Kind,
    Typed,
    folded_name,
    normalised_email,
    normalised_phone,
    recognise,
)
from townhall.ledger import operations as ledger
from townhall.places import queries as places

LIMIT = 20
FITS = 0.5  # the share of what was typed that somebody has to have
MOST_OF_POSTCODE = 2  # words
BY_WORDS = frozenset({Kind.ADDRESS, Kind.NUMBER, Kind.POSTCODE, Kind.BORN})

# Of a very common name 500 are put in order. Every way of finding gives `found (id, rank)`, the best rank lowest; then come
# the rows to tell people apart, in the same statement. By the name or birth date of a merged record the one that stands is found.
_ROWS = """
    SELECT c.id, c.kind, c.name, c.date_of_birth, a.line, a.postcode, p.points, n.needs, f.rank
    FROM (SELECT id, min(rank) AS rank FROM found GROUP BY id ORDER BY min(rank), id LIMIT %s) f
    JOIN customers_customer c ON c.id = f.id AND c.merged_into_id IS NULL
    LEFT JOIN LATERAL (
        SELECT line, postcode FROM customers_customeraddress WHERE customer_id = c.id
        ORDER BY until_on DESC NULLS FIRST, from_on DESC NULLS LAST, id DESC LIMIT 1) a ON true
    LEFT JOIN LATERAL (
        SELECT array_agg(value ORDER BY kind, id) AS points FROM customers_contactpoint
        WHERE customer_id = c.id AND ended_at IS NULL) p ON true
    LEFT JOIN LATERAL (
        SELECT array_agg(need ORDER BY need) AS needs FROM customers_accessneed
        WHERE customer_id = c.id AND ended_at IS NULL) n ON true
    ORDER BY f.rank, c.search_name, c.id"""


def _statement(found: str) -> str:
    return f"WITH found AS ({found}) {_ROWS}"


_BY_POINT = _statement("""
    SELECT customer_id AS id, (ended_at IS NOT NULL)::int AS rank
    FROM customers_contactpoint WHERE normalised = %s""")
# The likeness of a name that was typed beside a date or postcode; everybody there is shown, the likest first.
_BY_BIRTH = _statement("""
    SELECT coalesce(merged_into_id, id) AS id, -word_similarity(%s, search_name) AS rank
    FROM customers_customer WHERE date_of_birth = %s""")
_BY_POSTCODE = _statement("""
    SELECT c.id, (a.until_on IS NOT NULL)::int - 2 * word_similarity(%s, c.search_name) AS rank
    FROM customers_customeraddress a JOIN customers_customer c ON c.id = a.customer_id
    WHERE a.postcode = %s AND a.postcode <> ''""")
_BY_UPRNS = _statement("""
    SELECT customer_id AS id, (until_on IS NOT NULL)::int AS rank
    FROM customers_customeraddress WHERE uprn = ANY(%s) AND uprn <> ''""")
_BY_DIGITS = _statement("""
    SELECT customer_id AS id, 0 AS rank FROM customers_customernumber WHERE normalised = %s
    UNION ALL SELECT customer_id, 1 + (until_on IS NOT NULL)::int FROM customers_customeraddress WHERE uprn = %s AND uprn <> ''
    UNION ALL SELECT customer_id, 3 FROM customers_contactpoint WHERE normalised = %s""")
_BY_ID = _statement("SELECT id, 0 AS rank FROM customers_customer WHERE id = %s")
_BY_POINTS = _statement("""
    SELECT customer_id AS id, 0 AS rank FROM customers_contactpoint
    WHERE normalised = ANY(%s) AND ended_at IS NULL""")
_BY_NUMBER = _statement("""
    SELECT customer_id AS id, 0 AS rank FROM customers_customernumber WHERE normalised = %s""")
_BY_WORDS = _statement("""
    SELECT id, (search_name <> %s)::int - similarity(search_name, %s) AS rank
    FROM (SELECT coalesce(merged_into_id, id) AS id, search_name FROM customers_customer
        WHERE to_tsvector('simple', search_name) @@ to_tsquery('simple', %s) LIMIT 500) w""")
_NEAR = """
    SELECT c.id, c.words, count(*) FROM unnest(%s::int[]) AS key
    CROSS JOIN LATERAL (
        SELECT id, words FROM customers_customer WHERE word_keys @> ARRAY[key] AND merged_into_id IS NULL LIMIT %s) c
    GROUP BY c.id, c.words ORDER BY count(*) DESC, c.id LIMIT %s"""
_BY_RANK = _statement("SELECT id, rank FROM unnest(%s::uuid[], %s::float[]) AS ranked (id, rank)")
_BY_LIKENESS = _statement("""
    SELECT coalesce(merged_into_id, id) AS id, -similarity(search_name, %s) AS rank
    FROM customers_customer WHERE search_name %% %s""")


@dataclass(frozen=True, kw_only=True)
class Person:
    """A customer in a list: enough to tell one from another. `address` is the present one, or the last."""

    id: UUID
    kind: str
    name: str
    date_of_birth: date | None
    address: str
    postcode: str
    points: Sequence[str]
    needs: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class LookedUp:
    """What was found, the best first. `typed.kind` says how it was understood; `more`: there are others."""

    typed: Typed
    people: Sequence[Person]
    more: bool = False


def look_up(typed: str, *, by: Actor, at: datetime) -> LookedUp:
    """Find customers by whatever was typed. At most three statements, and one ledger line when somebody is shown.

    A case reference is recognised and left to whoever knows cases. Raises NotAllowed.
    """
    permissions.require(by, SEE)
    found = recognise(typed)
    rows = _find(found)
    people = [_seen_by(_person(row), by) for row in rows[:LIMIT]]
    if people:
        only = people[0].id if len(people) == 1 else None
        ledger.looked(by=by, at=at, customer_id=only, page="customer.lookup", reason=found.kind.value)
    return LookedUp(typed=found, people=people, more=len(rows) > LIMIT)


def person(customer_id: UUID, *, by: Actor, at: datetime) -> Person | None:
    """One customer as a list shows them; None for an id that is nobody's. A look is kept."""
    permissions.require(by, SEE)
    rows = fetch_all(_BY_ID, (customer_id, 1))
    if not rows:
        return None
    ledger.looked(by=by, at=at, customer_id=customer_id, page="customer.lookup", reason="case")
    return _seen_by(_person(rows[0]), by)


def _find(typed: Typed) -> list[tuple[Any, ...]]:
    """What the words most likely are; and where that finds nobody, or they are more than one thing, whoever fits most of them."""
    most = LIMIT + 1
    is_line = typed.kind == Kind.POSTCODE and not typed.name  # a whole address, or only a postcode
    if is_line and len(typed.words.split()) > MOST_OF_POSTCODE and (rows := _by_line(typed.words, most)):
        return rows
    rows = _by_kind(typed, most)
    return rows or (_by_line(typed.words, most) if typed.kind in BY_WORDS else [])


def _by_kind(typed: Typed, most: int) -> list[tuple[Any, ...]]:
    match typed.kind:
        case Kind.EMAIL | Kind.PHONE:
            return fetch_all(_BY_POINT, (typed.value, most))
        case Kind.BORN:
            return _best(fetch_all(_BY_BIRTH, (typed.name, typed.born, most)), typed.name)
        case Kind.POSTCODE:
            return _best(fetch_all(_BY_POSTCODE, (typed.name, typed.value, most)), typed.name)
        case Kind.ADDRESS:
            codes = [one.code for one in places.find(typed.value, addresses_only=True)]
            return fetch_all(_BY_UPRNS, (codes, most)) if codes else []
        case Kind.DIGITS:
            plain = typed.value.lstrip("0")
            return fetch_all(_BY_DIGITS, (typed.value, plain, f"+44{plain}", most))
        case Kind.NUMBER:
            return fetch_all(_BY_NUMBER, (typed.value, most))
        case Kind.NAME:
            return _by_name(typed.name, most)
    return []


def _by_name(name: str, most: int) -> list[tuple[Any, ...]]:
    words = name.split()[:6]
    if not words:
        return []
    beginnings = " & ".join(f"{word}:*" for word in words)
    rows = fetch_all(_BY_WORDS, (name, name, beginnings, most)) or (_by_line(name, most) if len(words) > 1 else [])
    return rows or fetch_all(_BY_LIKENESS, (name, name, most))


def _by_line(line: str, most: int) -> list[tuple[Any, ...]]:
    """Name, address, town in any order and spelling, past addresses too. Two statements."""
    typed = words_of(line)
    near = fetch_all(_NEAR, (sorted(keys_of(typed)), MOST_OF_KEY, MOST_COMPARED))
    ranked = best(typed, [row[1].split() for row in near])
    fit = [(near[place][0], -score) for score, place in ranked[:most] if score >= FITS]
    return fetch_all(_BY_RANK, ([one for one, _rank in fit], [rank for _one, rank in fit], most)) if fit else []


def _best(rows: list[tuple[Any, ...]], name: str) -> list[tuple[Any, ...]]:
    """Those whose name is like the one typed too, when any is; else everybody there."""
    words = name.split()
    like = [row for row in rows if words and all(_has(word, folded_name(row[2]).split()) for word in words)]
    return like or rows


def _has(word: str, names: Sequence[str]) -> bool:
    return any(name.startswith(word) for name in names)


def _seen_by(one: Person, by: Actor) -> Person:
    """Without the fields that `by` does not see (accounts.fields)."""
    return fields.only_seen(one, by, "customer", empty={"date_of_birth": None})


def _person(row: tuple[Any, ...]) -> Person:
    return Person(
        id=row[0],
        kind=row[1],
        name=row[2],
        date_of_birth=row[3],
        address=row[4] or "",
        postcode=row[5] or "",
        points=row[6] or [],
        needs=[need_words(code) for code in row[7] or []],
    )


def alike(
    *, name: str, email: str = "", phone: str = "", born: date | None = None, by: Actor, at: datetime
) -> list[Person]:
    """Who may be the same as somebody about to be created, the likest first: by email or phone, or by name. Two statements at most."""
    permissions.require(by, SEE)
    points = [one for one in (normalised_email(email), normalised_phone(phone)) if one]
    rows = fetch_all(_BY_POINTS, (points, LIMIT)) if points else []
    seen = {row[0] for row in rows}
    rows += [row for row in _by_name(folded_name(name), LIMIT) if row[0] not in seen and _may_be(row, born)]
    people = [_person(row) for row in rows][:LIMIT]
    if people:
        ledger.looked(by=by, at=at, customer_id=None, page="customer.lookup", reason="alike")
    return people


def _may_be(row: tuple[Any, ...], born: date | None) -> bool:
    return born is None or row[3] is None or row[3] == born


def need_words(code: str) -> str:
    return str(AccessNeed.Need(code).label) if code in AccessNeed.Need.values else code
