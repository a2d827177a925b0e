"""Incidents: reporting one in two minutes, looking into it, and what is to change."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from django.core import signing
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from townhall.accounts import directory
from townhall.accounts.models import PostHolder, Role
from townhall.accounts.permissions import may
from townhall.accounts.web import actor
from townhall.core.access import staff
from townhall.core.actors import Actor
from townhall.core.errors import BadInput, RuleBroken
from townhall.core.time import LONDON, council_date, now
from townhall.customers import queries as customers
from townhall.customers.typed import Kind
from townhall.ledger import operations as ledger
from townhall.places.models import Site
from townhall.safety import figures, learning, reporting, telling
from townhall.safety.models import Alarm, CallWarning, Incident, Recommendation, Station
from townhall.safety.queries import incidents_visible_to
from townhall.safety.reporting import Report
from townhall.workspace import case_page
from townhall.workspace.views.desk import as_uuid
from townhall.workspace.views.typing_in import chosen, day, done, errors_of, moment, problems_of, typed

MAY, MANAGE = "safety.report", "safety.manage"
NAMES = (
    "kind",
    "harm",
    "what",
    "site",
    "place",
    "people",
    "witnesses",
    "on",
    "time",
    "key",
    "opened",
    "alarm",
    "warning",
    "customer",
    "who",
)
SIZE = 30


@staff(may=MAY)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """One short page, on a phone as well. What is known already is filled in."""
    by, at = actor(request), now()
    if request.method != "POST":
        return _report_page(request, _first(request, by, at))
    given = typed(request, *NAMES)
    people = _people(given["who"], by, at) if given["who"] and not as_uuid(given["customer"]) else []
    if given["who"] and not as_uuid(given["customer"]):
        if len(people) != 1:
            words = _("Select which of them it was") if people else _("Nobody is found: leave this empty, or try again")
            problems = {"customer" if people else "who": words}
            return _report_page(request, given, problems=problems, victims=chosen(request, "victims"), people=people)
        given["customer"] = people[0][0]
    try:
        made = reporting.report(_read(request, given), by=by, at=at)
    except RuleBroken as error:
        return _report_page(request, given, problems=problems_of(error), victims=chosen(request, "victims"))
    return redirect("workspace:incident_reported", made.pk)


def _people(who: str, by: Actor, at: datetime) -> list[tuple[str, str]]:
    """Whom a reference or a name may mean, for those who may see customers."""
    if not may(by, "customers.see").allowed:
        return []
    found = customers.look_up(who[:300], by=by, at=at)
    if found.typed.kind is Kind.REFERENCE:
        case = case_page.visible(found.typed.value, by=by)
        return [(str(case.customer_id), case.reference)] if case and case.customer_id else []
    return [(str(one.id), ", ".join(part for part in (one.name, one.address) if part)) for one in found.people]


def _first(request: HttpRequest, by: Actor, at: datetime) -> dict[str, str]:
    station = Station.objects.filter(pk=by.id).first()
    local = at.astimezone(LONDON)
    found = dict.fromkeys(NAMES, "") | {
        "site": (station.site_id or "") if station else "",
        "place": station.place if station else "",
        "key": str(uuid4()),
        "opened": signing.dumps(at.isoformat(), salt="incident"),
        "customer": str(as_uuid(request.GET.get("customer", "")) or ""),
    }
    happened = local
    alarm_id, warning_id = as_uuid(request.GET.get("alarm", "")), as_uuid(request.GET.get("warning", ""))
    alarm = Alarm.objects.filter(pk=alarm_id, raised_by=by.id).first() if alarm_id else None
    warning = CallWarning.objects.filter(pk=warning_id, by=by.id).first() if warning_id else None
    if alarm is not None:
        found |= {
            "alarm": str(alarm.pk),
            "site": alarm.site_id or found["site"],
            "place": alarm.place or found["place"],
        }
        happened = alarm.raised_at.astimezone(LONDON)
    if warning is not None:
        found |= {
            "warning": str(warning.pk),
            "kind": Incident.Kind.ABUSE.value,
            "place": found["place"] or _("On the phone"),
        }
        happened = (warning.ended_at or warning.warned_at).astimezone(LONDON)
    return found | {"on": happened.date().isoformat(), "time": f"{happened:%H:%M}"}


def _read(request: HttpRequest, given: dict[str, str]) -> Report:
    try:
        opened = datetime.fromisoformat(signing.loads(given["opened"], salt="incident", max_age=timedelta(hours=12)))
    except (signing.BadSignature, ValueError):
        opened = None
    return Report(
        key=given["key"] or str(uuid4()),
        kind=given["kind"],
        harm=given["harm"],
        what=given["what"],
        happened_at=moment(given["on"], given["time"], "happened"),
        site_code=given["site"],
        place=given["place"],
        people=given["people"],
        witnesses=given["witnesses"],
        victims=[one for text in chosen(request, "victims") if (one := as_uuid(text))],
        customer_id=as_uuid(given["customer"]),
        alarm_id=as_uuid(given["alarm"]),
        warning_id=as_uuid(given["warning"]),
        opened_at=opened,
    )


def _report_page(
    request: HttpRequest,
    given: dict[str, str],
    *,
    problems: dict[str, str] | None = None,
    victims: list[str] | None = None,
    people: list[tuple[str, str]] | None = None,
) -> HttpResponse:
    by = actor(request)
    context: dict[str, Any] = {
        "typed": given,
        "victims": victims or [],
        "people": people or [],
        "may_find": may(by, "customers.see").allowed,
        "team": _colleagues(by),
        "kinds": Incident.Kind.choices,
        "harms": Incident.Harm.choices,
        "sites": [("", _("Somewhere else")), *Site.objects.order_by("name").values_list("code", "name")],
        "problems": problems or {},
        "errors": errors_of(problems or {}),
    }
    return render(request, "workspace/safety/report.html", context, status=422 if problems else 200)


def _colleagues(by: Actor) -> list[tuple[str, str]]:
    """Oneself first, then those of one's teams, to say who was hurt or threatened. One query."""
    today = council_date(now())
    held = PostHolder.objects.filter(Q(until_on=None) | Q(until_on__gte=today), from_on__lte=today)
    rows = held.filter(post__team_id__in=by.teams, user__is_active=True)
    names = dict(rows.order_by("user__name").values_list("user_id", "user__name")[:60])
    others = [(str(user_id), name) for user_id, name in names.items() if str(user_id) != by.id]
    return [(by.id, _("Me")), *others]


