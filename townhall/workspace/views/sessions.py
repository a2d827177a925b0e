"""Courses and masterclasses: planning, booking somebody, who came; and the residents who need help."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from townhall.accounts.web import actor
from townhall.core.access import staff
from townhall.core.errors import NotFound, RuleBroken
from townhall.core.time import now
from townhall.customers import queries as customers
from townhall.inclusion import applying
from townhall.ledger import operations as ledger
from townhall.outreach import assisting, sessions
from townhall.outreach.models import Assisted, Booking, Session
from townhall.outreach.sessions import Plan
from townhall.outreach.states import BookingState
from townhall.safety import queries as markers
from townhall.workspace.views.desk import as_uuid
from townhall.workspace.views.typing_in import done, errors_of, moment, number, problems_of, typed

RUN = sessions.RUN
NAMES = ("kind", "title", "where", "on", "from", "until", "places")


@staff(may=RUN)
@require_http_methods(["GET", "HEAD", "POST"])
def session_list(request: HttpRequest) -> HttpResponse:
    words, problems = typed(request, *NAMES), {}
    if request.method == "POST":
        try:
            made = sessions.plan(_read(words), by=actor(request), at=now())
        except RuleBroken as error:
            names = {"starts_at": "from", "ends_at": "until"}
            problems = {names.get(name, name): text for name, text in problems_of(error, field="title").items()}
        else:
            return redirect("workspace:session", made.pk)
    context = {
        "coming": sessions.coming(at=now()),
        "past": sessions.past(at=now()),
        "kinds": Session.Kind.choices,
        "typed": words,
        "problems": problems,
        "errors": errors_of(problems),
    }
    return render(request, "workspace/outreach/sessions.html", context, status=422 if problems else 200)


def _read(words: dict[str, str]) -> Plan:
    """Raises BadInput."""
    return Plan(
        kind=words["kind"],
        title=words["title"],
        where=words["where"],
        starts_at=moment(words["on"], words["from"], "on"),
        ends_at=moment(words["on"], words["until"], "until"),
        places=number(words["places"], "places", _("Enter how many places there are")),
    )


@staff(may=RUN)
@never_cache
@require_safe
def session(request: HttpRequest, session_id: UUID) -> HttpResponse:
    row, at = Session.objects.filter(pk=session_id).first(), now()
    if row is None:
        raise Http404
    booked = sessions.booked_on(session_id, by=actor(request), at=at)
    taken = sum(one.state is BookingState.BOOKED for one in booked)
    people = [one.customer_id for one in booked]
    context = {
        "row": row,
        "booked": booked,
        "left": max(row.places - taken, 0),
        "has_begun": row.starts_at <= at,
        "flags": markers.markers_among(people, by=actor(request), at=at),
        "needs": applying.at_meetings(people, by=actor(request), at=at),
    }
    return render(request, "workspace/outreach/session.html", context)


@staff(may=RUN)
@require_POST
def cancel(request: HttpRequest, session_id: UUID) -> HttpResponse:
    by = actor(request)
    act = lambda: sessions.cancel(session_id, by=by, at=now())  # noqa: E731
    return done(
        request,
        act,
        _("It is cancelled, and everybody booked is told."),
        to="workspace:session",
        arguments=[session_id],
    )


@staff(may=RUN)
@require_POST
def mark(request: HttpRequest, booking_id: UUID) -> HttpResponse:
    by = actor(request)
    booking = Booking.objects.filter(pk=booking_id).first()
    states = {"cancelled": BookingState.CANCELLED, "attended": BookingState.ATTENDED, "missed": BookingState.MISSED}
    then = states.get(request.POST.get("state", ""))
    if booking is None or then is None:
        raise Http404
    act = lambda: sessions.mark(booking_id, then, by=by, at=now())  # noqa: E731
    return done(request, act, _("It is written down."), to="workspace:session", arguments=[booking.session_id])


@staff(may=RUN)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def book(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """Book somebody on a session. Looking at who it is is written down."""
    by, at = actor(request), now()
    try:
        known = customers.record(customer_id, by=by)
    except NotFound as error:
        raise Http404 from error
    contact = as_uuid((request.POST if request.method == "POST" else request.GET).get("contact", ""))
    problems: dict[str, str] = {}
    if request.method == "POST":
        try:
            sessions.book(
                as_uuid(request.POST.get("session", "")) or UUID(int=0), known.id, by=by, at=at, contact_id=contact
            )
        except RuleBroken as error:
            problems = problems_of(error, field="session")
        else:
            words = _("The place is booked, and they are told.")
            arguments = ["workspace:contact", contact] if contact else ["workspace:customer", known.id]
            return done(request, lambda: None, words, to=str(arguments[0]), arguments=arguments[1:])
    else:
        ledger.looked(
            by=by, at=at, customer_id=known.id, page="session.book", reason="contact" if contact else "booking"
        )
    context: dict[str, Any] = {
        "known": known,
        "contact": contact,
        "coming": sessions.coming(at=at),
        "theirs": sessions.of_customer(known.id),
        "problems": problems,
        "errors": errors_of(problems),
    }
    return render(request, "workspace/outreach/book.html", context, status=422 if problems else 200)


@staff(may=RUN)
@never_cache
@require_safe
def needing_help(request: HttpRequest) -> HttpResponse:
    barrier = request.GET.get("barrier", "")
    barrier = barrier if barrier in Assisted.Barrier.values else ""
    page = assisting.needing_help(by=actor(request), at=now(), barrier=barrier, after=request.GET.get("after", ""))
    labels = dict(Assisted.Barrier.choices)
    context = {
        "rows": [(one, [labels.get(code, code) for code in one.barriers]) for one in page.rows],
        "after": page.after,
        "barrier": barrier,
        "barriers": [("", _("Any")), *Assisted.Barrier.choices],
    }
    return render(request, "workspace/outreach/needing_help.html", context)
