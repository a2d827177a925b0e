"""The team queue, the offers to my teams, and finding a case by its reference."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from townhall.accounts import directory
from townhall.accounts.models import Team
from townhall.accounts.web import actor
from townhall.cases.access import SEE_ALL
from townhall.cases.states import State
from townhall.core.access import staff
from townhall.core.actors import Actor
from townhall.core.time import council_date, now
from townhall.places.whereabouts import wards
from townhall.workspace import case_page, counting, filters, queue
from townhall.workspace.counting import Numbers
from townhall.workspace.filters import CONTRACTOR, Filters

Choice = tuple[str, str]  # value and words


@staff(may="cases.see")
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    by = actor(request)
    chosen = filters.read(request.GET)
    today = council_date(now())
    teams = teams_shown(chosen, by)
    snapshot = counting.counted()
    page = queue.page(
        teams, chosen, by=by, today=today, after=request.GET.get("after", ""), before=request.GET.get("before", "")
    )
    numbers = snapshot.numbers(teams, chosen, posts=by.posts)
    context = {
        "page": page,
        "filters": chosen,
        "numbers": numbers,
        "counted_at": snapshot.at,
        "team_choices": _team_choices(by),
        "team": _team_shown(chosen, by),
        "state_choices": [
            (state.value, _counted(state.label, numbers.states.get(state.value, 0)))
            for state in (State.AWAITING_DECISION, State.ACCEPTED, State.WAITING_FOR_CUSTOMER, State.DONE)
        ],
        "service_choices": _services(numbers),
        "ward_choices": _wards(numbers.wards),
        "today": today,
        "active": _active(chosen),
        "several_teams": len(teams) > 1 or chosen.whose == CONTRACTOR,
        "team_name": queue.team_name,
    }
    return render(request, "workspace/queue.html", context)


@staff(may="cases.hand_off")
@require_safe
def offers(request: HttpRequest) -> HttpResponse:
    found = queue.offered_to(list(actor(request).teams))
    return render(request, "workspace/offers.html", {"offers": found, "now": now()})


@staff(may="cases.see")
@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """Go to a case by its reference, however it was typed."""
    typed = request.GET.get("reference", "").strip()[:100]
    case = case_page.visible(typed, by=actor(request))
    if case is not None:
        return redirect("workspace:case", case.reference)
    if typed:
        messages.error(
            request, _("There is no case with the reference “%(typed)s” that you may see.") % {"typed": typed}
        )
    else:
        messages.error(request, _("Enter a reference, like TH-7K3M-92QX."))
    return redirect("workspace:queue")


def teams_shown(chosen: Filters, by: Actor) -> list[UUID]:
    """My teams; for those who see every case also any other, or all of them."""
    if by.roles & SEE_ALL:
        everybody = directory.all_teams()
        shown = _team_shown(chosen, by)
        if shown == "all":
            return [team.id for team in everybody]
        named = [team.id for team in everybody if team.code == shown]
        if named:
            return named
    return sorted(by.teams)


def _team_shown(chosen: Filters, by: Actor) -> str:
    """What the team filter says: a team's code, "mine" or "all"."""
    if chosen.team:
        return chosen.team
    return "all" if by.roles & SEE_ALL and not _has_work(by) else "mine"


def _has_work(by: Actor) -> bool:
    """Whether any of somebody's own teams does work: an adviser's or a director's does not."""
    return any(counting.counted().by_team.get(team) for team in by.teams)


def _team_choices(by: Actor) -> list[Choice]:
    if not by.roles & SEE_ALL:
        return []
    snapshot = counting.counted()
    named = [
        (team.code, _counted(team.name, snapshot.open_in([team.id])))
        for team in directory.all_teams()
        if team.kind == Team.Kind.COUNCIL or snapshot.by_team.get(team.id)
    ]
    mine = [("mine", _counted(_("My teams"), snapshot.open_in(by.teams)))] if by.teams else []
    everything = sum(snapshot.open_in([team]) for team in snapshot.by_team)
    return [*mine, ("all", _counted(_("All teams"), everything)), *named]


def _services(numbers: Numbers) -> list[Choice]:
    named = [(queue.service_name(code), code, count) for code, count in numbers.services.items()]
    return [(code, _counted(name, count)) for name, code, count in sorted(named)]


def _wards(counts: Mapping[str, int]) -> list[Choice]:
    known = dict(wards())
    return [(code, _counted(name, counts[code])) for code, name in known.items() if code in counts] + [
        (code, _counted(code, count)) for code, count in sorted(counts.items()) if code and code not in known
    ]


def _counted(words: object, count: int) -> str:
    return f"{words} ({count:,})"


def _active(chosen: Filters) -> list[dict[str, str]]:
    """The chosen filters with the address that takes each away."""
    here = reverse("workspace:queue")
    named = [
        ("state", State(chosen.state).label if chosen.state else ""),
        ("service", queue.service_name(chosen.service) if chosen.service else ""),
        ("ward", dict(wards()).get(chosen.ward, chosen.ward)),
        (
            "whose",
            {"mine": _("Taken by me"), "unassigned": _("Taken by nobody"), CONTRACTOR: _("With a contractor")}.get(
                chosen.whose, ""
            ),
        ),
        ("late", _("Past the promised date") if chosen.late else ""),
    ]
    return [
        {"text": str(words), "remove": f"{here}?{chosen.but(**{name: False if name == 'late' else ''})}"}
        for name, words in named
        if words
    ]
