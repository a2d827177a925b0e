"""The register of markers, for the few who may read it; proposing, deciding, renewing, appealing. Every look is written down."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from townhall.accounts import directory, fields
from townhall.accounts.permissions import may
from townhall.accounts.web import actor
from townhall.core.access import staff
from townhall.core.errors import BadInput, NotFound, RuleBroken
from townhall.core.time import council_date, now
from townhall.customers import queries as customers
from townhall.ledger import operations as ledger
from townhall.places.models import Site
from townhall.safety import appealing, marking, nominating, queries, telling
from townhall.safety.marking import Approval, Proposal
from townhall.safety.models import Appeal, Incident, Marker, Nominee
from townhall.safety.queries import incidents_visible_to
from townhall.safety.states import IN_FORCE, MarkerState
from townhall.ui.words import long_date
from townhall.workspace.views.desk import as_uuid
from townhall.workspace.views.typing_in import chosen, done, errors_of, number, problems_of, typed

DETAIL, PROPOSE, DECIDE, FLAG = "markers.detail", "markers.propose", "markers.decide", "markers.flag"
TEXTS = ("kind", "category", "severity", "single_contact", "facts", "evidence", "place_uprn", "incident")


@staff(may=DETAIL)
@never_cache
@require_safe
def register(request: HttpRequest) -> HttpResponse:
    by, state = actor(request), request.GET.get("state", "")
    page = queries.register(by=by, at=now(), state=state, after=request.GET.get("after", ""))
    context = {
        "page": page,
        "state": state,
        "states": [("", _("All")), *MarkerState.choices],
        "today": council_date(now()),
    }
    return render(request, "workspace/safety/markers.html", context)


@staff(may=PROPOSE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def propose(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    by, at = actor(request), now()
    try:
        record = customers.record(customer_id, by=by)
    except NotFound as error:
        raise Http404 from error
    given = typed(request, *TEXTS)
    problems: dict[str, str] = {}
    if request.method == "POST":
        try:
            made = marking.propose(_proposal(request, customer_id, given), by=by, at=at)
        except BadInput as error:
            problems = error.problems
        else:
            return redirect("workspace:marker", made.pk)
    else:
        ledger.looked(by=by, at=at, customer_id=customer_id, page="marker.propose", reason="change")
        given["incident"] = str(as_uuid(request.GET.get("incident", "")) or "")
        given["kind"] = request.GET.get("kind", Marker.Kind.WARNING)
    incidents = incidents_visible_to(by).filter(customer_id=customer_id).order_by("-reported_at")[:20]
    context: dict[str, Any] = {
        "record": record,
        "typed": given,
        "precautions": chosen(request, "precautions"),
        "choices": Marker,
        "incidents": [("", _("None")), *((str(one.pk), _incident_words(one)) for one in incidents)],
        "homes": [("", _("No place")), *((one.uprn, one.line) for one in record.addresses if one.uprn)],
        "problems": problems,
        "errors": errors_of(problems),
    }
    return render(request, "workspace/safety/propose.html", context, status=422 if problems else 200)


def _incident_words(one: Incident) -> str:
    return f"{Incident.Kind(one.kind).label}, {long_date(council_date(one.happened_at))}"


def _proposal(request: HttpRequest, customer_id: UUID, given: dict[str, str]) -> Proposal:
    return Proposal(
        customer_id=customer_id,
        kind=given["kind"],
        category=given["category"],
        severity=number(given["severity"], "severity", _("Select how serious it was, from 1 to 3")),
        precautions=chosen(request, "precautions"),
        single_contact=given["single_contact"],
        facts=given["facts"],
        evidence=given["evidence"],
        place_uprn=given["place_uprn"],
        incident_id=as_uuid(given["incident"]),
    )


@staff(may=DETAIL)
@never_cache
@require_safe
def show(request: HttpRequest, marker_id: UUID) -> HttpResponse:
    return _page(request, marker_id)


def _page(request: HttpRequest, marker_id: UUID, *, problems: dict[str, str] | None = None) -> HttpResponse:
    by, at = actor(request), now()
    try:
        marker = queries.detail(marker_id, by=by, at=at)
    except NotFound as error:
        raise Http404 from error
    appeals = list(marker.appeals.order_by("received_at"))
    renewals, shares = list(marker.renewals.order_by("at")), list(marker.shares.order_by("at"))
    people = [
        marker.proposed_by,
        marker.decided_by,
        *(one.decided_by for one in appeals),
        *(one.by for one in renewals),
    ]
    in_force = marker.state in IN_FORCE and marker.expires_on is not None and marker.expires_on >= council_date(at)
    context: dict[str, Any] = {
        "marker": marker,
        "sees_facts": fields.sees(by, "marker.facts"),
        "precautions": [Marker.Precaution(code).label for code in marker.precautions],
        "category": Marker.Category(marker.category).label,
        "appeals": [(one, Appeal.Outcome(one.outcome).label if one.outcome else "") for one in appeals],
        "appeal": queries.open_appeal(marker) if in_force else None,
        "renewals": renewals,
        "shares": shares,
        "names": telling.names_of(people),
        "in_force": in_force,
        "may_decide": may(by, DECIDE).allowed,
        "may_approve": bool(nominating.rank_of(by, Nominee.Duty.APPROVE)) and str(marker.proposed_by) != by.id,
        "may_hear": bool(nominating.rank_of(by, Nominee.Duty.APPEAL)),
        "choices": Marker,
        "outcomes": Appeal.Outcome.choices,
        "today": council_date(at),
        "typed": typed(request, "decision", "not_told_reason", "reason", "reasons", "said", "with_whom"),
        "problems": problems or {},
        "errors": errors_of(problems or {}),
    }
    return render(request, "workspace/safety/marker.html", context, status=422 if problems else 200)


@staff(may=DECIDE)
@require_POST
def move(request: HttpRequest, marker_id: UUID, step: str) -> HttpResponse:
    """One step of the process; what is missing is said on the marker's own page."""
    by, at = actor(request), now()
    given = typed(request, "decision", "months", "not_told_reason", "reason", "with_whom", "share_reason")
    months = _months(given["months"])
    steps: dict[str, Callable[..., object]] = {
        "approval": partial(
            marking.approve,
            marker_id,
            Approval(decision=given["decision"], months=months, not_told_reason=given["not_told_reason"]),
        ),
        "rejection": partial(marking.reject, marker_id, decision=given["decision"]),
        "renewal": partial(marking.renew, marker_id, reason=given["reason"], months=months),
        "removal": partial(marking.remove, marker_id, reason=given["reason"]),
        "letter": partial(marking.tell_now, marker_id),
        "silence": partial(marking.keep_untold, marker_id, reason=given["not_told_reason"]),
        "sharing": partial(marking.share, marker_id, with_whom=given["with_whom"], reason=given["share_reason"]),
    }
    if step not in steps:
        raise Http404
    try:
        steps[step](by=by, at=at)
    except NotFound as error:
        raise Http404 from error
    except RuleBroken as error:
        return _page(request, marker_id, problems=problems_of(error))
    return redirect("workspace:marker", marker_id)


