"""The first page of the account: what the address brings, and requests by any channel."""

from __future__ import annotations

from uuid import UUID
from zlib import crc32

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import condition, require_POST, require_safe

from townhall.accounts.residents import sessions
from townhall.catalogue import queries as catalogue
from townhall.core.access import public, resident
from townhall.core.time import council_date, now
from townhall.customers.accounts import feeds
from townhall.neighbourhood.calendar import calendar
from townhall.notifications.queries import inbox_of
from townhall.portal.account import tiles
from townhall.portal.account.requests import mine
from townhall.portal.account.web import required
from townhall.portal.views.account.drawing import draw
from townhall.street.bins import stream_name

NEWEST = 3


@resident
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    who, at = required(request), now()
    viewer = tiles.viewer_of(who, at=at)
    shown = tiles.tiles_for(viewer)
    return draw(request, "home", viewer=viewer, tiles=shown, requests=mine(who.acting.customer_id, size=NEWEST))


@resident
@require_POST
def acting(request: HttpRequest) -> HttpResponse:
    """Act for another of the records that the account opens, from the next page on."""
    who = required(request)
    wanted = request.POST.get("link", "")
    chosen = next((one for one in who.opened if str(one.link_id) == wanted), None)
    if chosen is None:
        raise Http404
    sessions.act_for(who.person.session_id, chosen.link_id)
    return redirect("portal:account")


@resident
@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """Every message to this customer, by whichever channel it went."""
    who = required(request)
    found = inbox_of(who.acting.customer_id, after=request.GET.get("after", ""))
    return draw(request, "inbox", page=found)


@resident
@require_POST
def calendar_made(request: HttpRequest) -> HttpResponse:
    """Make the address of a calendar, or end those that were given out."""
    who, at = required(request), now()
    if who.is_helping or not who.acting.uprn:
        raise Http404
    if "end" in request.POST:
        feeds.end_feeds(who.acting.customer_id, by=who.actor, at=at)
    else:
        feeds.feed_for(who.acting.customer_id, who.acting.uprn, by=who.actor, at=at)
    return redirect("portal:calendar")


@resident
@require_safe
def calendar_page(request: HttpRequest) -> HttpResponse:
    who = required(request)
    if who.is_helping or not who.acting.uprn:
        raise Http404
    feed = feeds.feed_of(who.acting.customer_id, who.acting.uprn)
    address = ""
    if feed is not None:
        address = settings.PUBLIC_URL + reverse("portal:calendar_file", args=[feeds.token_of(feed)])
    return draw(request, "calendar", address=address, webcal=address.replace("https:", "webcal:", 1))


def _version(request: HttpRequest, token: str) -> str | None:
    """The file changes when the day does, or a round."""
    feed = feeds.feed_in(token)
    return None if feed is None else f'"{feed.pk.hex}-{_file(feed.pk, feed.uprn)[1]}"'


def _file(feed_id: UUID, uprn: str) -> tuple[str, int]:

    pack = next((one for one in catalogue.services() if one.place.checks_round), None)
    at = now()
    text = calendar(
        uprn,
        feed=feed_id.hex[-12:],
        host=settings.PUBLIC_URL.partition("://")[2].partition(":")[0],
        title=_("Bin collections"),
        page=settings.PUBLIC_URL + reverse("portal:account"),
        name=lambda stream: stream_name(pack, stream) if pack else stream,
        at=at.replace(hour=0, minute=0, second=0, microsecond=0),
    )
    return text, crc32(text.encode()) ^ council_date(at).toordinal()


@public
@require_safe
@cache_control(private=True, max_age=3600)
@condition(etag_func=_version)
def calendar_file(request: HttpRequest, token: str) -> HttpResponse:
    """The collections for a calendar program, by an address that cannot be guessed and names no place."""
    feed = feeds.feed_in(token)
    if feed is None:
        raise Http404
    return HttpResponse(_file(feed.pk, feed.uprn)[0], content_type="text/calendar; charset=utf-8")
