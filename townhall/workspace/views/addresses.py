"""Personal addresses that the public can read: where they stand, what may stay until when, and what was given out."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from townhall.accounts import directory
from townhall.accounts.permissions import may
from townhall.accounts.web import actor
from townhall.core.access import staff
from townhall.core.errors import RuleBroken
from townhall.core.ids import as_uuid
from townhall.core.time import council_date, now
from townhall.knowledge import giving_out, published
from townhall.knowledge.published_models import Allowance, GivenOut, Personal
from townhall.knowledge.states import TaskState
from townhall.workspace.names import names_of
from townhall.workspace.views.typing_in import day, done, errors_of, problems_of, typed

SEE = "addresses.see"
PAGE = 50


@staff(may=SEE)
@never_cache
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    at, by = now(), actor(request)
    given = request.GET.get("page", "")
    page = max(1, int(given)) if given.isdecimal() and len(given) < 5 else 1
    rows = Personal.objects.filter(gone_at=None).select_related("task", "allowance").order_by("title", "address", "id")
    shown = list(rows[(page - 1) * PAGE : page * PAGE + 1])
    allowed = list(
        Allowance.objects.filter(ended_at=None, until_on__gte=council_date(at)).order_by("until_on", "id")[:PAGE]
    )
    out = list(GivenOut.objects.order_by("-at", "-id")[:PAGE])
    posts = {post.id: post.title for post in directory.all_posts()}
    context: dict[str, Any] = {
        "rows": [
            (
                row,
                published.KINDS.get(row.kind, row.kind),
                posts.get(row.owner_post_id, "") if row.owner_post_id else "",
                bool(row.task and row.task.state == TaskState.OPEN),
            )
            for row in shown[:PAGE]
        ],
        "page": page,
        "has_more": len(shown) > PAGE,
        "allowed": allowed,
        "given": out,
        "names": names_of([*(one.allowed_by for one in allowed), *(one.given_by for one in out)]),
        "may_allow": may(by, giving_out.ALLOW).allowed,
        "may_tasks": may(by, "knowledge.see").allowed,
        "today": council_date(at),
    }
    return render(request, "workspace/knowledge/addresses.html", context)


@staff(may=giving_out.ALLOW)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def allow(request: HttpRequest) -> HttpResponse:
    """`found`: the place where it may stay; without one it may be given out anywhere."""
    found_id = as_uuid((request.POST if request.method == "POST" else request.GET).get("found", ""))
    row = Personal.objects.filter(pk=found_id, gone_at=None).first() if found_id else None
    words = typed(request, "address", "reason", "until_on")
    problems: dict[str, str] = {}
    if request.method == "POST":
        try:
            until: date = day(words["until_on"], "until_on")
            giving_out.allow(
                words["address"], reason=words["reason"], until_on=until, by=actor(request), at=now(), found_id=found_id
            )
        except RuleBroken as error:
            problems = problems_of(error, field="address")
        else:
            return redirect("workspace:addresses")
    context = {"row": row, "typed": words, "problems": problems, "errors": errors_of(problems)}
    return render(request, "workspace/knowledge/address_allow.html", context, status=422 if problems else 200)


@staff(may=giving_out.ALLOW)
@require_POST
def end(request: HttpRequest, allowance_id: UUID) -> HttpResponse:
    by = actor(request)
    act = lambda: giving_out.end(allowance_id, by=by, at=now())  # noqa: E731
    return done(
        request,
        act,
        _("It is ended. Where the address still stands, tonight makes a task of it."),
        to="workspace:addresses",
    )
