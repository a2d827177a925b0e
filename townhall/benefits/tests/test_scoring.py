"""Scores against a second way of reckoning them, and the share that is drawn."""

from __future__ import annotations

import random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from townhall.benefits.ruling import NeverUsed, RiskRules, Rule
from townhall.benefits.scoring import draw, score

NAMES = ("a", "b", "c")
_VALUES = st.sampled_from(["yes", "no", 1, 20, 300, None])
_RULES = st.lists(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(["yes", "no", 1, 20]), st.integers(0, 40)), min_size=1, max_size=8
)
ID = UUID(int=7)


def make_rules(plain: list[tuple[str, object, int]], *, medium: int = 20, high: int = 50) -> RiskRules:
    return RiskRules(
        form="claim",
        title="Claim",
        medium_from=medium,
        high_from=high,
        sample_percent=0,
        rules=tuple(
            Rule(code=f"r{n}", words="Why", check="Look", when={"==": [{"var": name}, value]}, points=points)
            for n, (name, value, points) in enumerate(plain)
        ),
        never_used=(NeverUsed(words="Age"),),
    )


@given(plain=_RULES, answers=st.dictionaries(st.sampled_from(NAMES), _VALUES), medium=st.integers(1, 60))
def test_points_band_and_reasons_are_what_a_plain_reckoning_gives(
    plain: list[tuple[str, object, int]], answers: dict[str, object], medium: int
) -> None:
    found = score(make_rules(plain, medium=medium, high=medium + 20), answers, submission_id=ID, key=b"k")

    points, held = 0, []
    for n, (name, value, worth) in enumerate(plain):
        if name in answers and answers[name] == value:
            points += worth
            held.append(f"r{n}")
    expected = "low" if points < medium else "medium" if points < medium + 20 else "high"
    assert (found.points, found.band, [rule.code for rule in found.held]) == (points, expected, held)
    assert not found.is_sampled


@pytest.mark.parametrize("percent", [0, 1, 5, 12.5, 100])
def test_the_share_that_is_drawn_is_near_the_setting(percent: float) -> None:
    made = random.Random(7)
    ids = [UUID(int=made.getrandbits(128)) for _number in range(10_000)]
    drawn = sum(draw(one, key=b"a key of the test") < percent * 100 for one in ids)
    wide = 4 * (10_000 * percent / 100 * (1 - percent / 100)) ** 0.5  # four standard deviations
    assert abs(drawn - percent * 100) <= wide


def test_another_key_draws_others_and_the_same_key_the_same() -> None:
    ids = [UUID(int=number) for number in range(2_000)]
    one, other = ([draw(found, key=key) for found in ids] for key in (b"one", b"other"))
    assert one == [draw(found, key=b"one") for found in ids]
    assert sum(a == b for a, b in zip(one, other, strict=True)) < 10
    assert min(one) >= 0
    assert max(one) < 10_000
