"""Conditions of the XGov and DEFRA form builders, as JSON Logic: text, objects with nested groups, and references."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from townhall.core.reckoning import number
from townhall.forms.importing import expressions
from townhall.forms.importing.expressions import NotUnderstood
from townhall.forms.questions import Checkboxes, LogicRule, Money, Number, Question, Radios, Select, YesNo
from townhall.forms.typed import clean_line

_PLAIN = {
    "is": "==",
    "is not": "!=",
    "is at least": ">=",
    "is at most": "<=",
    "is less than": "<",
    "is more than": ">",
    "is before": "<",
    "is after": ">",
    "is on or before": "<=",
    "is on or after": ">=",
}
_LENGTHS = {"is longer than": ">", "is shorter than": "<", "has length": "=="}
_TURNED = {">=": "<=", "<=": ">=", ">": "<", "<": ">"}
_YES = {"true": "yes", "yes": "yes", "false": "no", "no": "no"}
_DEEPEST = 15


class Conditions:
    """Reads rules. `find` gives the question of a foreign field name, or None; `named` the code of a condition, or None; `items` the
    keys of list items that have ids.
    """

    def __init__(
        self,
        *,
        find: Callable[[str], Question | None],
        named: Callable[[str], str | None],
        by_code: Mapping[str, Question],
        items: Mapping[str, str],
    ) -> None:
        self.find, self.named, self.by_code, self.items = find, named, by_code, items
        self.unknown: list[str] = []  # names of fields that no question answers, since last asked for

    def rule(self, value: Any) -> LogicRule:
        """Raises NotUnderstood."""
        if isinstance(value, str):
            found = expressions.read(value, resolve=self._variable, value=self._as_answer)
        elif isinstance(value, bool):
            found = {"==": [1, 1 if value else 0]}
        elif isinstance(value, Mapping):
            found = self._group(value, 0)
        else:
            raise NotUnderstood("It is neither a text nor an object.")
        if not isinstance(found, dict):
            raise NotUnderstood("It compares nothing.")
        return found

    def _group(self, value: Mapping[str, Any], depth: int) -> LogicRule:
        """A list of conditions, each but the first with "and" or "or" before it; "and" binds closer."""
        parts = value.get("conditions") or value.get("items") or []
        if isinstance(value.get("value"), Mapping) and not parts:
            return self._group(value["value"], depth + 1)
        if not isinstance(parts, list) or not parts or depth > _DEEPEST:
            raise NotUnderstood("There are no conditions in it.")
        overall = str(value.get("coordinator") or "and").lower() if "items" in value else "and"
        groups: list[list[LogicRule]] = [[]]
        for part in parts:
            if not isinstance(part, Mapping):
                raise NotUnderstood("A condition in it is no object.")
            joined = str(part.get("coordinator") or overall).lower() if "items" not in value else overall
            if joined == "or" and groups[-1]:
                groups.append([])
            groups[-1].append(self._one(part, depth))
        rules = [group[0] if len(group) == 1 else {"and": group} for group in groups]
        return rules[0] if len(rules) == 1 else {"or": rules}

    def _one(self, part: Mapping[str, Any], depth: int) -> LogicRule:
        if part.get("conditions") or (part.get("items") and not part.get("operator")):
            return self._group(part, depth + 1)
        reference = part.get("conditionName") or part.get("conditionId")
        if reference:
            code = self.named(str(reference))
            if code is None:
                raise NotUnderstood(f"It uses the condition {reference!r}, which is not there.")
            return {"condition": code}
        field = part.get("field")
        name = field.get("name") if isinstance(field, Mapping) else field or part.get("componentId")
        variable = self._variable(str(name or ""))
        return self._compared(variable, str(part.get("operator") or "is").strip().lower(), part)

    def _compared(self, variable: dict[str, str], operator: str, part: Mapping[str, Any]) -> LogicRule:
        given = part.get("value")
        question = self.by_code.get(variable["var"])
        if isinstance(given, Mapping) and ("timePeriod" in given or "period" in given):
            return self._relative(variable, operator, given)
        if isinstance(given, Mapping):
            given = self.items.get(str(given.get("itemId")), given.get("value", given.get("itemId")))
        if question is None and isinstance(part.get("field"), Mapping) and part["field"].get("type") == "YesNoField":
            given = _YES.get(str(given).strip().lower(), given)
        if isinstance(given, dict | list):
            raise NotUnderstood("It compares with something that is no single value.")
        wanted = self._as_answer(variable, given)
        if operator in ("contains", "does not contain") or (
            isinstance(question, Checkboxes) and operator in ("is", "is not")
        ):
            rule: LogicRule = {"in": [wanted, variable]}
            return {"!": [rule]} if "not" in operator else rule
        if operator in _LENGTHS:
            return {_LENGTHS[operator]: [{"length": [variable]}, number(wanted) or 0]}
        if operator in _PLAIN:
            return {_PLAIN[operator]: [variable, wanted]}
        raise NotUnderstood(f"{operator!r} is not known.")

    def _relative(self, variable: dict[str, str], operator: str, given: Mapping[str, Any]) -> LogicRule:
        """ "is at least 18 years in the past": on or before the day 18 years ago."""
        unit = str(given.get("timeUnit") or given.get("unit") or "").lower().rstrip("s")
        mark = _PLAIN.get(operator)
        amount = number(given.get("timePeriod", given.get("period")))
        if unit not in ("day", "month", "year") or mark is None or amount is None:
            raise NotUnderstood(f"{operator!r} with {unit!r} is not known.")
        in_past = "past" in str(given.get("direction") or "").lower()
        if in_past:
            mark = _TURNED.get(mark, mark)
        return {mark: [variable, {"later": [{"var": "today"}, -amount if in_past else amount, f"{unit}s"]}]}

    def _variable(self, name: str) -> dict[str, str]:
        question = self.find(name) if name else None
        if question is None:
            self.unknown.append(name)
            return {"var": re.sub(r"[^A-Za-z0-9_]+", "_", name) or "nothing"}
        return {"var": question.code}

    def _as_answer(self, variable: Any, value: Any) -> Any:
        """A value as an answer to that question holds it: "yes" for true, pence for pounds, a key as text."""
        if not isinstance(variable, dict) or "var" not in variable:
            return value
        question = self.by_code.get(variable["var"])
        if isinstance(question, YesNo):
            return _YES.get(str(value).strip().lower(), str(value))
        if isinstance(question, Radios | Select | Checkboxes):
            return str(value).lower() if isinstance(value, bool) else clean_line(str(value))
        if isinstance(question, Money) and number(value) is not None:
            return round(float(value) * 100)
        if isinstance(question, Number):
            found = number(value)
            return value if found is None else int(found) if found == int(found) else found
        if isinstance(value, bool):
            return "yes" if value else "no"
        return value
