"""The forward calendar, and campaigns from their plan to their result."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from townhall.accounts.permissions import may
from townhall.accounts.web import actor
from townhall.catalogue import queries as catalogue
from townhall.core.access import staff
from townhall.core.errors import RuleBroken
from townhall.core.time import now
from townhall.outreach import calendar, campaigns, codes
from townhall.outreach.audience import ROLES, Audience, from_json, size_of
from townhall.outreach.campaigns import Plan
from townhall.outreach.models import Campaign
from townhall.places.models import Area
from townhall.registers.queries import definition_of
from townhall.registers.typed import shown
from townhall.workspace.queue import service_name
from townhall.workspace.views.desk import as_uuid
from townhall.workspace.views.typing_in import chosen, day, done, errors_of, number, problems_of, typed

SEE = "outreach.see"
NAMES = ("name", "goes_on", "subject_line", "body", "leads_to", "expected", "expected_percent", "months", "trigger")
LISTS = ("wards", "roles", "asked", "services")


@staff(may=SEE)
@require_safe
def forward_calendar(request: HttpRequest) -> HttpResponse:
    definition = definition_of(calendar.REGISTER)
    fields = [field for field in definition.fields if field.listed and field.kind != "yearly"]
    points = [
        (point, [(field.label, shown(field, point.row.values.get(field.code))) for field in fields])
        for point in calendar.coming(at=now())
    ]
    context = {"points": points, "register": calendar.REGISTER, "may_plan": may(actor(request), campaigns.PLAN).allowed}
    return render(request, "workspace/outreach/calendar.html", context)


@staff(may=SEE)
@require_safe
def campaign_list(request: HttpRequest) -> HttpResponse:
    rows = list(Campaign.objects.order_by("-goes_on", "-id")[:200])
    context = {"rows": rows, "may_plan": may(actor(request), campaigns.PLAN).allowed}
    return render(request, "workspace/outreach/campaigns.html", context)


def _campaign(campaign_id: UUID) -> Campaign:
    row = Campaign.objects.filter(pk=campaign_id).first()
    if row is None:
        raise Http404
    return row


@staff(may=campaigns.PLAN)
@require_http_methods(["GET", "HEAD", "POST"])
def plan(request: HttpRequest, campaign_id: UUID | None = None) -> HttpResponse:
    row = _campaign(campaign_id) if campaign_id else None
    if request.method != "POST":
        words, lists = _held(row) if row else (_first(request), {name: [] for name in LISTS})
        return _form(request, row, words, lists)
    words, lists = typed(request, *NAMES), {name: chosen(request, name) for name in LISTS}
    try:
        made = campaigns.plan(_read(words, lists), by=actor(request), at=now(), campaign_id=campaign_id)
    except RuleBroken as error:
        return _form(request, row, words, lists, problems=problems_of(error, field="name"))
    return redirect("workspace:campaign", made.pk)


def _first(request: HttpRequest) -> dict[str, str]:
    words = dict.fromkeys(NAMES, "")
    trigger = request.GET.get("trigger", "")
    return words | {"months": "12", "leads_to": "/services", "expected_percent": "0", "trigger": trigger}


def _held(row: Campaign) -> tuple[dict[str, str], dict[str, list[str]]]:
    audience = from_json(row.audience)
    words = {name: str(getattr(row, name, "")) for name in NAMES}
    words |= {"goes_on": row.goes_on.isoformat(), "months": str(audience.months)}
    words["trigger"] = f"{row.trigger_row_id}:{row.trigger_on}" if row.trigger_row_id else ""
    lists = {"wards": list(audience.wards), "roles": list(audience.roles), "asked": list(audience.asked)}
    return words, {**lists, "services": list(row.services)}


def _read(words: dict[str, str], lists: dict[str, list[str]]) -> Plan:
    """Raises BadInput."""
    row_id, _colon, on = words["trigger"].partition(":")
    trigger = as_uuid(row_id)
    return Plan(
        name=words["name"],
        goes_on=day(words["goes_on"], "goes_on"),
        audience=Audience(
            wards=tuple(lists["wards"]),
            roles=tuple(lists["roles"]),
            asked=tuple(lists["asked"]),
            months=number(words["months"], "months", _("Enter a number of months from 1 to 24")),
        ),
        subject_line=words["subject_line"],
        body=words["body"],
        expected=words["expected"],
        expected_percent=number(
            words["expected_percent"], "expected_percent", _("Enter a change in per cent, like -20")
        ),
        services=lists["services"],
        leads_to=words["leads_to"],
        trigger_row_id=trigger,
        trigger_on=day(on, "trigger") if trigger else None,
    )


def _form(
    request: HttpRequest,
    row: Campaign | None,
    words: dict[str, str],
    lists: dict[str, list[str]],
    *,
    problems: dict[str, str] | None = None,
) -> HttpResponse:
    points = [(f"{point.row.pk}:{point.on}", point.row.title, point.on) for point in calendar.coming(at=now())]
    services = [(pack.code, pack.name) for pack in catalogue.services()]
    wards = Area.objects.filter(kind=Area.Kind.WARD).order_by("name").values_list("code", "name")
    context: dict[str, Any] = {
        "row": row,
        "typed": words,
        "lists": lists,
        "points": points,
        "services": services,
        "wards": list(wards),
        "roles": list(ROLES.items()),
        "problems": problems or {},
        "errors": errors_of(problems or {}),
    }
    return render(request, "workspace/outreach/campaign_form.html", context, status=422 if problems else 200)


@staff(may=SEE)
@require_safe
def campaign(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    row, at, by = _campaign(campaign_id), now(), actor(request)
    audience = from_json(row.audience)
    wards = Area.objects.filter(kind=Area.Kind.WARD, code__in=audience.wards).values_list("name", flat=True)
    visits, contacts = codes.brought([row.code])[row.code]
    context = {
        "row": row,
        "shown": campaigns.preview(row, stop=""),
        "size": size_of(audience, at=at) if row.began_at is None else None,
        "wards": list(wards),
        "roles": [ROLES.get(code, code) for code in audience.roles],
        "asked": [service_name(code) for code in audience.asked],
        "months": audience.months,
        "services": [service_name(code) for code in row.services],
        "effect": [
            (service_name(one.service_code) if one.service_code else "", one) for one in campaigns.effect_of(row, at=at)
        ],
        "visits": visits,
        "contacts": contacts,
        "may_plan": may(by, campaigns.PLAN).allowed,
        "may_approve": may(by, campaigns.APPROVE).allowed and row.written_by != by.id,
    }
    return render(request, "workspace/outreach/campaign.html", context)


@staff(may=campaigns.APPROVE)
@require_POST
def approve(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    by = actor(request)
    act = lambda: campaigns.approve(campaign_id, by=by, at=now())  # noqa: E731
    return done(
        request, act, _("It is approved, and goes out on its day."), to="workspace:campaign", arguments=[campaign_id]
    )


@staff(may=campaigns.PLAN)
@require_POST
def call_off(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    by = actor(request)
    act = lambda: campaigns.call_off(campaign_id, by=by, at=now())  # noqa: E731
    return done(request, act, _("It is called off."), to="workspace:campaign", arguments=[campaign_id])


@staff(may=campaigns.PLAN)
@require_POST
def result(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    by, words = actor(request), typed(request, "result")["result"]
    act = lambda: campaigns.write_result(campaign_id, words, by=by, at=now())  # noqa: E731
    return done(request, act, _("The result is kept."), to="workspace:campaign", arguments=[campaign_id])
