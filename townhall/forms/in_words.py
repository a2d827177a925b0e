"""Rules in words: `{"==": [{"var": "size"}, "van"]}` is "“How much is there?” is “A van load”"."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from townhall.core.money import Pence, pounds
from townhall.forms.definition import Form
from townhall.forms.engine.flow import condition_named
from townhall.forms.questions import Checkboxes, Group, LogicRule, Money, Question, Radios, Select, YesNo

_MARKS = {
    "==": gettext_lazy("is"),
    "!=": gettext_lazy("is not"),
    "<": gettext_lazy("is less than"),
    "<=": gettext_lazy("is at most"),
    ">": gettext_lazy("is more than"),
    ">=": gettext_lazy("is at least"),
}
_SIGNS = {"+": "+", "-": "−", "*": "×", "/": "÷"}


def rule_words(rule: LogicRule | None, form: Form) -> str:
    """A rule of this form in a sentence without a full stop; "always" for none. What has no words is shown as it is."""
    return _("always") if rule is None else _Speaker(form).said(rule)


class _Speaker:
    def __init__(self, form: Form) -> None:
        self.questions = dict(self._questions(form))
        self.conditions = {condition.code: condition.words for condition in form.conditions}
        self.lists = {one.code: one.choices for one in form.lists}
        self.repeats = {repeat.code: repeat.title for repeat in form.repeats}

    @staticmethod
    def _questions(form: Form) -> Iterator[tuple[str, Question]]:
        for question in form.questions():
            if isinstance(question, Group):
                yield from ((one.code, one) for one in question.questions)
            yield question.code, question

    def said(self, rule: Any, *, inside: bool = False) -> str:
        if not isinstance(rule, dict) or len(rule) != 1:
            return self._value(rule, None)
        if "condition" in rule:
            code = condition_named(rule)
            return f"“{self.conditions.get(code, code)}”"
        ((name, given),) = rule.items()
        arguments = given if isinstance(given, list) else [given]
        if name in ("and", "or"):
            words = f" {_('and') if name == 'and' else _('or')} ".join(self.said(one, inside=True) for one in arguments)
            return f"({words})" if inside and len(arguments) > 1 else words
        if name == "var":
            return self._name(arguments)
        return self._operator(name, arguments)

    def _operator(self, name: str, arguments: list[Any]) -> str:
        if name == "!":
            return _("not (%(rule)s)") % {"rule": self.said(arguments[0])} if arguments else ""
        if name == "!!":
            return _("%(answer)s is answered") % {"answer": self.said(arguments[0])} if arguments else ""
        if name in _MARKS and len(arguments) > 1:
            about = [self._question(one) for one in arguments]
            words = [self._side(one, next((q for q in about if q), None)) for one in arguments]
            return f" {_MARKS[name]} ".join(words)
        if name == "in" and len(arguments) == 2:
            return self._within(*arguments)
        if name == "later" and len(arguments) == 3:
            return _("%(number)s %(unit)s after %(date)s") % {
                "number": self.said(arguments[1]), "unit": arguments[2], "date": self.said(arguments[0]),
            }  # fmt: skip
        if name in _SIGNS:
            return f" {_SIGNS[name]} ".join(self.said(one, inside=True) for one in arguments)
        return f"{name} ({', '.join(self.said(one) for one in arguments)})"

    def _within(self, needle: Any, haystack: Any) -> str:
        if self._question(haystack) is not None:
            return _("%(answer)s includes %(value)s") % {
                "answer": self.said(haystack), "value": self._side(needle, self._question(haystack)),
            }  # fmt: skip
        return _("%(answer)s is one of %(values)s") % {
            "answer": self.said(needle), "values": self._side(haystack, self._question(needle)),
        }  # fmt: skip

    def _question(self, rule: Any) -> Question | None:
        if isinstance(rule, dict) and "var" in rule:
            given = rule["var"]
            return self.questions.get(str(given[0] if isinstance(given, list) and given else given))
        return None

    def _side(self, value: Any, question: Question | None) -> str:
        return self.said(value) if isinstance(value, dict) else self._value(value, question)

    def _name(self, arguments: list[Any]) -> str:
        code = str(arguments[0]) if arguments else ""
        if code == "today":
            return _("today")
        question = self.questions.get(code)
        return f"“{question.label}”" if question else f"“{self.repeats.get(code, code)}”"

    def _value(self, value: Any, question: Question | None) -> str:
        if isinstance(value, list):
            return ", ".join(self._value(one, question) for one in value)
        if isinstance(question, Money) and isinstance(value, int) and not isinstance(value, bool):
            return pounds(Pence(value))
        if value is None:
            return _("nothing")
        if isinstance(question, Radios | Select | Checkboxes | YesNo):
            choices = question.choices or self.lists.get(getattr(question, "list", ""), ())
            return f"“{next((choice.name for choice in choices if choice.key == str(value)), value)}”"
        return str(value) if isinstance(value, int | float) else f"“{value}”"
