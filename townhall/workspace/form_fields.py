"""What an officer types of a form, its pages and their parts. The fields follow from the types of question."""

from __future__ import annotations

import json
import re
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from townhall.catalogue import queries as catalogue
from townhall.forms import definition, questions
from townhall.forms.definition import Bullets, Details, Form, FormPage, Inset, Paragraph, Part, Section, Stop
from townhall.forms.editing import code_from, question_codes
from townhall.forms.known import SOURCES
from townhall.forms.problems import CODE, FORM_CODE, PAGE_CODE
from townhall.forms.questions import Asked, Choice, Group

KINDS: dict[str, tuple[type[Any], StrOrPromise]] = {
    "text": (questions.Text, gettext_lazy("One line of text")),
    "long_text": (questions.LongText, gettext_lazy("Several lines of text")),
    "yes_no": (questions.YesNo, gettext_lazy("Yes or no")),
    "radios": (questions.Radios, gettext_lazy("One of a few")),
    "select": (questions.Select, gettext_lazy("One of many")),
    "checkboxes": (questions.Checkboxes, gettext_lazy("Any number of several")),
    "number": (questions.Number, gettext_lazy("Number")),
    "money": (questions.Money, gettext_lazy("Amount of money")),
    "date": (questions.Date, gettext_lazy("Date")),
    "approximate_date": (questions.ApproximateDate, gettext_lazy("Month and year")),
    "time": (questions.Time, gettext_lazy("Time of day")),
    "date_time": (questions.DateTime, gettext_lazy("Date and time")),
    "person": (questions.Person, gettext_lazy("Name of a person")),
    "address": (questions.Address, gettext_lazy("Address")),
    "place": (questions.Place, gettext_lazy("Place on the map")),
    "contact": (questions.Contact, gettext_lazy("How to reach them")),
    "email": (questions.Email, gettext_lazy("Email address")),
    "phone": (questions.Phone, gettext_lazy("Phone number")),
    "website": (questions.Website, gettext_lazy("Website")),
    "upload": (questions.Upload, gettext_lazy("Photos or files")),
    "declaration": (questions.Declaration, gettext_lazy("Something to agree to")),
    "payment": (questions.Payment, gettext_lazy("Payment on the way")),
    "calculated": (questions.Calculated, gettext_lazy("Worked out from answers")),
    "group": (Group, gettext_lazy("A few questions asked several times")),
    "paragraph": (Paragraph, gettext_lazy("Paragraph")),
    "details": (Details, gettext_lazy("Text folded away")),
    "inset": (Inset, gettext_lazy("Inset text")),
    "warning": (definition.Warning, gettext_lazy("Warning")),
    "bullets": (Bullets, gettext_lazy("List to read")),
}
INSIDE_GROUPS = [kind for kind, (made, _words) in KINDS.items()
                 if issubclass(made, Asked) and kind not in ("group", "calculated", "payment")]  # fmt: skip
