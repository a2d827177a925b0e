"""A second reading of JSON Logic, written apart from `core.logic`, to hold it against. Slow and plain."""

from __future__ import annotations

import math
import re
from typing import Any


def truth(rule: Any, data: dict[str, Any], conditions: dict[str, Any]) -> bool:
    return bool(value(rule, data, conditions))


def value(rule: Any, data: dict[str, Any], conditions: dict[str, Any], depth: int = 0) -> Any:
    if isinstance(rule, list):
        return [value(one, data, conditions, depth) for one in rule]
    if not isinstance(rule, dict):
        return rule
    name, given = next(iter(rule.items()))
    arguments = given if isinstance(given, list) else [given]
    if name == "condition":
        named = conditions.get(arguments[0])
        return False if named is None or depth >= 8 else value(named, data, conditions, depth + 1)
    if name == "var":
        return data.get(arguments[0])
    if name == "if":
        return value(arguments[1 if value(arguments[0], data, conditions, depth) else 2], data, conditions, depth)
    return applied(name, [value(one, data, conditions, depth) for one in arguments])


def applied(name: str, known: list[Any]) -> Any:
    if name == "and":
        return next((one for one in known if not one), known[-1])
    if name == "or":
        return next((one for one in known if one), known[-1])
    if name in ("!", "!!"):
        return bool(known[0]) == (name == "!!")
    if name in ("==", "!="):
        return same(known[0], known[1]) == (name == "==")
    return within(known[0], known[1]) if name == "in" else ordered(name, known[0], known[1])


def number(one: Any) -> float | None:
    if isinstance(one, bool) or one is None or isinstance(one, list | dict):
        return None
    try:
        found = float(one)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def same(one: Any, two: Any) -> bool:
    if isinstance(one, bool) != isinstance(two, bool):
        return False
    if type(one) is type(two):
        return bool(one == two)
    first, second = number(one), number(two)
    return first is not None and first == second


def within(needle: Any, haystack: Any) -> bool:
    if isinstance(needle, list):
        return any(within(one, haystack) for one in needle)
    if isinstance(haystack, str):
        return isinstance(needle, str) and len(needle) > 0 and haystack.find(needle) >= 0
    return isinstance(haystack, list) and any(same(needle, one) for one in haystack)


def ordered(name: str, one: Any, two: Any) -> bool:
    first, second = number(one), number(two)
    if first is None or second is None:
        shape = r"\d{4}-\d\d(-\d\d)?"
        if not (
            isinstance(one, str) and isinstance(two, str) and re.fullmatch(shape, one) and re.fullmatch(shape, two)
        ):
            return False
        cut = min(len(one), len(two))
        order = (one[:cut] > two[:cut]) - (one[:cut] < two[:cut])
    else:
        order = (first > second) - (first < second)
    return {"<": order < 0, "<=": order <= 0, ">": order > 0, ">=": order >= 0}[name]
