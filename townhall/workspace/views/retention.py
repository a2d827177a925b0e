"""How long things are kept, what is held, and the proof of what was removed."""

from __future__ import annotations

import re
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from townhall.accounts.permissions import may
from townhall.accounts.web import actor
from townhall.cases.access import cases_visible_to
from townhall.core.access import staff
from townhall.core.errors import BadInput, NotFound, RuleBroken
from townhall.core.references import parse_reference
from townhall.core.time import now
from townhall.governance.models import Erasure
from townhall.governance.retention import holding, rules, sweeping
from townhall.governance.retention.records import BY_CODE, TYPES
from townhall.ledger import operations as ledger
from townhall.workspace.views.desk import as_uuid
from townhall.workspace.views.typing_in import day, errors_of, number, problems_of, typed

PROOFS = 50
_ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


@staff(may="retention.see")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def rules_page(request: HttpRequest) -> HttpResponse:
    words, problems = typed(request, "record_type", "outcome", "months", "why"), {}
    by = actor(request)
    if request.method == "POST":
        try:
            months = number(words["months"], "months", _("Enter a number of months"))
            rules.set_rule(
                words["record_type"], outcome=words["outcome"], months=months, why=words["why"], by=by, at=now()
            )
        except RuleBroken as error:
            problems = problems_of(error, field="record_type")
        else:
            messages.success(request, _("The rule holds from the next night on."))
            return redirect("workspace:retention")
    context = {
        "rules": rules.in_force(),
        "types": BY_CODE,
        "choices": [(one.code, one.title) for one in TYPES],
        "proofs": Erasure.objects.order_by("-at", "-id")[:PROOFS],
        "set_aside": sweeping.set_aside(),
        "may_manage": may(by, rules.MANAGE).allowed,
        "typed": words,
        "problems": problems,
        "errors": errors_of(problems),
    }
    return render(request, "workspace/governance/retention.html", context, status=422 if problems else 200)


@staff(may=rules.MANAGE)
@require_POST
def again(request: HttpRequest, set_aside_id: UUID) -> HttpResponse:
    """What could not be removed is taken again by the next night."""
    try:
        sweeping.try_again(set_aside_id, by=actor(request), at=now())
    except NotFound as error:
        raise Http404 from error
    messages.success(request, _("The next night takes it again."))
    return redirect("workspace:retention")


@staff(may="retention.see")
@never_cache
@require_safe
def preview(request: HttpRequest, record_type: str) -> HttpResponse:
    """The dry run: nothing is changed."""
    at = now()
    found = [sweeping.preview(rule, at=at) for rule in rules.in_force() if rule.record_type == record_type]
    if not found:
        raise Http404
    context = {"type": BY_CODE[record_type], "found": found}
    return render(request, "workspace/governance/preview.html", context)


@staff(may="retention.see")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def holds(request: HttpRequest) -> HttpResponse:
    words, problems = typed(request, "subject", "why", "until"), {}
    by, at = actor(request), now()
    if not words["subject"]:
        words["subject"] = request.GET.get("customer", "")[:100]
    if request.method == "POST":
        try:
            customer_id, case_id = _subject(request, words["subject"])
            until = day(words["until"], "until") if words["until"] else None
            holding.hold(customer_id=customer_id, case_id=case_id, why=words["why"], until_on=until, by=by, at=at)
        except NotFound:
            problems = {"subject": _("There is no customer or case like that")}
        except RuleBroken as error:
            problems = problems_of(error, field="subject")
        else:
            messages.success(request, _("Nothing of it is removed."))
            return redirect("workspace:retention_holds")
    ledger.looked(by=by, at=at, customer_id=None, page="governance.holds")
    context = {
        "holds": holding.holds()[:200],
        "may_manage": may(by, rules.MANAGE).allowed,
        "typed": words,
        "problems": problems,
        "errors": errors_of(problems),
    }
    return render(request, "workspace/governance/holds.html", context, status=422 if problems else 200)


@staff(may="retention.manage")
@require_POST
def end(request: HttpRequest, hold_id: UUID) -> HttpResponse:
    try:
        holding.end_hold(hold_id, by=actor(request), at=now())
    except NotFound as error:
        raise Http404 from error
    messages.success(request, _("It is held no longer."))
    return redirect("workspace:retention_holds")


def _subject(request: HttpRequest, words: str) -> tuple[UUID | None, UUID | None]:
    """The reference of a case, or the id of a customer by itself or in the address of a page. Raises NotFound, BadInput."""
    if not words:
        raise BadInput({"subject": _("Enter the reference of a case, or the address of a customer’s page")})
    reference = parse_reference(words)
    if reference is not None:
        case = cases_visible_to(actor(request)).filter(reference=reference).first()
        if case is None:
            raise NotFound
        return None, case.pk
    found = _ID.search(words)
    customer = as_uuid(found[0]) if found else None
    if customer is None:
        raise NotFound
    return customer, None
