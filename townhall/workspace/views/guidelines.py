"""Guidelines: read and accepted by everybody, published by those who may, with rates by team."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from townhall.accounts.permissions import may
from townhall.accounts.web import actor
from townhall.core.access import staff
from townhall.core.errors import NotFound, RuleBroken
from townhall.core.time import council_date, now
from townhall.workforce import guidelines, queries
from townhall.workforce.models import Acceptance, GuidelineVersion
from townhall.workspace.views.typing_in import done, errors_of, problems_of, typed

OWN = "tasks.own"

SEE = "training.see"


@staff(may=OWN)
@never_cache
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    by = actor(request)
    rows = list(
        GuidelineVersion.objects.filter(replaced_at=None).select_related("guideline").order_by("guideline__title")
    )
    accepted = dict(Acceptance.objects.filter(user_id=UUID(by.id), version__in=rows).values_list("version_id", "at"))
    context = {
        "rows": [(row, accepted.get(row.pk)) for row in rows],
        "today": council_date(now()),
        "may_publish": may(by, guidelines.PUBLISH).allowed,
        "may_see": may(by, SEE).allowed,
    }
    return render(request, "workspace/people/guidelines.html", context)


def _current(code: str) -> GuidelineVersion:
    try:
        return guidelines.current(code)
    except NotFound as error:
        raise Http404 from error


@staff(may=OWN)
@never_cache
@require_safe
def one(request: HttpRequest, code: str) -> HttpResponse:
    by, version = actor(request), _current(code)
    context = {
        "version": version,
        "guideline": version.guideline,
        "accepted": Acceptance.objects.filter(version=version, user_id=UUID(by.id)).first(),
        "earlier": list(version.guideline.versions.exclude(pk=version.pk).order_by("-number")),
        "has_training": bool(version.guideline.module_id)
        and queries.in_date(by.id, version.guideline.module_id or "", council_date(now())),
        "today": council_date(now()),
        "may_publish": may(by, guidelines.PUBLISH).allowed,
        "may_see": may(by, SEE).allowed,
    }
    return render(request, "workspace/people/guideline.html", context)


@staff(may=OWN)
@require_POST
def accept(request: HttpRequest, version_id: UUID) -> HttpResponse:
    by = actor(request)
    code = GuidelineVersion.objects.filter(pk=version_id).values_list("guideline_id", flat=True).first()
    if code is None:
        raise Http404
    return done(
        request,
        lambda: guidelines.accept(version_id, by=by, at=now()),
        _("Thank you. It is recorded that you have read and accepted it."),
        to="workspace:guideline",
        arguments=[code],
    )


@staff(may=SEE)
@never_cache
@require_safe
def rates(request: HttpRequest, code: str) -> HttpResponse:
    version = _current(code)
    context = {
        "version": version,
        "guideline": version.guideline,
        "rates": guidelines.rates(version, at=now()),
        "missing": guidelines.waiting_for(version, at=now()),
        "today": council_date(now()),
    }
    return render(request, "workspace/people/guideline_rates.html", context)


@staff(may=guidelines.PUBLISH)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def publish(request: HttpRequest) -> HttpResponse:
    """A new guideline, or with `code` its next version."""
    by, code = actor(request), request.GET.get("code", "")
    given: dict[str, str] = {}
    if code:
        version = _current(code)
        given = {"title": version.guideline.title, "body": version.body, "module": version.guideline.module_id or ""}
    problems: dict[str, str] = {}
    if request.method == "POST":
        given = typed(request, "title", "module", "changed") | {
            "body": request.POST.get("body", "").replace("\r\n", "\n")
        }
        try:
            made = guidelines.publish(
                title=given["title"],
                body=given["body"],
                module=given["module"],
                changed=given["changed"],
                code=code,
                by=by,
                at=now(),
            )
        except RuleBroken as error:
            problems = problems_of(error, field="title")
        else:
            messages.success(request, _("It is published, and everybody is asked to read and accept it."))
            return redirect("workspace:guideline", made.guideline_id)
    context = {
        "code": code,
        "typed": given,
        "problems": problems,
        "errors": errors_of(problems),
        "modules": [("", _("None")), *((row.code, row.name) for row in queries.modules())],
    }
    return render(request, "workspace/people/guideline_form.html", context, status=422 if problems else 200)
