"""Sets of pages asked for each of several things, and conditions with a name: listed, made, changed and taken away."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from msgspec.structs import replace

from townhall.forms import editing_named
from townhall.forms.in_words import rule_words
from townhall.forms.queries import Version
from townhall.workspace import form_drafts
from townhall.workspace.form_named import ConditionForm, RepeatForm
from townhall.workspace.views.forms_draft import editor, keep
from townhall.workspace.views.forms_rules import RuleOf, rule_page


@editor
def repeats(request: HttpRequest, draft: Version) -> HttpResponse:
    form = draft.form
    asked = {question.code: question.label for question in form.questions()}
    lines = [
        {
            "repeat": one,
            "pages": [form_drafts.heading_of(form, page.code) for page in editing_named.pages_of(form, one.code)],
            "count": asked.get(one.count, one.count),
            "different": asked.get(one.different, one.different),
        }
        for one in form.repeats
    ]
    return render(request, "workspace/forms/repeats.html", {"draft": draft, "lines": lines})


@editor
def one_repeat(request: HttpRequest, draft: Version, name: str) -> HttpResponse:
    """One that is there, or a new one under "new"."""
    known = None if name == "new" else editing_named.repeat_of(draft.form, name)
    if known is not None and request.POST.get("do") == "remove":
        keep(request, draft, editing_named.remove_repeat(draft.form, name))
        messages.success(request, _("Its pages are asked once now."))
        return redirect("workspace:form-repeats", draft.code)
    form = RepeatForm(request.POST if request.method == "POST" else None, form=draft.form, repeat=known)
    if form.is_valid():
        keep(request, draft, editing_named.put_repeat(draft.form, form.made_repeat(), form.cleaned_data["pages"]))
        return redirect("workspace:form-repeats", draft.code)
    context = {
        "draft": draft,
        "form": form,
        "title": known.title if known else _("Pages asked several times"),
        "back": reverse("workspace:form-repeats", args=[draft.code]),
        "remove": _("Ask its pages once") if known else "",
    }
    return render(request, "workspace/forms/named.html", context, status=422 if form.errors else 200)


@editor
def conditions(request: HttpRequest, draft: Version) -> HttpResponse:
    form = draft.form
    lines = [
        {
            "condition": one,
            "rule": rule_words(one.rule, form) if one.rule else "",
            "uses": len(editing_named.uses_of_condition(form, one.code)),
        }
        for one in form.conditions
    ]
    return render(request, "workspace/forms/conditions.html", {"draft": draft, "lines": lines})


@editor
def one_condition(request: HttpRequest, draft: Version, name: str) -> HttpResponse:
    """Its words, or those of a new one under "new"; and taking away one that nothing uses."""
    known = None if name == "new" else editing_named.condition_of(draft.form, name)
    is_used = bool(known and editing_named.uses_of_condition(draft.form, known.code))
    if known is not None and request.POST.get("do") == "remove":
        if is_used:
            messages.error(request, _("Something uses this condition. Take it away there first."))
            return redirect("workspace:form-condition", draft.code, known.code)
        keep(request, draft, editing_named.remove_condition(draft.form, known.code))
        return redirect("workspace:form-conditions", draft.code)
    form = ConditionForm(request.POST if request.method == "POST" else None, form=draft.form, condition=known)
    if form.is_valid():
        made = form.made_condition()
        keep(request, draft, editing_named.put_condition(draft.form, made))
        return redirect("workspace:form-condition-rule", draft.code, made.code)
    context = {
        "draft": draft,
        "form": form,
        "title": known.words if known else _("New condition"),
        "back": reverse("workspace:form-conditions", args=[draft.code]),
        "remove": _("Remove the condition") if known and not is_used else "",
    }
    return render(request, "workspace/forms/named.html", context, status=422 if form.errors else 200)


@editor
def condition_rule(request: HttpRequest, draft: Version, name: str) -> HttpResponse:
    """When a named condition holds."""
    known = editing_named.condition_of(draft.form, name)
    return rule_page(request, draft, RuleOf(
        title=_("When does “%(condition)s” hold?") % {"condition": known.words},
        rule=known.rule,
        put=lambda rule: editing_named.put_condition(draft.form, replace(known, rule=rule)),
        here=reverse("workspace:form-condition-rule", args=[draft.code, name]),
        back=reverse("workspace:form-conditions", args=[draft.code]),
        back_words=_("All conditions"),
        none=_("Never, until you add what must hold."),
        without=frozenset(editing_named.conditions_with(draft.form, name)),
    ))  # fmt: skip
