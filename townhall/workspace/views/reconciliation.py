"""What the payment provider's list and ours do not agree on, and what was done about it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from townhall.accounts.permissions import may
from townhall.accounts.web import actor
from townhall.core.access import staff
from townhall.core.errors import NotFound, RuleBroken
from townhall.core.time import now
from townhall.forms.typed import clean_text
from townhall.payments import reconciling
from townhall.payments.models import Difference, ReconciliationRun
from townhall.payments.states import PaymentState

MOST = 200
STATES = {str(state.value): str(state.label) for state in PaymentState}


@staff(may="payments.see")
@never_cache
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Differences that nobody has settled, and the last comparisons."""
    context = {
        "differences": list(Difference.objects.filter(settled_at__isnull=True).order_by("found_at")[:MOST]),
        "settled": list(Difference.objects.filter(settled_at__isnull=False).order_by("-settled_at")[:20]),
        "runs": list(ReconciliationRun.objects.order_by("-on", "-done_at")[:20]),
        "may_settle": may(actor(request), "payments.reconcile").allowed,
        "kinds": dict(Difference.Kind.choices),
        "states": STATES,
    }
    return render(request, "workspace/money/reconciliation.html", context)


@staff(may="payments.reconcile")
@require_POST
def settled(request: HttpRequest, difference_id: UUID) -> HttpResponse:
    try:
        reconciling.settle(
            difference_id, how=clean_text(request.POST.get("how", ""))[:2000], by=actor(request), at=now()
        )
    except NotFound as error:
        raise Http404 from error
    except RuleBroken as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The difference is settled."))
    return redirect("workspace:reconciliation")
