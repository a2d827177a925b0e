"""The weights in force, learnt from the council's own records, and pairs of records weighed with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

import numpy as np
from django.db import transaction
from django.db.models import Max

from townhall.core.db import fetch_all, fetch_one
from townhall.customers.matching.candidates import candidates
from townhall.customers.matching.columns import Column, Ids, Table, clean
from townhall.customers.matching.defaults import default_model
from townhall.customers.matching.model import UNKNOWN, Levels, Model, compare, train
from townhall.customers.merging.evidence import apart
from townhall.customers.merging.said import COLUMNS, Row, Said, facing, said_of
from townhall.customers.merging_models import Weights

FEWEST = 1_000  # records from which weights are learnt
FEWEST_PAIRS = 100  # of them that are worth comparing
MOST = 20_000  # records: more take long, and say little more
MORE = 1.25  # so many times the records, and they are learnt anew
COMMON = 2_000  # values of a column whose rarity is kept each; the others are as rare as the rarest

_COUNT = "SELECT count(*) FROM (SELECT FROM customers_customer WHERE kind = %s AND merged_into_id IS NULL LIMIT %s) c"
_ABOUT = "SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = 'customers_customer'::regclass"
_SAMPLE = "SELECT id FROM customers_customer WHERE kind = %s AND merged_into_id IS NULL ORDER BY md5(id::text) LIMIT %s"


@dataclass(frozen=True, kw_only=True)
class Weighed:
    """Two records compared. `evidence`: [column, level, bits] of each that both know. `apart`: why they are two people all the same."""

    one: UUID
    other: UUID
    kind: str
    bits: float
    levels: Mapping[str, int]
    evidence: Sequence[tuple[str, int, float]]
    apart: str
    version: int


@dataclass(frozen=True, kw_only=True)
class InForce:
    model: Model
    version: int  # 0: the defaults


def in_force(kind: str) -> InForce:
    """The weights learnt last, or the defaults. Two statements at most."""
    last = Weights.objects.filter(kind=kind).order_by("-version").first()
    if last is not None:
        return InForce(model=Model(**last.model), version=last.version)
    row = fetch_one(_ABOUT)
    return InForce(model=default_model(COLUMNS[kind], records=int(row[0]) if row else 0), version=0)


def weigh(pairs: Sequence[tuple[Said, Said]], weights: InForce) -> list[Weighed]:
    """Each pair by the model, in their order. All of one kind."""
    if not pairs:
        return []
    kind = pairs[0][0].kind
    faced = [facing(one, other) for one, other in pairs]
    rows = [row for both in faced for row in both]
    table = _table(kind, rows)
    numbers = np.arange(len(pairs), dtype=np.int64)
    places = (numbers * 2, numbers * 2 + 1)
    levels = compare(table, places)
    bits = weights.model.weigh(table, places, levels)
    return [
        _weighed(*pair, *both, kind=kind, levels=level.tolist(), bits=float(bit), weights=weights)
        for pair, both, level, bit in zip(pairs, faced, levels, bits, strict=True)
    ]


def _weighed(
    one: Said, other: Said, row: Row, other_row: Row, *, kind: str, levels: list[int], bits: float, weights: InForce
) -> Weighed:
    by_column = dict(zip(COLUMNS[kind], levels, strict=True))
    known = {name: level for name, level in by_column.items() if level != UNKNOWN}
    return Weighed(
        one=min(one.id, other.id),
        other=max(one.id, other.id),
        kind=kind,
        bits=bits,
        levels=by_column,
        evidence=[(name, level, round(weights.model.weights[name][level], 1)) for name, level in known.items()],
        apart=apart(kind, by_column, row, other_row),
        version=weights.version,
    )


def _table(kind: str, rows: Sequence[Row]) -> Table:
    return Table({name: Column(what, [clean(what, row[name]) for row in rows]) for name, what in COLUMNS[kind].items()})


@transaction.atomic
def learn(kind: str, *, at: datetime) -> Weights | None:
    """New weights from what is on record, kept as the next version. None where the records are too few, or teach nonsense.

    Pairs that are plainly two people of one household are left out: among few doubles they would teach that first names say little.
    """
    ids = [row[0] for row in fetch_all(_SAMPLE, (kind, MOST))]
    if len(ids) < FEWEST:
        return None
    rows = [said.plain() for said in said_of(ids).values()]
    table = _table(kind, rows)
    pairs = candidates(table)
    levels = compare(table, pairs)
    kept = _without_households(kind, rows, pairs, levels)
    if len(kept) < FEWEST_PAIRS:
        return None
    model = train(table, (pairs[0][kept], pairs[1][kept]), levels[kept])
    if not _makes_sense(model):
        return None
    version = (Weights.objects.filter(kind=kind).aggregate(last=Max("version"))["last"] or 0) + 1
    return Weights.objects.create(
        kind=kind, version=version, model=asdict(_without_the_rare(model)), records=len(rows), learnt_at=at
    )


def _without_households(kind: str, rows: Sequence[Row], pairs: tuple[Ids, Ids], levels: Levels) -> Ids:
    names = list(COLUMNS[kind])
    keep = [
        not apart(kind, dict(zip(names, level, strict=True)), rows[one], rows[other])
        for one, other, level in zip(pairs[0].tolist(), pairs[1].tolist(), levels.tolist(), strict=True)
    ]
    return np.flatnonzero(np.array(keep, dtype=bool)).astype(np.int64)


def _makes_sense(model: Model) -> bool:
    """The same value speaks for one person, and a different one against it, in every column."""
    return all(weights[0] > 0 > min(weights[1:]) for weights in model.weights.values())


def _without_the_rare(model: Model) -> Model:
    kept = {}
    for name, shares in model.frequencies.items():
        common = sorted(shares.items(), key=lambda one: -one[1])[:COMMON]
        kept[name] = {**dict(common), "": min(shares.values(), default=model.by_chance[name])}
    return Model(weights=model.weights, by_chance=model.by_chance, frequencies=kept, prior=model.prior)


def learn_if_due(at: datetime) -> int:
    """A sweep, daily: when there are enough records, and a quarter more than those that were learnt from."""
    learnt = 0
    for kind in COLUMNS:
        last = Weights.objects.filter(kind=kind).order_by("-version").first()
        enough = int(last.records * MORE) if last else FEWEST
        row = fetch_one(_COUNT, (kind, enough))
        if row is not None and row[0] >= enough and (last is None or last.records < MOST):
            learnt += learn(kind, at=at) is not None
    return learnt
