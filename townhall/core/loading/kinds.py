"""What a kind of record brings to the loader."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from townhall.core.actors import Actor
from townhall.core.loading.given import Given
from townhall.core.loading.records import Layout, listed
from townhall.core.loading.upsert import Stored

Values = dict[str, Any]  # by column of the table


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Who brings what, and when."""

    kind: str
    source: str
    by: Actor
    at: datetime
    load_id: UUID | None = None  # of a load that is kept, so that it can be undone


@dataclass(frozen=True, kw_only=True)
class Kind:
    """`columns`: what a value is here, and the headings it goes by, the likeliest first."""

    code: str  # as typed: "addresses"
    columns: Mapping[str, Sequence[str]]
    id: str  # which of them names a record in the errors file
    read: Callable[[Given, Batch], Values]  # what is wrong is noted in Given; then the row is not used
    key: Callable[[Values], str]  # within a file each once
    store: Callable[[list[Values], Batch], Stored]  # in one transaction
    required: Sequence[str] = ()  # the columns without which a CSV file cannot be of this kind
    unpack: Callable[[object, str], list[object]] = field(default=lambda document, _stem: listed(document))
    unpack_xml: Callable[[bytes], list[object]] | None = None
    without_headings: Callable[[list[str]], Layout | None] = field(default=lambda _first: None)  # by the first row
    end_others: Callable[[set[str], Batch], int] | None = None  # the file is the whole list: keys that are in it
    finish: Callable[[], None] | None = None  # once all is in
