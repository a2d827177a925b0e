"""How somebody would like to hear from us, and what they agreed to. Each change holds from that moment."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from townhall.core.access import resident
from townhall.core.errors import RuleBroken
from townhall.core.time import now
from townhall.customers import operations as customers
from townhall.customers import queries
from townhall.customers.accounts import consents
from townhall.customers.models import AccessNeed, ContactPoint, Customer
from townhall.portal.account.web import Me, required
from townhall.portal.views.account.drawing import draw, problems_of
from townhall.portal.views.account.entering import typed_line

# The formats that we can make by ourselves; the other needs are agreed with an adviser.
FORMATS = (AccessNeed.Need.LARGE_PRINT, AccessNeed.Need.PLAIN_TEXT, AccessNeed.Need.EASY_READ, AccessNeed.Need.BRAILLE)
LANGUAGES = {
    "en": "English",
    "cy": "Cymraeg",
    "pl": "Polski",
    "ro": "Română",
    "pa": "ਪੰਜਾਬੀ",
    "ur": "اردو",
    "ar": "العربية",
}


def own(request: HttpRequest) -> Me:
    who = required(request)
    if who.is_helping:
        raise Http404
    return who


@resident
@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    who, at = own(request), now()
    if request.method != "POST":
        return _page(request, who)
    customer_id, by = who.acting.customer_id, who.acting.actor
    try:
        language = typed_line(request, "language", longest=20)
        customers.change(
            customer_id,
            preferred_channel=typed_line(request, "preferred_channel", longest=20),
            language=language if language in LANGUAGES else None,
            by=by,
            at=at,
        )
        _set_phone(who, typed_line(request, "phone", longest=40))
        _set_formats(who, set(request.POST.getlist("formats")))
    except RuleBroken as error:
        return _page(request, who, problems=problems_of(error, "preferred_channel"))
    return redirect(f"{reverse('portal:preferences')}?said=saved")


def _set_phone(who: Me, typed: str) -> None:
    at, by, customer_id = now(), who.acting.actor, who.acting.customer_id
    if typed == who.acting.phone:
        return
    if typed:
        customers.add_contact_point(customer_id, kind="phone", value=typed, by=by, at=at)
    for point in ContactPoint.objects.filter(customer_id=customer_id, kind="phone", ended_at=None).exclude(value=typed):
        customers.end_contact_point(point.pk, by=by, at=at)


def _set_formats(who: Me, wanted: set[str]) -> None:
    at, by, customer_id = now(), who.acting.actor, who.acting.customer_id
    held = {
        row.need: row for row in AccessNeed.objects.filter(customer_id=customer_id, ended_at=None, need__in=FORMATS)
    }
    for need in FORMATS:
        if need.value in wanted and need.value not in held:
            customers.agree_need(customer_id, need=need.value, by=by, at=at)
        elif need.value in held and need.value not in wanted:
            customers.end_need(held[need.value].pk, by=by, at=at)


def _page(request: HttpRequest, who: Me, *, problems: dict[str, str] | None = None) -> HttpResponse:
    record = queries.record(who.acting.customer_id, by=who.acting.actor)
    held = {need.need for need in record.needs}
    channels = [choice for choice in Customer.Prefers.choices if choice[0] != "text" or settings.TEXT_PROVIDER]
    context: dict[str, Any] = {
        "record": record,
        "channels": channels,
        "languages": list(LANGUAGES.items()),
        "formats": [(need.value, need.label) for need in FORMATS],
        "chosen_formats": [need.value for need in FORMATS if need.value in held],
        "wordings": list(consents.wordings().values()),
        "given": consents.given(who.acting.customer_id),
    }
    return draw(request, "preferences", problems=problems, **context)


@resident
@require_POST
def consent(request: HttpRequest, purpose: str) -> HttpResponse:
    """Agree, or take it back: one button either way."""
    who, at = own(request), now()
    customer_id, by = who.acting.customer_id, who.acting.actor
    if "withdraw" in request.POST:
        consents.withdraw(customer_id, purpose, channel="web", by=by, at=at)
        return redirect(f"{reverse('portal:preferences')}?said=withdrawn#consents")
    version = typed_line(request, "version", longest=6)
    try:
        consents.give(
            customer_id, purpose, version=int(version) if version.isdecimal() else 0, channel="web", by=by, at=at
        )
    except RuleBroken as error:
        return _page(request, who, problems=problems_of(error, "consents"))
    return redirect(f"{reverse('portal:preferences')}?said=given#consents")
