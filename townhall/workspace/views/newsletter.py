"""The newsletter at work: writing an issue, seeing it as readers will, trying it, approving and sending it, and what it did."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from townhall.accounts import permissions
from townhall.accounts.web import actor
from townhall.core.access import staff
from townhall.core.errors import BadInput, RuleBroken
from townhall.core.time import council_date, now
from townhall.engagement import newsletter, queries
from townhall.engagement.effect import effect_of
from townhall.engagement.models import Issue
from townhall.forms.typed import clean_line, clean_text
from townhall.notifications import operations as notifications
from townhall.notifications.recipients import Recipient
from townhall.workspace import queue
from townhall.workspace.views.typing_in import errors_of


@staff(may="customers.see")
@require_safe
def alerts(request: HttpRequest) -> HttpResponse:
    """What was told to whom, from where, when, and what became of it."""
    return render(request, "workspace/engagement/alerts.html", {"told": queries.newest(limit=200)})


@staff(may=newsletter.WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def issues(request: HttpRequest) -> HttpResponse:
    problems: dict[str, str] = {}
    typed = {name: clean_line(request.POST.get(name, ""))[:200] for name in ("month", "subject_line")}
    sections = {code: clean_text(request.POST.get(code, ""))[:10_000] for code in newsletter.SECTIONS}
    if request.method == "POST":
        try:
            issue = newsletter.write(
                _month(typed["month"]),
                subject_line=typed["subject_line"],
                sections=sections,
                by=actor(request),
                at=now(),
            )
        except BadInput as error:
            problems = error.problems
        except RuleBroken as error:
            problems = {"month": str(error.user_message)}
        else:
            return redirect("workspace:newsletter_issue", issue.pk)
    context = {
        "issues": list(Issue.objects.order_by("-month")[:60]),
        "names": list(newsletter.SECTIONS.items()),
        "typed": {**typed, "month": typed["month"] or council_date(now()).strftime("%Y-%m")},
        "sections": sections,
        "problems": problems,
        "errors": errors_of(problems),
    }
    return render(request, "workspace/engagement/issues.html", context, status=422 if problems else 200)


def _month(typed: str) -> date:
    """Raises BadInput."""
    try:
        return date.fromisoformat(f"{typed[:7]}-01")
    except ValueError as error:
        raise BadInput({"month": _("Enter a month, like 2026-04")}) from error


@staff(may=newsletter.WRITE)
@require_safe
def issue(request: HttpRequest, issue_id: UUID) -> HttpResponse:
    row = Issue.objects.filter(pk=issue_id).first()
    if row is None:
        raise Http404
    context = newsletter.context_of(row, stop="", at=now())
    shown = notifications.preview(newsletter.TEMPLATE, to=Recipient(email="reader@example.org"), context=context)
    page: dict[str, Any] = {
        "issue": row,
        "shown": shown,
        "effect": effect_of(row, at=now()),
        "service_name": queue.service_name,
        "may_approve": permissions.may(actor(request), newsletter.APPROVE).allowed,
        "email": getattr(request.user, "email", ""),
    }
    return render(request, "workspace/engagement/issue.html", page)


def _done(request: HttpRequest, issue_id: UUID, act: Callable[[], object], words: str) -> HttpResponse:
    try:
        act()
    except RuleBroken as error:
        messages.error(request, str(error))
    else:
        messages.success(request, words)
    return redirect("workspace:newsletter_issue", issue_id)


@staff(may=newsletter.APPROVE)
@require_POST
def approve(request: HttpRequest, issue_id: UUID) -> HttpResponse:
    by = actor(request)
    return _done(request, issue_id, lambda: newsletter.approve(issue_id, by=by, at=now()), _("The issue is approved."))


@staff(may=newsletter.WRITE)
@require_POST
def try_out(request: HttpRequest, issue_id: UUID) -> HttpResponse:
    by, email = actor(request), clean_line(request.POST.get("email", ""))[:300]
    act = lambda: newsletter.try_out(issue_id, email=email, by=by, at=now())  # noqa: E731
    return _done(request, issue_id, act, _("The test is on its way."))


@staff(may=newsletter.WRITE)
@require_POST
def send(request: HttpRequest, issue_id: UUID) -> HttpResponse:
    by = actor(request)
    return _done(request, issue_id, lambda: newsletter.send(issue_id, by=by, at=now()), _("The issue goes out."))
