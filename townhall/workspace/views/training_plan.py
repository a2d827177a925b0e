"""The joint training plan: sessions with who they are held with and why, places, and who came."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from townhall.accounts.permissions import may
from townhall.accounts.web import actor
from townhall.core.access import staff
from townhall.core.errors import RuleBroken
from townhall.core.time import council_date, now
from townhall.workforce import people, queries, sessions
from townhall.workforce.models import Session
from townhall.workforce.sessions import Plan
from townhall.workforce.states import SessionState
from townhall.workforce.training import RECORD
from townhall.workspace.views.typing_in import chosen, done, errors_of, moment, number, problems_of, typed

OWN = "tasks.own"

SEE = "training.see"
LOOKS_BACK = timedelta(days=182)
_FIELDS = (
    "title",
    "module",
    "joint_with",
    "partner",
    "why_alone",
    "because",
    "because_of",
    "on",
    "time",
    "where",
    "places",
    "trainer",
)


@staff(may=SEE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def listed(request: HttpRequest) -> HttpResponse:
    """The plan with the share of it that is joint; whoever may records a session here."""
    by, at = actor(request), now()
    given: dict[str, str] = dict.fromkeys(_FIELDS, "") | {"time": "10:00", "places": "12", "joint_with": "service"}
    problems: dict[str, str] = {}
    if request.method == "POST":
        given = typed(request, *_FIELDS)
        try:
            made = sessions.plan(_planned(given), by=by, at=at)
        except RuleBroken as error:
            problems = problems_of(error, field="title")
        else:
            messages.success(request, _("The session is on the plan. Book places on it."))
            return redirect("workspace:training_session", made.pk)
    lines, share = sessions.the_plan(since=at - LOOKS_BACK)
    context = {
        "lines": lines,
        "share": share,
        "typed": given,
        "problems": problems,
        "errors": errors_of(problems),
        "modules": [("", _("None")), *((one.code, one.name) for one in queries.modules())],
        "withs": [(value, label) for value, label in Session.With.choices if value] + [("", Session.With.NOBODY.label)],
        "reasons": Session.Because.choices,
        "trainers": _people_choices(),
        "may_plan": may(by, RECORD).allowed,
        "at": at,
    }
    return render(request, "workspace/people/plan.html", context, status=422 if problems else 200)


def _people_choices() -> list[tuple[str, str]]:
    everybody = people.everybody(on=council_date(now()))
    return [("", ""), *((str(one.id), one.name) for one in sorted(everybody, key=lambda one: one.name))]


def _planned(given: dict[str, str]) -> Plan:
    return Plan(
        title=given["title"],
        module=given["module"],
        joint_with=given["joint_with"],
        partner=given["partner"][:200],
        why_alone=given["why_alone"][:500],
        because=given["because"],
        because_of=given["because_of"][:200],
        starts_at=moment(given["on"], given["time"], "on"),
        where=given["where"][:200],
        places=number(given["places"], "places", _("Enter a number of places")),
        trainer=_person(given["trainer"]),
    )


def _person(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _session(session_id: UUID) -> Session:
    row = Session.objects.select_related("module", "trainer").filter(pk=session_id).first()
    if row is None:
        raise Http404
    return row


@staff(may=OWN)
@never_cache
@require_http_methods(["GET", "HEAD"])
def session(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """One session. Everybody books their own place; those who may see training, and its trainer, see who comes."""
    by, at = actor(request), now()
    row = _session(session_id)
    places = list(row.attendances.select_related("user").order_by("user__name", "guest"))
    context = {
        "session": row,
        "places": places,
        "sees_people": sessions.may_see(row, by),
        "own": next((one for one in places if str(one.user_id) == by.id), None),
        "left": row.places - len(places),
        "is_planned": row.state == SessionState.PLANNED,
        "has_begun": row.starts_at <= at,
        "may_run": may(by, RECORD).allowed or str(row.trainer_id) == by.id,
        "may_plan": may(by, RECORD).allowed,
        "people": _people_choices(),
    }
    return render(request, "workspace/people/session.html", context)


@staff(may=OWN)
@require_POST
def book(request: HttpRequest, session_id: UUID) -> HttpResponse:
    by = actor(request)
    _session(session_id)
    given = typed(request, "person", "guest")
    user_id = UUID(by.id) if given["person"] == "me" else _person(given["person"])
    return done(
        request,
        lambda: sessions.book(session_id, by=by, at=now(), user_id=user_id, guest=given["guest"]),
        _("The place is booked."),
        to="workspace:training_session",
        arguments=[session_id],
    )


@staff(may=OWN)
@require_POST
def hold(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """It was held: who came, and whether they passed."""
    by = actor(request)
    row = _session(session_id)
    if not sessions.may_see(row, by):
        raise PermissionDenied
    came = [found for one in chosen(request, "came") if (found := _person(one))]
    passed = request.POST.get("passed") == "yes"
    return done(
        request,
        lambda: sessions.hold(session_id, came=came, passed=passed, by=by, at=now()),
        _("It is recorded who came."),
        to="workspace:training_session",
        arguments=[session_id],
    )


@staff(may=RECORD)
@require_POST
def cancel(request: HttpRequest, session_id: UUID) -> HttpResponse:
    by = actor(request)
    _session(session_id)
    return done(
        request,
        lambda: sessions.cancel(session_id, by=by, at=now()),
        _("The session is cancelled."),
        to="workspace:training_session",
        arguments=[session_id],
    )
