"""Key messages of the website: written by one, approved by another, taken down again."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from townhall.accounts.permissions import may
from townhall.accounts.web import actor
from townhall.core.access import staff
from townhall.core.errors import BadInput, NotFound, RuleBroken
from townhall.core.time import council_date, now
from townhall.insight import key_messages, queries
from townhall.insight.key_messages import Written
from townhall.workspace.names import names_of
from townhall.workspace.views.typing_in import errors_of
from townhall.workspace.views.website import SEE
from townhall.workspace.website_inputs import day, line

_FIELDS = {"words": 400, "link": 200, "link_words": 100, "from_on": 10, "until_on": 10}


@staff(may=SEE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def listed(request: HttpRequest) -> HttpResponse:
    """Every message with its state; whoever may writes a new one here."""
    by, today = actor(request), council_date(now())
    typed = {"from_on": today.isoformat()} if request.method != "POST" else {}
    problems: dict[str, str] = {}
    if request.method == "POST":
        typed = {name: line(request.POST, name, longest=longest) for name, longest in _FIELDS.items()}
        written = Written(
            words=typed["words"],
            link=typed["link"],
            link_words=typed["link_words"],
            from_on=day(typed["from_on"]),
            until_on=day(typed["until_on"]),
        )
        try:
            key_messages.write(written, by=by, at=now())
        except BadInput as error:
            problems = error.problems
        else:
            messages.success(request, _("Kept. It shows when somebody else has approved it."))
            return redirect("workspace:website_messages")
    rows = queries.messages()
    context = {
        "rows": rows,
        "names": names_of([name for row in rows for name in (row.written_by, row.approved_by)]),
        "today": today,
        "typed": typed,
        "problems": problems,
        "errors": errors_of(problems),
        "may_write": bool(may(by, key_messages.WRITE)),
        "may_approve": bool(may(by, key_messages.APPROVE)),
        "me": by.id,
    }
    return render(request, "workspace/website/messages.html", context, status=422 if problems else 200)


@staff(may=key_messages.APPROVE)
@require_POST
def approve(request: HttpRequest, message_id: UUID) -> HttpResponse:
    by = actor(request)
    return _done(request, lambda: key_messages.approve(message_id, by=by, at=now()), _("Approved."))


@staff(may=key_messages.WRITE)
@require_POST
def end(request: HttpRequest, message_id: UUID) -> HttpResponse:
    by = actor(request)
    return _done(request, lambda: key_messages.end(message_id, by=by, at=now()), _("Taken down."))


def _done(request: HttpRequest, act: Callable[[], object], words: str) -> HttpResponse:
    try:
        act()
    except NotFound as error:
        raise Http404 from error
    except RuleBroken as error:
        messages.error(request, str(error))
    else:
        messages.success(request, words)
    return redirect("workspace:website_messages")
