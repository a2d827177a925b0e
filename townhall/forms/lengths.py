"""How long a form is for who fills it in: pages and clicks, over made-up ways through it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final

import msgspec

from townhall.forms import engine
from townhall.forms.definition import Form
from townhall.forms.importing.trying import way_to_check
from townhall.forms.questions import Checkboxes, Declaration, Question, Radios, Select, YesNo

SEEDS: Final = range(0, 60, 5)  # of the ways: the same form always measures the same
CHECK: Final = 1  # the check of the answers: a page with one button
_CHOSEN = (YesNo, Radios, Select, Checkboxes, Declaration)


@dataclass(frozen=True, kw_only=True)
class Length:
    """A page is one screen with a button, the check of the answers among them. A click is that button, or an answer that is chosen."""

    fewest_pages: int
    most_pages: int
    fewest_clicks: int
    most_clicks: int


def length_of(form: Form, *, today: date) -> Length | None:
    """None when no way leads to the check of its answers."""
    return _length_of(msgspec.json.encode(form), today)


@lru_cache(maxsize=200)
def _length_of(written: bytes, today: date) -> Length | None:
    form = msgspec.json.decode(written, type=Form)
    ways = list(_ways(form, today))
    if not ways:
        return None
    pages = [len(way.steps) + CHECK for way in ways]
    clicks = [_clicks(form, way) + CHECK for way in ways]
    return Length(fewest_pages=min(pages), most_pages=max(pages), fewest_clicks=min(clicks), most_clicks=max(clicks))


def _ways(form: Form, today: date) -> Iterator[engine.Path]:
    for seed in SEEDS:
        way = way_to_check(form, today=today, seed=seed)
        if way is not None:
            yield way


def _clicks(form: Form, way: engine.Path) -> int:
    flow = engine.flow_of(form)
    found = 0
    for step in way.steps:
        page = engine.page_of(flow, step)
        found += 1 + (
            sum(clicks_of(one) for one in page.questions) if page else 1
        )  # of a repeat: whether there is one more
    return found


def clicks_of(question: Question) -> int:
    return int(isinstance(question, _CHOSEN))
