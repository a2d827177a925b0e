"""The exchange file, behind a small protocol: ours here, another council's beside it. docs/admissions.md describes ours."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol

NAME, VERSION = "townhall-admissions", "1.0"


@dataclass(frozen=True, kw_only=True)
class Preference:
    rank: int
    school: str  # its number, as in the list of the form
    sibling_name: str
    sibling_born: str  # a date as ISO text, or empty


@dataclass(frozen=True, kw_only=True)
class Child:
    """One application as it is sent. `record_id` names this version of it."""

    record_id: str
    reference: str
    version: int
    is_late: bool
    received_at: datetime
    name: str
    born: date
    uprn: str
    address: str
    priority: Sequence[str]
    applicant_name: str
    applicant_email: str
    applicant_phone: str
    made_at: str  # home, council or school
    helper: str
    evidence: int  # how many files the council holds
    preferences: Sequence[Preference]


@dataclass(frozen=True, kw_only=True)
class Header:
    council: str
    round_code: str
    number: int  # of the file, in its round
    made_at: datetime


@dataclass(frozen=True, kw_only=True)
class Written:
    content: bytes
    control_sum: str


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What the other system says of one child."""

    record_id: str
    outcome: Literal["accepted", "refused"]
    number: str
    reason: str


class NotReadable(ValueError):
    """A file that is not whole, or not in the format."""


class Format(Protocol):
    code: str
    ending: str  # of the file's name

    def write(self, header: Header, children: Sequence[Child]) -> Written: ...

    def read_receipt(self, content: bytes) -> Receipt:
        """Raises NotReadable."""


_formats: dict[str, Format] = {}


def register(made: Format) -> None:
    """Files of rounds with this code are written by it."""
    _formats[made.code] = made


def of(code: str) -> Format:
    """Raises KeyError."""
    return _formats[code]


def codes() -> list[str]:
    return sorted(_formats)


class TownhallFormat:
    """CSV in UTF-8: H the file, C a child, P a preference of it, T the counts and the SHA-256 of all lines before."""

    code, ending = "townhall-1", "csv"

    def write(self, header: Header, children: Sequence[Child]) -> Written:
        lines = [
            _line("H", NAME, VERSION, header.council, header.round_code, header.number, header.made_at.isoformat())
        ]
        count = 0
        for child in children:
            lines.append(_child(child))
            for one in child.preferences:
                count += 1
                lines.append(_line("P", child.record_id, one.rank, one.school, one.sibling_name, one.sibling_born))
        body = "".join(lines).encode()
        control_sum = hashlib.sha256(body).hexdigest()
        return Written(content=body + _line("T", len(children), count, control_sum).encode(), control_sum=control_sum)

    def read_receipt(self, content: bytes) -> Receipt:
        rows = rows_of(content)
        if len(rows) != 2 or rows[0][:3] != ["R", NAME, VERSION] or len(rows[0]) != 7:
            raise NotReadable("This is not a receipt.")
        _kind, _name, _version, record_id, outcome, number, reason = rows[0]
        if outcome == "accepted" and number:
            return Receipt(record_id=record_id, outcome="accepted", number=number, reason=reason)
        if outcome == "refused" and reason:
            return Receipt(record_id=record_id, outcome="refused", number=number, reason=reason)
        raise NotReadable("It says neither a number nor a reason.")


def rows_of(content: bytes) -> list[list[str]]:
    """The lines of a file or a receipt. Raises NotReadable when its last line does not have the sum of those before."""
    body, _newline, last = content.rstrip(b"\r\n").rpartition(b"\n")
    try:
        rows = list(csv.reader(io.StringIO((body + b"\n" + last).decode()), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise NotReadable(str(error)) from error
    if not rows or rows[-1][:1] != ["T"] or rows[-1][-1] != hashlib.sha256(body + b"\n").hexdigest():
        raise NotReadable("It is not whole: the control sum is not there, or another.")
    return rows


def receipt_file(record_id: str, outcome: str, *, number: str = "", reason: str = "") -> bytes:
    """A receipt as our format has it: what a stand-in writes."""
    body = _line("R", NAME, VERSION, record_id, outcome, number, reason).encode()
    return body + _line("T", 1, hashlib.sha256(body).hexdigest()).encode()


def _child(child: Child) -> str:
    return _line(
        "C",
        child.record_id,
        child.reference,
        child.version,
        "late" if child.is_late else "in time",
        child.received_at.isoformat(),
        child.name,
        child.born.isoformat(),
        child.uprn,
        child.address,
        " ".join(child.priority),
        child.applicant_name,
        child.applicant_email,
        child.applicant_phone,
        child.made_at,
        child.helper,
        child.evidence,
    )


def _line(*values: object) -> str:
    """A quoted line break would look like the end of a line to a simple reader: there is none."""
    made = io.StringIO()
    csv.writer(made, lineterminator="\n").writerow(" ".join(str(one).split()) for one in values)
    return made.getvalue()
