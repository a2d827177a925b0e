"""What managers and members look at: what was raised to them, what ran past its limits, and what is passed around."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from townhall.accounts.models import Role
from townhall.accounts.permissions import may
from townhall.accounts.web import actor
from townhall.cases import operations as cases
from townhall.cases import reconciling
from townhall.cases.reached import ReachedCouncillor
from townhall.cases.states import State
from townhall.core.access import staff
from townhall.core.actors import Actor
from townhall.core.errors import NotFound
from townhall.core.time import council_date, now, start_of
from townhall.ledger import operations as ledger
from townhall.workspace import counting, happened, managing, queue
from townhall.workspace.views.call_backs import month_of

ANSWERS = frozenset({Role.TEAM_MANAGER.value})  # who sees their own teams first


@staff(may="figures.see")
@require_safe
def exceptions(request: HttpRequest) -> HttpResponse:
    """Everything that should not be so: raised to me, undecided past the limit, promised and late, offered and unanswered."""
    by, at = actor(request), now()
    teams = teams_asked(request, by)
    snapshot = counting.counted()
    _lines, count = managing.passed(at, more_than=managing.PASSED)
    ledger.looked(by=by, at=at, customer_id=None, page="workspace.exceptions")
    context = {
        "raised": managing.raised_to(sorted(by.posts)),
        "undecided": managing.past_decision(at, teams=teams),
        "unanswered": managing.unanswered(at),
        "late": sum(snapshot.late_in([team]) for team in (teams if teams is not None else snapshot.by_team)),
        "passed_count": count,
        "passed_limit": managing.PASSED,
        "reason_words": happened.reason_words,
        "only_mine": teams is not None,
        "may_choose": bool(by.teams) and bool(by.roles & ANSWERS),
        "sees_cases": may(by, "cases.see").allowed,
        "may_clean_up": may(by, "cases.clean_up").allowed,
        "limit": managing.LIMIT,
        "today": council_date(at),
    }
    return render(request, "workspace/exceptions.html", context)


@staff(may="figures.see")
@require_safe
def passed(request: HttpRequest) -> HttpResponse:
    """Cases handed on more than a number of times."""
    typed = request.GET.get("more_than", "")
    more_than = int(typed) if typed.isdecimal() and len(typed) < 4 else managing.PASSED
    lines, count = managing.passed(now(), more_than=more_than)
    context = {
        "lines": lines,
        "count": count,
        "more_than": more_than,
        "limit": managing.LIMIT,
        "sees_cases": may(actor(request), "cases.see").allowed,
    }
    return render(request, "workspace/passed.html", context)


@staff(may="figures.see")
@require_safe
def councillors(request: HttpRequest) -> HttpResponse:
    """The failures of one month that reached a councillor: each case with its cause, and counts by service."""
    at = now()
    first, after = month_of(request.GET.get("month", ""), today=council_date(at))
    since, until = start_of(first), start_of(after)
    earlier = first - timedelta(days=1)
    context = {
        "lines": managing.reached_councillors(since, until),
        "counts": managing.reached_counts(since, until),
        "causes": dict(ReachedCouncillor.Cause.choices),
        "month": first,
        "earlier": f"{earlier:%Y-%m}",
        "later": f"{after:%Y-%m}" if until <= at else "",
        "limit": managing.LIMIT,
        "sees_cases": may(actor(request), "cases.see").allowed,
    }
    return render(request, "workspace/councillors.html", context)


@staff(may="figures.see")
@require_safe
def ageing(request: HttpRequest) -> HttpResponse:
    """Cases open past the age at which they go to the senior manager and the portfolio holder."""
    by, at = actor(request), now()
    teams = teams_asked(request, by)
    context = {
        "lines": managing.past_referral(at, teams=teams),
        "limit": managing.LIMIT,
        "today": council_date(at),
        "only_mine": teams is not None,
        "may_choose": bool(by.teams) and bool(by.roles & ANSWERS),
        "sees_cases": may(by, "cases.see").allowed,
        "may_clean_up": may(by, "cases.clean_up").allowed,
    }
    return render(request, "workspace/ageing.html", context)


@staff(may="figures.see")
@require_safe
def pairs(request: HttpRequest) -> HttpResponse:
    """Cases open here and finished in another system, or the other way about, as the nightly look found them."""
    context = {
        "pairs": reconciling.mismatches(limit=managing.LIMIT),
        "limit": managing.LIMIT,
        "sees_cases": may(actor(request), "cases.see").allowed,
        "service_name": queue.service_name,
        "state_words": lambda state: State(state).label,
    }
    return render(request, "workspace/pairs.html", context)


@staff(may="figures.see")
@require_POST
def seen(request: HttpRequest, escalation_id: UUID) -> HttpResponse:
    try:
        cases.seen(escalation_id, by=actor(request), at=now())
    except NotFound as error:
        raise Http404 from error
    messages.success(request, _("Marked as seen."))
    return redirect(reverse("workspace:exceptions"))


def teams_asked(request: HttpRequest, by: Actor) -> list[UUID] | None:
    """A team manager's own teams unless they ask for all; None is every team."""
    if by.roles & ANSWERS and "all" not in request.GET:
        return sorted(by.teams)
    return None
