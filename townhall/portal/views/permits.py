"""Parking permits for everybody: where one is needed and what it costs; and each holder's own page, by its link."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from townhall.core.access import public
from townhall.core.errors import BadInput, RuleBroken
from townhall.core.time import council_date, now
from townhall.forms.typed import clean_line
from townhall.payments.queries import about
from townhall.permits import changing, issuing, pricing, queries
from townhall.permits.models import Band, Permit, Vehicle
from townhall.permits.queries import Shown
from townhall.places import queries as places
from townhall.places.models import Site
from townhall.places.whereabouts import parking_zone
from townhall.portal.account.web import acting
from townhall.portal.views import limits


@public
@require_safe
def zones(request: HttpRequest) -> HttpResponse:
    """`q` finds an address; `uprn` is one: its zone, the rules there and the prices. Nothing is kept."""
    at = now()
    typed = clean_line(request.GET.get("q", ""))[:200]
    if typed and (wait := limits.held_up(request, limits.LOOK_UPS)):
        return wait
    uprn = request.GET.get("uprn", "")
    home = places.address(uprn) if uprn.isdecimal() and len(uprn) <= 12 else None
    found = places.choices(typed) if typed and home is None else []
    zone_code = parking_zone(home.place.easting, home.place.northing) if home else ""
    taking = issuing.enabled_sites(at)
    context = {
        "typed": typed,
        "choices": [(one.label, f"?uprn={one.code}") for one in found],
        "home": home,
        "zone_code": zone_code,
        "rule": pricing.rule_of(zone_code) if zone_code else None,
        "lines": pricing.prices(zone_code, on=council_date(at)),
        "months": pricing.MONTHS,
        "centres": [name for code, name in Site.objects.order_by("name").values_list("code", "name") if code in taking],
    }
    return render(request, "portal/permits/zones.html", context)


@public
@never_cache
@require_safe
def show(request: HttpRequest, token: str) -> HttpResponse:
    return _page(request, _permit(token))


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def vehicle(request: HttpRequest, token: str) -> HttpResponse:
    """Another vehicle: at once, or by way of paying what it costs more."""
    permit = _permit(token)
    typed = {"mark": "", "engine": ""}
    problems: dict[str, str] = {}
    if request.method == "POST":
        if wait := limits.held_up(request, limits.REPORTS):
            return wait
        typed = {name: clean_line(request.POST.get(name, ""))[:40] for name in typed}
        try:
            change = changing.change_vehicle(
                permit.id, mark=typed["mark"], band=typed["engine"], by=acting(request), at=now()
            )
        except BadInput as error:
            problems = error.problems
        except RuleBroken as error:
            problems = {"": str(error)}
        else:
            return _to_pay(change) or _back(token, "changed")
    row = Permit.objects.get(pk=permit.id)
    context = {
        "permit": permit,
        "typed": typed,
        "engines": [(band, _engine(row, band, str(label))) for band, label in Band.choices]
        if permit.is_running
        else [],
        "problems": problems,
        "errors": _errors(problems),
    }
    return render(request, "portal/permits/vehicle.html", context, status=422 if problems else 200)


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def end(request: HttpRequest, token: str) -> HttpResponse:
    """Give it up: first what goes back, then the button."""
    permit = _permit(token)
    problems: dict[str, str] = {}
    if request.method == "POST":
        try:
            changing.give_up(permit.id, by=acting(request), at=now())
        except RuleBroken as error:
            problems = {"": str(error)}
        else:
            return _back(token, "ended")
    refund = changing.refund_for(Permit.objects.get(pk=permit.id), at=now()) if permit.starts_on else 0
    context = {"permit": permit, "refund": refund, "problems": problems, "errors": _errors(problems)}
    return render(request, "portal/permits/end.html", context, status=409 if problems else 200)


def _permit(token: str) -> Shown:
    found = queries.by_token(token, at=now())
    if found is None:
        raise Http404
    return found


def _page(request: HttpRequest, permit: Shown) -> HttpResponse:
    context = {
        "permit": permit,
        "to_pay": queries.to_pay(permit, at=now()),
        "may_change": permit.state == "issued" and not permit.is_over,
        "said": request.GET.get("said", ""),
    }
    return render(request, "portal/permits/permit.html", context)


def _engine(permit: Permit, band: str, label: str) -> str:
    extra = changing.extra_for(permit, band, at=now())
    return _("%(engine)s: £%(pounds)s more") % {"engine": label, "pounds": f"{extra / 100:.2f}"} if extra else label


def _to_pay(change: Vehicle) -> HttpResponse | None:
    owed = [one for one in about(change.subject, at=now()) if one.state == "open"]
    return redirect("portal:pay", owed[0].id) if owed else None


def _back(token: str, said: str) -> HttpResponse:
    return redirect(f"{reverse('portal:permit', args=[token])}?said={said}")


def _errors(problems: dict[str, str]) -> list[dict[str, str]]:
    return [{"text": text, "href": f"#{field}" if field else ""} for field, text in problems.items()]
