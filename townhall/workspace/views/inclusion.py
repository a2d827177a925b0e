"""Interpreters, sign-language video, other formats and standard lines, for those who deal with somebody who needs them."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from townhall.accounts.permissions import may
from townhall.accounts.web import actor
from townhall.contacts.models import Contact
from townhall.core.access import staff
from townhall.core.errors import BadInput, NotFound, RuleBroken
from townhall.core.time import council_date, now
from townhall.customers import queries as customers
from townhall.inclusion import booking, calling, keeping
from townhall.inclusion.booking import Wanted
from townhall.inclusion.languages import LANGUAGES, named, spoken
from townhall.inclusion.models import FormatRequest, InterpreterBooking, InterpreterCall, Relay
from townhall.ledger import operations as ledger
from townhall.places.models import Site
from townhall.workspace.bringing_up import desk_for
from townhall.workspace.views.desk import as_uuid, own_contact
from townhall.workspace.views.typing_in import day, done, errors_of, moment, number, problems_of, typed

MEET, MANAGE = "needs.meet", "inclusion.manage"
NAMES = ("kind", "language", "where", "place", "on", "time", "minutes", "about", "customer")


@staff(may=MEET)
@never_cache
@require_safe
def hub(request: HttpRequest) -> HttpResponse:
    by, at = actor(request), now()
    used = keeping.used(at=at)
    rows = Contact.objects.filter(channel_id__in=Relay.Kind.values, started_at__gt=at - keeping.YEAR)
    contacts = {
        (row["channel_id"], row["site_code"]): row["count"]
        for row in rows.values("channel_id", "site_code").annotate(count=Count("id"))
    }
    relays = Relay.objects.filter(ended_on=None).select_related("site").order_by("kind", "live_on")
    context = {
        "relays": [(row, used.get(row.pk, 0) + contacts.get((row.kind, row.site_id or ""), 0)) for row in relays],
        "interpreted": keeping.interpreted(at=at),
        "named": named,
        "languages": len(LANGUAGES),
        "waiting": FormatRequest.objects.filter(state="asked").count(),
        "bookings": InterpreterBooking.objects.filter(starts_at__gt=at)
        .exclude(state__in=("cancelled", "refused"))
        .count(),
        "may_manage": may(by, MANAGE).allowed,
    }
    return render(request, "workspace/inclusion/hub.html", context)


@staff(may=MEET)
@require_POST
def interpreter(request: HttpRequest, contact_id: UUID) -> HttpResponse:
    """Call an interpreter into this conversation, with a third person where a number is given."""
    contact, by, at = own_contact(request, contact_id), actor(request), now()
    given = typed(request, "language", "third")
    try:
        call = calling.ask(
            contact.pk, language=given["language"], third=given["third"], customer_id=contact.customer_id, by=by, at=at
        )
        calling.put_through(call.pk, at=now())
    except RuleBroken as error:
        messages.error(request, " ".join(problems_of(error).values()))
    return redirect("workspace:contact", contact.pk)


@staff(may=MEET, keeps_alive=False)
@never_cache
@require_safe
def call(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """How far a call is: a part of the conversation's page."""
    found = _own_call(request, call_id)
    found = calling.put_through(found.pk, at=now()) if found.next_look_at else found
    return render(request, "workspace/inclusion/call.html", {"call": found, "language_name": named})


@staff(may=MEET)
@require_POST
def hang_up(request: HttpRequest, call_id: UUID) -> HttpResponse:
    found = _own_call(request, call_id)
    calling.hang_up(found.pk, by=actor(request), at=now())
    return redirect("workspace:contact", found.contact_id)


def _own_call(request: HttpRequest, call_id: UUID) -> InterpreterCall:
    found = InterpreterCall.objects.filter(pk=call_id, by=actor(request).id).first()
    if found is None:
        raise Http404
    return found


@staff(may=MEET)
@never_cache
@require_safe
def video(request: HttpRequest, relay_id: UUID) -> HttpResponse:
    """Opens sign-language video, and counts that it was used."""
    try:
        relay = keeping.use(relay_id, contact_id=as_uuid(request.GET.get("contact", "")), at=now())
    except NotFound as error:
        raise Http404 from error
    if not relay.link:
        raise Http404
    return HttpResponseRedirect(relay.link)


