"""A condition put together in words: a question, how its answer compares, and with what."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from townhall.core.money import Pence
from townhall.forms.definition import Form
from townhall.forms.questions import (
    Calculated,
    Checkboxes,
    Choice,
    Date,
    LogicRule,
    Money,
    Number,
    Question,
    Radios,
    Select,
    YesNo,
)

_ANSWERED = [("answered", gettext_lazy("is answered")), ("not-answered", gettext_lazy("is not answered"))]
_SAME = [("==", gettext_lazy("is")), ("!=", gettext_lazy("is not"))]
_ORDER = [("<", gettext_lazy("is less than")), ("<=", gettext_lazy("is at most")), (">", gettext_lazy("is more than")),
          (">=", gettext_lazy("is at least"))]  # fmt: skip
_DATES = [("<", gettext_lazy("is before")), ("<=", gettext_lazy("is on or before")), (">", gettext_lazy("is after")),
          (">=", gettext_lazy("is on or after"))]  # fmt: skip
_HOLDING = [("in", gettext_lazy("includes")), ("not-in", gettext_lazy("does not include"))]
CONDITION = "condition:"  # before the code of a named condition, where a question may be chosen


def choices_of(question: Question, form: Form) -> tuple[Choice, ...]:
    if not isinstance(question, Radios | Select | Checkboxes | YesNo):
        return ()
    lists = {one.code: one.choices for one in form.lists}
    return question.choices or lists.get(getattr(question, "list", ""), ())


def subjects(form: Form) -> list[tuple[str, str]]:
    """What a condition may be about: every question, and the conditions with a name."""
    asked = [(question.code, question.label or question.code) for question in form.questions()]
    return [*asked, *((CONDITION + one.code, one.words) for one in form.conditions)]


class SubjectForm(forms.Form):
    question = forms.ChoiceField(label=gettext_lazy("Which answer decides?"),
                                 error_messages={"required": gettext_lazy("Select a question")})  # fmt: skip

    def __init__(self, data: Any = None, *, form: Form, without: Collection[str] = ()) -> None:
        """without: conditions that may not decide here, as they would use themselves."""
        super().__init__(data)
        field = self.fields["question"]
        assert isinstance(field, forms.ChoiceField)
        left_out = {CONDITION + code for code in without}
        field.choices = [("", _("Select a question")), *(one for one in subjects(form) if one[0] not in left_out)]


class ComparisonForm(forms.Form):
    """How one answer is compared."""

    compare = forms.ChoiceField(label=gettext_lazy("The answer"), widget=forms.RadioSelect,
                                error_messages={"required": gettext_lazy("Select how the answer is compared")})  # fmt: skip

    def __init__(self, data: Any = None, *, form: Form, question: Question) -> None:
        super().__init__(data)
        self.question = question
        choices = choices_of(question, form)
        field = self.fields["compare"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [*_comparisons(question), *_ANSWERED]
        field.initial = field.choices[0][0]
        if choices:
            self.fields["value"] = forms.ChoiceField(
                label=_("What"),
                widget=forms.RadioSelect,
                choices=[(one.key, one.name) for one in choices],
                required=False,
            )
        elif isinstance(question, Number | Money | Calculated):
            label = _("Amount in pounds") if isinstance(question, Money) else _("What")
            self.fields["value"] = forms.DecimalField(
                label=label, required=False, widget=forms.TextInput(attrs={"inputmode": "decimal"}),
                max_digits=12, decimal_places=2,
            )  # fmt: skip
        elif isinstance(question, Date):
            self.fields["value"] = forms.DateField(
                label=_("Day (empty: today)"), required=False, widget=forms.DateInput(attrs={"type": "date"})
            )
        else:
            self.fields["value"] = forms.CharField(label=_("What"), required=False, max_length=300)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        needs = given.get("compare") in ("==", "!=", "<", "<=", ">", ">=", "in", "not-in")
        if (
            needs
            and not isinstance(self.question, Date)
            and given.get("value") in (None, "")
            and "value" not in self.errors
        ):
            self.add_error("value", _("Say what the answer is compared with"))
        return given

    def rule(self) -> LogicRule:
        compare, value = self.cleaned_data["compare"], self.cleaned_data.get("value")
        answer = {"var": self.question.code}
        if compare == "answered":
            return {"!!": [answer]}
        if compare == "not-answered":
            return {"!": [{"!!": [answer]}]}
        if compare in ("in", "not-in"):
            holds = {"in": [value, answer]}
            return holds if compare == "in" else {"!": [holds]}
        return {compare: [answer, self._constant(value)]}

    def _constant(self, value: Any) -> Any:
        if isinstance(self.question, Date):
            return value.isoformat() if value else {"var": "today"}
        if isinstance(self.question, Money):
            return Pence(int(value * 100))
        if isinstance(self.question, Number | Calculated):
            return int(value) if value == int(value) else float(value)
        return str(value)


def _comparisons(question: Question) -> list[tuple[str, Any]]:
    if isinstance(question, Checkboxes):
        return _HOLDING
    if isinstance(question, Number | Money | Calculated):
        return [*_SAME, *_ORDER]
    if isinstance(question, Date):
        return [*_SAME, *_DATES]
    return _SAME
