"""The items of a repeat: pages asked for each child, each earlier address. All work on the answers as typed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from townhall.core.reckoning import number
from townhall.forms.definition import Repeat
from townhall.forms.errors import TooMany
from townhall.forms.questions import YesNo


def given_items(repeat: Repeat, answers: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The items as kept in the draft, whatever is in it."""
    kept = answers.get(repeat.code)
    return [dict(item) if isinstance(item, Mapping) else {} for item in kept] if isinstance(kept, list) else []


def items_of(repeat: Repeat, answers: Mapping[str, Any], clean: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The items that are asked about: as many as the count says, or those there are and as many more as there must be."""
    kept = given_items(repeat, answers)
    if repeat.count:
        counted = number(clean.get(repeat.count))
        least = min(max(int(counted or 0), 0), repeat.maximum)
        return [*kept[:least], *({} for _more in range(least - len(kept)))]
    return [*kept, *({} for _more in range(repeat.minimum - len(kept)))][: repeat.maximum]


def more_question(repeat: Repeat, count: int) -> YesNo:
    """What is asked under the list of the items that there are."""
    label = _("Do you need to add another %(item)s?") if count else _("Do you need to add a %(item)s?")
    return YesNo(code=repeat.more_code, label=label % {"item": repeat.item}, required=True)


def problem_with(repeat: Repeat, answers: Mapping[str, Any], count: int | None) -> str:
    """What is wrong with the answer under the list; "" when it is "no" or there may be no more of them. `count`: how many there are."""
    there = len(given_items(repeat, answers)) if count is None else count
    given = answers.get(repeat.more_code)
    if there >= repeat.maximum or given == "no" or (count is None and given == "yes"):
        return ""
    return _("Select yes if you need to add another %(item)s") % {"item": repeat.item}


def said_before(repeat: Repeat, answers: Mapping[str, Any], item: int, given: Mapping[str, Any]) -> dict[str, str]:
    """The problem with an answer that another item has already, where each must have its own (`different`)."""
    mine = given.get(repeat.different)
    others = [one.get(repeat.different) for place, one in enumerate(given_items(repeat, answers)) if place != item]
    if mine is None or mine not in others:
        return {}
    return {repeat.different: _("You have given this %(item)s already. Give another one") % {"item": repeat.item}}


def changed(repeat: Repeat, answers: Mapping[str, Any], item: int, raw: Mapping[str, Any]) -> dict[str, Any]:
    """The items with `raw` put into one of them; one beyond the end is added."""
    kept = given_items(repeat, answers)
    if item < 0 or item > min(len(kept) + repeat.minimum, repeat.maximum) + repeat.maximum * bool(repeat.count):
        raise TooMany
    kept += [{} for _more in range(item + 1 - len(kept))]
    kept[item] = {**kept[item], **raw}
    return {repeat.code: kept}


def add_item(repeat: Repeat, answers: Mapping[str, Any]) -> dict[str, Any]:
    """What to save when one more is wanted; its first page is then the next step. Raises TooMany."""
    kept = given_items(repeat, answers)
    if len(kept) >= repeat.maximum:
        raise TooMany
    return {repeat.code: [*kept, {}], repeat.more_code: ""}


def remove_item(repeat: Repeat, answers: Mapping[str, Any], item: int) -> dict[str, Any]:
    """What to save when one is taken away. One that is not there changes nothing."""
    kept = given_items(repeat, answers)
    return {repeat.code: [one for place, one in enumerate(kept) if place != item], repeat.more_code: ""}
