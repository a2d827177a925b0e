"""What records say of who somebody is, as the matching compares it. Of somebody who moved or has two numbers, what fits the other best."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar
from uuid import UUID

from townhall.core.db import fetch_all
from townhall.customers.matching.candidates import hashed_keys
from townhall.customers.matching.columns import Kind, clean

PERSON: Mapping[str, Kind] = {
    "forename": Kind.FORENAME,
    "surname": Kind.SURNAME,
    "born": Kind.BORN,
    "house": Kind.HOUSE,
    "street": Kind.STREET,
    "postcode": Kind.POSTCODE,
    "email": Kind.EMAIL,
    "phone": Kind.PHONE,
}
ORGANISATION: Mapping[str, Kind] = {
    "name": Kind.WORDS,
    "house": Kind.HOUSE,
    "street": Kind.STREET,
    "postcode": Kind.POSTCODE,
    "email": Kind.EMAIL,
    "phone": Kind.PHONE,
}
COLUMNS: Mapping[str, Mapping[str, Kind]] = {"person": PERSON, "organisation": ORGANISATION}
MOST = 4  # addresses, emails and numbers of one customer, the latest first

Value = TypeVar("Value")
Row: TypeAlias = dict[str, str]  # by column of PERSON or ORGANISATION

_SAID = """
    SELECT c.id, c.kind, c.name, c.date_of_birth,
      (SELECT array_agg(a.line || chr(10) || a.postcode || chr(10) || a.uprn ORDER BY a.until_on DESC NULLS FIRST, a.id DESC)
       FROM customers_customeraddress a WHERE a.customer_id = c.id),
      (SELECT array_agg(p.normalised ORDER BY p.ended_at DESC NULLS FIRST, p.id DESC) FROM customers_contactpoint p
       WHERE p.customer_id = c.id AND p.kind = 'email'),
      (SELECT array_agg(p.normalised ORDER BY p.ended_at DESC NULLS FIRST, p.id DESC) FROM customers_contactpoint p
       WHERE p.customer_id = c.id AND p.kind = 'phone')
    FROM customers_customer c WHERE c.merged_into_id IS NULL AND c.id = ANY(%s) ORDER BY c.id"""
_HOUSE = re.compile(
    r"(?:(?:flat|unit|apartment|apt|room)\s+(?P<flat>\w+)[,\s]+)?(?P<house>\d+\w?)[,\s]+(?P<street>[^,]+)",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class Said:
    """One customer: `rows` for each address or point they have, the present ones first."""

    id: UUID
    kind: str
    name: Row
    addresses: Sequence[Row]
    emails: Sequence[str]
    phones: Sequence[str]

    @property
    def keys(self) -> set[int]:
        """Under which others who may be the same are found."""
        kinds = COLUMNS[self.kind]
        return hashed_keys(
            [(name, kinds[name], clean(kinds[name], value)) for name, value in row.items()] for row in self._rows()
        )

    def _rows(self) -> list[Row]:
        many = max(1, len(self.addresses), len(self.emails), len(self.phones))
        return [
            self.row(_at(self.addresses, n, {}), _at(self.emails, n, ""), _at(self.phones, n, "")) for n in range(many)
        ]

    def row(self, address: Row, email: str, phone: str) -> Row:
        return {
            **self.name,
            **{part: address.get(part, "") for part in ("house", "street", "postcode")},
            "email": email,
            "phone": phone,
        }

    def plain(self) -> Row:
        """With what holds at present."""
        return self._rows()[0]


def said_of(customer_ids: Sequence[UUID]) -> dict[UUID, Said]:
    """Those of them that are no part of another record. One statement."""
    return {row[0]: _said(row) for row in fetch_all(_SAID, (list(customer_ids),))}


def _said(row: tuple[Any, ...]) -> Said:
    customer_id, kind, name, born, addresses, emails, phones = row
    first, _space, last = name.strip().rpartition(" ")
    person = {"forename": first, "surname": last, "born": born.isoformat() if born else ""}
    return Said(
        id=customer_id,
        kind=kind,
        name=person if kind == "person" else {"name": name},
        addresses=[_address(*one.rsplit("\n", 2)) for one in (addresses or [])[:MOST]],
        emails=(emails or [])[:MOST],
        phones=(phones or [])[:MOST],
    )


def _address(line: str, postcode: str, uprn: str) -> Row:
    found = _HOUSE.search(line)
    house = " ".join(filter(None, (found["flat"], found["house"]))) if found else ""
    return {"house": house, "street": found["street"] if found else line, "postcode": postcode, "uprn": uprn}


def facing(one: Said, other: Said) -> tuple[Row, Row]:
    """Both as rows to compare: an address, email or number that both had at some time stands for the present ones."""
    address = _same([part["postcode"] + part["house"] + part["street"] for part in one.addresses],
                    [part["postcode"] + part["house"] + part["street"] for part in other.addresses])  # fmt: skip
    email, phone = _same(one.emails, other.emails), _same(one.phones, other.phones)
    return (
        one.row(_at(one.addresses, address[0], {}), _at(one.emails, email[0], ""), _at(one.phones, phone[0], "")),
        other.row(
            _at(other.addresses, address[1], {}), _at(other.emails, email[1], ""), _at(other.phones, phone[1], "")
        ),
    )


def _same(ours: Sequence[str], theirs: Sequence[str]) -> tuple[int, int]:
    """The places of the first that both have; the first of each where there is none."""
    return next(((place, theirs.index(value)) for place, value in enumerate(ours) if value and value in theirs), (0, 0))


def _at(values: Sequence[Value], place: int, otherwise: Value) -> Value:
    return values[place] if place < len(values) else values[0] if values else otherwise
