"""The rota by week, who is away and who has their work, and who is signed in to the phone system."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from townhall.accounts import directory
from townhall.accounts.permissions import may
from townhall.accounts.web import actor
from townhall.catalogue import queries as catalogue
from townhall.core.access import staff
from townhall.core.actors import Actor
from townhall.core.errors import BadInput, NotAllowed, NotFound, RuleBroken
from townhall.core.time import council_date, now
from townhall.places.hours_words import WEEKDAYS
from townhall.telephony.calls.lines import MANAGE
from townhall.telephony.cover import monitor, operations, week
from townhall.telephony.models import Absence, Divert, Duty, PhoneTeam
from townhall.workspace.strips import strip
from townhall.workspace.views.typing_in import errors_of
from townhall.workspace.website_inputs import day, line, moment, time_of, whole

SEE = "phone.see"


@staff(may=SEE)
@never_cache
@require_safe
def rota(request: HttpRequest) -> HttpResponse:
    """A week (`week`: any day of it), each team with its half-hours that too few cover."""
    at = now()
    monday = _monday(request.GET.get("week", ""), council_date(at))
    found = week.weeks(monday)
    context = {
        "monday": monday,
        "earlier": monday - timedelta(days=7),
        "later": monday + timedelta(days=7),
        "weeks": [(one, [(on, strip(on, slots), slots) for on, slots in one.days if slots]) for one in found],
        "absences": _absences(monday, monday + timedelta(days=6)),
        "teams": [(one.id, one.name) for one in directory.all_teams()],
        "may_manage": bool(may(actor(request), MANAGE)),
    }
    return render(request, "workspace/phone/rota.html", context)


def _monday(typed: str, today: date) -> date:
    on = day(typed) or (today + timedelta(days=2) if today.weekday() >= 5 else today)  # at a weekend the week to come
    return on - timedelta(days=on.weekday())


def _absences(first_on: date, last_on: date) -> list[Absence]:
    rows = Absence.objects.filter(until_on__gte=first_on, from_on__lte=last_on).select_related("user", "cover")
    return list(rows.order_by("from_on", "user__name")[:200])


@staff(may=SEE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def team(request: HttpRequest, team_id: UUID) -> HttpResponse:
    """A team's rota: who answers when, breaks, diverts, and how many are needed."""
    if request.method != "POST":
        return _team_page(request, team_id)

    def act(by: Actor) -> None:
        operations.set_team(
            team_id,
            service_code=line(request.POST, "service", longest=60),
            minimum=whole(line(request.POST, "minimum")) or 0,
            shows_names="shows_names" in request.POST,
            by=by,
            at=now(),
        )

    return _changed(request, team_id, act)


def _team_page(
    request: HttpRequest, team_id: UUID, *, problems: dict[str, str] | None = None, refusal: str = ""
) -> HttpResponse:
    try:
        entry = directory.team_by_id(team_id)
    except directory.UnknownCode as error:
        raise Http404 from error
    by, today = actor(request), council_date(now())
    kept = Duty.objects.filter(Q(until_on=None) | Q(until_on__gte=today), team_id=team_id).select_related("user")
    services = sorted((one.code, one.name) for one in catalogue.services() if one.owner_team == entry.code)
    found = problems or {}
    context = {
        "team": entry,
        "phone_team": PhoneTeam.objects.filter(pk=team_id).first(),
        "duties": list(kept.order_by("weekday", "starts", "user__name")[:500]),
        "diverts": list(Divert.objects.filter(team_id=team_id, ends_at__gt=now()).order_by("starts_at")[:50]),
        "services": [("", _("None: the corporate day")), *services],
        "day_names": WEEKDAYS,
        "day_choices": [(str(number), name) for number, name in enumerate(WEEKDAYS)],
        "kinds": [(str(value), label) for value, label in Duty.Kind.choices],
        "today": today,
        "typed": {name: request.POST.get(name, "")[:200] for name in _TYPED},
        "chosen_days": request.POST.getlist("weekdays"),
        "problems": found,
        "errors": errors_of(found) + ([{"text": refusal, "href": ""}] if refusal else []),
        "may_manage": bool(may(by, MANAGE)) and (team_id in by.teams or bool(may(by, "people.administer"))),
    }
    return render(request, "workspace/phone/rota_team.html", context, status=422 if found or refusal else 200)


