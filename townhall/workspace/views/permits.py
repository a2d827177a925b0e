"""Parking permits for staff: those that wait, one with everything done to it, and whether a plate has one here now."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from townhall.accounts.permissions import may
from townhall.accounts.web import actor
from townhall.cases.models import Case
from townhall.core.access import staff
from townhall.core.errors import BadInput, NotFound, RuleBroken
from townhall.core.subjects import Subject
from townhall.core.time import council_date, now
from townhall.files.queries import files_of
from townhall.forms.typed import clean_line, clean_text
from townhall.ledger import operations as ledger
from townhall.permits import changing, issuing, queries
from townhall.permits.models import Band
from townhall.permits.queries import Shown
from townhall.places.models import Area, Site
from townhall.workspace.views.counter import SITE_COOKIE
from townhall.workspace.views.typing_in import errors_of


@staff(may="permits.check")
@never_cache
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """Those asked for, the longest first; and one by its number or the plate."""
    at, typed = now(), clean_line(request.GET.get("find", ""))[:60]
    found = queries.find(typed, at=at) if typed else []
    problems = {"find": _("There is no permit with that number or for that vehicle")} if typed and not found else {}
    ledger.looked(by=actor(request), at=at, customer_id=None, page="permits.list")
    context = {
        "waiting": queries.waiting(at=at, after=request.GET.get("after", "")),
        "typed": typed,
        "found": found,
        "problems": problems,
        "errors": errors_of(problems),
        "may_price": may(actor(request), "permits.prices").allowed,
    }
    return render(request, "workspace/permits/listed.html", context, status=422 if problems else 200)


@staff(may="permits.check")
@never_cache
@require_safe
def check(request: HttpRequest) -> HttpResponse:
    """Does this plate have a permit here now? A yes or a no, and nothing of the holder."""
    at = now()
    mark, zone_code = (clean_line(request.GET.get(name, ""))[:20] for name in ("mark", "zone"))
    zones = list(Area.objects.filter(kind=Area.Kind.ZONE).order_by("code").values_list("code", "name"))
    found = queries.allowed_here(mark, on=council_date(at)) if mark else []
    here = [one for one in found if not zone_code or one.zone_code == zone_code]
    if mark:
        ledger.looked(by=actor(request), at=at, customer_id=None, page="permits.check")
    context = {
        "mark": mark.upper(),
        "zone": zone_code,
        "zones": zones,
        "here": here,
        "elsewhere": found if not here else [],
    }
    return render(request, "workspace/permits/check.html", context)


@staff(may="permits.check")
@never_cache
@require_safe
def show(request: HttpRequest, permit_id: UUID) -> HttpResponse:
    return _page(request, _permit(permit_id))


@staff(may=issuing.MAY_ISSUE)
@require_POST
def checked(request: HttpRequest, permit_id: UUID) -> HttpResponse:
    """The evidence was seen: at a centre, or as it was sent in."""
    site, seen = (clean_line(request.POST.get(name, ""))[:most] for name, most in (("site", 100), ("seen", 300)))

    def change() -> str:
        permit = issuing.check_evidence(permit_id, seen=seen, site_code=site, by=actor(request), at=now())
        if permit.state == "issued":
            return _("The permit is issued.")
        return _("The evidence is checked. The permit is issued as soon as it is paid.")

    return _do(request, permit_id, change, seen=seen)


@staff(may=issuing.MAY_REFUSE)
@require_POST
def refuse(request: HttpRequest, permit_id: UUID) -> HttpResponse:
    words = clean_text(request.POST.get("words", ""))[:2_000]

    def change() -> str:
        issuing.refuse(permit_id, words=words, by=actor(request), at=now())
        return _("The permit is refused, and what was paid goes back.")

    return _do(request, permit_id, change, words=words)


@staff(may=issuing.MAY_ISSUE)
@require_POST
def vehicle(request: HttpRequest, permit_id: UUID) -> HttpResponse:
    mark, engine = (clean_line(request.POST.get(name, ""))[:40] for name in ("mark", "engine"))

    def change() -> str:
        made = changing.change_vehicle(permit_id, mark=mark, band=engine, by=actor(request), at=now())
        return _("It changes once the difference is paid.") if made.extra_pence else _("The vehicle is changed.")

    return _do(request, permit_id, change, mark=mark, engine=engine)


@staff(may=issuing.MAY_ISSUE)
@require_POST
def end(request: HttpRequest, permit_id: UUID) -> HttpResponse:
    def change() -> str:
        changing.give_up(permit_id, by=actor(request), at=now())
        return _("The permit is given up.")

    return _do(request, permit_id, change)


def _do(request: HttpRequest, permit_id: UUID, change: Callable[[], str], **typed: str) -> HttpResponse:
    try:
        said = change()
    except NotFound as error:
        raise Http404 from error
    except BadInput as error:
        return _page(request, _permit(permit_id), problems=error.problems, typed=typed)
    except RuleBroken as error:
        return _page(request, _permit(permit_id), problems={"": str(error)}, typed=typed, status=409)
    messages.success(request, said)
    return redirect("workspace:permit", permit_id)


def _permit(permit_id: UUID) -> Shown:
    found = queries.one(permit_id, at=now())
    if found is None:
        raise Http404
    return found


def _page(
    request: HttpRequest,
    permit: Shown,
    *,
    problems: dict[str, str] | None = None,
    typed: dict[str, str] | None = None,
    status: int = 0,
) -> HttpResponse:
    by, at, shown = actor(request), now(), problems or {}
    ledger.looked(by=by, at=at, customer_id=permit.customer_id, page="permit")
    case = Subject(kind="case", id=permit.case_id)
    sites = issuing.enabled_sites(at)
    context = {
        "permit": permit,
        "reference": Case.objects.values_list("reference", flat=True).get(pk=permit.case_id),
        "evidence": files_of(case),
        "to_pay": queries.to_pay(permit, at=at),
        "sites": [one for one in Site.objects.order_by("name").values_list("code", "name") if one[0] in sites],
        "site_code": request.COOKIES.get(SITE_COOKIE, ""),
        "may_issue": may(by, issuing.MAY_ISSUE).allowed,
        "may_refuse": may(by, issuing.MAY_REFUSE).allowed,
        "may_take": may(by, "payments.take").allowed,
        "is_running": permit.state == "issued" and not permit.is_over,
        "engines": Band.choices,
        "typed": typed or {},
        "problems": shown,
        "errors": errors_of(shown),
    }
    return render(request, "workspace/permits/permit.html", context, status=status or (422 if shown else 200))
