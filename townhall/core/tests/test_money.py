from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from townhall.core.money import Pence, pounds


@pytest.mark.parametrize(
    ("pence", "shown"), [(125000, "£1,250.00"), (0, "£0.00"), (5, "£0.05"), (-5, "-£0.05"), (-100_000, "-£1,000.00")]
)
def test_money_is_shown_in_pounds(pence: int, shown: str) -> None:
    assert pounds(Pence(pence)) == shown


@given(st.integers(-(10**15), 10**15))
def test_no_penny_is_lost_in_showing(pence: int) -> None:
    shown = pounds(Pence(pence))
    assert int(shown.replace("£", "").replace(",", "").replace(".", "")) == pence
