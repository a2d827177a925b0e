"""The page register (KNOW-10): every public page with kind, owner, review and visits; reviewing one."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from townhall.accounts import directory
from townhall.accounts.permissions import may
from townhall.accounts.web import actor
from townhall.core.access import staff
from townhall.core.errors import BadInput, NotFound
from townhall.core.time import council_date, now
from townhall.insight import queries
from townhall.insight import register as pages
from townhall.insight.models import Page
from townhall.workspace.names import names_of
from townhall.workspace.views.typing_in import errors_of
from townhall.workspace.views.website import SEE, SINCE, YEAR
from townhall.workspace.website_inputs import day, whole

NEXT = timedelta(days=365)  # suggested, from one review to the next
MOST = 50  # pages at once


@staff(may=SEE)
@never_cache
@require_safe
def register(request: HttpRequest) -> HttpResponse:
    today, by = council_date(now()), actor(request)
    kind = request.GET.get("kind", "")
    kind = kind if kind in Page.Kind.values else ""
    mine, overdue = "mine" in request.GET, "overdue" in request.GET
    lines = queries.register(
        since=today - SINCE,
        today=today,
        kind=kind,
        owners=by.posts if mine else (),
        only_overdue=overdue,
    )
    page_number = min(whole(request.GET.get("page", "")) or 1, max(1, -(-len(lines) // MOST)))
    posts = {post.id: post.title for post in directory.all_posts()}
    mix = queries.mix(since=today - YEAR)
    context = {
        "lines": [
            (one, posts.get(one.page.owner_post_id) if one.page.owner_post_id else None)
            for one in lines[(page_number - 1) * MOST : page_number * MOST]
        ],
        "count": len(lines),
        "page_number": page_number,
        "is_last": page_number * MOST >= len(lines),
        "asked": "".join(f"{name}=1&" for name, is_on in (("mine", mine), ("overdue", overdue)) if is_on)
        + f"kind={kind}",
        "kinds": list(Page.Kind.choices),
        "kind": kind,
        "mine": mine,
        "overdue": overdue,
        "mine_overdue": queries.overdue_of(by.posts, today=today),
        "mix": [(month.strftime("%B %Y"), counted) for month, counted in reversed(list(mix.items()))],
        "days": SINCE.days,
        "today": today,
        "may_manage": bool(may(by, pages.MAY)),
    }
    return render(request, "workspace/website/pages.html", context)


@staff(may=pages.MAY)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, page_id: UUID) -> HttpResponse:
    """Say that it was reviewed and when it is next; change its kind or owner."""
    row = Page.objects.filter(pk=page_id, gone_on=None).first()
    if row is None:
        raise Http404
    today = council_date(now())
    typed: dict[str, Any] = {
        "kind": row.kind,
        "owner": str(row.owner_post_id or ""),
        "review_on": (today + NEXT if row.review_on <= today else row.review_on).isoformat(),
    }
    problems: dict[str, str] = {}
    if request.method == "POST":
        typed = {name: request.POST.get(name, "")[:60] for name in typed}
        try:
            pages.keep(row.pk, _review(request, typed, row.review_on), by=actor(request), at=now())
        except BadInput as error:
            problems = error.problems
        except NotFound as error:
            raise Http404 from error
        else:
            messages.success(request, _("Kept: %(title)s") % {"title": row.title})
            return redirect("workspace:website_pages")
    context = {
        "page": row,
        "typed": typed,
        "problems": problems,
        "errors": errors_of(problems),
        "kinds": list(Page.Kind.choices),
        "posts": [("", _("Select a post")), *((str(post.id), post.title) for post in directory.all_posts())],
        "is_link": "…" not in row.path,
        "reviewed_by": names_of([row.reviewed_by]).get(row.reviewed_by, ""),
        "today": today,
    }
    return render(request, "workspace/website/page.html", context, status=422 if problems else 200)


def _review(request: HttpRequest, typed: dict[str, Any], review_on: date) -> pages.Review:
    """Raises BadInput."""
    on = day(typed["review_on"])
    if on is None:
        raise BadInput({"review_on": _("Enter the date of the next review")})
    try:
        owner = UUID(typed["owner"])
    except ValueError as error:
        raise BadInput({"owner": _("Select who answers for the page")}) from error
    return pages.Review(
        kind=typed["kind"], owner_post_id=owner, review_on=on, is_reviewed=request.POST.get("reviewed") == "yes"
    )
