"""`townhall evaluate lookup A.csv B.csv`: each person of B looked for among those of A, as an adviser would, by the live code.

What is typed is the name and the whole address on one line, as they stand in B.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import perf_counter

from townhall.customers.matching.columns import Kind, Table
from townhall.customers.matching.lookup import MOST_COMPARED, MOST_OF_KEY, best, keys_of, words_of
from townhall.customers.matching.reading import Told, read

SAID = (Kind.FORENAME, Kind.SURNAME, Kind.HOUSE, Kind.STREET, Kind.PLACE, Kind.POSTCODE)
RANKS = (1, 5)


def evaluate(among: Path, path: Path, told: Told) -> str:
    """One line. `recall@5`: the share of B whose own record is among the first five. Those of B who are not in A are left out."""
    kept, asked = read(among, told), read(path, told)
    people = [words_of(line) for line in _lines(kept.table)]
    by_key: dict[int, list[int]] = defaultdict(list)
    for person, words in enumerate(people):
        for key in keys_of(words):
            by_key[key].append(person)
    known = set(kept.truth)
    ranks: list[int | None] = []
    began = perf_counter()
    for line, who in zip(_lines(asked.table), asked.truth, strict=True):
        if who in known:
            found = [kept.truth[person] for person in _found(words_of(line), people, by_key)]
            ranks.append(found.index(who) if who in found else None)
    seconds = perf_counter() - began
    recalls = " ".join(f"recall@{most}={_share(ranks, most):.4f}" for most in RANKS)
    return f"among={len(people)} asked={len(ranks)} {recalls} ms_each={1000 * seconds / max(1, len(ranks)):.1f}"


def _lines(table: Table) -> list[str]:
    columns = [column.values for kind in SAID for column in table.columns.values() if column.kind == kind]
    return [" ".join(filter(None, values)) for values in zip(*columns, strict=True)]


def _found(typed: Sequence[str], people: Sequence[Sequence[str]], by_key: Mapping[int, Sequence[int]]) -> list[int]:
    """As the database finds them: so many of each key, then those who share the most keys, then the words one by one."""
    shared = Counter(person for key in keys_of(typed) for person in by_key.get(key, ())[:MOST_OF_KEY])
    near = [person for person, _keys in shared.most_common(MOST_COMPARED)]
    return [near[place] for _score, place in best(typed, [people[person] for person in near])]


def _share(ranks: Sequence[int | None], most: int) -> float:
    return sum(rank is not None and rank < most for rank in ranks) / max(1, len(ranks))
