"""Finding a service and reading what the council does about it."""

from __future__ import annotations

from string import ascii_uppercase
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_safe

from townhall.catalogue import queries as catalogue
from townhall.catalogue.pack import ServicePack
from townhall.core.access import public
from townhall.core.errors import NotFound
from townhall.core.time import council_date, now
from townhall.forms import queries as forms
from townhall.forms.typed import clean_line
from townhall.inclusion import restricting
from townhall.knowledge import queries as knowledge
from townhall.knowledge import referrals, search
from townhall.knowledge.models import Missed
from townhall.knowledge.things import Listed
from townhall.neighbourhood.queries import next_collections
from townhall.places.hours import week_of
from townhall.places.hours_words import days_words, hours_words
from townhall.portal.account.web import Me, me
from townhall.portal.finding_pages import pages_for
from townhall.portal.views.asking import has_general_form
from townhall.portal.wording import published_words
from townhall.street.bins import stream_name

LONGEST_SEARCH = 200


@public
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/home.html", {"groups": catalogue.groups()})


@public
@require_safe
def services(request: HttpRequest) -> HttpResponse:
    """A to Z, or what a search finds."""
    typed = _typed(request)
    letters: dict[str, list[ServicePack]] = {}
    for pack in catalogue.services():
        letters.setdefault(pack.name[:1].upper(), []).append(pack)
    context = {
        "typed": typed,
        **_found(typed),
        "letters": letters,
        "alphabet": ascii_uppercase,
    }
    return render(request, "portal/services.html", context)


@public
@require_safe
def report(request: HttpRequest) -> HttpResponse:
    """Choose the problem: search first, then the list by group."""
    typed = _typed(request)
    context = {
        "typed": typed,
        **_found(typed),
        "groups": _reported(),
    }
    return render(request, "portal/report.html", context)


def _found(typed: str) -> dict[str, Any]:
    """What everybody may read of services, articles, forms and documents; a search in vain is written down for its owner."""
    pages = pages_for(typed)
    found: list[Listed] = search.find(typed, door=Missed.Door.PUBLIC) if typed else []
    if typed and not found and not pages:
        search.missed(typed, door=Missed.Door.PUBLIC, at=now())
    return {"found": found, "pages": pages}


def _reported() -> dict[str, list[ServicePack]]:
    """What is reported with its place, by group: not what a form asks for."""
    groups = {name: [pack for pack in packs if not pack.form] for name, packs in catalogue.groups().items()}
    return {name: packs for name, packs in groups.items() if packs}


def _typed(request: HttpRequest) -> str:
    return clean_line(request.GET.get("q", ""))[:LONGEST_SEARCH]


@public
@require_safe
def service(request: HttpRequest, code: str) -> HttpResponse:
    """What the council does, refuses and promises, before anybody begins."""
    try:
        entry = catalogue.entry(code)
    except NotFound as error:
        raise Http404 from error
    pack, at = entry.pack, now()
    others = referrals.offered(code, at=at, refer_to=[rule.refer_to or "" for rule in pack.routing])
    if not entry.is_live:
        if not others:
            raise Http404
        return render(request, "portal/help/not_here.html", {"pack": pack, "referrals": others}, status=410)
    today = council_date(at)
    hours = pack.contact.hours
    week = (week_of(on=today, service=hours) or week_of(on=today, service=hours, channel="phone")) if hours else ()
    context = {
        "pack": pack,
        "closed": restricting.closed_ways(service_code=code),
        "form_text": _form_text(pack),
        "can_ask": has_general_form(),
        "updated_at": entry.updated_at,
        "promise": published_words(pack.published),
        "week": [(days_words(days), hours_words(days)) for days in week],
        "referrals": others,
        "articles": knowledge.articles_for(code),
        "related": [other for other in catalogue.services() if other.code in pack.related],
    }
    who = me(request)
    if who is None:
        return render(request, "portal/service.html", context)
    answer = render(request, "portal/service.html", {**context, "own": _own_facts(pack, who)})
    add_never_cache_headers(answer)  # it says something of one person
    return answer


def _form_text(pack: ServicePack) -> str:
    """What its form says before the first question, so that nobody needs a second page to begin."""
    try:
        return forms.flow(pack.form).form.text if pack.form else ""
    except NotFound:
        return ""


def _own_facts(pack: ServicePack, who: Me) -> dict[str, Any]:
    """What this service means at the address of somebody signed in. Two queries for collections, none else."""
    if not pack.place.checks_round or not who.acting.uprn:
        return {}
    coming = next_collections(who.acting.uprn, at=now())
    return {"address": who.acting.address, "coming": [(stream_name(pack, one.stream), one) for one in coming]}
