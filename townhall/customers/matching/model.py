"""What each agreement is worth, learnt from the records themselves.

Fellegi and Sunter: a level's weight is log2(m/u), where m is how often records of one person come out at that level and u how often
records of two people do. u is counted on random pairs; m by expectation-maximisation over the candidates (Winkler 1988). Agreeing on a
rare value weighs more than on a common one, by how often it is met (term frequency).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from townhall.customers.matching.columns import Column, Ids, Kind, Table
from townhall.customers.matching.likeness import COMPARISONS, SAME, SWAPPED

Levels: TypeAlias = NDArray[np.int8]  # pairs × columns; UNKNOWN where either record says nothing
Bits: TypeAlias = NDArray[np.float64]

UNKNOWN = -1
ROUNDS = 60
RANDOM_PAIRS = 150_000
EXPECTED = 0.8  # m of "the same" before anything is learnt
LIKELY = 0.0  # bits: as likely as not
AUTOMATIC = 13.3  # bits: one mistake in ten thousand, by the model's own reckoning
WORTH_PAIRS = 5.0  # the weight of what is expected against what is counted
MOST_FOR_RARITY = 6.0  # bits


@dataclass(frozen=True, kw_only=True)
class Model:
    """`weights[column][level]` in bits; `prior`: log2 odds that two records taken at random are one person."""

    weights: Mapping[str, Sequence[float]]
    by_chance: Mapping[str, float]  # how often two people have the same value
    frequencies: Mapping[str, Mapping[str, float]]
    prior: float

    def weigh(self, table: Table, pairs: tuple[Ids, Ids], levels: Levels) -> Bits:
        """log2 odds that each pair is one person; 0 is as likely as not."""
        bits = np.full(len(levels), self.prior)
        for place, (name, column) in enumerate(table.columns.items()):
            level = levels[:, place]
            of_level = np.append(np.asarray(self.weights[name]), 0.0)  # the last for UNKNOWN
            bits += of_level[level]
            bits += np.where(level == SAME, self._rarity(name, column)[column.codes[pairs[0]]], 0.0)
        return bits

    def _rarity(self, name: str, column: Column) -> Bits:
        known = self.frequencies[name]
        rarest = min(known.values(), default=1.0)
        common = np.array([known.get(value, rarest) for value in column.vocabulary])
        rare: Bits = np.clip(np.log2(self.by_chance[name] / common), -MOST_FOR_RARITY, MOST_FOR_RARITY)
        return rare


def compare(table: Table, pairs: tuple[Ids, Ids]) -> Levels:
    """How alike each pair is in each column. Each two values are compared once, however many pairs have them."""
    levels = np.stack([_levels(column, column, pairs) for column in table.columns.values()], axis=1)
    _see_swapped(table, pairs, levels)
    return levels


def _levels(column: Column, other: Column, pairs: tuple[Ids, Ids]) -> NDArray[np.int8]:
    first, second = column.codes[pairs[0]], other.codes[pairs[1]]
    if column is other:
        first, second = np.minimum(first, second), np.maximum(first, second)
    size = len(other.vocabulary)
    each, where = np.unique(first * size + second, return_inverse=True)
    level_of = COMPARISONS[column.kind].level
    ours, theirs = column.vocabulary, other.vocabulary
    found = np.empty(len(each), dtype=np.int8)
    for place, number in enumerate(each.tolist()):
        one, another = ours[number // size], theirs[number % size]
        found[place] = level_of(one, another) if one and another else UNKNOWN
    of_pairs: NDArray[np.int8] = found[where.ravel()]
    return of_pairs


def _see_swapped(table: Table, pairs: tuple[Ids, Ids], levels: Levels) -> None:
    """A forename in the surname's place, and the other way round, is one finding and no two differences."""
    forename, surname = table.named(Kind.FORENAME), table.named(Kind.SURNAME)
    if forename is None or surname is None:
        return
    places = list(table.columns)
    first, last = places.index(forename), places.index(surname)
    ours, theirs = table.columns[forename], table.columns[surname]
    across = _far(_levels(ours, theirs, pairs)) + _far(_levels(theirs, ours, pairs))
    straight = _far(levels[:, first]) + _far(levels[:, last])
    swapped = (across < SWAPPED - 1) & (straight >= SWAPPED)
    levels[swapped, first] = SWAPPED
    levels[swapped, last] = UNKNOWN


def _far(level: NDArray[np.int8]) -> NDArray[np.int8]:
    """Nothing known is as far as can be."""
    return np.where(level >= 0, level, SWAPPED - 1).astype(np.int8)


def train(table: Table, pairs: tuple[Ids, Ids], levels: Levels, *, seed: int = 1) -> Model:
    """Learn from the records: nobody has to say which of them are the same. The same records and seed give the same model."""
    by_chance = _by_chance(table, seed)
    patterns, counts = np.unique(levels, axis=0, return_counts=True)
    same, share = _maximise(patterns, counts.astype(np.float64), by_chance)
    size = len(table)
    prior = min(max(share * len(levels) / (size * (size - 1) / 2), 1e-9), 0.5)
    names = list(table.columns)
    return Model(
        weights={name: np.log2(m / u).tolist() for name, m, u in zip(names, same, by_chance, strict=True)},
        by_chance={name: float(u[SAME]) for name, u in zip(names, by_chance, strict=True)},
        frequencies={name: column.frequencies() for name, column in table.columns.items()},
        prior=float(np.log2(prior / (1 - prior))),
    )


def _by_chance(table: Table, seed: int) -> list[Bits]:
    """u: the share of each level among pairs taken at random."""
    dice = np.random.default_rng(seed)
    first = dice.integers(0, len(table), RANDOM_PAIRS)
    second = dice.integers(0, len(table), RANDOM_PAIRS)
    apart = first != second
    levels = compare(table, (first[apart], second[apart]))
    return [
        _shares(levels[:, place], np.ones(len(levels)), len(COMPARISONS[column.kind].says), 0.2)
        for place, column in enumerate(table.columns.values())
    ]


def _shares(levels: NDArray[np.int8], counts: Bits, many: int, at_least: float | Bits) -> Bits:
    known = levels >= 0
    found = np.bincount(levels[known], weights=counts[known], minlength=many).astype(np.float64) + at_least
    shares: Bits = found / found.sum()
    return shares


def _maximise(patterns: Levels, counts: Bits, by_chance: list[Bits]) -> tuple[list[Bits], float]:
    """m of each column's levels, and the share of the candidates that are one person.

    Candidates that are two people agree more than chance, since agreeing made them candidates: they have shares of their own here.
    """
    expected = [_expected(len(one)) for one in by_chance]
    same, other = list(expected), list(by_chance)
    share = 0.05
    for _round in range(ROUNDS):
        odds = np.full(len(patterns), np.log(share / (1 - share)))
        for place in range(len(expected)):
            odds += np.append(np.log(same[place] / other[place]), 0.0)[patterns[:, place]]
        of_one = counts / (1 + np.exp(-np.clip(odds, -500, 500)))
        share = min(max(of_one.sum() / counts.sum(), 1e-6), 1 - 1e-6)
        for place, before in enumerate(expected):
            same[place] = _shares(patterns[:, place], of_one, len(before), before * WORTH_PAIRS)
            other[place] = _shares(patterns[:, place], counts - of_one, len(before), 0.5)
    return same, float(share)


def _expected(many: int) -> Bits:
    return np.array([EXPECTED] + [(1 - EXPECTED) / (many - 1)] * (many - 1))
