"""Which pairs are worth comparing: those that agree on two things, or on one that few share."""

from __future__ import annotations

import re
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import TypeAlias

import numpy as np

from townhall.customers.matching.columns import Ids, Kind, Table

MOST_TOGETHER = 80  # records that share a key; of a commoner one the other keys are more telling
TELLING = frozenset({Kind.BORN, Kind.EMAIL, Kind.POSTCODE, Kind.PHONE, Kind.NUMBER})  # enough by themselves
NAMES = frozenset({Kind.FORENAME, Kind.SURNAME})

Part: TypeAlias = tuple[str, str]  # (what of, how it sounds or begins)


def candidates(table: Table) -> tuple[Ids, Ids]:
    """Rows of each pair, the lower first, each pair once."""
    together: dict[tuple[Part, ...], list[int]] = defaultdict(list)
    columns = [(name, column.kind, column.values) for name, column in table.columns.items()]
    for row in range(len(table)):
        said = [
            (name, kind, part)
            for name, kind, values in columns
            if values[row]
            for part in _parts(name, kind, values[row])
        ]
        for key in _keys(said):
            together[key].append(row)
    pairs = [_pairs_among(rows, len(table)) for rows in together.values() if 2 <= len(rows) <= MOST_TOGETHER]
    numbers = np.unique(np.concatenate(pairs)) if pairs else np.array([], dtype=np.int64)
    return numbers // max(1, len(table)), numbers % max(1, len(table))


def hashed_keys(rows: Iterable[Iterable[tuple[str, Kind, str]]]) -> set[int]:
    """The keys of one record as numbers of 32 bits with a sign, to be kept in a database. A row is (column, kind, cleaned value) for each
    column; somebody with an old address has a row of it too."""
    keys: set[tuple[Part, ...]] = set()
    for row in rows:
        keys |= _keys([(name, kind, part) for name, kind, value in row if value for part in _parts(name, kind, value)])
    return {zlib.crc32(repr(key).encode()) - 2**31 for key in keys}


def _pairs_among(rows: list[int], size: int) -> Ids:
    members = np.array(rows, dtype=np.int64)
    first, second = np.triu_indices(len(members), 1)
    numbers: Ids = members[first] * size + members[second]
    return numbers


def _keys(said: list[tuple[str, Kind, Part]]) -> set[tuple[Part, ...]]:
    keys: set[tuple[Part, ...]] = {(part,) for _column, kind, part in said if kind in TELLING}
    for (column, _kind, one), (other_column, _other_kind, other) in combinations(said, 2):
        if column != other_column:
            keys.add((one, other) if one < other else (other, one))
    return keys


def _parts(name: str, kind: Kind, value: str) -> Iterator[Part]:
    if kind in NAMES:  # a forename may stand where the surname should
        yield "name", sounds(value)
    elif kind == Kind.BORN:
        yield name, value
        if len(value) == 8:
            yield f"{name} in", value[:6]
            yield f"{name} on", value[4:]
            yield f"{name} year", value[:4] + value[6:]
    elif kind == Kind.EMAIL:
        yield name, value.partition("@")[0]
    elif kind in (Kind.STREET, Kind.PLACE, Kind.WORDS):
        yield name, sounds(value)
    else:
        yield name, value


def sounds(words: str) -> str:
    """The first letter and the next consonants, so that most slips of ear and hand make no difference: "bloomfield" is "blmfl"."""
    joined = words.replace(" ", "").replace("ph", "f").replace("ck", "k").replace("gh", "g")
    kept = joined[:1] + re.sub("[aeiouhwy]", "", joined[1:])
    return re.sub(r"(.)\1+", r"\1", kept)[:5]
