"""Reading records from a file of anybody's: which column says what is told, known by its heading, or seen from its values."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from townhall.customers.matching.columns import Kind, Table, table_of

FEW = 60  # different values of a code, and no more than one in twenty rows
HEADINGS: dict[Kind, str] = {
    Kind.FORENAME: "forename forenames firstname givenname given fname fnamec1 christianname first",
    Kind.SURNAME: "surname lastname familyname lname lnamec1 family last",
    Kind.BORN: "born dob dateofbirth birthdate birthday bornon datebirth",
    Kind.HOUSE: "house streetnumber housenumber number houseno streetno buildingnumber addressnumber",
    Kind.STREET: "street address address1 addressline1 line1 road streetname thoroughfare addressline",
    Kind.PLACE: "place address2 address3 addressline2 addressline3 suburb city town locality birthplace placeofbirth village county",
    Kind.POSTCODE: "postcode postcodefake zip zipcode postalcode",
    Kind.EMAIL: "email emailaddress mail",
    Kind.PHONE: "phone telephone mobile tel phonenumber telephonenumber mobilenumber",
    Kind.NUMBER: "socsecid ssn nino nationalinsurance nationalinsurancenumber nhsnumber",
    Kind.CODE: "state region sex gender title country",
    Kind.WORDS: "occupation job words middlename secondname fnamec2 lnamec2 company organisation",
}
KNOWN = {heading: kind for kind, headings in HEADINGS.items() for heading in headings.split()}
FULL_NAME = frozenset({"name", "fullname", "personname", "customername"})
BIRTH_PARTS = (
    ("by", "birthyear", "yearofbirth", "yob"),
    ("bm", "birthmonth", "monthofbirth", "mob"),
    ("bd", "birthday", "dayofbirth", "birthdayofmonth"),
)


@dataclass(frozen=True, kw_only=True)
class Records:
    ids: Sequence[str]
    truth: Sequence[str]  # who each record really is; "" when nobody said
    table: Table


@dataclass(frozen=True, kw_only=True)
class Told:
    """What somebody says of the columns of their file. `truth_from`: a regular expression on the id; `named`: which heading means what."""

    id_column: str
    truth: str = ""
    truth_from: str = ""
    ignore: Collection[str] = ()
    named: Mapping[str, str] | None = None


def read(path: Path, told: Told) -> Records:
    """A CSV with a heading. Raises ValueError when a column that was named is not there, or an id does not fit the expression."""
    rows = _rows(path)
    headings = list(rows[0]) if rows else []
    for wanted in filter(None, (told.id_column, told.truth, *told.ignore)):
        if wanted not in headings:
            raise ValueError(f"{path.name} has no column {wanted}; it has {', '.join(headings)}.")
    left = [heading for heading in headings if heading not in {told.id_column, told.truth, *told.ignore}]
    return Records(
        ids=[row[told.id_column] for row in rows],
        truth=[_who(row, told) for row in rows],
        table=as_table(rows, left, told.named or {}),
    )


def _rows(path: Path) -> list[dict[str, str]]:
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", errors="replace")
    reader = csv.DictReader(io.StringIO(text, newline=""), skipinitialspace=True)
    return [
        {(heading or "").strip(): (row[heading] or "").strip() for heading in reader.fieldnames or ()} for row in reader
    ]


def _who(row: Mapping[str, str], told: Told) -> str:
    if told.truth or not told.truth_from:
        return row[told.truth] if told.truth else ""
    found = re.search(told.truth_from, row[told.id_column])
    if found is None:
        raise ValueError(f"The id {row[told.id_column]} does not fit {told.truth_from}.")
    return found[1] if found.groups() else found[0]


def as_table(rows: Sequence[dict[str, str]], headings: Sequence[str], named: Mapping[str, str]) -> Table:
    """`named`: a heading and what it is, in either order; what is not named is known by its heading or its values."""
    told = _told(named, headings)
    plain = {heading: told.get(heading) or _plain(heading) for heading in headings}
    rows, plain = _split_names(rows, plain)
    rows, plain = _join_births(rows, plain)
    kinds = {heading: _kind(word, [row[heading] for row in rows]) for heading, word in plain.items()}
    return table_of(kinds, rows)


def _plain(heading: str) -> str:
    return re.sub(r"[\W_]+", "", heading).casefold()


def _told(named: Mapping[str, str], headings: Sequence[str]) -> dict[str, str]:
    pairs = {str(one): str(other) for one, other in named.items()}
    turned = {other: one for one, other in pairs.items() if one not in headings and other in headings}
    return {heading: _plain(word) for heading, word in (pairs | turned).items() if heading in headings}


def _split_names(rows: Sequence[dict[str, str]], plain: dict[str, str]) -> tuple[list[dict[str, str]], dict[str, str]]:
    """A whole name is a surname, the last word of it or what stands before a comma, and forenames."""
    has_parts = {KNOWN.get(word) for word in plain.values()} & {Kind.FORENAME, Kind.SURNAME}
    whole = next((heading for heading, word in plain.items() if word in FULL_NAME), None)
    if whole is None or has_parts:
        return list(rows), plain
    kept = {heading: word for heading, word in plain.items() if heading != whole}
    split = []
    for row in rows:
        last, comma, first = row[whole].partition(",")
        if not comma:
            first, _space, last = row[whole].rpartition(" ")
        split.append(row | {"forename": first, "surname": last})
    return split, kept | {"forename": "forename", "surname": "surname"}


def _join_births(rows: Sequence[dict[str, str]], plain: dict[str, str]) -> tuple[list[dict[str, str]], dict[str, str]]:
    parts = [next((heading for heading, word in plain.items() if word in words), None) for words in BIRTH_PARTS]
    if None in parts:
        return list(rows), plain
    year, month, day = (str(part) for part in parts)
    kept = {heading: word for heading, word in plain.items() if heading not in {year, month, day}}
    joined = [row | {"born": f"{row[year]}-{row[month]}-{row[day]}".strip("-")} for row in rows]
    return joined, kept | {"born": "born"}


def _kind(word: str, values: Sequence[str]) -> Kind:
    if word in KNOWN:
        return KNOWN[word]
    known = [value for value in values if value]
    if known and len(set(known)) <= min(FEW, len(known) / 20):
        return Kind.CODE
    if known and sum(value.isdigit() and len(value) >= 5 for value in known) >= 0.8 * len(known):
        return Kind.NUMBER
    return Kind.WORDS
