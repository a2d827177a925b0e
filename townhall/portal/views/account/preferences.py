"""How somebody would like to hear from us, and what they agreed to. Each change holds from that moment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from townhall.catalogue import queries as catalogue
from townhall.core.access import resident
from townhall.core.errors import BadInput, RuleBroken
from townhall.core.time import now
from townhall.customers import operations as customers
from townhall.customers import queries
from townhall.customers.accounts import consents
from townhall.customers.channel_models import Way
from townhall.customers.models import AccessNeed, ContactPoint, Customer
from townhall.customers.operations import Ways
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
        with transaction.atomic():
            customers.change(
                customer_id,
                preferred_channel=typed_line(request, "preferred_channel", longest=20),
                language=language if language in LANGUAGES else None,
                by=by,
                at=at,
            )
            second, refused = typed_line(request, "second", longest=20), request.POST.getlist("refused")[:10]
            customers.choose_channels(customer_id, "", Ways(second=second, refused=refused), by=by, at=at)
            _set_phone(who, typed_line(request, "phone", longest=40))
            _set_formats(who, set(request.POST.getlist("formats")))
    except RuleBroken as error:
        return _page(request, who, problems=problems_of(error, "preferred_channel"), said=_said(request))
    return redirect(f"{reverse('portal:preferences')}?said=saved")


def _said(request: HttpRequest) -> dict[str, Any]:
    """What was chosen, to be shown again when it is refused."""
    lines = {
        name: typed_line(request, name, longest=40) for name in ("preferred_channel", "second", "phone", "language")
    }
    return {**lines, **{name: request.POST.getlist(name)[:20] for name in ("refused", "formats")}}


@resident
@require_POST
def channels(request: HttpRequest) -> HttpResponse:
    """How to hear from one service; nothing chosen takes it back."""
    who, at = own(request), now()
    given = {name: typed_line(request, name, longest=80) for name in ("service", "first", "second")}
    ways = Ways(first=given["first"], second=given["second"], refused=request.POST.getlist("refused")[:10])
    try:
        if not given["service"]:
            raise BadInput({"service": _("Select a service")})
        customers.choose_channels(who.acting.customer_id, given["service"], ways, by=who.acting.actor, at=at)
    except RuleBroken as error:
        problems = {f"of-{name}": text for name, text in problems_of(error, "service").items()}
        return _page(request, who, problems=problems, typed={**given, "refused": ways.refused})
    return redirect(f"{reverse('portal:preferences')}?said=saved#services")


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


def _page(
    request: HttpRequest,
    who: Me,
    *,
    problems: dict[str, str] | None = None,
    typed: Mapping[str, Any] | None = None,
    said: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """typed: of one service, said: of all, as it was sent and refused."""
    record = queries.record(who.acting.customer_id, by=who.acting.actor)
    held = {need.need for need in record.needs}
    given = consents.given(who.acting.customer_id)
    channels = [choice for choice in Customer.Prefers.choices if choice[0] != "text" or settings.TEXT_PROVIDER]
    choices = customers.channel_choices(who.acting.customer_id)
    general = choices.pop("", None)
    stands = {
        "preferred_channel": record.preferred_channel,
        "second": general.second if general else "",
        "refused": general.refused if general else [],
        "phone": who.acting.phone,
        "language": record.language,
        "formats": [need.value for need in FORMATS if need.value in held],
    }
    context: dict[str, Any] = {
        "typed": {"service": "", "first": "", "second": "", "refused": [], **(typed or {})},
        "chosen": said or stands,
        "choices": [(service_name(code), one) for code, one in sorted(choices.items())],
        "services": [(pack.code, pack.name) for pack in catalogue.services()],
        "ways": [one for one in Way.choices if one[0] != "text" or settings.TEXT_PROVIDER],
        "way_words": dict(Way.choices),
        "channels": channels,
        "languages": list(LANGUAGES.items()),
        "formats": [(need.value, need.label) for need in FORMATS],
        "wordings": consents.listed(given),
        "given": given,
    }
    return draw(request, "preferences", problems=problems, **context)


def service_name(code: str) -> str:
    return next((pack.name for pack in catalogue.services() if pack.code == code), code)


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
