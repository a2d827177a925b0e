"""Writing to the ledger. Both functions run inside the caller's transaction, and on the way of every request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from townhall.core.actors import Actor
from townhall.core.db import copy_rows, insert
from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.core.time import aware

LONGEST_CODE = 200  # characters; anything longer is somebody's words


def record(
    verb: str,
    *,
    about: Subject,
    by: Actor,
    at: datetime,
    case_id: UUID | None = None,
    customer_id: UUID | None = None,
    data: dict[str, object] | None = None,
) -> None:
    """Write down that `by` did `verb` ("case.opened") to `about`.

    `data` holds ids, codes, numbers and dates. Raises ValueError, a bug in the caller, when it holds words: text that is long, has
    several lines or an "@".
    """
    if data:
        _refuse_words(data)
    insert(
        "ledger_entry",
        {
            "id": uuid7(),
            "at": aware(at),
            "actor_kind": by.kind.value,
            "actor_id": by.id,
            "verb": verb,
            "subject_kind": about.kind,
            "subject_id": about.id,
            "customer_id": customer_id,
            "case_id": case_id,
            "data": data or {},
        },
    )


@dataclass(frozen=True, kw_only=True)
class Past:
    """Something that happened before its record came here. `data` as in `record`."""

    verb: str
    about: Subject
    at: datetime
    case_id: UUID | None = None
    customer_id: UUID | None = None
    data: Mapping[str, object] = field(default_factory=dict)


def record_past(entries: Iterable[Past], *, by: Actor, source: str, at: datetime) -> int:
    """Write down in bulk what an earlier system says happened; how many. Each entry says where it came from and when: `at` is now."""
    came = {"imported_from": source, "imported_at": aware(at).isoformat(timespec="seconds")}
    return copy_rows("ledger_entry", (_past(entry, came, by=by) for entry in entries))


def _past(entry: Past, came: Mapping[str, object], *, by: Actor) -> dict[str, object]:
    data = {**entry.data, **came}
    _refuse_words(data)
    return {
        "id": uuid7(),
        "at": aware(entry.at),
        "actor_kind": by.kind.value,
        "actor_id": by.id,
        "verb": entry.verb,
        "subject_kind": entry.about.kind,
        "subject_id": entry.about.id,
        "customer_id": entry.customer_id,
        "case_id": entry.case_id,
        "data": data,
    }


def looked(
    *, by: Actor, at: datetime, customer_id: UUID | None, case_id: UUID | None = None, page: str, reason: str = ""
) -> None:
    """Write down that `by` saw this customer's record (or a list, when there is no one customer) on `page`.

    `reason` is a code. Raises ValueError when page or reason are words rather than codes.
    """
    _refuse_words([page, reason])
    insert(
        "ledger_look",
        {
            "id": uuid7(),
            "at": aware(at),
            "actor_kind": by.kind.value,
            "actor_id": by.id,
            "customer_id": customer_id,
            "case_id": case_id,
            "page": page,
            "reason": reason,
        },
    )


def _refuse_words(value: object) -> None:
    if isinstance(value, str):
        if len(value) > LONGEST_CODE or "@" in value or "\n" in value or "\r" in value:
            raise ValueError("The ledger holds ids, codes and dates, never somebody's words.")
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            _refuse_words(key)
            _refuse_words(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            _refuse_words(inner)
