"""Freedom-of-information requests: taken by anybody who meets the public, answered with exemptions, and logged."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from townhall.accounts.permissions import may
from townhall.accounts.web import actor
from townhall.cases.access import cases_visible_to
from townhall.core.access import staff
from townhall.core.errors import BadInput, NotFound, RuleBroken
from townhall.core.references import parse_reference
from townhall.core.time import council_date, now, start_of
from townhall.governance import freedom
from townhall.governance.freedom import Answer
from townhall.governance.models import Exemption, FreedomRequest
from townhall.ledger import operations as ledger
from townhall.workspace.views.typing_in import chosen, day, errors_of, problems_of, typed


@staff(may="requests.open")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def listed(request: HttpRequest) -> HttpResponse:
    words, problems = typed(request, "words", "name", "email", "case", "received"), {}
    by, at = actor(request), now()
    words["case"] = words["case"] or request.GET.get("case", "")[:20]
    if request.method == "POST":
        try:
            made = _open(request, words, at)
        except NotFound:
            problems = {"case": _("There is no case with that reference")}
        except RuleBroken as error:
            problems = problems_of(error, field="words")
        else:
            messages.success(request, _("It is recorded under %(reference)s.") % {"reference": made.reference})
            return redirect("workspace:freedom")
    context = {
        "open": freedom.open_requests()[:200],
        "inside": _inside(request, words["case"]),
        "log": freedom.published()[:50],
        "may_answer": may(by, freedom.ANSWER).allowed,
        "today": council_date(at),
        "typed": words,
        "problems": problems,
        "errors": errors_of(problems),
    }
    return render(request, "workspace/governance/freedom.html", context, status=422 if problems else 200)


def _inside(request: HttpRequest, typed_reference: str) -> list[FreedomRequest]:
    """Those asked inside one case that this person may see."""
    reference = parse_reference(typed_reference) if typed_reference else None
    case = cases_visible_to(actor(request)).filter(reference=reference).first() if reference else None
    return list(freedom.of_case(case.pk)) if case else []


def _open(request: HttpRequest, words: dict[str, str], at: datetime) -> FreedomRequest:
    received = start_of(day(words["received"], "received")) if words["received"] else None
    reference = parse_reference(words["case"]) if words["case"] else ""
    if reference is None:
        raise NotFound
    return freedom.open_request(
        words=words["words"],
        name=words["name"],
        email=words["email"],
        case_reference=reference,
        received_at=received,
        by=actor(request),
        at=at,
    )


@staff(may="freedom.answer")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, request_id: UUID) -> HttpResponse:
    found = FreedomRequest.objects.select_related("case").prefetch_related("exemptions").filter(pk=request_id).first()
    if found is None:
        raise Http404
    ledger.looked(
        by=actor(request), at=now(), customer_id=found.customer_id, case_id=found.case_id, page="governance.freedom"
    )
    words, sections, problems = typed(request, "words", "title"), chosen(request, "exemptions"), {}
    reasons = typed(request, *(f"why_{one}" for one in Exemption.Section.values))
    if request.method == "POST":
        given = Answer(
            words=words["words"],
            title=words["title"],
            exemptions={one: reasons.get(f"why_{one}", "") for one in sections},
            publish=request.POST.get("publish") != "no",
        )
        try:
            freedom.answer(request_id, given, by=actor(request), at=now())
        except BadInput as error:
            problems = problems_of(error, field="words")
        except RuleBroken as error:
            messages.error(request, str(error))
            return redirect("workspace:freedom_request", request_id)
        else:
            messages.success(request, _("It is answered."))
            return redirect("workspace:freedom")
    context = {
        "found": found,
        "sections": Exemption.Section.choices,
        "typed": words,
        "reasons": reasons,
        "chosen": sections,
        "problems": problems,
        "errors": errors_of(problems),
    }
    return render(request, "workspace/governance/freedom_request.html", context, status=422 if problems else 200)


@staff(may="freedom.answer")
@require_POST
def withdraw(request: HttpRequest, request_id: UUID) -> HttpResponse:
    try:
        freedom.withdraw(request_id, by=actor(request), at=now())
    except NotFound as error:
        raise Http404 from error
    except RuleBroken as error:
        messages.error(request, str(error))
    return redirect("workspace:freedom")
