"""Conditions written as text, as in `applicant.count > 1 and not (address.uk == true)`, as JSON Logic.

Read are comparisons, `and`, `or`, `not`, `in`, brackets, texts, numbers, true and false, `length(…)`, `dateForComparison(…)`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

_TOKEN = re.compile(
    r"""\s*(?:(?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(?P<number>\d+(?:\.\d+)?)|(?P<name>[A-Za-z_$][\w$-]*(?:\.[\w$-]+)*)"""
    r"""|(?P<mark>===|!==|==|!=|>=|<=|&&|\|\||[<>()!,\[\]?:+*/-]))"""
)
_COMPARE = {"==": "==", "===": "==", "!=": "!=", "!==": "!=", ">": ">", "<": "<", ">=": ">=", "<=": "<="}
_DEEPEST = 30

Resolve = Callable[[str], Any]  # a name in the text → what it stands for as JSON Logic; raises NotUnderstood
Value = Callable[[Any, Any], Any]  # (what it is compared with, a plain value) → the value as the answer has it


class NotUnderstood(Exception):
    """The text says something that cannot be said here."""


def read(text: str, *, resolve: Resolve, value: Value) -> Any:
    """The rule. Raises NotUnderstood."""
    reader = _Reader(_tokens(text), resolve, value)
    rule = reader.either(0)
    if reader.left():
        raise NotUnderstood(f"There is more after {text[:40]!r}.")
    return rule


def _tokens(text: str) -> list[tuple[str, str]]:
    found = []
    place = 0
    text = text.rstrip()
    while place < len(text):
        token = _TOKEN.match(text, place)
        if token is None:
            raise NotUnderstood(f"{text[place : place + 20]!r} is not understood.")
        kind = str(token.lastgroup)
        found.append((kind, token[kind]))
        place = token.end()
    if not found:
        raise NotUnderstood("There is nothing in it.")
    return found


class _Reader:
    def __init__(self, tokens: list[tuple[str, str]], resolve: Resolve, value: Value) -> None:
        self.tokens, self.place, self.resolve, self.value = tokens, 0, resolve, value

    def left(self) -> bool:
        return self.place < len(self.tokens)

    def _next(self) -> tuple[str, str]:
        return self.tokens[self.place] if self.left() else ("", "")

    def _take(self, *wanted: str) -> bool:
        kind, text = self._next()
        if kind in ("mark", "name") and text.lower() in wanted:
            self.place += 1
            return True
        return False

    def _must(self, wanted: str) -> None:
        if not self._take(wanted):
            raise NotUnderstood(f"{wanted!r} is missing.")

    def either(self, depth: int) -> Any:
        if depth > _DEEPEST:
            raise NotUnderstood("It is nested too deeply.")
        parts = [self.both(depth)]
        while self._take("or", "||"):
            parts.append(self.both(depth))
        return parts[0] if len(parts) == 1 else {"or": parts}

    def both(self, depth: int) -> Any:
        parts = [self.negated(depth)]
        while self._take("and", "&&"):
            parts.append(self.negated(depth))
        return parts[0] if len(parts) == 1 else {"and": parts}

    def negated(self, depth: int) -> Any:
        if self._take("not", "!"):
            if depth > _DEEPEST:
                raise NotUnderstood("It is nested too deeply.")
            return {"!": [self.negated(depth + 1)]}
        return self.compared(depth)

    def compared(self, depth: int) -> Any:
        first = self.operand(depth)
        kind, text = self._next()
        if kind == "mark" and text in _COMPARE:
            self.place += 1
            second = self.operand(depth)
            return {_COMPARE[text]: [self._as_answer(second, first), self._as_answer(first, second)]}
        if self._take("in"):
            second = self.operand(depth)
            return {"in": [self._as_answer(second, first), self._as_answer(first, second)]}
        return first if isinstance(first, dict) else {"!!": [first]}

    def _as_answer(self, other: Any, this: Any) -> Any:
        if isinstance(this, dict):
            return this
        if isinstance(this, list):
            return [self.value(other, item) for item in this]
        return self.value(other, this)

    def operand(self, depth: int) -> Any:
        kind, text = self._next()
        self.place += 1
        if kind == "text":
            return re.sub(r"\\(.)", r"\1", text[1:-1])
        if kind == "number":
            return float(text) if "." in text else int(text)
        if kind == "mark" and text == "(":
            inside = self.either(depth + 1)
            self._must(")")
            return inside
        if kind == "mark" and text == "[":
            return self._list(depth)
        if kind == "mark" and text == "-":
            return {"-": [self.operand(depth + 1)]}
        if kind == "name":
            return self._named(text, depth)
        raise NotUnderstood(f"{text!r} is not understood there." if text else "It ends too early.")

    def _list(self, depth: int) -> list[Any]:
        items = []
        while not self._take("]"):
            items.append(self.operand(depth + 1))
            self._take(",")
        return items

    def _named(self, text: str, depth: int) -> Any:
        if text.lower() in ("true", "false"):
            return text.lower() == "true"
        if text.lower() in ("null", "undefined"):
            return None
        if not self._take("("):
            return self.resolve(text)
        arguments = []
        while not self._take(")"):
            arguments.append(self.either(depth + 1) if self._next()[0] == "name" else self.operand(depth + 1))
            self._take(",")
            if not self.left() and self.tokens[-1][1] != ")":
                raise NotUnderstood("')' is missing.")
        return _called(text, arguments)


def _called(name: str, arguments: list[Any]) -> Any:
    if name == "length" and len(arguments) == 1:
        return {"length": arguments}
    if name == "dateForComparison" and len(arguments) == 2:
        return {"later": [{"var": "today"}, *arguments]}
    raise NotUnderstood(f"{name!r} is not known.")
