"""Champions: who they are by service, what they did, and the quarter's meeting."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from townhall.accounts.permissions import may
from townhall.accounts.web import actor
from townhall.catalogue import queries as catalogue
from townhall.core.access import staff
from townhall.core.actors import Actor
from townhall.core.errors import BadInput, NotAllowed
from townhall.core.ids import as_uuid
from townhall.core.time import council_date, now
from townhall.workforce import champions, people
from townhall.workforce.champions import Named
from townhall.workforce.models import Act, Champion, Meeting
from townhall.workspace import spreadsheets
from townhall.workspace.queue import service_name
from townhall.workspace.views.typing_in import chosen, day, done, number, typed

OWN = "tasks.own"

YEAR = timedelta(days=365)


def _allowed(request: HttpRequest) -> Actor:
    """Champions themselves, those who manage them, and those who see training."""
    by = actor(request)
    if may(by, "training.see").allowed:
        return by
    try:
        champions.require_part(by, at=now())
    except NotAllowed as error:
        raise PermissionDenied from error
    return by


@staff(may=OWN)
@never_cache
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    by, today = _allowed(request), council_date(now())
    every = list(Champion.objects.filter(until_on=None).select_related("user").order_by("user__name", "service_code"))
    manages = may(by, champions.MANAGE).allowed
    meetings = list(Meeting.objects.order_by("-due_on")[:8])
    everybody = people.everybody(on=today) if manages else []
    names = champions.names_of([user for row in meetings for user in row.attended])
    context = {
        "report": champions.report(since=today - YEAR),
        "champions": every,
        "reportable": [row for row in every if manages or str(row.user_id) == by.id],
        "next": next((row for row in meetings if row.held_on is None), None),
        "meetings": [(row, [names.get(one, "") for one in row.attended]) for row in meetings if row.held_on],
        "acts": list(Act.objects.select_related("champion__user").order_by("-on", "-pk")[:20]),
        "service_name": service_name,
        "services": [("", ""), *((pack.code, pack.name) for pack in catalogue.services())],
        "people": [("", ""), *((str(one.id), one.name) for one in sorted(everybody, key=lambda one: one.name))],
        "kinds": Champion.Kind.choices,
        "act_kinds": Act.Kind.choices,
        "manages": manages,
        "today": today,
        "days": YEAR.days,
    }
    return render(request, "workspace/people/champions.html", context)


@staff(may=OWN)
@require_safe
def report_csv(request: HttpRequest) -> StreamingHttpResponse:
    _allowed(request)
    found = champions.report(since=council_date(now()) - YEAR)
    head = [
        _("Service"),
        _("Champions"),
        _("Training sessions given"),
        _("People trained"),
        _("Checks made"),
        _("To put right"),
        _("Meetings attended"),
    ]
    rows = (
        [
            service_name(one.service_code),
            ", ".join(line.name for line in one.champions),
            one.sessions,
            one.trained,
            one.checks,
            one.to_put_right,
            one.meetings,
        ]
        for one in found
    )
    answer = StreamingHttpResponse(spreadsheets.lines([head, *rows]), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="champions.csv"'
    return answer


@staff(may=champions.MANAGE)
@require_POST
def name(request: HttpRequest) -> HttpResponse:
    by = actor(request)
    given = typed(request, "person", "kind", "service", "terms", "in_job_description", "from_on")

    def act() -> object:
        named = Named(
            user_id=_uuid(given["person"]),
            kind=given["kind"],
            service_code=given["service"],
            terms=given["terms"],
            in_job_description=given["in_job_description"] == "yes",
            from_on=day(given["from_on"], "from_on"),
        )
        return champions.name(named, by=by, at=now())

    return done(request, act, _("They are named."), to="workspace:champions")


@staff(may=champions.MANAGE)
@require_POST
def stand_down(request: HttpRequest, champion_id: UUID) -> HttpResponse:
    by = actor(request)
    return done(
        request,
        lambda: champions.stand_down(champion_id, by=by, at=now()),
        _("They have stood down."),
        to="workspace:champions",
    )


@staff(may=OWN)
@require_POST
def did(request: HttpRequest) -> HttpResponse:
    """Training given or a check made."""
    by = _allowed(request)
    given = typed(request, "champion", "kind", "on", "words", "people", "to_put_right")

    def act() -> object:
        return champions.did(
            _uuid(given["champion"]),
            kind=given["kind"],
            on=day(given["on"], "on"),
            words=given["words"],
            people_count=number(given["people"], "people", _("Enter a number")),
            to_put_right=number(given["to_put_right"], "to_put_right", _("Enter a number")),
            by=by,
            at=now(),
        )

    return done(request, act, _("It is recorded."), to="workspace:champions")


@staff(may=champions.MANAGE)
@require_POST
def meet(request: HttpRequest, meeting_id: UUID) -> HttpResponse:
    by = actor(request)
    given = typed(request, "held_on", "notes")

    def act() -> object:
        attended = [_uuid(one) for one in chosen(request, "attended")]
        held_on = day(given["held_on"], "held_on")
        return champions.hold_meeting(
            meeting_id, held_on=held_on, attended=attended, notes=given["notes"], by=by, at=now()
        )

    return done(request, act, _("The meeting is recorded. The next is due in a quarter."), to="workspace:champions")


def _uuid(text: str) -> UUID:
    found = as_uuid(text)
    if found is None:
        raise BadInput({"person": _("Select a person")})
    return found
