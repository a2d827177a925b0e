"""What is on near by: a page for each event, and calendars to keep."""

from __future__ import annotations

from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from townhall.core.access import public
from townhall.core.time import now
from townhall.neighbourhood import nearby
from townhall.neighbourhood.event_calendar import Shown, calendar_of
from townhall.neighbourhood.models import Event
from townhall.places import grid
from townhall.portal.views.near_me import chosen_place, within_of

MOST = 200


@public
@require_safe
def event(request: HttpRequest, event_id: UUID) -> HttpResponse:
    row = _event(event_id)
    spot = grid.to_wgs84(row.easting, row.northing) if row.easting is not None and row.northing is not None else None
    is_over = (row.ends_at or row.starts_at) < now()
    return render(request, "portal/event.html", {"event": row, "degrees": spot, "is_over": is_over})


@public
@require_safe
def event_calendar(request: HttpRequest, event_id: UUID) -> HttpResponse:
    row = _event(event_id)
    return _file([row], title=row.title, name=f"event-{row.pk}.ics")


@public
@require_safe
def near_calendar(request: HttpRequest) -> HttpResponse:
    """What is on around a place, to subscribe to; named as on the page of what is near."""
    place = chosen_place(request)
    if place is None or place.easting is None or place.northing is None:
        raise Http404
    found = nearby.events_near(place.easting, place.northing, at=now(), metres=within_of(request), size=MOST)
    return _file(found, title=_("What is on near %(place)s") % {"place": place.address}, name="events.ics")


def _event(event_id: UUID) -> Event:
    row = Event.objects.filter(pk=event_id).first()
    if row is None:
        raise Http404
    return row


def _file(events: list[Event] | list[nearby.EventLine], *, title: str, name: str) -> HttpResponse:
    host = urlsplit(settings.PUBLIC_URL).hostname or "localhost"
    shown: list[Shown] = list(events)
    text = calendar_of(shown, title=title, host=host, page=f"{settings.PUBLIC_URL}/events/", at=now())
    answer = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    answer.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return answer