@staff(may=MEET)
@never_cache
@require_safe
def bookings(request: HttpRequest) -> HttpResponse:
    """Those to come first, then those that nobody was free for."""
    by, at = actor(request), now()
    ledger.looked(by=by, at=at, customer_id=None, page="interpreters.list")
    rows = InterpreterBooking.objects.filter(starts_at__gt=at - timedelta(days=1)).select_related("customer")
    context = {"rows": rows.order_by("starts_at")[:100], "named": named}
    return render(request, "workspace/inclusion/bookings.html", context)


@staff(may=MEET)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def book(request: HttpRequest) -> HttpResponse:
    """An interpreter or signer for an office, a home, a site or a survey."""
    by, at = actor(request), now()
    given = typed(request, *NAMES)
    asked = given["customer"] if request.method == "POST" else request.GET.get("customer", "")
    customer_id = as_uuid(asked)
    try:
        record = customers.record(customer_id, by=by) if customer_id else None
    except RuleBroken as error:
        raise Http404 from error
    problems: dict[str, str] = {}
    if request.method == "POST":
        try:
            made = booking.ask(_wanted(given, customer_id), by=by, at=at)
        except BadInput as error:
            problems = error.problems
        else:
            booking.settle_one(made.pk, at=now())
            messages.success(request, _("It is asked for. You get a mail as soon as somebody is booked."))
            return redirect("workspace:interpreters")
    elif record is not None:
        ledger.looked(by=by, at=at, customer_id=record.id, page="interpreter.book", reason="contact")
        desk = desk_for(record, by_id=by.id)
        home = next((one.line for one in record.addresses if one.until_on is None), "")
        given |= {"kind": (desk.signer if desk else "") or "language", "language": desk.language if desk else ""}
        given |= {"where": "home" if home else "office", "place": home, "minutes": "60"}
    context: dict[str, Any] = {
        "record": record,
        "typed": given | {"customer": str(customer_id or "")},
        "kinds": InterpreterBooking.Kind.choices,
        "wheres": InterpreterBooking.Where.choices,
        "languages": [("", _("Choose one")), *spoken()],
        "problems": problems,
        "errors": errors_of(problems),
    }
    return render(request, "workspace/inclusion/book.html", context, status=422 if problems else 200)


def _wanted(given: dict[str, str], customer_id: UUID | None) -> Wanted:
    return Wanted(
        kind=given["kind"],
        where=given["where"],
        place=given["place"],
        starts_at=moment(given["on"], given["time"], "starts"),
        minutes=number(given["minutes"], "minutes", _("Enter from 15 to 480 minutes")),
        language=given["language"],
        about=given["about"],
        customer_id=customer_id,
    )


@staff(may=MEET)
@require_POST
def cancel(request: HttpRequest, booking_id: UUID) -> HttpResponse:
    by = actor(request)

    def act() -> None:
        booking.cancel(booking_id, by=by, at=now())
        booking.settle_one(booking_id, at=now())

    return done(request, act, _("It is being cancelled."), to="workspace:interpreters")


@staff(may=MANAGE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def channels(request: HttpRequest) -> HttpResponse:
    """At which sites sign-language video and text relay are there, since when, and when people were told."""
    given = typed(request, "kind", "site", "link", "live_on", "promoted_on")
    problems: dict[str, str] = {}
    if request.method == "POST":
        try:
            keeping.open_relay(
                given["kind"],
                site_code=given["site"],
                link=given["link"],
                live_on=day(given["live_on"], "live_on"),
                promoted_on=day(given["promoted_on"], "promoted_on") if given["promoted_on"] else None,
                by=actor(request),
                at=now(),
            )
        except BadInput as error:
            problems = error.problems
        else:
            return redirect("workspace:relays")
    used = keeping.used(at=now())
    rows = Relay.objects.select_related("site").order_by("ended_on", "kind", "live_on")
    context = {
        "rows": [(row, used.get(row.pk, 0)) for row in rows],
        "typed": given,
        "kinds": [("", _("Choose one")), *Relay.Kind.choices],
        "sites": [
            ("", _("Everywhere: by phone and from home")),
            *Site.objects.order_by("name").values_list("code", "name"),
        ],
        "problems": problems,
        "errors": errors_of(problems),
    }
    return render(request, "workspace/inclusion/channels.html", context, status=422 if problems else 200)


@staff(may=MANAGE)
@require_POST
def end_channel(request: HttpRequest, relay_id: UUID) -> HttpResponse:
    at = now()
    act = partial(keeping.end_relay, relay_id, on=council_date(at), by=actor(request), at=at)
    return done(request, act, _("It is ended."), to="workspace:relays")
