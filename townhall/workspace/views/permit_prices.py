"""What parking permits cost: the prices of today, what is planned, and a change from a day on. One officer is enough."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from townhall.accounts.web import actor
from townhall.core.access import staff
from townhall.core.errors import BadInput, NotFound
from townhall.core.money import Pence
from townhall.core.time import council_date, now
from townhall.payments.typed import pence_of
from townhall.permits import price_lists
from townhall.permits.models import Band
from townhall.permits.price_lists import CELLS, NUMBERS, Cell
from townhall.permits.pricing import MONTHS
from townhall.places.models import Area
from townhall.ui.words import long_date
from townhall.workspace.names import names_of
from townhall.workspace.views.typing_in import errors_of


@staff(may=price_lists.MAY)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def prices(request: HttpRequest) -> HttpResponse:
    zones = dict(Area.objects.filter(kind=Area.Kind.ZONE).order_by("code").values_list("code", "name"))
    zone = request.GET.get("zone", "")
    if zone and zone not in zones:
        raise Http404
    if request.method != "POST":
        return _draw(request, zone, zones)
    if "take_back" in request.POST:
        return _take_back(request, zone)
    problems, given = _typed(request)
    day = _day(request.POST.get("from_on", ""))
    if day is None:
        problems = {"from_on": _("Enter the day from which they hold"), **problems}
    if day is None or problems:
        return _draw(request, zone, zones, problems=problems)
    try:
        price_lists.set_prices(zone, given, from_on=day, by=actor(request), at=now())
    except BadInput as error:
        return _draw(request, zone, zones, problems=error.problems)
    messages.success(request, _("The new prices hold from %(date)s.") % {"date": long_date(day)})
    return _to(zone)


def _take_back(request: HttpRequest, zone: str) -> HttpResponse:
    day = _day(request.POST["take_back"])
    if day is None:
        raise Http404
    try:
        price_lists.take_back(zone, from_on=day, by=actor(request), at=now())
    except NotFound as error:
        raise Http404 from error
    messages.success(request, _("The change is taken back."))
    return _to(zone)


def _to(zone: str) -> HttpResponse:
    return redirect(reverse("workspace:permit_prices") + (f"?zone={zone}" if zone else ""))


def _typed(request: HttpRequest) -> tuple[dict[str, str], dict[Cell, Pence]]:
    """What is wrong, by field; and the prices given. A field left empty changes nothing."""
    problems: dict[str, str] = {}
    given: dict[Cell, Pence] = {}
    for cell in CELLS:
        typed = request.POST.get(field_of(cell), "").strip()
        if not typed:
            continue
        try:
            given[cell] = Pence(0) if typed.strip("£ ") in ("0", "0.00") else pence_of(typed)
        except BadInput:
            problems[field_of(cell)] = _("Enter an amount of money, like 12.50")
    return problems, given


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return None


def field_of(cell: Cell) -> str:
    return "-".join(map(str, cell))


def _draw(
    request: HttpRequest, zone: str, zones: dict[str, str], *, problems: dict[str, str] | None = None
) -> HttpResponse:
    at, found = now(), problems or {}
    today = council_date(at)
    history = price_lists.versions(zone)
    bands = list(Band.choices)
    context = {
        "zone": zone,
        "zones": zones,
        "own": price_lists.zones_with_prices(),
        "months": MONTHS,
        "numbers": NUMBERS,
        "bands": bands,
        "current": price_lists.in_force(zone, on=today),
        "coming": [one for one in history if one.from_on > today],
        "past": [one for one in history if one.from_on <= today],
        "names": names_of(one.by for one in history if one.by),
        "typed": request.POST,
        "problems": found,
        "errors": errors_of(found),
    }
    return render(request, "workspace/permits/prices.html", context, status=422 if found else 200)
