"""Key tasks: how long each is now, its ceiling, and what made one longer (KNOW-10)."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from townhall.accounts.permissions import may
from townhall.accounts.web import actor
from townhall.catalogue import queries as catalogue
from townhall.core.access import staff
from townhall.core.errors import BadInput, NotFound
from townhall.core.time import council_date, now
from townhall.insight import queries, tasks
from townhall.insight.tasks import Ceiling
from townhall.workspace.names import names_of
from townhall.workspace.views.typing_in import errors_of
from townhall.workspace.views.website import SEE
from townhall.workspace.website_inputs import line, whole

_FIELDS = ("service_code", "most_pages", "most_clicks", "position")


@staff(may=SEE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def listed(request: HttpRequest) -> HttpResponse:
    """POST: make a service a key task, or give it another ceiling."""
    by, problems = actor(request), dict[str, str]()
    typed: dict[str, str] = {}
    if request.method == "POST":
        typed = {name: line(request.POST, name, longest=60) for name in _FIELDS}
        ceiling = Ceiling(
            service_code=typed["service_code"],
            most_pages=whole(typed["most_pages"]),
            most_clicks=whole(typed["most_clicks"]),
            position=whole(typed["position"]) or 0,
            is_linked=request.POST.get("is_linked") == "yes",
        )
        try:
            tasks.keep(ceiling, by=by, at=now())
        except BadInput as error:
            problems = error.problems
        else:
            messages.success(request, _("Kept."))
            return redirect("workspace:website_tasks")
    names = {pack.code: pack.name for pack in catalogue.services(live_only=False)}
    changes = queries.task_changes()
    context = {
        "standings": tasks.standings(today=council_date(now())),
        "changes": [(names.get(one.service_code, one.service_code), one) for one in changes],
        "names": names_of([one.by_id for one in changes if one.by_kind == "staff"]),
        "services": [("", _("Select a service")), *((pack.code, pack.name) for pack in catalogue.services())],
        "entry_pages": tasks.ENTRY_PAGES,
        "entry_clicks": tasks.ENTRY_CLICKS,
        "typed": typed,
        "problems": problems,
        "errors": errors_of(problems),
        "may_manage": bool(may(by, tasks.MAY)),
    }
    return render(request, "workspace/website/tasks.html", context, status=422 if problems else 200)


@staff(may=tasks.MAY)
@require_POST
def drop(request: HttpRequest, task_id: UUID) -> HttpResponse:
    try:
        tasks.drop(task_id, by=actor(request), at=now())
    except NotFound as error:
        raise Http404 from error
    messages.success(request, _("It is no key task any more."))
    return redirect("workspace:website_tasks")
