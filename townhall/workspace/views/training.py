"""Training at work: the skills matrix, a person's training, recording passes, modules and what asks for them."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from townhall.accounts.models import Role
from townhall.accounts.permissions import may
from townhall.accounts.web import actor
from townhall.core.access import staff
from townhall.core.actors import Actor
from townhall.core.errors import BadInput, RuleBroken
from townhall.core.time import council_date, now
from townhall.workforce import gates, people, queries, training
from townhall.workforce.gates import MANAGE
from townhall.workforce.models import Attendance, Module, Pass, Session
from townhall.workforce.training import RECORD, WrittenModule
from townhall.workspace import spreadsheets, training_matrix
from townhall.workspace.names import names_of
from townhall.workspace.views.typing_in import chosen, day, done, errors_of, number, problems_of, typed

OWN = "tasks.own"

SEE = "training.see"
MEMBERS = "members"


@staff(may=SEE)
@never_cache
@require_safe
def matrix(request: HttpRequest) -> HttpResponse:
    by, today = actor(request), council_date(now())
    team = request.GET.get("team", "")
    found = _matrix(by, team)
    teams = people.all_council_teams()
    own = [one.name for one in teams if one.id in by.teams]
    context = {
        "matrix": found,
        "words": training_matrix.words,
        "shares": [found.share(place) for place in range(len(found.modules))],
        "team": team,
        "team_choices": [
            ("", _("Your teams: %(names)s") % {"names": ", ".join(own)} if own else _("Your teams")),
            ("all", _("Everybody")),
            (MEMBERS, _("Members")),
            *((one.code, one.name) for one in teams),
        ],
        "today": today,
        "may_record": may(by, RECORD).allowed,
        "may_manage": may(by, MANAGE).allowed,
        "modules": [(one.code, one.name) for one in found.modules],
    }
    return render(request, "workspace/people/matrix.html", context)


@staff(may=SEE)
@require_safe
def matrix_csv(request: HttpRequest) -> StreamingHttpResponse:
    found = _matrix(actor(request), request.GET.get("team", ""))
    answer = StreamingHttpResponse(
        spreadsheets.lines(training_matrix.table(found)), content_type="text/csv; charset=utf-8"
    )
    answer["Content-Disposition"] = 'attachment; filename="training.csv"'
    return answer


def _matrix(by: Actor, team: str) -> training_matrix.Matrix:
    today = council_date(now())
    if team == MEMBERS:
        return training_matrix.matrix(on=today, members=True)
    named = frozenset(one.id for one in people.all_council_teams() if one.code == team)
    return training_matrix.matrix(on=today, teams=None if team == "all" else named or by.teams)


@staff(may=RECORD)
@require_POST
def record(request: HttpRequest) -> HttpResponse:
    """Several people passed one module on one day."""
    by = actor(request)
    given = typed(request, "module", "passed_on", "team")

    def act() -> object:
        on = day(given["passed_on"], "passed_on")
        return training.record_passes(given["module"], _uuids(chosen(request, "people")), passed_on=on, by=by, at=now())

    answer = done(request, act, _("The passes are recorded."), to="workspace:training")
    answer["Location"] = f"{answer['Location']}?team={given['team'][:60]}" if given["team"] else answer["Location"]
    return answer


@staff(may=OWN)
@never_cache
@require_safe
def own(request: HttpRequest) -> HttpResponse:
    return _one(request, UUID(actor(request).id))


@staff(may=SEE)
@never_cache
@require_safe
def person(request: HttpRequest, user_id: UUID) -> HttpResponse:
    return _one(request, user_id)


def _one(request: HttpRequest, user_id: UUID) -> HttpResponse:
    by, today = actor(request), council_date(now())
    one = people.person(user_id, on=today)
    if one is None:
        raise Http404
    rows = list(Pass.objects.filter(user_id=user_id).select_related("module", "session").order_by("-passed_on", "-pk"))
    standings = queries.standings_of(user_id, on=today)
    booked = Attendance.objects.filter(
        user_id=user_id, session__state="planned", session__starts_at__gte=now()
    ).select_related("session")
    context = {
        "person": one,
        "is_own": str(user_id) == by.id,
        "rows": rows,
        "standings": sorted(standings.values(), key=lambda row: row.name),
        "needed": [
            module
            for module in queries.modules()
            if one.roles & set(module.roles)
            and not (module.code in standings and standings[module.code].is_in_date(today))
        ],
        "booked": list(booked),
        "coming": list(
            Session.objects.filter(state="planned", starts_at__gte=now())
            .select_related("module")
            .order_by("starts_at")[:20]
        ),
        "opens": _opened(standings, today),
        "complaints": queries.may_own_complaints(user_id, today),
        "names": names_of([row.recorded_by for row in rows]),
        "today": today,
        "may_record": may(by, RECORD).allowed and str(user_id) != by.id,
    }
    return render(request, "workspace/people/training_of.html", context)


def _opened(standings: dict[str, queries.Standing], on: date) -> list[tuple[str, str, bool]]:
    """What asks for a module: its title, the module, and whether this person may open it."""
    found = []
    names = {one.code: one.name for one in queries.modules()}
    for gate in gates.known():
        module = gates.module_of(gate.code, gate.module)
        if module:
            held = standings.get(module)
            found.append((str(gate.title), names.get(module, module), bool(held and held.is_in_date(on))))
    return found


@staff(may=RECORD)
@require_POST
def withdraw(request: HttpRequest, pass_id: UUID) -> HttpResponse:
    by = actor(request)
    row = Pass.objects.filter(pk=pass_id).first()
    if row is None:
        raise Http404
    given = typed(request, "why")
    return done(
        request,
        lambda: training.withdraw(pass_id, why=given["why"], by=by, at=now()),
        _("The pass is withdrawn."),
        to="workspace:training_of",
        arguments=[row.user_id],
    )


@staff(may=SEE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def modules(request: HttpRequest) -> HttpResponse:
    """Every module with what asks for it; whoever may writes a new one or changes one."""
    by = actor(request)
    code = request.GET.get("module", "")
    module = Module.objects.filter(pk=code).first() if code else None
    given: dict[str, object] = {"months": "24", "complaints": "", "active": ""}
    if module is not None:
        given = {
            "name": module.name,
            "months": str(module.months),
            "opens": module.opens,
            "roles": module.roles,
            "complaints": "yes" if module.for_complaints else "",
            "active": "yes" if module.is_active else "",
        }
    problems: dict[str, str] = {}
    if request.method == "POST":
        read = typed(request, "name", "months", "opens", "complaints", "active")
        given = {**read, "roles": chosen(request, "roles")}
        try:
            written = WrittenModule(
                name=read["name"],
                months=number(read["months"], "months", _("Enter a number of months")),
                opens=read["opens"],
                roles=chosen(request, "roles"),
                for_complaints=bool(read["complaints"]),
            )
            active = module is None or bool(read["active"])
            training.keep_module(written, by=by, at=now(), code=code, is_active=active)
        except RuleBroken as error:
            problems = problems_of(error, field="name")
        else:
            messages.success(request, _("The module is kept."))
            return redirect("workspace:training_modules")
    context = {
        "rows": list(Module.objects.order_by("-is_active", "name")),
        "editing": module,
        "typed": given,
        "problems": problems,
        "errors": errors_of(problems),
        "role_choices": Role.choices,
        "role_names": dict(Role.choices),
        "may_manage": may(by, MANAGE).allowed,
        "asked_by": _asked_by(),
    }
    return render(request, "workspace/people/modules.html", context, status=422 if problems else 200)


def _asked_by() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for gate in gates.known():
        module = gates.module_of(gate.code, gate.module)
        if module:
            found.setdefault(module, []).append(str(gate.title))
    return found


@staff(may=SEE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def asking(request: HttpRequest) -> HttpResponse:
    """What asks for which module; a council changes it here."""
    by = actor(request)
    if request.method == "POST":
        given = typed(request, "gate", "module")
        return done(
            request,
            lambda: gates.choose(given["gate"], given["module"], by=by, at=now()),
            _("It holds from now on."),
            to="workspace:training_gates",
        )
    context = {
        "rows": [(gate, gates.module_of(gate.code, gate.module)) for gate in gates.known()],
        "choices": [("", _("None")), *((one.code, one.name) for one in queries.modules())],
        "module_names": {one.code: one.name for one in queries.modules()},
        "may_manage": may(by, MANAGE).allowed,
    }
    return render(request, "workspace/people/gates.html", context)


@staff(may=MANAGE)
@require_POST
def make_usual(request: HttpRequest) -> HttpResponse:
    """Make each module that something comes with and that is not there yet."""
    by = actor(request)
    return done(
        request,
        lambda: training.make_usual_modules(by=by, at=now()),
        _("The modules are made. What asks for them is closed to whoever has not passed them, so record passes now."),
        to="workspace:training_gates",
    )


def _uuids(texts: list[str]) -> list[UUID]:
    try:
        return [UUID(text) for text in texts]
    except ValueError:
        raise BadInput({"people": _("Select who passed")}) from None
