"""Benefit claims for staff: what the risk rules said of each, deciding otherwise, and how many went which way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from townhall.accounts.models import User
from townhall.accounts.permissions import may
from townhall.accounts.web import actor
from townhall.benefits import operations, queries
from townhall.benefits.models import BandChoice, RuleSet
from townhall.benefits.publishing import MAY as MAY_CHANGE
from townhall.benefits.ruling import RiskRules
from townhall.cases.models import Case
from townhall.core.access import staff
from townhall.core.actors import SYSTEM
from townhall.core.errors import BadInput, NotFound, RuleBroken
from townhall.core.time import now
from townhall.forms.typed import clean_text
from townhall.ledger import operations as ledger
from townhall.workspace.views.shared import case_or_404

MAY = "benefits.see"
SHOWN_DAYS = 90


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One benefit on the page of all."""

    rules: RiskRules
    form_code: str
    figures: queries.Register
    versions: Sequence[RuleSet]


@staff(may=MAY)
@never_cache
@require_safe
def register(request: HttpRequest) -> HttpResponse:
    """The last 90 days of each benefit, and the versions of its rules."""
    by, at = actor(request), now()
    shown = [
        Shown(
            rules=queries.rules_of(row),
            form_code=row.form_code,
            figures=queries.register(row.form_code, since=at - timedelta(days=SHOWN_DAYS), until=at),
            versions=queries.versions(row.form_code),
        )
        for row in queries.forms_with_rules()
    ]
    names = _names({one.made_by for each in shown for one in each.versions})
    context = {"shown": shown, "days": SHOWN_DAYS, "may_change": may(by, MAY_CHANGE).allowed, "names": names}
    return render(request, "workspace/benefits/register.html", context)


@staff(may=MAY)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def claim(request: HttpRequest, reference: str) -> HttpResponse:
    """How a claim was assessed, and an officer's band in place of the rules'."""
    case = case_or_404(request, reference)
    if request.method != "POST":
        return _page(request, case)
    typed = {"band": request.POST.get("band", ""), "reason": clean_text(request.POST.get("reason", ""))}
    try:
        operations.override(case.pk, band=typed["band"], reason=typed["reason"], by=actor(request), at=now())
    except NotFound as error:
        raise Http404 from error
    except BadInput as error:
        return _page(request, case, typed=typed, problems=error.problems)
    except RuleBroken as error:
        return _page(request, case, typed=typed, problems={"": str(error)}, status=409)
    messages.success(request, _("Your decision is kept beside what the rules said."))
    return redirect("workspace:benefit", reference)


@staff(may=MAY)
@require_POST
def again(request: HttpRequest, reference: str) -> HttpResponse:
    """Assess it by the rules that hold now."""
    case = case_or_404(request, reference)
    try:
        operations.assess_again(case.pk, by=actor(request), at=now())
    except NotFound as error:
        raise Http404 from error
    except RuleBroken as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Assessed again. The earlier assessment is kept."))
    return redirect("workspace:benefit", reference)


def _names(ids: set[str]) -> dict[str, str]:
    """Who they are, by user id; the rules and the system are nobody."""
    people = [one for one in ids if one not in (operations.RULES, SYSTEM.id)]
    return {str(key): name for key, name in User.objects.filter(pk__in=people).values_list("pk", "name")}


def _page(
    request: HttpRequest,
    case: Case,
    *,
    typed: dict[str, str] | None = None,
    problems: dict[str, str] | None = None,
    status: int = 0,
) -> HttpResponse:
    by, found = actor(request), problems or {}
    try:
        every = queries.all_of(case.pk)
    except NotFound as error:
        raise Http404 from error
    ledger.looked(by=by, at=now(), customer_id=case.customer_id, case_id=case.pk, page="benefit")
    latest = queries.published(every[0].ruleset.form_code)
    decided = {one.by_id for made in every for one in made.overrides.all()} | {made.decided_by for made in every}
    context = {
        "case": case,
        "every": every,
        "current": every[0],
        "names": _names(decided),
        "band_names": dict(BandChoice.choices),
        "bands": [choice for choice in BandChoice.choices if choice[0] != every[0].band_now],
        "may_override": may(by, "cases.accept").allowed,
        "is_later": latest is not None and latest.pk != every[0].ruleset_id,
        "typed": typed or {},
        "problems": found,
        "errors": [{"text": text, "href": f"#{field}" if field else ""} for field, text in found.items()],
    }
    return render(request, "workspace/benefits/claim.html", context, status=status or (422 if found else 200))
