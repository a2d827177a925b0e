"""What other systems say of a customer, for whoever speaks with them: asked all at once, each look kept."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from townhall.accounts.permissions import may
from townhall.accounts.web import actor
from townhall.core.access import staff
from townhall.core.errors import BadInput, NotFound
from townhall.core.ids import uuid7
from townhall.core.time import now
from townhall.customers import queries as customers
from townhall.customers import sharing
from townhall.ledger import operations as ledger
from townhall.payments.typed import pence_of
from townhall.standing import kinds, operations, queries
from townhall.workspace import training_gates
from townhall.workspace.views.desk import draw


@staff(may="customers.see")
@never_cache
@require_safe
def show(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """Every account; `part`: the short form, inside the customer's page."""
    by, at = actor(request), now()
    try:
        record = customers.record(customer_id, by=by)
    except NotFound as error:
        raise Http404 from error
    ledger.looked(by=by, at=at, customer_id=customer_id, page="customer.standing")
    reach = sharing.reach_of(by, customer_id)
    held = [sharing.holder_of(one.held_by) for one in kinds.every() if not reach.opens(one.held_by)]
    shared = [one for one in kinds.every() if reach.opens(one.held_by)]
    shut = {one.code: training_gates.closed(f"panel.{one.code}", one.title, by=by, at=at) for one in shared}
    found = queries.look_at_all(customer_id, at=at, among=[one for one in shared if shut[one.code] is None])
    template = "standing_part" if "part" in request.GET else "standing"
    may_take = may(by, "payments.take").allowed
    closed = [one for one in shut.values() if one]
    return draw(
        request, template, record=record, found=found, closed=closed, held=held, key=str(uuid7()), may_take=may_take
    )


@staff(may="payments.take")
@require_POST
def pay(request: HttpRequest, customer_id: UUID, kind: str) -> HttpResponse:
    """An amount on an account, on to the counter where it is taken."""
    chosen = kinds.kind_of(kind)
    if chosen is None:
        raise Http404
    by = actor(request)
    is_shared = sharing.reach_of(by, customer_id).opens(chosen.held_by)
    if not is_shared or training_gates.closed(f"panel.{kind}", "", by=by, at=now()):
        raise PermissionDenied
    number, key = request.POST.get("number", "")[:40], request.POST.get("key", "")[:40] or str(uuid7())
    try:
        pence = pence_of(request.POST.get("amount", "")[:20])
        charge = operations.pay(customer_id, chosen, number, pence=pence, key=key, by=by, at=now())
    except NotFound as error:
        raise Http404 from error
    except BadInput as error:
        messages.error(request, str(error))
        return redirect("workspace:customer_standing", customer_id)
    return redirect(f"{reverse('workspace:counter')}?{urlencode({'reference': charge.reference})}")
