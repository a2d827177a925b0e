"""JSON Logic: a condition as data, such as `{"==": [{"var": "size"}, "van"]}`.

The operators that forms and routing need, from jsonlogic.com, and no others: `problem_in` names an unknown one when a pack or a
form is loaded, so that a typing mistake is found then and not by a resident. Equality does not convert types, except that an
answer kept as text equals the number it spells (forms send text). Dates and times compare as ISO text. Ours beside theirs:
`length` of a text or a list, `round`, and `later` (`{"later": [{"var": "today"}, -18, "years"]}`).
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from townhall.core.reckoning import RECKONING, number, pair

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_OPERATORS = frozenset({"var", "==", "!=", "!", "!!", "and", "or", "if", "in", "missing", *_COMPARE, *RECKONING})
_DEEPEST = 20


def holds(rule: object, data: Mapping[str, object]) -> bool:
    """Whether the rule is true of `data`. A variable that is not there is None."""
    return bool(evaluate(rule, data))


def evaluate(rule: object, data: Mapping[str, object]) -> Any:
    """The value of a rule. Raises ValueError for an operator that is not known."""
    if isinstance(rule, list):
        return [evaluate(item, data) for item in rule]
    if not isinstance(rule, dict):
        return rule
    name, arguments = _split(rule)
    if name == "var":
        return _variable(arguments, data)
    if name in ("and", "or", "if"):
        return _lazy(name, arguments, data)
    if name == "missing":
        return [key for key in arguments if data.get(str(key)) in (None, "", [])]
    return _apply(name, [evaluate(argument, data) for argument in arguments])


def _split(rule: dict[str, Any]) -> tuple[str, list[Any]]:
    if len(rule) != 1:
        raise ValueError("A condition has exactly one operator.")
    (name, arguments), *_ = rule.items()
    if name not in _OPERATORS:
        raise ValueError(f"There is no operator {name!r}.")
    return name, arguments if isinstance(arguments, list) else [arguments]


def _variable(arguments: list[Any], data: Mapping[str, object]) -> object:
    value: object = data
    for part in str(arguments[0]).split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return arguments[1] if value is None and len(arguments) > 1 else value


def _lazy(name: str, arguments: list[Any], data: Mapping[str, object]) -> Any:
    if name == "if":
        for condition, result in zip(arguments[::2], arguments[1::2], strict=False):
            if evaluate(condition, data):
                return evaluate(result, data)
        return evaluate(arguments[-1], data) if len(arguments) % 2 else None
    value: Any = None
    for argument in arguments:
        value = evaluate(argument, data)
        if bool(value) is (name == "or"):
            return value
    return value


def _apply(name: str, values: list[Any]) -> Any:
    if name == "!":
        return not values[0]
    if name == "!!":
        return bool(values[0])
    if name in RECKONING:
        return RECKONING[name](values)
    first, second = values[0], values[1]
    if name == "==":
        return _same(first, second)
    if name == "!=":
        return not _same(first, second)
    if name == "in":
        return _within(first, second)
    pairs = [pair(one, two) for one, two in pairwise(values)]
    return all(both is not None and _COMPARE[name](*both) for both in pairs)


def _same(first: object, second: object) -> bool:
    if isinstance(first, bool) or isinstance(second, bool) or type(first) is type(second):
        return type(first) is type(second) and first == second
    one, two = number(first), number(second)
    return one is not None and one == two


def _within(needle: object, haystack: object) -> bool:
    """In a list, or as a piece of a text; any of several needles will do."""
    if isinstance(needle, list):
        return any(_within(item, haystack) for item in needle)
    if isinstance(haystack, str):
        return isinstance(needle, str) and needle != "" and needle in haystack
    return isinstance(haystack, list) and any(_same(needle, item) for item in haystack)


def variables(rule: object) -> Iterator[str]:
    """The names that a rule reads, outermost part only (`size` for `size.width`)."""
    if isinstance(rule, list):
        for item in rule:
            yield from variables(item)
    elif isinstance(rule, dict):
        for name, arguments in rule.items():
            given = arguments if isinstance(arguments, list) else [arguments]
            if name == "var" and given:
                yield str(given[0]).split(".")[0]
            elif name == "missing":
                yield from (str(key) for key in given)
            else:
                yield from variables(given)


def problem_in(rule: object, *, known: frozenset[str], depth: int = 0) -> str | None:
    """What is wrong with a rule that may read the `known` names, in a sentence, or None."""
    if depth > _DEEPEST:
        return "The condition is nested too deeply."
    if isinstance(rule, list):
        return next((found for item in rule if (found := problem_in(item, known=known, depth=depth + 1))), None)
    if not isinstance(rule, dict):
        return None
    try:
        name, arguments = _split(rule)
    except ValueError as error:
        return str(error)
    if name in ("==", "!=", "in", *_COMPARE) and len(arguments) < 2:
        return f"{name!r} needs two things to compare."
    if not arguments:
        return f"{name!r} needs something to work on."
    if name in ("var", "missing"):
        unknown = [one for one in variables(rule) if one not in known]
        return f"There is no earlier answer called {unknown[0]!r}." if unknown else None
    return problem_in(arguments, known=known, depth=depth + 1)