_TYPED = ("email", "kind", "starts", "ends", "to", "from_on", "from_at", "until_on", "until_at")


def _changed(request: HttpRequest, team_id: UUID, act: Callable[[Actor], None]) -> HttpResponse:
    """Do it, and show the team again: with what was typed when something is wrong."""
    try:
        act(actor(request))
    except BadInput as error:
        return _team_page(request, team_id, problems=error.problems)
    except RuleBroken as error:
        return _team_page(request, team_id, refusal=str(error.user_message))
    messages.success(request, _("The rota is changed."))
    return redirect("workspace:rota_team", team_id)


@staff(may=MANAGE)
@require_POST
def duties(request: HttpRequest, team_id: UUID) -> HttpResponse:
    def act(by: Actor) -> None:
        at = now()
        operations.add_duties(
            team_id,
            email=line(request.POST, "email"),
            kind=line(request.POST, "kind"),
            weekdays=[int(one) for one in request.POST.getlist("weekdays") if one in set("0123456")],
            starts=time_of(line(request.POST, "starts")),
            ends=time_of(line(request.POST, "ends")),
            from_on=council_date(at),
            by=by,
            at=at,
        )

    return _changed(request, team_id, act)


@staff(may=MANAGE)
@require_POST
def diverts(request: HttpRequest, team_id: UUID) -> HttpResponse:
    def act(by: Actor) -> None:
        typed = {name: line(request.POST, name) for name in _TYPED}
        operations.add_divert(
            team_id,
            to=typed["to"],
            starts_at=moment(typed["from_on"], typed["from_at"]),
            ends_at=moment(typed["until_on"], typed["until_at"]),
            by=by,
            at=now(),
        )

    return _changed(request, team_id, act)


@staff(may=MANAGE)
@require_POST
def end_duty(request: HttpRequest, duty_id: UUID) -> HttpResponse:
    found = Duty.objects.filter(pk=duty_id).first()
    if found is None:
        return redirect("workspace:rota")
    return _changed(request, found.team_id, lambda by: operations.end_duty(duty_id, by=by, at=now()))


@staff(may=SEE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def absences(request: HttpRequest) -> HttpResponse:
    """Who is away and who covers. Everybody says it of themselves; a manager of their team."""
    at = now()
    today = council_date(at)
    typed = {name: line(request.POST, name) for name in ("away", "cover", "away_from", "away_until")}
    problems: dict[str, str] = {}
    if request.method == "POST":
        try:
            operations.be_away(
                typed["away"],
                cover_email=typed["cover"],
                from_on=day(typed["away_from"]),
                until_on=day(typed["away_until"]),
                by=actor(request),
                at=at,
            )
        except BadInput as error:
            problems = error.problems
        except NotAllowed as error:
            problems = {"away": str(error.user_message)}
        else:
            messages.success(request, _("On these days their work and messages are their cover's."))
            return redirect("workspace:absences")
    context: dict[str, Any] = {
        "rows": _absences(today, today + timedelta(days=365)),
        "typed": typed,
        "problems": problems,
        "errors": errors_of(problems),
        "me": actor(request).id,
        "may_manage": bool(may(actor(request), MANAGE)),
    }
    return render(request, "workspace/phone/absences.html", context, status=422 if problems else 200)


@staff(may=SEE)
@require_POST
def end_absence(request: HttpRequest, absence_id: UUID) -> HttpResponse:
    try:
        operations.be_back(absence_id, by=actor(request), at=now())
    except NotFound:
        messages.info(request, _("That absence is over."))
    except RuleBroken as error:
        messages.error(request, str(error.user_message))
    else:
        messages.success(request, _("Their work is theirs again from today."))
    return redirect("workspace:absences")


@staff(may=MANAGE)
@never_cache
@require_safe
def signed_in(request: HttpRequest) -> HttpResponse:
    """Those on duty now against the phone system, and the exceptions of a day (`on`)."""
    at = now()
    on = day(request.GET.get("on", "")) or council_date(at)
    context = {
        "rows": monitor.now_on_duty(at),
        "on": on,
        "exceptions": monitor.exceptions(min(on, council_date(at)), at=at),
        "tolerated": int(monitor.TOLERATED.total_seconds() // 60),
    }
    return render(request, "workspace/phone/signed_in.html", context)
