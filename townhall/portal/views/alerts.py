"""Turning alerts on and off: signed in, or by a confirmed email address without an account."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from townhall.accounts.web import actor
from townhall.core.access import public, resident
from townhall.core.errors import NotFound, RuleBroken
from townhall.core.time import now
from townhall.engagement import queries, reminding, subscribing
from townhall.engagement.models import AlertSubscription
from townhall.engagement.subscribing import Wish
from townhall.engagement.topics import HALF_A_MILE, RADII, TOPICS
from townhall.forms.typed import clean_line
from townhall.places import queries as places
from townhall.portal.account.web import Me, me, required
from townhall.portal.views import limits
from townhall.portal.views.account.drawing import problems_of
from townhall.portal.views.ending import ending_page


def _typed(request: HttpRequest, name: str, longest: int = 200) -> str:
    return clean_line(request.POST.get(name, request.GET.get(name, "")))[:longest]


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def alerts(request: HttpRequest) -> HttpResponse:
    """What there is to be told of; the form of one topic; and, signed in, what is turned on and what was told."""
    topic = TOPICS.get(_typed(request, "topic"))
    if topic is None or request.method != "POST":
        return _page(request)
    if wait := limits.held_up(request, limits.FOLLOWS):
        return wait
    who = _own(request)
    if who is None and (wait := limits.mailbox_full(request, _typed(request, "email", 300))):
        return wait
    try:
        row = subscribing.turn_on(_wish(request, who), by=who.actor if who else actor(request), at=now())
    except RuleBroken as error:
        return _page(request, problems=problems_of(error, "topic"))
    _remind(row)
    return redirect(f"{reverse('portal:alerts')}?said={'on' if who else 'mailed'}")


def _remind(row: AlertSubscription) -> None:
    """What is due this week is not left until the worker comes by."""
    if row.confirmed_at is not None and TOPICS[row.topic].charge_kind:
        reminding.remind_of_council_tax(now(), only=row.pk)


def _own(request: HttpRequest) -> Me | None:
    """Who is signed in for themselves; a helper turns nothing on for somebody else."""
    who = me(request)
    return None if who is None or who.is_helping else who


def _wish(request: HttpRequest, who: Me | None) -> Wish:
    radius = _typed(request, "radius", 6)
    wanted: dict[str, Any] = {
        "topic": _typed(request, "topic"),
        "uprn": _typed(request, "place", 12),
        "radius_m": int(radius) if radius.isdecimal() else HALF_A_MILE,
        "bill": _typed(request, "bill", 40),
    }
    if who is None:
        return Wish(**wanted, email=_typed(request, "email", 300))
    return Wish(
        **wanted,
        email=who.person.email,
        name=who.person.name,
        phone=who.acting.phone,
        by_text=bool(settings.TEXT_PROVIDER) and _typed(request, "by") == "text",
        customer_id=who.acting.customer_id,
    )


def _page(request: HttpRequest, *, problems: dict[str, str] | None = None) -> HttpResponse:
    who, found = _own(request), problems or {}
    words = _typed(request, "q")
    topic = TOPICS.get(_typed(request, "topic"))
    context: dict[str, Any] = {
        "me": who,
        "topics": list(TOPICS.values()),
        "topic": topic,
        "typed": {name: _typed(request, name, 300) for name in ("email", "bill", "radius", "place", "by")},
        "q": words,
        "places": places.choices(words) if words else [],
        "own_place": (who.acting.uprn, who.acting.address) if who and who.acting.uprn else None,
        "radii": [(str(metres), text) for metres, text in RADII],
        "radius": _typed(request, "radius", 6) or str(HALF_A_MILE),
        "can_text": bool(settings.TEXT_PROVIDER) and who is not None and bool(who.acting.phone),
        "held": queries.turned_on(who.acting.customer_id) if who else [],
        "told": queries.told_to(who.acting.customer_id) if who else [],
        "with_distance": {code for code, one in TOPICS.items() if one.has_distance},
        "names": {code: one.name for code, one in TOPICS.items()},
        "problems": found,
        "errors": [{"text": text, "href": f"#{field}"} for field, text in found.items()],
        "said": _typed(request, "said"),
    }
    return render(request, "portal/alerts/alerts.html", context, status=422 if found else 200)


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """What the first mail's link leads to. It asks once more, as mail programs open links by themselves."""
    row = _row(subscribing.to_confirm(token))
    if row.ended_at is not None:
        raise Http404
    if request.method == "POST":
        try:
            row = subscribing.confirm(row.pk, by=actor(request), at=now())
        except NotFound as error:
            raise Http404 from error
        _remind(row)
    context = {"row": row, "topic": TOPICS[row.topic].name, "is_on": row.confirmed_at is not None}
    return render(request, "portal/alerts/confirm.html", context)


@public
@never_cache
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """What each alert's link leads to. A mail program's own button (RFC 8058) posts here, and brings only the link."""
    row = _row(subscribing.to_stop(token))
    if request.method == "POST":
        try:
            subscribing.turn_off(row.pk, by=actor(request), at=now())
        except NotFound as error:
            raise Http404 from error
    stopped = request.method == "POST" or row.ended_at is not None
    topic = str(TOPICS[row.topic].name)
    return ending_page(
        request,
        title=_("This alert is off") if stopped else _("Stop this alert?"),
        words=f"{topic}: {row.place}" if row.place else topic,
        question=_("Stop it"),
        is_over=stopped,
        onward=(reverse("portal:alerts"), _("All alerts")),
    )


def _row(subscription_id: UUID | None) -> AlertSubscription:
    row = AlertSubscription.objects.filter(pk=subscription_id).first() if subscription_id else None
    if row is None or row.topic not in TOPICS:
        raise Http404
    return row


@resident
@require_POST
def end(request: HttpRequest, subscription_id: UUID) -> HttpResponse:
    who = required(request)
    row = _row(subscription_id)
    if who.is_helping or row.customer_id != who.acting.customer_id:
        raise Http404
    subscribing.turn_off(row.pk, by=who.actor, at=now())
    return redirect(f"{reverse('portal:alerts')}?said=off")
