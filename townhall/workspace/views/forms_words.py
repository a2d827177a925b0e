"""Lists that several questions choose from, and the form's words in another language beside the English."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from msgspec.structs import replace

from townhall.core.errors import NotFound
from townhall.forms import languages
from townhall.forms.definition import ChoiceList
from townhall.forms.editing import code_from
from townhall.forms.problems import LANGUAGE
from townhall.forms.queries import Version
from townhall.forms.questions import Checkboxes, Radios, Select
from townhall.workspace.form_fields import choices_of
from townhall.workspace.views.forms_draft import editor, keep

LANGUAGES = {"cy": gettext_lazy("Welsh"), "pl": gettext_lazy("Polish"), "pa": gettext_lazy("Punjabi"),
             "ur": gettext_lazy("Urdu"), "bn": gettext_lazy("Bengali"), "ro": gettext_lazy("Romanian")}  # fmt: skip


class ListForm(forms.Form):
    title = forms.CharField(
        label=gettext_lazy("Name of the list"),
        max_length=200,
        error_messages={"required": gettext_lazy("Enter the name of the list")},
    )
    choices = forms.CharField(
        label=gettext_lazy("Choices"),
        help_text=gettext_lazy("One a line. After a | comes its hint"),
        max_length=50_000,
        widget=forms.Textarea(attrs={"rows": 10}),
        error_messages={"required": gettext_lazy("Enter at least one choice")},
    )


@editor
def lists(request: HttpRequest, draft: Version) -> HttpResponse:
    used: dict[str, list[str]] = {}
    for question in draft.form.questions():
        if isinstance(question, Radios | Select | Checkboxes) and question.list:
            used.setdefault(question.list, []).append(question.label)
    context = {"draft": draft, "lists": draft.form.lists, "used": used}
    return render(request, "workspace/forms/lists.html", context)


@editor
def one_list(request: HttpRequest, draft: Version, name: str) -> HttpResponse:
    """A list of the form, or a new one under "new"."""
    known = next((one for one in draft.form.lists if one.code == name), None)
    if known is None and name != "new":
        raise NotFound
    before = known.choices if known else ()
    lines = "\n".join(f"{one.name} | {one.hint}" if one.hint else one.name for one in before)
    form = ListForm(
        request.POST if request.method == "POST" else None,
        initial={"title": (known.title or known.code) if known else "", "choices": lines},
    )
    if form.is_valid():
        title, choices = form.cleaned_data["title"], choices_of(form.cleaned_data["choices"], before)
        if known is not None:
            made = tuple(
                replace(one, title=title, choices=choices) if one is known else one for one in draft.form.lists
            )
        else:
            code = code_from(title, taken=["new", *(one.code for one in draft.form.lists)], join="_")
            made = (*draft.form.lists, ChoiceList(code=code, title=title, choices=choices))
        keep(request, draft, replace(draft.form, lists=made))
        return redirect("workspace:form-lists", draft.code)
    context = {"draft": draft, "form": form, "title": known.title or known.code if known else _("New list")}
    return render(request, "workspace/forms/fields.html", context, status=422 if form.errors else 200)


@editor
def translated(request: HttpRequest, draft: Version, language: str) -> HttpResponse:
    """Every text of the form with its words in that language. What is left empty is shown in English."""
    if not LANGUAGE.fullmatch(language) or language.startswith("en"):
        raise NotFound
    english = dict(languages.texts(draft.form))
    if request.method == "POST":
        typed = {path: request.POST.get(path, "").replace("\r\n", "\n").strip() for path in english}
        kept = {path: text[:20_000] for path, text in typed.items() if text and "\0" not in text}
        texts: dict[str, Any] = {**draft.form.texts, language: kept}
        keep(request, draft, replace(draft.form, texts={name: words for name, words in texts.items() if words}))
        messages.success(request, _("Saved."))
        return redirect("workspace:form-translated", draft.code, language)
    words = draft.form.texts.get(language, {})
    context = {
        "draft": draft,
        "chosen": language,
        "name": LANGUAGES.get(language, language),
        "others": {**LANGUAGES, **{one: one for one in draft.form.texts if one not in LANGUAGES}},
        "rows": [(path, text, words.get(path, "")) for path, text in english.items()],
        "missing": sum(not words.get(path) for path in english),
    }
    return render(request, "workspace/forms/translated.html", context)
