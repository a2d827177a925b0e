"""Changing the risk rules of a benefit: written by one, read and published by another."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from townhall.accounts.web import actor
from townhall.benefits import publishing, queries, ruling
from townhall.core.access import staff
from townhall.core.errors import BadInput, NotFound, RuleBroken
from townhall.core.time import now
from townhall.forms.typed import clean_line


@staff(may=publishing.MAY)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, form_code: str) -> HttpResponse:
    """The draft of the next version, or the rules in use to start it from."""
    row = queries.draft(form_code) or queries.published(form_code)
    if row is None:
        raise Http404
    typed = {"rules": ruling.write(queries.rules_of(row)), "note": row.note if row.published_at is None else ""}
    problems: dict[str, str] = {}
    if request.method == "POST":
        typed = {
            "rules": request.POST.get("rules", "").replace("\r\n", "\n"),
            "note": clean_line(request.POST.get("note", ""))[:500],
        }
        try:
            publishing.save_draft(form_code, typed["rules"], note=typed["note"], by=actor(request), at=now())
        except BadInput as error:
            problems = error.problems
        else:
            messages.success(request, _("Kept as a draft. Somebody else has to publish it."))
            return redirect("workspace:benefit_rules", form_code)
    context = {
        "row": row,
        "form_code": form_code,
        "title": queries.rules_of(row).title,
        "is_draft": row.published_at is None,
        "is_own": row.made_by == actor(request).id,
        "typed": typed,
        "problems": problems,
        "errors": [{"text": text, "href": f"#{field}"} for field, text in problems.items()],
    }
    return render(request, "workspace/benefits/rules.html", context, status=422 if problems else 200)


@staff(may=publishing.MAY)
@require_POST
def publish(request: HttpRequest, form_code: str) -> HttpResponse:
    try:
        publishing.publish(form_code, by=actor(request), at=now())
    except NotFound as error:
        raise Http404 from error
    except BadInput as error:
        messages.error(request, " ".join(error.problems.values()))
    except RuleBroken as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Published. Claims from now on are assessed by these rules."))
        return redirect("workspace:benefits")
    return redirect("workspace:benefit_rules", form_code)