_WORDS: dict[str, tuple[StrOrPromise, StrOrPromise]] = {
    "label": (gettext_lazy("Question"), gettext_lazy("As people read it, for example: Do you live here?")),
    "hint": (gettext_lazy("Hint (optional)"), gettext_lazy("A short sentence without a full stop")),
    "why": (gettext_lazy("Why is it asked?"), gettext_lazy("Shown under the question. Needed to publish")),
    "system": (gettext_lazy("What uses the answer?"), gettext_lazy("A system, a team or a law. Needed to publish")),
    "required": (gettext_lazy("It must be answered"), ""),
    "zone": (
        gettext_lazy("Rules may ask for its permit zone"),
        gettext_lazy("An address outside of every zone has none"),
    ),
    "error": (gettext_lazy("What is said when it is not answered (optional)"), gettext_lazy("Made from the question when empty")),
    "prefill": (gettext_lazy("Filled in from what is known (optional)"), ""),
    "instead": (gettext_lazy("What may be answered instead (optional)"), gettext_lazy("The code of a question of the same page")),
    "public": (gettext_lazy("The answer may be shown to everybody"), ""),
    "max_length": (gettext_lazy("Most characters"), ""),
    "min_length": (gettext_lazy("Fewest characters"), ""),
    "max_words": (gettext_lazy("Most words"), gettext_lazy("0: as many as they like")),
    "rows": (gettext_lazy("Lines of the box"), ""),
    "autocomplete": (gettext_lazy("What browsers fill in (optional)"), gettext_lazy("For example organization")),
    "inputmode": (gettext_lazy("Keyboard of a phone (optional)"), gettext_lazy("For example numeric")),
    "pattern": (gettext_lazy("Regular expression for the whole answer (optional)"), ""),
    "kind": (gettext_lazy("How it is written"), ""),
    "minimum": (gettext_lazy("At least (optional)"), ""),
    "maximum": (gettext_lazy("At most (optional)"), ""),
    "minimum_pence": (gettext_lazy("At least, in pence (optional)"), ""),
    "maximum_pence": (gettext_lazy("At most, in pence (optional)"), ""),
    "whole": (gettext_lazy("Whole numbers only"), ""),
    "prefix": (gettext_lazy("Before the box (optional)"), ""),
    "suffix": (gettext_lazy("After the box, for example kg (optional)"), ""),
    "when": (gettext_lazy("Which days"), ""),
    "days_past": (gettext_lazy("Not longer ago than, in days (optional)"), ""),
    "days_ahead": (gettext_lazy("Not further ahead than, in days (optional)"), ""),
    "about": (gettext_lazy("The year alone will do"), ""),
    "choices": (gettext_lazy("Choices"), gettext_lazy("One a line. After a | comes its hint")),
    "list": (gettext_lazy("Or the choices of a list (optional)"), ""),
    "search": (gettext_lazy("Found by typing"), ""),
    "kinds": (gettext_lazy("What may be added"), ""),
    "anonymous": (gettext_lazy("It may be left empty"), ""),
    "needs_address": (gettext_lazy("An address is needed"), ""),
    "abroad": (gettext_lazy("It may be outside the UK"), ""),
    "parts": (gettext_lazy("Parts of the name"), ""),
    "title": (gettext_lazy("Title"), ""),
    "text": (gettext_lazy("Text"), gettext_lazy("Markdown")),
    "pence": (gettext_lazy("Amount in pence (optional)"), gettext_lazy("Empty: what the rule gives, or the fees of the form")),
    "rule": (gettext_lazy("Rule"), gettext_lazy("JSON Logic over the codes of questions")),
    "unit": (gettext_lazy("What it gives"), ""),
    "is_shown": (gettext_lazy("It is shown"), ""),
    "sealed": (gettext_lazy("The answer is kept sealed"), gettext_lazy("Staff see its last characters. For bank details")),
    "yes": (gettext_lazy("Words for Yes (optional)"), ""),
    "no": (gettext_lazy("Words for No (optional)"), ""),
    "item": (gettext_lazy("One of them is called"), gettext_lazy("For example child")),
    "lines": (gettext_lazy("Lines"), gettext_lazy("One item a line")),
    "is_numbered": (gettext_lazy("The lines are numbered"), ""),
}  # fmt: skip
_LITERALS: dict[str, StrOrPromise] = {
    "": gettext_lazy("As they like"), "postcode": gettext_lazy("Postcode"), "national_insurance": gettext_lazy("National Insurance number"),
    "organisation": gettext_lazy("Organisation"), "any": gettext_lazy("Any"), "past": gettext_lazy("Past, or today"),
    "future": gettext_lazy("Future, or today"), "full": gettext_lazy("Full name"), "first_last": gettext_lazy("First and last name"),
    "first_middle_last": gettext_lazy("First, middle and last name"), "pence": gettext_lazy("Pence"), "date": gettext_lazy("Date"),
    "photo": gettext_lazy("Photos"), "document": gettext_lazy("Documents"),
}  # fmt: skip
DEEPEST = 60  # lists and objects in a rule, one in another
_LONG = {"text", "why", "lines", "choices", "rule"}
_APART = {"code", "shown_when", "was", "questions"}  # edited elsewhere
_FIRST = ("label", "title", "text", "choices", "list", "lines", "hint", "why", "system", "required")


def kind_of(part: Part) -> str:
    return str(type(part).__struct_config__.tag)


def kind_words(part: Part) -> str:
    return str(KINDS[kind_of(part)][1])


