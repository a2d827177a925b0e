"""Deals of traders that wait for an answer, and the texts that people sent us."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from townhall.accounts.web import actor
from townhall.core.access import staff
from townhall.core.errors import BadInput, NotFound, RuleBroken
from townhall.core.time import now
from townhall.engagement import queries
from townhall.engagement.deals import operations
from townhall.engagement.deals import queries as deal_queries
from townhall.forms.typed import clean_line
from townhall.ledger import operations as ledger


@staff(may=operations.DECIDE)
@require_safe
def deals(request: HttpRequest) -> HttpResponse:
    return _page(request)


@staff(may=operations.DECIDE)
@require_POST
def decision(request: HttpRequest, deal_id: UUID) -> HttpResponse:
    """`answer` is yes, or no with a `reason`."""
    by, at = actor(request), now()
    reason = clean_line(request.POST.get("reason", ""))[:500]
    act: Callable[[], Any]
    if request.POST.get("answer") == "yes":
        act, words = (
            lambda: operations.approve(deal_id, by=by, at=at),
            _("The deal is approved, and its trader is told."),
        )
    else:
        act = lambda: operations.decline(deal_id, reason=reason, by=by, at=at)  # noqa: E731
        words = _("The deal is declined, and its trader is told why.")
    try:
        act()
    except NotFound as error:
        raise Http404 from error
    except BadInput as error:
        return _page(request, wrong=deal_id, says=error.problems.get("reason", str(error)), status=422)
    except RuleBroken as error:
        return _page(request, wrong=deal_id, says=str(error.user_message), status=409)
    messages.success(request, words)
    return redirect("workspace:deals")


def _page(request: HttpRequest, *, wrong: UUID | None = None, says: str = "", status: int = 200) -> HttpResponse:
    context = {
        "waiting": deal_queries.waiting(),
        "decided": deal_queries.decided(after=request.GET.get("after", "")[:200]),
        "wrong": wrong,
        "says": says,
        "errors": [{"text": says, "href": f"#reason-{wrong}"}] if says else [],
    }
    return render(request, "workspace/engagement/deals.html", context, status=status)


@staff(may="customers.see")
@require_safe
def texts(request: HttpRequest) -> HttpResponse:
    """What came, and what became of it. Reading it is noted, as it is what people wrote."""
    page = queries.texts_received(after=request.GET.get("after", "")[:200])
    if page.rows:
        ledger.looked(by=actor(request), at=now(), customer_id=None, page="workspace.texts")
    return render(request, "workspace/engagement/texts.html", {"page": page})
