"""What an officer types of a set of pages asked several times, and of a condition with a name."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from msgspec.structs import replace

from townhall.forms import editing_named
from townhall.forms.definition import Condition, Form, Repeat
from townhall.forms.editing import code_from, question_codes
from townhall.forms.questions import Calculated, Number
from townhall.workspace.form_drafts import heading_of

MOST = 100  # items of a repeat, as `problems` allows


class RepeatForm(forms.Form):
    """Pages that are asked for each of several things, such as children."""

    title = forms.CharField(label=gettext_lazy("Heading of the list of them"), max_length=200,
                            help_text=gettext_lazy("For example: Your children"),
                            error_messages={"required": gettext_lazy("Enter the heading of the list")})  # fmt: skip
    item = forms.CharField(label=gettext_lazy("One of them is called"), max_length=80,
                           help_text=gettext_lazy("For example child"),
                           error_messages={"required": gettext_lazy("Enter what one of them is called")})  # fmt: skip
    pages = forms.MultipleChoiceField(label=gettext_lazy("Pages asked for each of them"), widget=forms.CheckboxSelectMultiple,
                                      help_text=gettext_lazy("They must follow one another"),
                                      error_messages={"required": gettext_lazy("Select at least one page")})  # fmt: skip
    count = forms.ChoiceField(label=gettext_lazy("How many there are"), required=False)
    minimum = forms.IntegerField(label=gettext_lazy("At least"), min_value=0, max_value=MOST, initial=1,
                                 widget=forms.TextInput(attrs={"inputmode": "numeric"}))  # fmt: skip
    maximum = forms.IntegerField(label=gettext_lazy("At most"), min_value=1, max_value=MOST, initial=20,
                                 widget=forms.TextInput(attrs={"inputmode": "numeric"}))  # fmt: skip
    different = forms.ChoiceField(label=gettext_lazy("What each of them answers differently (optional)"), required=False,
                                  help_text=gettext_lazy("The page says so when the same answer is given twice"))  # fmt: skip

    def __init__(self, data: Any = None, *, form: Form, repeat: Repeat | None = None) -> None:
        self.form_changed, self.repeat = form, repeat
        own = repeat.code if repeat else ""
        initial: dict[str, Any] = {}
        if repeat is not None:
            initial = {name: getattr(repeat, name) for name in self.base_fields if name != "pages"}
            initial["pages"] = [page.code for page in editing_named.pages_of(form, own)]
        super().__init__(data, initial=initial)
        free = [page for page in form.pages if page.repeat in ("", own) and page.stop is None]
        self._choose("pages", [(page.code, heading_of(form, page.code)) for page in free])
        numbers = [(one.code, one.label) for one in form.questions() if isinstance(one, Number)]
        self._choose("count", [("", _("People add one after another")), *numbers])
        asked = {one.code: one.label for page in free for one in page.questions if not isinstance(one, Calculated)}
        self._choose("different", [("", _("Nothing")), *asked.items()])

    def _choose(self, name: str, choices: list[tuple[str, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        kept = getattr(self.repeat, name, "") if self.repeat else ""
        if kept and name != "pages" and kept not in dict(choices):
            choices = [*choices, (kept, kept)]  # as a file said it; `problems` tells what is wrong with it
        field.choices = choices

    def clean_pages(self) -> list[str]:
        pages: list[str] = self.cleaned_data["pages"]
        if not editing_named.follow_one_another(self.form_changed, pages):
            raise forms.ValidationError(_("Select pages that follow one another"))
        return pages

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if (
            given.get("minimum") is not None
            and given.get("maximum") is not None
            and given["minimum"] > given["maximum"]
        ):
            self.add_error("maximum", _("Enter as many as the least, or more"))
        pages = given.get("pages")
        inside = {one.code for one in editing_named.questions_on(self.form_changed, pages or ())}
        if pages and given.get("different") and given["different"] not in inside:
            self.add_error("different", _("Select a question of these pages"))
        if pages and given.get("count") and given["count"] in inside:
            self.add_error("count", _("Select a question that is asked before these pages"))
        return given

    def made_repeat(self) -> Repeat:
        given = {name: value for name, value in self.cleaned_data.items() if name != "pages"}
        if self.repeat is not None:
            return replace(self.repeat, **given)
        form = self.form_changed
        taken = {page.code for page in form.pages} | {one.code for one in form.repeats} | question_codes(form)
        return Repeat(code=code_from(given["title"], taken=taken), **given)


class ConditionForm(forms.Form):
    words = forms.CharField(label=gettext_lazy("The condition in words"), max_length=200,
                            help_text=gettext_lazy("For example: more than 3 cars"),
                            error_messages={"required": gettext_lazy("Enter the condition in words")})  # fmt: skip

    def __init__(self, data: Any = None, *, form: Form, condition: Condition | None = None) -> None:
        self.form_changed, self.condition = form, condition
        super().__init__(data, initial={"words": condition.words} if condition else None)

    def made_condition(self) -> Condition:
        words = self.cleaned_data["words"]
        if self.condition is not None:
            return replace(self.condition, words=words)
        taken = {"new", *(one.code for one in self.form_changed.conditions)}
        return Condition(code=code_from(words, taken=taken, join="_"), words=words)