class PartForm(forms.Form):
    """A question or words of a page: every field of its type."""

    def __init__(self, data: Any = None, *, form: Form, kind: str, part: Part | None = None) -> None:
        made = KINDS[kind][0]
        self.form_changed, self.kind, self.part, self.made = form, kind, part, made
        hints = get_type_hints(made)
        names = [name for name in made.__struct_fields__ if name not in _APART]
        names.sort(key=lambda name: _FIRST.index(name) if name in _FIRST else len(_FIRST))
        super().__init__(
            data, initial={name: self._shown(name, getattr(part, name)) for name in names} if part else None
        )
        defaults = dict(zip(made.__struct_fields__[::-1], made.__struct_defaults__[::-1], strict=False))
        for name in names:
            self.fields[name] = self._field(name, hints[name])
            default = defaults.get(name, "")
            if part is None and isinstance(default, (str, int, float, bool, tuple)):
                self.fields[name].initial = self._shown(name, default)
        if part is None and issubclass(made, Asked):
            self.fields["required"].initial = True
        if issubclass(made, Asked):
            self.fields["code"] = forms.CharField(
                label=_("Code of the answer (optional)"), help_text=_("Made from the question when empty"),
                required=False, max_length=80, initial=part.code if isinstance(part, Asked) else "",
            )  # fmt: skip

    def _field(self, name: str, hint: Any) -> forms.Field:
        label, help_text = _WORDS[name]
        common: dict[str, Any] = {"label": label, "help_text": help_text, "required": False}
        if name == "prefill":
            return forms.ChoiceField(**common, choices=[("", _("Nothing")), *((one, one) for one in SOURCES),
                                                        *self._own_prefill()])  # fmt: skip
        if name == "list":
            lists = [(one.code, one.title or one.code) for one in self.form_changed.lists]
            return forms.ChoiceField(**common, choices=[("", _("None")), *lists])
        if name == "kinds":
            return forms.MultipleChoiceField(**common, widget=forms.CheckboxSelectMultiple,
                                             choices=[(one, _LITERALS[one]) for one in ("photo", "document")])  # fmt: skip
        if get_origin(hint) is Literal:
            common["required"] = "" not in get_args(hint)
            return forms.ChoiceField(**common, choices=[(one, _LITERALS[one]) for one in get_args(hint)])
        if hint is bool:
            return forms.BooleanField(**common)
        kinds = get_args(hint) or (hint,)
        if int in kinds and float not in kinds:
            return forms.IntegerField(**common, widget=forms.TextInput(attrs={"inputmode": "numeric"}),
                                      min_value=0, max_value=10_000_000)  # fmt: skip
        if float in kinds:
            return forms.FloatField(**common, widget=forms.TextInput(attrs={"inputmode": "decimal"}))
        common["required"] = name in ("label", "title" if self.made is Details else "label") or (
            name == "text" and self.made in (Paragraph, Inset, definition.Warning)
        )
        if name in _LONG:
            return forms.CharField(**common, max_length=20_000, widget=forms.Textarea(attrs={"rows": 4}))
        return forms.CharField(**common, max_length=1_000)

    def _own_prefill(self) -> list[tuple[str, str]]:
        """Answers given earlier, and what the form says already."""
        own = getattr(self.part, "prefill", "")
        answers = [f"answers.{question.code}" for question in self.form_changed.questions()]
        return [(one, one) for one in dict.fromkeys([*answers, *([own] if own and own not in SOURCES else [])])]

    @staticmethod
    def _shown(name: str, value: Any) -> Any:
        if name == "choices":
            return "\n".join(f"{one.name} | {one.hint}" if one.hint else one.name for one in value)
        if name == "lines":
            return "\n".join(value)
        if name == "rule":
            return json.dumps(value) if value is not None else ""
        if isinstance(value, float) and value.is_integer():
            return int(value)
        return list(value) if isinstance(value, tuple) else value

    def clean_choices(self) -> tuple[Choice, ...]:
        return choices_of(self.cleaned_data["choices"], getattr(self.part, "choices", ()))

    def clean_lines(self) -> tuple[str, ...]:
        return tuple(line.strip() for line in self.cleaned_data["lines"].splitlines() if line.strip())

    def clean_kinds(self) -> tuple[str, ...]:
        return tuple(self.cleaned_data["kinds"]) or ("photo",)

    def clean_rule(self) -> Any:
        text = self.cleaned_data["rule"].strip()
        try:
            rule = json.loads(text) if text else None
            is_too_deep = rule is not None and _depth(rule) > DEEPEST
        except (ValueError, RecursionError) as error:
            raise forms.ValidationError(_("Enter the rule as JSON")) from error
        if rule is not None and (not isinstance(rule, dict) or is_too_deep):
            raise forms.ValidationError(_("Enter the rule as JSON"))
        if rule is None and self.kind == "calculated":
            raise forms.ValidationError(_("Enter the rule that it is worked out by"))
        return rule

    def clean_code(self) -> str:
        own = self.part.code if isinstance(self.part, Asked) else ""
        taken = question_codes(self.form_changed) - {own}
        code = str(self.cleaned_data["code"]).strip()
        if not code:
            return own or code_from(str(self.cleaned_data.get("label", "")), taken=taken, join="_")
        if not CODE.match(code):
            raise forms.ValidationError(_("Enter letters, digits and underscores only, with a letter first"))
        if code in taken:
            raise forms.ValidationError(_("Another question has this code"))
        return code

    def made_part(self) -> Part:
        """The part as typed; of one that was there before, what is not asked for here stays."""
        given = {
            name: value for name, value in self.cleaned_data.items() if value is not None or self._may_be_none(name)
        }
        if self.part is not None:
            return msgspec.structs.replace(self.part, **given)
        if self.made is Group:
            given["questions"] = ()
        made: Part = self.made(**given)
        return made

    def _may_be_none(self, name: str) -> bool:
        return type(None) in get_args(get_type_hints(self.made).get(name, str))


