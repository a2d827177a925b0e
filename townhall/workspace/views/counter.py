"""Taking a card with the customer present: find what is owed, send it to the terminal, and see what came of it."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from townhall.accounts.sites import only, reaches
from townhall.accounts.web import actor
from townhall.core.access import staff
from townhall.core.errors import BadInput, NotFound, RuleBroken
from townhall.core.money import Pence
from townhall.core.time import council_date, now
from townhall.forms.typed import clean_line
from townhall.notifications.recipients import email_address
from townhall.payments import counters, operations, queries
from townhall.payments.models import CounterSwitch, Method, Payment
from townhall.payments.states import UNFINISHED, ChargeState, PaymentState
from townhall.places.models import Site
from townhall.ui import naming

SITE_COOKIE = "counter_site"  # so that a counter says once where it stands


@staff(may="payments.take")
@never_cache
@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """Where the counter is, and what the customer came to pay."""
    at = now()
    by = actor(request)
    sites = list(
        only(Site.objects.all(), by, "payments.take", column="code").order_by("name").values_list("code", "name")
    )
    site = request.GET.get("site") or request.COOKIES.get(SITE_COOKIE, "")
    site = site if site in dict(sites) else (sites[0][0] if len(sites) == 1 else "")
    typed = clean_line(request.GET.get("reference", ""))[:100]
    found = queries.find(typed, at=at) if typed else []
    problems = {}
    if "reference" in request.GET:
        if not site:
            problems["site"] = _("Select the %(outlet)s") % {"outlet": naming.name(naming.OUTLET)}
        if not found:
            problems["reference"] = _("There is nothing with that reference") if typed else _("Enter the reference")
    live = counters.live_kinds(site, on=council_date(at)) if site else set()
    context = {
        "sites": sites,
        "site_code": site,
        "typed": typed,
        "found": [(one, one.kind_code in live) for one in found] if site else [],
        "live": [kind.name for kind in queries.kinds() if kind.code in live],
        "problems": problems,
        "errors": [{"text": text, "href": f"#{field}"} for field, text in problems.items()],
    }
    answer = render(request, "workspace/money/counter.html", context, status=422 if problems else 200)
    if site:
        answer.set_cookie(
            SITE_COOKIE, site, max_age=400 * 86_400, httponly=True, samesite="Lax", secure=request.is_secure()
        )
    return answer


@staff(may="payments.take")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def take(request: HttpRequest, charge_id: UUID) -> HttpResponse:
    """Send the amount to the terminal."""
    at = now()
    charge = queries.to_pay(charge_id, at=at)
    site = clean_line(request.POST.get("site", "") or request.GET.get("site", ""))[:100]
    here = reaches(actor(request), "payments.take", site) and Site.objects.filter(code=site).exists()
    if charge is None or not here:
        raise Http404
    problems: dict[str, str] = {}
    typed = clean_line(request.POST.get("email", ""))[:300]
    if request.method == "POST":
        if typed and not email_address(typed):
            problems["email"] = _("Enter an email address in the correct format, like name@example.com")
        else:
            try:
                payment = operations.start(
                    charge_id, method=Method.TERMINAL, by=actor(request), at=at, email=typed, site_code=site
                )
            except RuleBroken as error:
                problems[""] = str(error)
            else:
                return redirect("workspace:counter_payment", payment.pk)
    context = {
        "charge": charge,
        "is_open": charge.state is ChargeState.OPEN,
        "is_live": charge.kind_code in counters.live_kinds(site, on=council_date(at)),
        "site_code": site,
        "email": typed,
        "problems": problems,
        "errors": [{"text": text, "href": f"#{field}" if field else ""} for field, text in problems.items()],
    }
    return render(request, "workspace/money/take.html", context, status=409 if problems else 200)


@staff(may="payments.take")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def at_terminal(request: HttpRequest, payment_id: UUID) -> HttpResponse:
    """How it stands with the terminal; a button cancels it there."""
    payment = Payment.objects.filter(pk=payment_id).first()
    if payment is None or not reaches(actor(request), "payments.take", payment.site_code):
        raise Http404
    try:
        if request.method == "POST":
            operations.abandon(payment_id, by=actor(request), at=now())
            return redirect("workspace:counter_payment", payment_id)
        operations.look_now(payment_id, at=now(), is_here=True)
    except (NotFound, Payment.DoesNotExist) as error:
        raise Http404 from error
    except RuleBroken as error:
        messages.error(request, str(error))
    payment = Payment.objects.select_related("charge__kind").get(pk=payment_id)
    context = {
        "payment": payment,
        "charge": payment.charge,
        "amount": Pence(payment.amount_pence),
        "state": PaymentState(payment.state),
        "is_over": payment.state not in UNFINISHED,
        "again": f"{reverse('workspace:counter_take', args=[payment.charge_id])}?site={payment.site_code}",
    }
    return render(request, "workspace/money/terminal.html", context)


@staff(may="payments.administer")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def switches(request: HttpRequest) -> HttpResponse:
    """Which centre takes cards for what, and from which day."""
    typed = {name: clean_line(request.POST.get(name, ""))[:100] for name in ("site", "kind", "live_on")}
    problems: dict[str, str] = {}
    if request.method == "POST":
        try:
            problems = _switch(request, typed)
        except BadInput as error:
            problems = error.problems
        if not problems:
            messages.success(request, _("It is set."))
            return redirect("workspace:counter_switches")
    today = council_date(now())
    context = {
        "sites": list(Site.objects.order_by("name").values_list("code", "name")),
        "site_names": dict(Site.objects.values_list("code", "name")),
        "kinds": [(kind.code, kind.name) for kind in queries.kinds()],
        "switches": list(CounterSwitch.objects.select_related("kind").order_by("site_code", "kind__order")),
        "today": today,
        "typed": typed,
        "problems": problems,
        "errors": [{"text": text, "href": f"#{field}"} for field, text in problems.items()],
    }
    return render(request, "workspace/money/switches.html", context, status=422 if problems else 200)


def _switch(request: HttpRequest, typed: dict[str, str]) -> dict[str, str]:
    try:
        on = date.fromisoformat(typed["live_on"])
    except ValueError:
        return {"live_on": _("Enter a real date, like 27/3/2026")}
    by, at = actor(request), now()
    if "end" in request.POST:
        operations.end_counter(typed["site"], typed["kind"], ended_on=on, by=by, at=at)
    else:
        operations.open_counter(typed["site"], typed["kind"], live_on=on, by=by, at=at)
    return {}
