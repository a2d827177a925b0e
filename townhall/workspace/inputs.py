"""The kinds of question that staff forms ask, with their sentences when something is wrong."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

LONGEST = 4000  # characters of any words about a case
_DATES = ["%Y-%m-%d", "%d/%m/%Y", "%d/%m/%y", "%d %B %Y", "%d %b %Y"]


def day(label: Any, *, required: bool = True, hint: Any = "", missing: Any = "") -> forms.DateField:
    return forms.DateField(
        label=label,
        help_text=hint,
        required=required,
        input_formats=_DATES,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": missing or gettext_lazy("Enter a date"),
            "invalid": gettext_lazy("Enter a real date, like 27/3/2026"),
        },
    )


def words(label: Any, *, missing: Any = "", hint: Any = "", rows: int = 4) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        required=bool(missing),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": rows}),
        error_messages={
            "required": missing,
            "max_length": gettext_lazy("This must be %(limit_value)d characters or fewer"),
            "null_characters_not_allowed": gettext_lazy("This must not include null characters"),
        },
    )


def choice(label: Any, *, missing: Any, hint: Any = "") -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        help_text=hint,
        widget=forms.RadioSelect,
        error_messages={"required": missing, "invalid_choice": missing},
    )


def days(label: Any, *, initial: int | None = None) -> forms.IntegerField:
    """A number of working days, typed."""
    wrong = gettext_lazy("Enter a number of working days from 0 to 365")
    return forms.IntegerField(
        label=label,
        initial=initial,
        min_value=0,
        max_value=365,
        required=initial is None,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        error_messages={"required": wrong, "invalid": wrong, "min_value": wrong, "max_value": wrong},
    )
