"""Ways in that are closed for a service: kept by managers; at the desk their reason, the open ways, and exceptions (CHAN-10, INCL-07)."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from townhall.accounts.web import actor
from townhall.contacts.models import Contact
from townhall.core.access import staff
from townhall.core.errors import RuleBroken
from townhall.core.ids import uuid7
from townhall.core.time import council_date, now
from townhall.customers import queries as customers
from townhall.customers.queries import Record, need_words
from townhall.inclusion import restricting
from townhall.inclusion.models import ChannelException, ChannelRestriction, Way
from townhall.inclusion.restricting import New
from townhall.ledger import operations as ledger
from townhall.penalties import operations as penalties
from townhall.penalties import queries as notices
from townhall.penalties.models import Appeal
from townhall.penalties.operations import NewAppeal
from townhall.workspace.views.desk import draw, own_contact
from townhall.workspace.views.typing_in import day, done, errors_of, problems_of, typed

MEET, MANAGE = "needs.meet", "inclusion.manage"
NAMES = ("service", "channel", "reason", "impact", "assessed_on", "alternative", "alternative_words", "review_on")
SIZE = 100


@staff(may=MANAGE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def restrictions(request: HttpRequest) -> HttpResponse:
    """What is closed, what is being prepared, and preparing another."""
    given, problems = typed(request, *NAMES), dict[str, str]()
    if request.method == "POST":
        try:
            made = restricting.prepare(_new(given), by=actor(request), at=now())
        except RuleBroken as error:
            problems = problems_of(error)
        else:
            return redirect("workspace:restriction", made.pk)
    rows = ChannelRestriction.objects.exclude(state="ended").order_by("review_on", "made_at")[:SIZE]
    names = dict(restricting.services())
    context = {"rows": [(row, names.get(row.service_code, row.service_code)) for row in rows]}
    return _form(request, "restrictions", given, problems, **context)


@staff(may=MANAGE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def restriction(request: HttpRequest, restriction_id: UUID) -> HttpResponse:
    """One closure: finished and made live, or watched: who was excepted, and why."""
    row = _row(restriction_id)
    by, at, problems = actor(request), now(), dict[str, str]()
    given = typed(request, *NAMES) if request.method == "POST" else _as_typed(row)
    if request.method == "POST":
        try:
            restricting.prepare(_new(given), restriction_id=row.pk, by=by, at=at)
            if request.POST.get("do") == "live":
                restricting.go_live(row.pk, by=by, at=at)
                messages.success(request, _("The way is closed, and the public is told why and what is open."))
        except RuleBroken as error:
            problems = problems_of(error)
        else:
            return redirect("workspace:restriction", row.pk)
    exceptions = ChannelException.objects.filter(restriction=row).select_related("customer").order_by("-granted_at")
    context = {
        "row": row,
        "name": restricting.name_of(row.service_code),
        "exceptions": exceptions[:SIZE],
        "granted": exceptions.count(),
        "needs": [(need_words(need), count) for need, count in restricting.needs_of_excepted(row.pk)],
    }
    ledger.looked(by=by, at=at, customer_id=None, page="channel_restriction", reason="case")
    return _form(request, "restriction", given, problems, **context)


@staff(may=MANAGE)
@require_POST
def reopen(request: HttpRequest, restriction_id: UUID) -> HttpResponse:
    act = partial(restricting.end, restriction_id, by=actor(request), at=now())
    return done(request, act, _("The way is not closed any more."), to="workspace:restrictions")


@staff(may=MEET)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def closed_here(request: HttpRequest, contact_id: UUID, code: str) -> HttpResponse:
    """In a conversation about a service that is not taken that way: what to say, and the exception."""
    contact, by, at = own_contact(request, contact_id), actor(request), now()
    found = restricting.closed(code, contact.channel_id)
    if found is None:
        return redirect(_onward(contact, code))
    given, problems = typed(request, "why", "until_on"), dict[str, str]()
    known = _known(request, contact)
    if request.method == "POST" and contact.customer_id is not None and contact.ended_at is None:
        try:
            until = day(given["until_on"], "until_on") if given["until_on"] else None
            restricting.grant(
                found.id,
                customer_id=contact.customer_id,
                contact_id=contact.pk,
                why=given["why"],
                until_on=until,
                by=by,
                at=at,
            )
        except RuleBroken as error:
            problems = problems_of(error)
        else:
            messages.success(request, _("The exception is granted and written down."))
            return redirect(_onward(contact, code))
    context: dict[str, Any] = {
        "contact": contact,
        "known": known,
        "closed": found,
        "name": restricting.name_of(code),
        "typed": given,
        "onward": _onward(contact, code) if restricting.is_excepted(found.id, contact.customer_id, at=at) else "",
    }
    return draw(request, "closed_way", problems=problems, **context)


@staff(may=MEET)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def penalty(request: HttpRequest, contact_id: UUID) -> HttpResponse:
    """An appeal against a penalty notice, taken down for the customer in a conversation."""
    contact, at = own_contact(request, contact_id), now()
    if contact.ended_at is not None:
        return redirect("workspace:contact", contact.pk)
    if is_closed(contact, penalties.SERVICE):
        return redirect("workspace:contact_closed", contact.pk, penalties.SERVICE)
    known, problems = _known(request, contact), dict[str, str]()
    given = typed(request, "number", "mark", "ground", "words", "name", "email")
    if request.method == "POST":
        notice = notices.find(given["number"], given["mark"])
        new = NewAppeal(
            id=uuid7(),
            ground=given["ground"],
            words=given["words"],
            name=given["name"],
            email=given["email"],
            channel=contact.channel_id,
            customer_id=contact.customer_id,
            contact_id=contact.pk,
        )
        try:
            penalties.check(new)
            if notice is None:
                problems = {"number": _("We have no notice with that number for that vehicle")}
            else:
                made = penalties.appeal(notice.pk, new, by=actor(request), at=at)
        except RuleBroken as error:
            problems = problems_of(error)
        if not problems:
            messages.success(request, _("The appeal is made. Its reference is %(ref)s.") % {"ref": made.reference})
            return redirect("workspace:contact", contact.pk)
    elif known:
        given |= {"name": known.name, "email": known.email or ""}
    grounds = [("", _("Choose one")), *Appeal.Ground.choices]
    return draw(
        request, "penalty_appeal", problems=problems, contact=contact, known=known, typed=given, grounds=grounds
    )


def is_closed(contact: Contact, code: str) -> bool:
    """Whether this conversation may not deal with a service, because of the way by which it came."""
    found = restricting.closed(code, contact.channel_id)
    return found is not None and not restricting.is_excepted(found.id, contact.customer_id, at=now())


def _onward(contact: Contact, code: str) -> str:
    if code == penalties.SERVICE:
        return reverse("workspace:contact_penalty", args=[contact.pk])
    return reverse("workspace:contact_report_of", args=[contact.pk, code])


def _known(request: HttpRequest, contact: Contact) -> Record | None:
    return customers.record(contact.customer_id, by=actor(request)) if contact.customer_id else None


def _row(restriction_id: UUID) -> ChannelRestriction:
    found = ChannelRestriction.objects.filter(pk=restriction_id).first()
    if found is None:
        raise Http404
    return found


def _new(given: dict[str, str]) -> New:
    """Raises BadInput."""
    return New(
        service_code=given["service"],
        channel=given["channel"],
        reason=given["reason"],
        impact=given["impact"],
        assessed_on=_day(given, "assessed_on"),
        alternative=given["alternative"],
        alternative_words=given["alternative_words"],
        review_on=_day(given, "review_on"),
    )


def _day(given: dict[str, str], name: str) -> date | None:
    return day(given[name], name) if given[name] else None


def _as_typed(row: ChannelRestriction) -> dict[str, str]:
    return {
        "service": row.service_code,
        "channel": row.channel,
        "reason": row.reason,
        "impact": row.impact,
        "assessed_on": row.assessed_on.isoformat() if row.assessed_on else "",
        "alternative": row.alternative,
        "alternative_words": row.alternative_words,
        "review_on": row.review_on.isoformat() if row.review_on else "",
    }


def _form(
    request: HttpRequest, template: str, given: dict[str, str], problems: dict[str, str], **context: Any
) -> HttpResponse:
    nothing = ("", _("Choose one"))
    shown = {
        **context,
        "typed": given,
        "services": [nothing, *restricting.services()],
        "ways": [nothing, *Way.choices],
        "today": council_date(now()),
        "problems": problems,
        "errors": errors_of(problems),
    }
    return render(request, f"workspace/inclusion/{template}.html", shown, status=422 if problems else 200)
