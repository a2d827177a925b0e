"""A form as a file: downloaded, uploaded again, brought in from another builder, copied."""

from __future__ import annotations

from typing import Any

import msgspec
from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe
from msgspec.structs import replace

from townhall.accounts.web import actor
from townhall.core.access import staff
from townhall.core.errors import NotFound, WrongState
from townhall.core.time import now
from townhall.forms import importing, operations, queries
from townhall.forms.definition import Form
from townhall.forms.errors import FormRefused
from townhall.forms.reading import read_yaml, write_yaml
from townhall.workspace.form_drafts import reserved_codes
from townhall.workspace.form_fields import NewForm
from townhall.workspace.views.forms_draft import MAY, editor, keep

LARGEST = 2_000_000  # bytes


class UploadForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy(
            "A form of Townhall as YAML, or one of the XGov, DEFRA or GOV.UK Forms builders as JSON"
        ),
        error_messages={
            "required": gettext_lazy("Choose a file"),
            "empty": gettext_lazy("The file is empty"),
        },
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            raise forms.ValidationError(_("The file must be smaller than 2 MB"))
        return file


@staff(may=MAY)
@require_safe
def download(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """A version as YAML."""
    try:
        found = queries.version_of(code, number)
    except NotFound as error:
        raise Http404 from error
    answer = HttpResponse(write_yaml(found.form), content_type="application/yaml; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{code}-{number}.yaml"'
    return answer


@staff(may=MAY)
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """A new form from a file, under the name that is typed."""
    is_post = request.method == "POST"
    name = NewForm(request.POST if is_post else None, taken=reserved_codes())
    file = UploadForm(request.POST, request.FILES) if is_post else UploadForm()
    context: dict[str, Any] = {"name": name, "form": file, "faults": []}
    if name.is_valid() and file.is_valid():
        code, title = name.cleaned_data["code"], name.cleaned_data["title"]
        try:
            form, found = _read(file.cleaned_data["file"], code=code)
            operations.save_form(replace(form, code=code, title=title), by=actor(request), at=now(), revision=0)
        except FormRefused as error:
            context["faults"] = error.faults
        except WrongState:
            name.add_error("code", _("Another form has this name"))
        else:
            return _brought_in(request, code, title, found)
    is_wrong = bool(name.errors or file.errors or context["faults"])
    return render(request, "workspace/forms/upload.html", context, status=422 if is_wrong else 200)


@editor
def replaced(request: HttpRequest, draft: queries.Version) -> HttpResponse:
    """The draft with the words of a file."""
    file = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    context: dict[str, Any] = {"draft": draft, "form": file, "faults": [], "name": None}
    if file.is_valid():
        try:
            form, found = _read(file.cleaned_data["file"], code=draft.code)
        except FormRefused as error:
            context["faults"] = error.faults
        else:
            keep(request, draft, replace(form, code=draft.code))
            return _brought_in(request, draft.code, form.title, found)
    is_wrong = bool(file.errors or context["faults"])
    return render(request, "workspace/forms/upload.html", context, status=422 if is_wrong else 200)


@staff(may=MAY)
@require_http_methods(["GET", "HEAD", "POST"])
def copy(request: HttpRequest, code: str) -> HttpResponse:
    """A new form that begins with the words of this one."""
    try:
        source = queries.versions(code)[0].form
    except NotFound as error:
        raise Http404 from error
    form = NewForm(request.POST if request.method == "POST" else None, taken=reserved_codes())
    if form.is_valid():
        made = replace(source, code=form.cleaned_data["code"], title=form.cleaned_data["title"])
        try:
            operations.save_form(made, by=actor(request), at=now(), revision=0)
        except WrongState:
            form.add_error("code", _("Another form has this name"))
        else:
            messages.success(request, _("This is a copy of “%(title)s”.") % {"title": source.title})
            return redirect("workspace:form-draft", made.code)
    context = {"form": form, "source": source}
    return render(request, "workspace/forms/new.html", context, status=422 if form.errors else 200)


def _read(file: Any, *, code: str) -> tuple[Form, importing.Imported | None]:
    """The form in a file, and what an import says of it. Raises FormRefused with the lines."""
    try:
        text = file.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormRefused([_("The file is not text in UTF-8.")]) from error
    if not text.lstrip().startswith(("{", "[")):
        return read_yaml(text, file=str(file.name)[:80]), None
    try:
        forms_found = importing.forms_in(msgspec.json.decode(text))
        if len(forms_found) != 1:
            raise FormRefused([_("The file must hold one form; it holds %(count)s.") % {"count": len(forms_found)}])
        made = importing.read(forms_found[0], code=code)
    except (msgspec.DecodeError, importing.NotAForm, RecursionError) as error:
        raise FormRefused([_("The file holds no form that can be read: %(why)s") % {"why": error}]) from error
    return made.form, made


def _brought_in(request: HttpRequest, code: str, title: str, found: importing.Imported | None) -> HttpResponse:
    """What had no equal here is said before anything else."""
    if found is None:
        messages.success(request, _("The file is the draft now."))
        return redirect("workspace:form-draft", code)
    context = {"code": code, "title": title, "found": found}
    return render(request, "workspace/forms/brought_in.html", context)
