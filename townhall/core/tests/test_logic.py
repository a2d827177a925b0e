from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from townhall.core import logic

SIZE = {"var": "size"}


@pytest.mark.parametrize(
    ("rule", "data", "expected"),
    [
        ({"==": [SIZE, "van"]}, {"size": "van"}, True),
        ({"==": [SIZE, "van"]}, {}, False),
        ({"==": [SIZE, 3]}, {"size": "3"}, True),
        ({"==": [SIZE, 3]}, {"size": "three"}, False),
        ({"==": [True, 1]}, {}, False),
        ({"!=": [SIZE, "van"]}, {}, True),
        ({"in": [SIZE, ["van", "lorry"]]}, {"size": "lorry"}, True),
        ({"in": ["tyres", {"var": "waste"}]}, {"waste": ["soil", "tyres"]}, True),
        ({"in": [{"var": "waste"}, ["tyres", "oil"]]}, {"waste": ["soil", "tyres"]}, True),
        ({"in": ["tyre", {"var": "words"}]}, {"words": "old tyres"}, True),
        ({"in": ["", {"var": "words"}]}, {"words": "old tyres"}, False),
        ({"in": ["a", {"var": "none"}]}, {}, False),
        ({">": [{"var": "days"}, 7]}, {"days": "10"}, True),
        ({">": [{"var": "days"}, 7]}, {"days": "many"}, False),
        ({"<=": [1, {"var": "days"}, 7]}, {"days": 7}, True),
        ({"<": [1, {"var": "days"}, 7]}, {"days": 7}, False),
        ({"and": [{"==": [SIZE, "van"]}, {"!": {"var": "done"}}]}, {"size": "van"}, True),
        ({"or": [{"==": [SIZE, "van"]}, {"!!": {"var": "done"}}]}, {"done": "yes"}, True),
        ({"if": [{"var": "done"}, "a", {"==": [SIZE, "van"]}, "b", "c"]}, {"size": "van"}, "b"),
        ({"if": [{"var": "done"}, "a", "c"]}, {}, "c"),
        ({"missing": ["size", "days"]}, {"size": "van"}, ["days"]),
        ({"var": ["place.ward", "none"]}, {"place": {"ward": "north"}}, "north"),
        ({"var": ["place.ward", "none"]}, {"place": 3}, "none"),
    ],
)
def test_a_rule_has_the_value_that_json_logic_gives(rule: object, data: dict[str, object], expected: object) -> None:
    assert logic.evaluate(rule, data) == expected


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"equals": [1, 2]}, "There is no operator 'equals'."),
        ({"==": [SIZE, 1], "and": []}, "A condition has exactly one operator."),
        ({"==": [SIZE]}, "'==' needs two things to compare."),
        ({"and": []}, "'and' needs something to work on."),
        ({"and": [{"==": [{"var": "colour"}, 1]}]}, "There is no earlier answer called 'colour'."),
        ({"missing": ["colour"]}, "There is no earlier answer called 'colour'."),
    ],
)
def test_a_mistake_is_found_before_the_rule_is_used(rule: object, said: str) -> None:
    assert logic.problem_in(rule, known=frozenset({"size"})) == said


def test_a_rule_nested_too_deeply_is_refused() -> None:
    rule: object = SIZE
    for _ in range(50):
        rule = {"!": [rule]}

    assert logic.problem_in(rule, known=frozenset({"size"})) == "The condition is nested too deeply."


_rules = st.recursive(
    st.one_of(st.integers(), st.text(max_size=3), st.just(SIZE), st.none(), st.booleans()),
    lambda inner: st.builds(
        lambda name, arguments: {name: arguments},
        st.sampled_from(["==", "!=", "!", "!!", "and", "or", "if", "in", "<", ">="]),
        st.lists(inner, min_size=2, max_size=3),
    ),
    max_leaves=8,
)


@given(_rules, st.one_of(st.none(), st.text(), st.integers(), st.lists(st.text(max_size=3), max_size=3)))
def test_whatever_passes_the_check_can_be_asked_of_any_answer(rule: object, size: object) -> None:
    assert logic.problem_in(rule, known=frozenset({"size"})) is None
    assert logic.holds(rule, {"size": size}) in (True, False)
