"""Whether two pieces of HTML are the same to a browser: attribute order, class order and layout spaces do not count."""

from __future__ import annotations

from typing import Any

from lxml import html


def shape(markup: str) -> list[Any]:
    parts: list[Any] = list(html.fragments_fromstring(markup))
    return [_node(part) for part in parts if not isinstance(part, str) or part.strip()]


def _node(element: Any) -> Any:
    if isinstance(element, str):
        return _words(element)
    attributes = {name: _value(name, value) for name, value in element.attrib.items()}
    inside: list[Any] = [_words(element.text)]
    for child in element:
        inside += [_node(child), _words(child.tail)]
    return (element.tag, attributes, [part for part in inside if part != ""])


def _value(name: str, value: str) -> object:
    return frozenset(value.split()) if name == "class" else " ".join(value.split())


def _words(text: str | None) -> str:
    return " ".join((text or "").split())
