from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from townhall.core import logic
from townhall.core.reckoning import RECKONING


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"+": [{"var": "n"}, "2.5", None]}, 5.5),
        ({"+": [[1, 2], 3]}, 6),
        ({"+": ["many"]}, None),
        ({"-": [{"var": "n"}]}, -3),
        ({"-": [10, 3, 2]}, 5),
        ({"*": [199, {"var": "n"}]}, 597),
        ({"/": [7, 2]}, 3.5),
        ({"/": [7, 0]}, None),
        ({"min": [3, "1"]}, 1),
        ({"max": [3, 10**30]}, 10**30),
        ({"round": [2.5]}, 3),
        ({"round": [-2.5]}, -3),
        ({"length": ["four"]}, 4),
        ({"length": [["a", "b"]]}, 2),
        ({"cat": ["a", None, 1]}, "a1"),
        ({"later": ["2026-01-31", 1, "months"]}, "2026-02-28"),
        ({"later": ["2024-02-29", 1, "years"]}, "2025-02-28"),
        ({"later": ["2026-03-02T10:00", -1, "days"]}, "2026-03-01"),
        ({"later": ["soon", 1, "days"]}, None),
        ({"later": ["9999-12-31", 1, "days"]}, None),
        ({"<": ["2026-03-01", "2026-03-02"]}, True),
        ({"<": ["2026-03-02T10:00", "2026-03-02"]}, False),
        ({"<=": ["2026-03", "2026-03-31"]}, True),
        ({">": ["14:30", "09:05"]}, True),
        ({">": ["14:30", "2026-03-02"]}, False),
    ],
)
def test_numbers_texts_and_dates_are_reckoned_with(rule: object, expected: object) -> None:
    assert logic.problem_in(rule, known=frozenset({"n"})) is None
    assert logic.evaluate(rule, {"n": 3}) == expected


_anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3),
)


@given(st.sampled_from(sorted(RECKONING)), st.lists(_anything | st.just("2026-03-02"), max_size=4))
def test_nothing_reckoned_with_breaks_it(name: str, values: list[object]) -> None:
    RECKONING[name](values)