@staff(may=MAY)
@never_cache
@require_safe
def reported(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """What was kept and who was told; its own page for whoever reported it."""
    by = actor(request)
    incident = Incident.objects.filter(pk=incident_id, reported_by=by.id).first()
    if incident is None:
        raise Http404
    return render(
        request, "workspace/safety/reported.html", {"incident": incident, "may_manage": may(by, MANAGE).allowed}
    )


@staff(may=MANAGE)
@never_cache
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """Newest first. No customer is named in the list."""
    rows = incidents_visible_to(actor(request)).select_related("site").order_by("-reported_at", "-id")
    before = as_uuid(request.GET.get("after", ""))
    if before and (last := Incident.objects.filter(pk=before).first()):
        rows = rows.filter(Q(reported_at__lt=last.reported_at) | Q(reported_at=last.reported_at, pk__lt=last.pk))
    found = list(rows[: SIZE + 1])
    context = {
        "rows": [(one, Incident.Kind(one.kind).label, Incident.Harm(one.harm).label) for one in found[:SIZE]],
        "after": found[SIZE - 1].pk if len(found) > SIZE else None,
        "summary": figures.reports(at=now()),
    }
    return render(request, "workspace/safety/incidents.html", context)


@staff(may=MANAGE)
@never_cache
@require_safe
def show(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    return _page(request, _incident(incident_id, actor(request)))


def _incident(incident_id: UUID, by: Actor) -> Incident:
    rows = incidents_visible_to(by).select_related("site", "customer", "investigator_post")
    found = rows.filter(pk=incident_id).first()
    if found is None:
        raise Http404
    return found


def _page(
    request: HttpRequest, incident: Incident, *, problems: dict[str, str] | None = None, **given: str
) -> HttpResponse:
    by, at = actor(request), now()
    if incident.customer_id:
        ledger.looked(by=by, at=at, customer_id=incident.customer_id, page="safety_incident", reason="case")
    names = telling.names_of([incident.reported_by, *incident.victims])
    context: dict[str, Any] = {
        "incident": incident,
        "by_whom": names.get(incident.reported_by, ""),
        "victims": ", ".join(names[one] for one in incident.victims if one in names),
        "recommendations": incident.recommendations.select_related("post").order_by("due_on"),
        "markers": incident.markers.order_by("proposed_at"),
        "managers": _managers(),
        "teams": [(team.code, team.name) for team in directory.all_teams() if team.kind == "council"],
        "may_propose": may(by, "markers.propose").allowed,
        "first_day": (council_date(at) + timedelta(days=1)).isoformat(),
        "typed": {"text": "", "post": "", "due_on": "", **given},
        "problems": problems or {},
        "errors": errors_of(problems or {}),
    }
    return render(request, "workspace/safety/incident.html", context, status=422 if problems else 200)


def _managers() -> list[tuple[str, str]]:
    roles = (Role.TEAM_MANAGER, Role.SENIOR_MANAGER)
    return [("", _("Choose one")), *((post.code, post.title) for post in directory.all_posts() if post.role in roles)]


@staff(may=MANAGE)
@require_POST
def investigate(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    post = typed(request, "investigator")["investigator"]
    act = partial(learning.investigate, incident_id, post_code=post, by=actor(request), at=now())
    return done(request, act, _("It is being looked into."), to="workspace:safety_incident", arguments=[incident_id])


@staff(may=MANAGE)
@require_POST
def close(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    given = typed(request, "findings")
    act = partial(learning.close, incident_id, findings=given["findings"], by=actor(request), at=now())
    return done(request, act, _("The incident is closed."), to="workspace:safety_incident", arguments=[incident_id])


@staff(may=MANAGE)
@require_POST
def recommend(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    given = typed(request, "text", "post", "due_on")
    try:
        learning.recommend(
            incident_id,
            text=given["text"],
            post_code=given["post"],
            due_on=day(given["due_on"], "due_on"),
            share_with=chosen(request, "share_with"),
            by=actor(request),
            at=now(),
        )
    except BadInput as error:
        return _page(request, _incident(incident_id, actor(request)), problems=error.problems, **given)
    return redirect("workspace:safety_incident", incident_id)


@staff(may=MANAGE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def recommendation(request: HttpRequest, recommendation_id: UUID) -> HttpResponse:
    """What was given to a line manager: put in place with evidence, or dropped with a reason."""
    found = Recommendation.objects.select_related("post", "incident").filter(pk=recommendation_id).first()
    if found is None:
        raise Http404
    problems: dict[str, str] = {}
    given = typed(request, "evidence")["evidence"]
    by, at = actor(request), now()
    if request.method == "POST":
        try:
            if "drop" in request.POST:
                learning.drop(recommendation_id, reason=given, by=by, at=at)
            else:
                learning.put_in_place(recommendation_id, evidence=given, by=by, at=at)
        except RuleBroken as error:
            problems = problems_of(error, field="evidence")
        else:
            return redirect("workspace:recommendation", recommendation_id)
    senior = Role.SENIOR_MANAGER in by.roles
    context = {
        "row": found,
        "may_do": found.post_id in by.posts or senior,
        "may_drop": found.post_id not in by.posts or senior,
        "given": given,
        "problems": problems,
        "errors": errors_of(problems),
        "today": council_date(at),
    }
    return render(request, "workspace/safety/recommendation.html", context, status=422 if problems else 200)


@staff(may=MAY)
@never_cache
@require_safe
def lessons(request: HttpRequest) -> HttpResponse:
    """What was learnt, for every team: what is to change and what is in place, without who it happened to."""
    rows = Recommendation.objects.select_related("post").order_by("-given_at")[:100]
    context = {"rows": rows, "today": council_date(now()), "may_manage": may(actor(request), MANAGE).allowed}
    return render(request, "workspace/safety/lessons.html", context)


@staff(may=MANAGE)
@never_cache
@require_safe
def sites(request: HttpRequest) -> HttpResponse:
    """Incidents and calls for help by site over twelve months, to judge which front-of-house roles are needed."""
    at = now()
    return render(request, "workspace/safety/sites.html", {"rows": figures.by_site(at=at), "today": council_date(at)})
