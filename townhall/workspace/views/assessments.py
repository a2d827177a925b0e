"""Assessments before something is switched on: recorded by who wants it, signed by the lead of information security."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from townhall.accounts.permissions import may
from townhall.accounts.web import actor
from townhall.core.access import staff
from townhall.core.errors import NotFound, RuleBroken
from townhall.core.time import now
from townhall.governance import assessing
from townhall.governance.models import Assessment
from townhall.workspace.views.typing_in import errors_of, problems_of, typed


@staff(may="assessments.see")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def listed(request: HttpRequest) -> HttpResponse:
    words, problems = typed(request, "kind", "code", "purpose", "risks", "measures"), {}
    by = actor(request)
    words["kind"] = words["kind"] or request.GET.get("kind", "")[:20]
    words["code"] = words["code"] or request.GET.get("code", "")[:200]
    if request.method == "POST":
        try:
            assessing.record(by=by, at=now(), **words)
        except RuleBroken as error:
            problems = problems_of(error, field="kind")
        else:
            messages.success(request, _("It is recorded, and waits to be signed."))
            return redirect("workspace:assessments")
    context = {
        "waiting": assessing.waiting()[:200],
        "decided": assessing.listed(),
        "kinds": Assessment.Kind.choices,
        "may_record": may(by, assessing.RECORD).allowed,
        "may_sign": may(by, assessing.SIGN).allowed,
        "typed": words,
        "problems": problems,
        "errors": errors_of(problems),
    }
    return render(request, "workspace/governance/assessments.html", context, status=422 if problems else 200)


@staff(may="assessments.sign")
@require_POST
def sign(request: HttpRequest, assessment_id: UUID) -> HttpResponse:
    words = typed(request, "decision", "said")
    try:
        assessing.sign(
            assessment_id, is_approved=words["decision"] == "yes", said=words["said"], by=actor(request), at=now()
        )
    except NotFound as error:
        raise Http404 from error
    except RuleBroken as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Your decision is recorded."))
    return redirect("workspace:assessments")
