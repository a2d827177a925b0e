"""Inductions: everybody's lists for those who lead them, one list, and the lines that each role is given."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
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
from townhall.core.ids import as_uuid
from townhall.core.time import council_date, now
from townhall.workforce import inductions, people
from townhall.workforce.gates import MANAGE
from townhall.workforce.models import Induction, InductionItem, Step
from townhall.workforce.models.starting import Kind
from townhall.workforce.states import InductionState
from townhall.workforce.training import RECORD
from townhall.workspace.names import names_of
from townhall.workspace.views.typing_in import done, errors_of, moment, problems_of, typed

OWN = "tasks.own"

SEE = "training.see"


@staff(may=SEE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def listed(request: HttpRequest) -> HttpResponse:
    """The open lists of one's teams, and beginning one."""
    by, at = actor(request), now()
    everybody = people.everybody(on=council_date(at))
    sees_all = may(by, MANAGE).allowed
    shown = everybody if sees_all else people.of_teams(everybody, by.teams)
    if request.method == "POST":
        given = typed(request, "person", "role")
        return done(
            request,
            lambda: inductions.begin(_uuid(given["person"]), role=given["role"], by=by, at=at),
            _("The list is begun."),
            to="workspace:inductions",
        )
    context = {
        "rows": inductions.lists(user_ids=None if sees_all else [one.id for one in shown]),
        "people": [("", ""), *((str(one.id), one.name) for one in shown)],
        "roles": [("", ""), *Role.choices],
        "today": council_date(at),
        "may_begin": may(by, RECORD).allowed or sees_all,
        "may_manage": sees_all,
        "role_names": dict(Role.choices),
    }
    return render(request, "workspace/people/inductions.html", context)


def _induction(request: HttpRequest, induction_id: UUID) -> tuple[Induction, Actor]:
    """The list, for the starter and those who may see training of their team."""
    by = actor(request)
    row = Induction.objects.select_related("user").filter(pk=induction_id).first()
    if row is None:
        raise Http404
    if by.id != str(row.user_id):
        one = people.person(row.user_id, on=council_date(now()))
        leads = one is not None and people.may_lead(by.teams, one)
        if not may(by, SEE).allowed or not (leads or may(by, MANAGE).allowed or Role.AUDITOR.value in by.roles):
            raise Http404
    return row, by


@staff(may=OWN)
@never_cache
@require_safe
def one(request: HttpRequest, induction_id: UUID) -> HttpResponse:
    row, by = _induction(request, induction_id)
    steps = list(row.steps.order_by("order"))
    is_own = by.id == str(row.user_id)
    context = {
        "row": row,
        "steps": steps,
        "left": sum(step.done_at is None for step in steps),
        "is_own": is_own,
        "is_open": row.state == InductionState.OPEN,
        "own_kinds": inductions.OWN,
        "may_lead": may(by, RECORD).allowed or may(by, MANAGE).allowed,
        "names": names_of([step.done_by for step in steps]),
        "now": now(),
        "today": council_date(now()),
    }
    return render(request, "workspace/people/induction.html", context)


@staff(may=OWN)
@require_POST
def step(request: HttpRequest, step_id: UUID) -> HttpResponse:
    """Accept or tick off a line, or book its visit."""
    found = Step.objects.filter(pk=step_id).values_list("induction_id", flat=True).first()
    if found is None:
        raise Http404
    _row, by = _induction(request, found)
    given = typed(request, "act", "visit_on", "visit_time", "where")

    def act() -> object:
        if given["act"] != "book":
            return inductions.complete_step(step_id, by=by, at=now())
        when = moment(given["visit_on"], given["visit_time"], "visit_on")
        return inductions.book_visit(step_id, visit_at=when, where=given["where"], by=by, at=now())

    words = _("The visit is booked.") if given["act"] == "book" else _("Done.")
    return done(request, act, words, to="workspace:induction", arguments=[found])


@staff(may=RECORD)
@require_POST
def end(request: HttpRequest, induction_id: UUID) -> HttpResponse:
    row, by = _induction(request, induction_id)
    return done(
        request,
        lambda: inductions.end(row.pk, by=by, at=now()),
        _("The list is ended."),
        to="workspace:induction",
        arguments=[row.pk],
    )


@staff(may=MANAGE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def items(request: HttpRequest) -> HttpResponse:
    """The lines for a role, one a line as "kind: what"."""
    by = actor(request)
    role = request.GET.get("role", "")
    if role and role not in Role.values:
        raise Http404
    problems: dict[str, str] = {}
    words = "\n".join(
        f"{row.kind}: {row.title}" for row in InductionItem.objects.filter(role=role, is_active=True).order_by("order")
    )
    if request.method == "POST":
        words = typed(request, "lines")["lines"]
        split = [line.partition(":") for line in words.splitlines() if line.strip()]
        lines = [(kind.strip().lower(), title.strip()) for kind, _colon, title in split]
        try:
            inductions.keep_items(role, lines, by=by, at=now())
        except RuleBroken as error:
            problems = problems_of(error, field="lines")
        else:
            messages.success(request, _("The list is kept. Whoever starts from now on is given it."))
            return redirect(f"{request.path}?role={role}")
    context = {
        "role": role,
        "roles": [("", _("Everybody")), *Role.choices],
        "lines": words,
        "kinds": Kind.choices,
        "problems": problems,
        "errors": errors_of(problems),
    }
    return render(request, "workspace/people/induction_items.html", context, status=422 if problems else 200)


def _uuid(text: str) -> UUID:
    found = as_uuid(text)
    if found is None:
        raise BadInput({"person": _("Select a person")})
    return found
