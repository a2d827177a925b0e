"""`townhall evaluate matching FILE`: the live matching measured on records whose owners are known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from townhall.customers.matching.candidates import candidates
from townhall.customers.matching.clusters import clusters
from townhall.customers.matching.model import AUTOMATIC, LIKELY, compare, train
from townhall.customers.matching.reading import Told, read


@dataclass(frozen=True, kw_only=True)
class Score:
    """Of pairs: `precision` of those said, `recall` of those that are."""

    said: int
    right: int
    true: int

    @property
    def precision(self) -> float:
        return self.right / self.said if self.said else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.true if self.true else 1.0

    @property
    def f1(self) -> float:
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def evaluate(path: Path, told: Told) -> str:
    """One line: pairs one by one, then clustered (all pairs looked at together), then what would be merged without asking."""
    records = read(path, told)
    began = perf_counter()
    pairs = candidates(records.table)
    levels = compare(records.table, pairs)
    model = train(records.table, pairs, levels)
    bits = model.weigh(records.table, pairs, levels)
    groups = clusters(len(records.ids), pairs, bits)
    seconds = perf_counter() - began

    true = _pairs_within(records.truth)
    same = [records.truth[one] == records.truth[other] for one, other in zip(*pairs, strict=True)]

    def above(least: float) -> Score:
        said = bits >= least
        right = sum(is_same for is_same, is_said in zip(same, said.tolist(), strict=True) if is_said)
        return Score(said=int(said.sum()), right=right, true=true)

    together = Score(
        said=_pairs_within(groups.tolist()),
        right=_pairs_within(zip(groups.tolist(), records.truth, strict=True)),
        true=true,
    )
    pairwise, automatic = above(LIKELY), above(AUTOMATIC)
    return (
        f"records={len(records.ids)} true_pairs={true} candidates={len(bits)} found_among_candidates={sum(same) / max(1, true):.4f}"
        f" pairwise_precision={pairwise.precision:.4f} pairwise_recall={pairwise.recall:.4f} pairwise_f1={pairwise.f1:.4f}"
        f" clustered_precision={together.precision:.4f} clustered_recall={together.recall:.4f} clustered_f1={together.f1:.4f}"
        f" automatic_bits={AUTOMATIC} automatic_pairs={automatic.said} automatic_precision={automatic.precision:.4f}"
        f" automatic_recall={automatic.recall:.4f} seconds={seconds:.1f}"
    )


def _pairs_within(groups: Iterable[Hashable]) -> int:
    return sum(size * (size - 1) // 2 for size in Counter(groups).values())