def _depth(rule: Any) -> int:
    inner = rule.values() if isinstance(rule, dict) else rule if isinstance(rule, list) else ()
    return 1 + max((_depth(one) for one in inner), default=0)


def choices_of(text: str, before: tuple[Choice, ...]) -> tuple[Choice, ...]:
    """Choices typed one a line. One whose words were there before keeps its key; one in the place of a removed one too, being renamed."""
    typed = [line.partition("|") for line in text.splitlines() if line.partition("|")[0].strip()]
    names = [name.strip() for name, _bar, _hint in typed]
    by_name = {choice.name: choice for choice in before}
    found: list[Choice] = []
    for number, (name, _bar, hint) in enumerate(typed):
        old = by_name.get(name.strip())
        if old is None and len(typed) == len(before) and before[number].name not in names:
            old = before[number]
        if old is None:
            taken = [*(one.key for one in found), *(one.key for one in before)]
            found.append(Choice(key=code_from(name, taken=taken), name=name.strip(), hint=hint.strip()))
        else:
            found.append(msgspec.structs.replace(old, name=name.strip(), hint=hint.strip()))
    return tuple(found)


class PageForm(forms.Form):
    title = forms.CharField(
        label=gettext_lazy("Heading (optional)"), max_length=300, required=False,
        help_text=gettext_lazy("Empty: the page’s only question is its heading"),
    )  # fmt: skip
    text = forms.CharField(label=gettext_lazy("Text before the questions (optional)"), max_length=20_000, required=False,
                           help_text=gettext_lazy("Markdown"), widget=forms.Textarea(attrs={"rows": 4}))  # fmt: skip
    section = forms.CharField(label=gettext_lazy("Section (optional)"), max_length=200, required=False,
                              help_text=gettext_lazy("Pages of one section stand together when answers are checked"))  # fmt: skip
    is_stop = forms.BooleanField(label=gettext_lazy("The form ends here: it is not for them"), required=False)
    stop_text = forms.CharField(label=gettext_lazy("What to do instead, on a page that ends the form"), max_length=5_000,
                                required=False, widget=forms.Textarea(attrs={"rows": 3}))  # fmt: skip
    stop_link = forms.CharField(label=gettext_lazy("Link to it (optional)"), max_length=1_000, required=False)
    stop_link_text = forms.CharField(label=gettext_lazy("Words of the link (optional)"), max_length=300, required=False)
    button = forms.CharField(label=gettext_lazy("Words of the button (optional)"), max_length=60, required=False,
                             help_text=gettext_lazy("Instead of Continue"))  # fmt: skip

    def __init__(self, data: Any = None, *, form: Form, page: FormPage | None = None) -> None:
        self.form_changed, self.page = form, page
        sections = {one.code: one.title for one in form.sections}
        initial: dict[str, Any] = {}
        if page is not None:
            stop = page.stop or Stop()
            initial = {"title": page.title, "text": page.text, "section": sections.get(page.section, page.section),
                       "button": page.button, "is_stop": page.stop is not None, "stop_text": stop.text,
                       "stop_link": stop.link, "stop_link_text": stop.link_text}  # fmt: skip
        super().__init__(data, initial=initial)
        if page is None:
            self.fields["code"] = forms.CharField(label=_("Short name of the page"), max_length=80,
                help_text=_("It stands in the page’s address, for example where-you-live"))  # fmt: skip

    def clean_code(self) -> str:
        code = code_from(self.cleaned_data["code"])
        if not PAGE_CODE.match(code) or self.form_changed.page(code) is not None:
            raise forms.ValidationError(_("Another page has this name"))
        return code

    def clean_stop_link(self) -> str:
        link = str(self.cleaned_data["stop_link"]).strip()
        if link and not re.match(r"(https?://|mailto:|tel:|/(?!/))", link):
            raise forms.ValidationError(_("Enter an address that begins with https:// or /"))
        return link

    def made_form_and_page(self) -> tuple[Form, FormPage]:
        """The form (a new section may have come to it), and the page to put there."""
        given = self.cleaned_data
        form, section = with_section(self.form_changed, given["section"].strip())
        stop = Stop(text=given["stop_text"], link=given["stop_link"], link_text=given["stop_link_text"])
        page = self.page or FormPage(code=given["code"])
        return form, msgspec.structs.replace(
            page, title=given["title"], text=given["text"], section=section, button=given["button"],
            stop=stop if given["is_stop"] else None,
        )  # fmt: skip


