"""What a record says, column by column, cleaned so that only real differences are left to compare."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from townhall.customers.typed import folded_name

Ids: TypeAlias = NDArray[np.int64]  # rows of a table, or codes of a column's values


class Kind(StrEnum):
    FORENAME = "forename"
    SURNAME = "surname"
    BORN = "born"
    HOUSE = "house"
    STREET = "street"
    PLACE = "place"
    POSTCODE = "postcode"
    EMAIL = "email"
    PHONE = "phone"
    NUMBER = "number"  # one that is given to one person
    CODE = "code"  # one of a few values: a state, a sex
    WORDS = "words"  # anything else, such as an occupation


def clean(kind: Kind, text: str) -> str:
    """As it is compared; "" when nothing is known. A date as the eight digits of year, month and day where it can be read so."""
    match kind:
        case Kind.BORN:
            return _born(text)
        case Kind.EMAIL:
            return text.strip().casefold()
        case Kind.POSTCODE | Kind.NUMBER:
            return re.sub(r"[\W_]+", "", text).casefold()
        case Kind.PHONE:
            return re.sub(r"\D", "", text).lstrip("0").removeprefix("44")
    return folded_name(text)


def _born(text: str) -> str:
    parts = re.findall(r"\d+", text)
    if len(parts) == 3 and len(parts[2]) == 4:  # day first, as it is written here
        parts.reverse()
    if len(parts) == 3:
        return "".join([parts[0], parts[1].zfill(2), parts[2].zfill(2)])
    return "".join(parts)


@dataclass(frozen=True)
class Column:
    kind: Kind
    values: Sequence[str]  # cleaned, one a row

    @cached_property
    def _unique(self) -> tuple[NDArray[np.str_], Ids]:
        values, codes = np.unique(np.array(self.values, dtype=np.str_), return_inverse=True)
        return values, codes.astype(np.int64)

    @cached_property
    def vocabulary(self) -> list[str]:
        """Each different value once."""
        return [str(value) for value in self._unique[0]]

    @property
    def codes(self) -> Ids:
        """Of each row, the place of its value in the vocabulary."""
        return self._unique[1]

    def frequencies(self) -> dict[str, float]:
        """Of those who have a value, the share that has this one."""
        counts = np.bincount(self.codes, minlength=len(self.vocabulary))
        known = {value: int(count) for value, count in zip(self.vocabulary, counts, strict=True) if value}
        everything = sum(known.values())
        return {value: count / everything for value, count in known.items()}


@dataclass(frozen=True)
class Table:
    """Records to be told apart: columns of the same length by name."""

    columns: Mapping[str, Column]

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())).values) if self.columns else 0

    def named(self, kind: Kind) -> str | None:
        """The first column of this kind."""
        return next((name for name, column in self.columns.items() if column.kind == kind), None)


def table_of(kinds: Mapping[str, Kind], rows: Sequence[Mapping[str, str]]) -> Table:
    """Rows of text as a table; a column that is missing in a row is empty there."""
    return Table(
        {name: Column(kind, [clean(kind, row.get(name) or "") for row in rows]) for name, kind in kinds.items()}
    )
