"""What agreement is worth before there are records enough to learn it from: what may be expected of a council's records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log2

from townhall.customers.matching.columns import Kind
from townhall.customers.matching.model import Model

WRITTEN_TWICE = 0.05  # so many have a second record
FEWEST = 1_000  # records; among fewer the odds are taken as among so many

# Of each level of a kind (likeness.COMPARISONS): how often one person's two records come out at it, and how often two people's do.
SHARES: Mapping[Kind, Sequence[tuple[float, float]]] = {
    Kind.FORENAME: ((0.80, 0.01), (0.09, 0.01), (0.03, 0.01), (0.03, 0.05), (0.04, 0.918), (0.01, 0.002)),
    Kind.SURNAME: ((0.88, 0.004), (0.05, 0.003), (0.02, 0.006), (0.01, 0.05), (0.04, 0.937)),
    Kind.BORN: ((0.93, 0.00004), (0.05, 0.0008), (0.01, 0.004), (0.005, 0.02), (0.005, 0.97516)),
    Kind.HOUSE: ((0.75, 0.02), (0.03, 0.01), (0.05, 0.10), (0.17, 0.87)),
    Kind.STREET: ((0.72, 0.003), (0.06, 0.002), (0.02, 0.02), (0.02, 0.05), (0.18, 0.925)),
    Kind.POSTCODE: ((0.70, 0.02), (0.06, 0.005), (0.03, 0.01), (0.10, 0.15), (0.11, 0.815)),
    Kind.EMAIL: ((0.65, 0.00005), (0.06, 0.0005), (0.04, 0.02), (0.25, 0.97945)),
    Kind.PHONE: ((0.60, 0.00005), (0.03, 0.00005), (0.37, 0.9999)),
    Kind.WORDS: ((0.70, 0.0001), (0.12, 0.0005), (0.06, 0.01), (0.07, 0.08), (0.05, 0.9094)),
}


def default_model(kinds: Mapping[str, Kind], *, records: int) -> Model:
    """For records of these columns; two of `records` records taken at random are seldom one person."""
    return Model(
        weights={name: [log2(one / two) for one, two in SHARES[kind]] for name, kind in kinds.items()},
        by_chance={name: SHARES[kind][0][1] for name, kind in kinds.items()},
        # No value is taken to be rarer than another.
        frequencies={name: {"": SHARES[kind][0][1]} for name, kind in kinds.items()},
        prior=log2(WRITTEN_TWICE / max(records, FEWEST)),
    )
