"""Whatever stands in a file or a feed: it comes in or is refused by row and column, and nothing breaks."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from townhall.core.actors import SYSTEM
from townhall.core.loading import Fault, Kind, Refused, load
from townhall.core.loading.records import listed, of_feed
from townhall.neighbourhood import loading as neighbourhood
from townhall.neighbourhood.tests.makers import MONDAY, at
from townhall.places import loading as places

pytestmark = [pytest.mark.proof, pytest.mark.django_db]
KINDS: tuple[Kind, ...] = (*places.KINDS, *neighbourhood.KINDS)
numbers = st.one_of(st.integers(), st.floats(), st.integers(500_000, 600_000))
words = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        [
            "",
            "0",
            "-1",
            "1e400",
            "nan",
            "2026-03-02",
            "31/02/2026",
            "ZZ1 1AA",
            "https://x.org",
            "POINT (0 52)",
            "\x00",
            "\ud800",
            "=1+1",
        ]
    ),
)
points = st.lists(st.lists(numbers, max_size=3), max_size=5)
shapes = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["Polygon", "MultiPolygon", "Point", "Line", ""]),
        "coordinates": st.one_of(
            points, st.lists(points, max_size=3), st.lists(st.lists(points, max_size=2), max_size=2), words
        ),
    }
)
values = st.one_of(st.none(), st.booleans(), numbers, words, shapes, st.lists(words, max_size=2))


def records_of(kind: Kind) -> st.SearchStrategy[Any]:
    headings = [heading for known in kind.columns.values() for heading in known]
    return st.one_of(values, st.dictionaries(st.sampled_from(headings), values, max_size=12))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: str(kind.code))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_record_comes_in_or_is_named(kind: Kind, data: st.DataObject) -> None:
    records = data.draw(st.lists(records_of(kind), max_size=6))
    faults: list[Fault] = []

    counts = load(of_feed(records, name="hostile"), kind, by=SYSTEM, at=at(MONDAY), refuse=faults.append)

    assert counts.read == counts.new + counts.changed + counts.known + counts.refused == len(records)
    assert len({one.row for one in faults}) == counts.refused
    assert all(one.reason for one in faults)


@given(
    document=st.recursive(
        values, lambda inner: st.dictionaries(st.sampled_from(["features", "type", "items", "crs"]), inner)
    )
)
def test_any_document_is_a_list_of_records_or_refused(document: Any) -> None:
    with suppress(Refused):
        assert isinstance(listed(document), list)


def test_deep_and_broken_geometry_is_refused() -> None:
    deep: Any = []
    for _level in range(50):
        deep = [deep]
    record = {"code": "W1", "geometry": {"type": "MultiPolygon", "coordinates": deep}}
    assert json.dumps(record)

    counts = load(of_feed([record], name="deep"), places.WARDS, by=SYSTEM, at=at(MONDAY))

    assert counts.refused == 1
