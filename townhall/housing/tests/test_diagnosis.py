"""The form and the table agree: each problem has a trade and an urgency, or the form says whose job it is or to call."""

from __future__ import annotations

from pathlib import Path

import townhall.catalogue
from townhall.connectors.standins.diary import TRADES
from townhall.core import logic
from townhall.forms.questions import Radios
from townhall.forms.reading import read_yaml
from townhall.housing.diagnosis import DAYS, diagnosed, rules

FORM = Path(townhall.catalogue.__file__).parent / "packs" / "housing-repair" / "form.yaml"


def test_every_problem_is_somebodys_job_and_has_its_urgency() -> None:
    form = read_yaml(FORM.read_text(encoding="utf-8"))
    stops = {page.code for page in form.pages if page.stop}
    table, asked = set(rules().problems), set[str]()
    for page in form.pages:
        for question in page.questions:
            if not isinstance(question, Radios) or not question.code.startswith("what_"):
                continue
            for choice in question.choices:
                ways = [
                    one.to
                    for one in page.next
                    if one.when is None or logic.holds(one.when, {question.code: choice.key})
                ]
                ends_here = ways[0] in stops
                assert ends_here != (choice.key in table), choice.key
                assert (diagnosed({question.code: choice.key}) is None) == ends_here
                asked.add(choice.key)
    assert table <= asked
    assert {one.trade for one in rules().problems.values()} <= set(TRADES)
    assert {one.urgency for one in rules().problems.values()} <= set(DAYS)


def test_danger_is_told_to_call_before_anything_else_is_asked() -> None:
    form = read_yaml(FORM.read_text(encoding="utf-8"))
    first = form.pages[0]
    assert [question.code for question in first.questions] == ["danger"]
    call = next(page for page in form.pages if page.code == first.next[0].to)
    assert call.stop is not None
    assert call.stop.link.startswith("tel:")
