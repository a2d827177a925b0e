"""The one list of waiting work, "give me the next", a person's own tasks, and where they say they are."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from townhall.accounts.permissions import may
from townhall.accounts.web import actor
from townhall.core.access import staff
from townhall.core.errors import BadInput, NotFound, RuleBroken
from townhall.core.ids import as_uuid
from townhall.core.time import council_date, end_of, now
from townhall.workforce import inductions, left_for, people, presence, queries
from townhall.workforce.models import LeftFor
from townhall.workforce.models.presence import Where
from townhall.workforce.states import LeftState
from townhall.workspace import waiting
from townhall.workspace.views.typing_in import day, done, errors_of, problems_of, typed

OWN = "tasks.own"

MEASURED = timedelta(days=28)


@staff(may="work.take")
@never_cache
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """What waits in every channel that this person may do and is trained for."""
    by, at = actor(request), now()
    only = request.GET.get("kind", "")
    offer = waiting.offered(by, at=at, only=only)
    kinds = [(one.code, str(one.title)) for one in waiting.sources() if one.take and may(by, one.capability).allowed]
    context = {
        "items": offer.items,
        "withheld": offer.withheld,
        "module_names": {one.code: one.name for one in queries.modules()},
        "has_more": offer.has_more,
        "most": waiting.MOST,
        "kinds": kinds,
        "kind": only if only in dict(kinds) else "",
        "titles": {one.code: one.title for one in waiting.sources()},
        "at": at,
        "skills_of": waiting.skills_for,
    }
    return render(request, "workspace/people/waiting.html", context)


@staff(may="work.take")
@require_POST
def take_next(request: HttpRequest) -> HttpResponse:
    """Give me the next: taken, and opened."""
    by = actor(request)
    item = waiting.next_for(by, at=now(), only=request.POST.get("kind", ""))
    if item is None:
        messages.info(request, _("Nothing waits that you can be given at the moment."))
        return redirect("workspace:waiting")
    return redirect(item.link)


@staff(may="work.take")
@require_POST
def take_one(request: HttpRequest, source: str, item_id: UUID) -> HttpResponse:
    """One that somebody chose from the list; whoever was quicker has it."""
    by, at = actor(request), now()
    offer = waiting.offered(by, at=at, only=source)
    item = next((one for one in offer.items if one.id == item_id), None)
    if item is None or not waiting.take(item, by=by, at=at):
        messages.error(request, _("Somebody else was quicker, or it is over."))
        return redirect("workspace:waiting")
    return redirect(item.link)


@staff(may=OWN)
@never_cache
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """Everything that is this person's to do, from every channel, and where they are."""
    by, at = actor(request), now()
    tasks = waiting.tasks_of(by, at=at)
    context = {
        "tasks": tasks,
        "late": sum(one.item.due is not None and one.item.due < at for one in tasks),
        "at": at,
        "today": council_date(at),
        "here": presence.presence_of(by.id, at=at),
        "places": Where.choices,
        "inductions": inductions.lists(user_ids=[UUID(by.id)]),
        "may_take": may(by, "work.take").allowed,
        "may_work": may(by, "work.open").allowed,
    }
    return render(request, "workspace/people/tasks.html", context)


@staff(may=OWN)
@require_POST
def here(request: HttpRequest) -> HttpResponse:
    """Say where one is."""
    by = actor(request)
    given = typed(request, "where", "until_on")

    def act() -> object:
        until = end_of(day(given["until_on"], "until_on")) if given["where"] == Where.AWAY else None
        return presence.set_presence(given["where"], by=by, at=now(), until_at=until)

    return done(request, act, _("Your colleagues see where you are."), to="workspace:tasks")


@staff(may="teams.manage")
@never_cache
@require_safe
def who_is_where(request: HttpRequest) -> HttpResponse:
    """Where the people of one's teams are, and the work taken in each place, measured the same."""
    by, at = actor(request), now()
    everybody = people.everybody(on=council_date(at))
    shown = people.of_teams(everybody, by.teams) if "all" not in request.GET else everybody
    context = {
        "people": shown,
        "presences": presence.presences([one.id for one in shown], at=at),
        "taken": presence.taken_by_place(since=at - MEASURED),
        "days": MEASURED.days,
        "all": "all" in request.GET,
    }
    return render(request, "workspace/people/presence.html", context)


@staff(may=OWN)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def left(request: HttpRequest, row_id: UUID) -> HttpResponse:
    """Something left for this person: what it says, and what they did about it."""
    by, at = actor(request), now()
    row = LeftFor.objects.filter(pk=row_id, user_id=UUID(by.id)).first()
    if row is None:
        raise Http404
    given: dict[str, str] = {}
    problems: dict[str, str] = {}
    if request.method == "POST":
        given = typed(request, "outcome", "to", "act")
        try:
            if given["act"] == "pass_on":
                left_for.pass_on(row_id, to=_uuid(given["to"]), by=by, at=at)
            else:
                left_for.done(row_id, outcome=given["outcome"], by=by, at=at)
        except NotFound as error:
            raise Http404 from error
        except RuleBroken as error:
            problems = problems_of(error, field="outcome")
        else:
            messages.success(request, _("It is passed on.") if given["act"] == "pass_on" else _("It is off your list."))
            return redirect("workspace:tasks")
    context: dict[str, Any] = {
        "row": row,
        "is_open": row.state == LeftState.OPEN,
        "typed": given,
        "problems": problems,
        "errors": errors_of(problems),
        "colleagues": [
            (str(one.id), one.name) for one in people.everybody(on=council_date(at)) if str(one.id) != by.id
        ],
        "at": at,
        "may_log": may(by, "contacts.log").allowed,
    }
    return render(request, "workspace/people/left.html", context, status=422 if problems else 200)


def _uuid(text: str) -> UUID:
    found = as_uuid(text)
    if found is None:
        raise BadInput({"to": _("Select somebody else")})
    return found
