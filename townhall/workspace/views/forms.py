"""The forms of the council: every one with its state, its versions, publishing, going back and comparing."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from townhall.accounts.permissions import may
from townhall.accounts.web import actor
from townhall.core.access import staff
from townhall.core.errors import NotFound, WrongState
from townhall.core.time import now
from townhall.forms import operations, queries
from townhall.forms.comparing import compare as compared
from townhall.forms.definition import Form
from townhall.forms.errors import FormRefused
from townhall.forms.problems import problems
from townhall.forms.queries import Version
from townhall.forms.typed import clean_line
from townhall.insight.errors import TaskLonger
from townhall.workspace.form_drafts import faults_of, names_of, reserved_codes, sent_counts
from townhall.workspace.form_fields import NewForm
from townhall.workspace.views.forms_draft import MAY, draw_draft, has_moved, moved_on, the_draft

PUBLISH = "forms.publish"
FIGURES = "figures.see"
TEST_COOKIE = "form-{code}"  # as the public pages of forms name it


@staff(may=MAY)
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    context = {
        "lines": queries.forms(),
        "sent": sent_counts(),
        "sees_figures": bool(may(actor(request), FIGURES)),
    }
    return render(request, "workspace/forms/list.html", context)


@staff(may=MAY)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    form = NewForm(request.POST if request.method == "POST" else None, taken=reserved_codes())
    if form.is_valid():
        made = Form(code=form.cleaned_data["code"], title=form.cleaned_data["title"], pages=())
        try:
            operations.save_form(made, by=actor(request), at=now(), revision=0)
        except WrongState:
            form.add_error("code", _("Another form has this name"))
        else:
            return redirect("workspace:form-about", made.code)
    return render(request, "workspace/forms/new.html", {"form": form}, status=422 if form.errors else 200)


@staff(may=MAY)
@require_safe
def show(request: HttpRequest, code: str) -> HttpResponse:
    """A form with all its versions."""
    versions = _versions(code)
    published = next((one for one in versions if one.state == "published"), None)
    context = {
        "code": code,
        "form": (published or versions[0]).form,
        "versions": versions,
        "published": published,
        "draft": next((one for one in versions if one.state == "draft"), None),
        "names": names_of(versions),
        "sent": sent_counts().get(code, 0),
        "may_publish": bool(may(actor(request), PUBLISH)),
        "sees_figures": bool(may(actor(request), FIGURES)),
    }
    return render(request, "workspace/forms/show.html", context)


@staff(may=MAY)
@require_POST
def begin(request: HttpRequest, code: str) -> HttpResponse:
    """A draft of the next version, with the words of the published one (or of the last there was)."""
    versions = _versions(code)
    if not any(one.state == "draft" for one in versions):
        source = next((one for one in versions if one.state == "published"), versions[0])
        try:
            operations.save_form(source.form, by=actor(request), at=now(), revision=0)
        except WrongState:
            messages.info(request, _("Somebody else has just begun a new version. This is it."))
    return redirect("workspace:form-draft", code)


@staff(may=PUBLISH)
@require_POST
def publish(request: HttpRequest, code: str) -> HttpResponse:
    draft = the_draft(code)
    if has_moved(request, draft):
        return moved_on(request, draft)
    try:
        reason = clean_line(request.POST.get("reason", ""))[:500]
        version = operations.publish(code, by=actor(request), at=now(), revision=draft.revision, reason=reason)
    except FormRefused as error:
        return draw_draft(request, draft, refused=faults_of(draft.form, error.faults))
    except TaskLonger as error:
        return draw_draft(request, draft, no_reason=str(error.user_message))
    except WrongState:
        return moved_on(request, the_draft(code))
    messages.success(request, _("Version %(number)s is published. The public sees it now.") % {"number": version})
    return redirect("workspace:form", code)


@staff(may=PUBLISH)
@require_POST
def roll_back(request: HttpRequest, code: str) -> HttpResponse:
    number = request.POST.get("to", "")
    try:
        version = operations.roll_back(code, to=_number(number), by=actor(request), at=now())
    except NotFound as error:
        raise Http404 from error
    except WrongState:
        messages.error(request, _("Only a version that was published earlier can be published again."))
    else:
        words = _("Version %(old)s is published again, as version %(new)s.")
        messages.success(request, words % {"old": number, "new": version})
    return redirect("workspace:form", code)


@staff(may=PUBLISH)
@require_POST
def retire(request: HttpRequest, code: str) -> HttpResponse:
    try:
        operations.retire_form(code, by=actor(request), at=now())
    except NotFound as error:
        raise Http404 from error
    messages.success(request, _("The form is taken away. Nobody can begin it; what was begun can be finished."))
    return redirect("workspace:form", code)


@staff(may=MAY)
@require_POST
def discard(request: HttpRequest, code: str) -> HttpResponse:
    draft = the_draft(code)
    if has_moved(request, draft):
        return moved_on(request, draft)
    operations.discard_form(code, by=actor(request), at=now())
    messages.success(request, _("The draft is thrown away."))
    return redirect("workspace:forms") if draft.version == 1 else redirect("workspace:form", code)


@staff(may=MAY)
@require_POST
def preview(request: HttpRequest, code: str) -> HttpResponse:
    """The draft as the public would see it, with all its pages; what is sent is kept as a test."""
    draft = the_draft(code)
    if found := problems(draft.form):
        return draw_draft(request, draft, refused=faults_of(draft.form, found))
    token = operations.start_draft(
        code, by=actor(request), at=now(), channel="web", version=draft.version, is_test=True
    )
    answer = redirect(f"/forms/{code}")
    answer.set_cookie(
        TEST_COOKIE.format(code=code), token, path=f"/forms/{code}", httponly=True, samesite="Lax",
        secure=settings.SECURE,
    )  # fmt: skip
    return answer


@staff(may=MAY)
@require_safe
def compare(request: HttpRequest, code: str) -> HttpResponse:
    """Two versions side by side, in words."""
    versions = {one.version: one for one in _versions(code)}
    newest = sorted(versions)
    old = versions.get(_number(request.GET.get("old", "")) or newest[max(0, len(newest) - 2)])
    new_one = versions.get(_number(request.GET.get("new", "")) or newest[-1])
    if old is None or new_one is None:
        raise Http404
    context = {
        "code": code,
        "options": [(number, number) for number in sorted(versions, reverse=True)],
        "old": old,
        "new": new_one,
        "changes": compared(old.form, new_one.form),
    }
    return render(request, "workspace/forms/compare.html", context)


def _versions(code: str) -> list[Version]:
    try:
        return queries.versions(code)
    except NotFound as error:
        raise Http404 from error


def _number(text: str) -> int:
    return int(text[:6]) if text.isascii() and text.isdecimal() else 0