def _months(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 4 else marking.LONGEST_MONTHS


@staff(may=FLAG)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def appeal(request: HttpRequest, marker_id: UUID) -> HttpResponse:
    """Whoever hears that somebody appeals takes it down, without reading why there is a marker."""
    marker = Marker.objects.filter(pk=marker_id, state__in=IN_FORCE).first()
    if marker is None:
        raise Http404
    problems: dict[str, str] = {}
    if request.method == "POST":
        try:
            appealing.take(marker_id, said=typed(request, "said")["said"], by=actor(request), at=now())
        except RuleBroken as error:
            problems = problems_of(error, field="said")
        else:
            return redirect("workspace:customer", marker.customer_id)
    context = {
        "marker": marker,
        "said": typed(request, "said")["said"],
        "problems": problems,
        "errors": errors_of(problems),
    }
    return render(request, "workspace/safety/appeal.html", context, status=422 if problems else 200)


@staff(may=DECIDE)
@require_POST
def decide_appeal(request: HttpRequest, appeal_id: UUID) -> HttpResponse:
    found = Appeal.objects.filter(pk=appeal_id).first()
    if found is None:
        raise Http404
    given = typed(request, "outcome", "reasons")
    try:
        appealing.decide(
            appeal_id,
            outcome=given["outcome"],
            reasons=given["reasons"],
            precautions=chosen(request, "precautions"),
            by=actor(request),
            at=now(),
        )
    except RuleBroken as error:
        return _page(request, found.marker_id, problems=problems_of(error))
    return redirect("workspace:marker", found.marker_id)


@staff(may=nominating.MANAGE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def nominees(request: HttpRequest) -> HttpResponse:
    """Which posts approve markers, hear appeals, and come when help is called."""
    given = typed(request, "duty", "post", "rank", "site")
    problems: dict[str, str] = {}
    if request.method == "POST":
        try:
            rank = number(given["rank"] or "1", "rank", _("Enter a rank from 1 to 9"))
            nominating.nominate(
                duty=given["duty"],
                post_code=given["post"],
                rank=rank,
                site_code=given["site"],
                by=actor(request),
                at=now(),
            )
        except BadInput as error:
            problems = error.problems
        else:
            return redirect("workspace:nominees")
    context = {
        "rows": Nominee.objects.select_related("post__team", "site").order_by("duty", "rank", "post__title"),
        "typed": given,
        "duties": [("", _("Choose one")), *Nominee.Duty.choices],
        "posts": [("", _("Choose one")), *((post.code, post.title) for post in directory.all_posts())],
        "sites": [("", _("Every site")), *Site.objects.order_by("name").values_list("code", "name")],
        "problems": problems,
        "errors": errors_of(problems),
    }
    return render(request, "workspace/safety/nominees.html", context, status=422 if problems else 200)


@staff(may=nominating.MANAGE)
@require_POST
def withdraw_nominee(request: HttpRequest, nominee_id: UUID) -> HttpResponse:
    act = partial(nominating.withdraw, nominee_id, by=actor(request), at=now())
    return done(request, act, _("It is off the list."), to="workspace:nominees")