def with_section(form: Form, title: str) -> tuple[Form, str]:
    """The form with a section of that title, and the section's code."""
    if not title:
        return form, ""
    known = next((one for one in form.sections if title in (one.title, one.code)), None)
    if known is not None:
        return form, known.code
    made = Section(code=code_from(title, taken=[one.code for one in form.sections], join="_"), title=title)
    return msgspec.structs.replace(form, sections=(*form.sections, made)), made.code


class AboutForm(forms.Form):
    """The form itself."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=200,
                            error_messages={"required": gettext_lazy("Enter the title")})  # fmt: skip
    service = forms.ChoiceField(label=gettext_lazy("Service"), required=False,
                                help_text=gettext_lazy("What is sent becomes a case of this service"))  # fmt: skip
    text = forms.CharField(label=gettext_lazy("Start page (optional)"), max_length=20_000, required=False,
                           help_text=gettext_lazy("Markdown"), widget=forms.Textarea(attrs={"rows": 6}))  # fmt: skip
    declaration = forms.CharField(label=gettext_lazy("What people agree to by sending it (optional)"), max_length=5_000,
                                  required=False, widget=forms.Textarea(attrs={"rows": 3}))  # fmt: skip
    after = forms.CharField(label=gettext_lazy("What happens next (optional)"), max_length=5_000, required=False,
                            widget=forms.Textarea(attrs={"rows": 3}))  # fmt: skip
    help = forms.CharField(label=gettext_lazy("Whom to ask for help (optional)"), max_length=5_000, required=False,
                           widget=forms.Textarea(attrs={"rows": 3}))  # fmt: skip
    privacy = forms.CharField(
        label=gettext_lazy("Address of the privacy notice (optional)"), max_length=1_000, required=False
    )

    def __init__(self, data: Any = None, *, form: Form | None = None) -> None:
        super().__init__(data, initial={name: getattr(form, name) for name in self.base_fields} if form else None)
        services = [(pack.code, pack.name) for pack in catalogue.services()]
        field = self.fields["service"]
        assert isinstance(field, forms.ChoiceField)
        if form is not None and form.service and form.service not in dict(services):
            services.append((form.service, form.service))
        field.choices = [("", _("None yet")), *services]


class NewForm(forms.Form):
    title = forms.CharField(label=gettext_lazy("Title"), max_length=200, help_text=gettext_lazy("For example: Apply for a skip permit"),
                            error_messages={"required": gettext_lazy("Enter the title")})  # fmt: skip
    code = forms.CharField(label=gettext_lazy("Short name (optional)"), max_length=80, required=False,
                           help_text=gettext_lazy("Stands in its address and never changes. Made from the title when empty"))  # fmt: skip

    def __init__(self, data: Any = None, *, taken: set[str]) -> None:
        super().__init__(data)
        self.taken = taken

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        code = str(given.get("code") or "").strip() or code_from(str(given.get("title", "")), taken=self.taken)
        if not FORM_CODE.match(code):
            self.add_error("code", _("Enter small letters, digits and hyphens only"))
        elif code in self.taken:
            self.add_error("code", _("Another form has this name"))
        given["code"] = code
        return given
