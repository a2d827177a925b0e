"""Who is one person with whom, when all pairs are looked at together."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from townhall.customers.matching.columns import Ids
from townhall.customers.matching.model import Bits

JOIN_FROM = 0.0  # bits: the pair that brings two groups together is as likely as not one person
AVERAGE_FROM = -4.0  # bits: how much against it everybody else in both groups may say, on average
LEAST, MOST = -10.0, 12.0  # bits that one pair may bring into the average
NEVER_MET = -8.0  # bits of a pair too unlike to have been compared


def clusters(size: int, pairs: tuple[Ids, Ids], bits: Bits) -> Ids:
    """The group of each of `size` records, as a number.

    The surest pairs join first; a group takes another only when all pairs between them, on average, allow it. So one
    mistaken pair does not make two families one, and two records too unlike to be compared may meet through a third.
    """
    between: list[dict[int, tuple[float, int]]] = [defaultdict(lambda: (0.0, 0)) for _ in range(size)]
    bounded = np.clip(bits, LEAST, MOST)
    for one, other, said in zip(pairs[0].tolist(), pairs[1].tolist(), bounded.tolist(), strict=True):
        between[one][other] = between[other][one] = (said, 1)
    group, members = list(range(size)), [1] * size

    def of(record: int) -> int:
        while group[record] != record:
            group[record] = group[group[record]]
            record = group[record]
        return record

    for place in np.argsort(-bits, kind="stable").tolist():
        if bits[place] < JOIN_FROM:
            break
        one, other = of(int(pairs[0][place])), of(int(pairs[1][place]))
        if one == other or _average(between[one][other], members[one] * members[other]) < AVERAGE_FROM:
            continue
        if len(between[one]) < len(between[other]):
            one, other = other, one
        group[other] = one
        members[one] += members[other]
        del between[one][other]
        for third, (said, pairs_met) in between[other].items():
            if third != one:
                before, met = between[one][third]
                between[one][third] = between[third][one] = (before + said, met + pairs_met)
                del between[third][other]
        between[other] = {}
    return np.array([of(record) for record in range(size)], dtype=np.int64)


def _average(said: tuple[float, int], pairs: int) -> float:
    return (said[0] + NEVER_MET * (pairs - said[1])) / pairs
