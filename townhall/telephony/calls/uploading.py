"""Events of calls from a file: a line for each, with the headings below. What came before changes nothing, so a file may come twice."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

import msgspec
from django.utils.translation import gettext as _

from townhall.accounts import permissions
from townhall.core.actors import Actor
from townhall.core.errors import BadInput
from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.core.time import LONDON
from townhall.ledger import operations as ledger
from townhall.telephony.calls import taking
from townhall.telephony.calls.lines import MANAGE
from townhall.telephony.messages import EventIn, check_moment

HEADINGS = ("call", "event", "at", "agent", "queue", "number", "to", "wait", "handling", "automated", "did")
NEEDED = ("call", "event", "at")
LARGEST = 60_000_000  # bytes: a month of a large council
BATCH = 500
MOST_FAULTS = 200
_YES = {"1", "yes", "true", "y"}


@dataclass(kw_only=True)
class Uploaded:
    """How many lines there were, how many of them were new, and what is wrong with others: line number and reason."""

    lines: int = 0
    new: int = 0
    calls: set[str] = field(default_factory=set)
    faults: list[tuple[int, str]] = field(default_factory=list)
    refused: int = 0


def upload(content: bytes, *, platform: str, by: Actor, at: datetime) -> Uploaded:
    """Take in every line that can be read; each batch is one transaction. Raises BadInput when it is no such file, NotAllowed."""
    permissions.require(by, MANAGE)
    done = Uploaded()
    batch: list[EventIn] = []
    for number, row in _rows(content):
        done.lines += 1
        try:
            one = _event(row)
        except (msgspec.ValidationError, ValueError) as error:
            done.refused += 1
            if len(done.faults) < MOST_FAULTS:
                done.faults.append((number, str(error)))
            continue
        batch.append(one)
        done.calls.add(one.call)
        if len(batch) == BATCH:
            done.new += taking.take_in(batch, platform=platform, by=by, at=at, is_live=False).events
            batch = []
    if batch:
        done.new += taking.take_in(batch, platform=platform, by=by, at=at, is_live=False).events
    about = Subject(kind="phone_upload", id=uuid7())
    ledger.record(
        "phone.uploaded",
        about=about,
        by=by,
        at=at,
        data={"lines": done.lines, "new": done.new, "refused": done.refused},
    )
    return done


def _rows(content: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    if len(content) > LARGEST:
        raise BadInput({"file": _("The file is too large. Upload a month at a time")})
    try:
        text = content.decode("utf-8-sig").replace("\x00", "")
    except UnicodeDecodeError:
        raise BadInput({"file": _("This is not a CSV file in UTF-8")}) from None
    reader = csv.DictReader(io.StringIO(text))
    headings = [(name or "").strip().lower() for name in reader.fieldnames or ()]
    missing = [name for name in NEEDED if name not in headings]
    if missing:
        raise BadInput({"file": _("These headings are missing: %(names)s") % {"names": ", ".join(missing)}})
    reader.fieldnames = headings
    try:
        for row in reader:
            yield reader.line_num, {name: (value or "").strip() for name, value in row.items() if name in HEADINGS}
    except csv.Error as error:
        raise BadInput(
            {"file": _("Line %(line)d cannot be read: %(why)s") % {"line": reader.line_num, "why": error}}
        ) from None


def _event(row: dict[str, str]) -> EventIn:
    given: dict[str, object] = {name: value for name, value in row.items() if value}
    moment = datetime.fromisoformat(str(given.get("at", "")))
    given["at"] = moment if moment.tzinfo else moment.replace(tzinfo=LONDON)  # without a zone: London time
    for name in ("wait", "handling"):
        if name in given:
            given[name] = int(str(given[name]))
    given["automated"] = str(given.get("automated", "")).lower() in _YES
    check_moment(moment)
    return msgspec.convert(given, EventIn)
