"""Whose request a case is: staff look a customer up, or make a record from what the report says, and link it."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from townhall.accounts.permissions import may
from townhall.accounts.web import actor
from townhall.cases.access import has_only_a_part, is_only_offered
from townhall.cases.models import Case, Follower
from townhall.cases.operations import linking
from townhall.cases.operations.linking import LINK, NOT_THEIRS
from townhall.core.access import staff
from townhall.core.actors import Actor
from townhall.core.errors import NotFound, RuleBroken
from townhall.core.time import now
from townhall.customers import operations as customers
from townhall.customers import queries as lookups
from townhall.customers.merging.aliases import standing
from townhall.customers.operations import NewCustomer
from townhall.customers.permissions import SEE
from townhall.customers.reasons import CASE
from townhall.ledger import operations as ledger
from townhall.workspace.queue import service_name
from townhall.workspace.views.desk import as_uuid
from townhall.workspace.views.shared import case_or_404
from townhall.workspace.views.typing_in import errors_of, problems_of, typed


@staff(may=LINK)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def whose(request: HttpRequest, reference: str) -> HttpResponse:
    """`q` looks somebody up, `customer` is whom it may be; posting links it."""
    case, by = _case(request, reference), actor(request)
    customer_id = as_uuid((request.POST if request.method == "POST" else request.GET).get("customer", ""))
    if request.method != "POST":
        return _page(request, case, customer_id=customer_id)
    if customer_id is None:
        raise Http404
    try:
        linking.link_customer(case.pk, customer_id, by=by, at=now())
    except NotFound as error:
        raise Http404 from error
    except RuleBroken as error:
        return _page(request, case_or_404(request, reference), problems=problems_of(error))
    return _linked(request, case)


@staff(may="customers.change")
@never_cache
@require_POST
def new_customer(request: HttpRequest, reference: str) -> HttpResponse:
    """A record from what the report says, linked at once. Whoever may be the same is shown first."""
    case, by, at = _case(request, reference), actor(request), now()
    given = typed(request, "name", "email", "phone", "address", "postcode", "key")
    if "checked" not in request.POST:
        alike = lookups.alike(name=given["name"], email=given["email"], phone=given["phone"], by=by, at=at)
        if alike:
            return _page(request, case, new=given, alike=alike)
    new = NewCustomer(
        name=given["name"],
        email=given["email"],
        phone=given["phone"],
        address=given["address"],
        postcode=given["postcode"],
    )
    try:
        with transaction.atomic():
            made = customers.create(new, by=by, at=at, key=given["key"][:100] or str(uuid4()))
            linking.link_customer(case.pk, made.pk, by=by, at=at)
    except RuleBroken as error:
        return _page(request, case_or_404(request, reference), problems=problems_of(error, field="name"), new=given)
    return _linked(request, case)


@staff(may=LINK)
@require_POST
def not_theirs(request: HttpRequest, reference: str) -> HttpResponse:
    """It is somebody else's: off the record that it is on."""
    case, given = _case(request, reference), typed(request, "customer", "reason")
    customer_id = as_uuid(given["customer"])
    if customer_id is None:
        raise Http404
    try:
        linking.unlink_customer(case.pk, customer_id, reason=given["reason"], by=actor(request), at=now())
    except RuleBroken as error:
        return _page(request, case_or_404(request, reference), problems=problems_of(error))
    messages.success(request, _("It is on nobody’s record now. Say whose it is."))
    return redirect("workspace:case_customer", case.reference)


def _case(request: HttpRequest, reference: str) -> Case:
    """As anybody may who changes it and sees customers."""
    case, by = case_or_404(request, reference), actor(request)
    if is_only_offered(case, by) or has_only_a_part(case, by) or not may(by, SEE).allowed:
        raise Http404
    return case


def _linked(request: HttpRequest, case: Case) -> HttpResponse:
    messages.success(request, _("It is on their record now. A letter can be written to them."))
    return redirect("workspace:case", case.reference)


def _page(
    request: HttpRequest,
    case: Case,
    *,
    customer_id: UUID | None = None,
    problems: dict[str, str] | None = None,
    new: dict[str, str] | None = None,
    alike: list[lookups.Person] | None = None,
) -> HttpResponse:
    by, at = actor(request), now()
    ledger.looked(by=by, at=at, customer_id=case.customer_id, case_id=case.pk, page="case.customer", reason=CASE)
    reporter = Follower.objects.filter(original_case_id=case.pk, is_reporter=True).order_by("since").first()
    said = {name: getattr(reporter, name, "") for name in ("name", "email", "phone")}
    is_linked, q = case.customer_id is not None, request.GET.get("q", "")[:300]
    context: dict[str, Any] = {
        "case": case,
        "service": service_name(case.service_code),
        "said": said,
        "owner": _record(case.customer_id, case, by) if case.customer_id else None,
        "may_unlink": is_linked and linking.was_linked_by_staff(case),
        "why_not": [(code, str(words)) for code, words in NOT_THEIRS.items()],
        "person": _record(customer_id, case, by) if customer_id and not is_linked else None,
        "q": q,
        "found": lookups.look_up(q, by=by, at=at) if q and not is_linked else None,
        "may_create": may(by, "customers.change").allowed,
        "new": new or {"address": "", "postcode": "", "key": str(uuid4()), **said},
        "alike": alike or [],
        "problems": problems or {},
        "errors": errors_of(problems or {}),
    }
    return render(request, "workspace/case_customer.html", context, status=422 if problems or alike else 200)


def _record(customer_id: UUID, case: Case, by: Actor) -> lookups.Record | None:
    """A record as it stands, and that it was looked at; None for one that is nobody's."""
    found = standing(customer_id)
    try:
        record = lookups.record(found, by=by) if found else None
    except NotFound:
        return None
    if record is not None:
        ledger.looked(by=by, at=now(), customer_id=record.id, case_id=case.pk, page="case.customer", reason=CASE)
    return record
