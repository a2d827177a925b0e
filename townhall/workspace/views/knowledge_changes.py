"""Changes of law and new services: what has to be ready by when, and the check before they go live."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from townhall.accounts.permissions import may
from townhall.accounts.web import actor
from townhall.core.access import staff
from townhall.core.errors import RuleBroken
from townhall.core.time import council_date, now
from townhall.knowledge import changes
from townhall.knowledge.models import Change, Part
from townhall.knowledge.permissions import SEE, WRITE
from townhall.knowledge.states import ChangeState
from townhall.workspace import knowledge_inputs as inputs
from townhall.workspace.queue import post_title
from townhall.workspace.views.typing_in import day, done, errors_of, problems_of, typed

MOST_ENDED = 30


@staff(may=SEE)
@never_cache
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    rows = Change.objects.order_by("ready_on", "id")
    context = {
        "preparing": list(rows.filter(state=ChangeState.PREPARING)),
        "ended": list(rows.exclude(state=ChangeState.PREPARING).order_by("-ended_at")[:MOST_ENDED]),
        "today": council_date(now()),
        "may_write": may(actor(request), WRITE).allowed,
    }
    return render(request, "workspace/knowledge/changes.html", context)


@staff(may=WRITE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    values = typed(request, *inputs.CHANGE)
    owners = {part.value: typed(request, f"post-{part.value}")[f"post-{part.value}"] for part in Part}
    problems: dict[str, str] = {}
    if request.method == "POST":
        try:
            made = changes.plan(inputs.planned(values, owners), by=actor(request), at=now())
        except RuleBroken as error:
            problems = problems_of(error)
        else:
            return redirect("workspace:knowledge_change", made.pk)
    context = {
        "typed": values,
        "owners": owners,
        "problems": problems,
        "errors": errors_of(problems),
        "whys": Change.Why.choices,
        "posts": inputs.posts(),
        "touched": [("", _("Not touched")), *inputs.posts()[1:]],
        "parts": inputs.PARTS,
        "services": inputs.services(),
    }
    return render(request, "workspace/knowledge/change_form.html", context, status=422 if problems else 200)


def _change(change_id: UUID) -> Change:
    found = Change.objects.filter(pk=change_id).first()
    if found is None:
        raise Http404
    return found


@staff(may=SEE)
@never_cache
@require_safe
def show(request: HttpRequest, change_id: UUID) -> HttpResponse:
    found = _change(change_id)
    context = {
        "change": found,
        "tasks": [
            (one, post_title(one.owner_post_id) if one.owner_post_id else "")
            for one in found.tasks.order_by("part", "id")
        ],
        "missing": changes.missing(found) if found.state == ChangeState.PREPARING else [],
        "owner": post_title(found.owner_post_id) if found.owner_post_id else "",
        "services": [(one, name) for one, name in inputs.services() if one in found.service_codes],
        "today": council_date(now()),
        "may_write": may(actor(request), WRITE).allowed,
    }
    return render(request, "workspace/knowledge/change.html", context)


@staff(may=WRITE)
@require_POST
def move(request: HttpRequest, change_id: UUID) -> HttpResponse:
    """Another readiness date, live, or dropped."""
    found, by, values = _change(change_id), actor(request), typed(request, "how", "ready_on")

    def act() -> None:
        if values["how"] == "live":
            changes.go_live(found.pk, by=by, at=now())
        elif values["how"] == "drop":
            changes.drop(found.pk, by=by, at=now())
        else:
            changes.move(found.pk, ready_on=day(values["ready_on"], "ready_on"), by=by, at=now())

    return done(request, act, _("It is written down."), to="workspace:knowledge_change", arguments=[change_id])
