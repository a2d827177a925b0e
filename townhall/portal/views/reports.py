"""Open reports: a list, then a map, and the same as feeds. Filtered by ward and service."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from townhall.cases.public_list import PublicLine, open_reports
from townhall.catalogue import queries as catalogue
from townhall.catalogue.pack import ServicePack
from townhall.core.access import public
from townhall.core.refreshing import Refreshing
from townhall.core.time import now
from townhall.places.whereabouts import wards
from townhall.portal import feeds
from townhall.ui.drawn_map import METRES_A_DEGREE
from townhall.ui.map_features import is_drawn
from townhall.ui.map_macros import map_picture
from townhall.ui.map_view import MapView

FRESH_SECONDS = 30.0


@dataclass(frozen=True, kw_only=True)
class Filter:
    ward: str = ""
    service: str = ""

    @property
    def query(self) -> str:
        return urlencode({name: value for name, value in (("ward", self.ward), ("service", self.service)) if value})

    def path(self, name: str) -> str:
        return reverse(name) + (f"?{self.query}" if self.query else "")


def _filter(request: HttpRequest) -> Filter | None:
    """None for a ward or service that does not exist."""
    wanted = Filter(ward=request.GET.get("ward", ""), service=request.GET.get("service", ""))
    known = {"", *(code for code, _name in wards())}, {"", *(pack.code for pack in _listed())}
    return wanted if wanted.ward in known[0] and wanted.service in known[1] else None


def _listed() -> list[ServicePack]:
    return [pack for pack in catalogue.services() if pack.public.listed]


@public
@require_safe
def reports(request: HttpRequest) -> HttpResponse:
    wanted = _filter(request) or Filter()
    after = request.GET.get("after", "")[:200]
    page = open_reports(at=now(), service=wanted.service, ward=wanted.ward, after=after)
    query = {"ward": wanted.ward, "service": wanted.service, "after": page.after}
    context = {
        "page": page,
        "wanted": wanted,
        "wards": wards(),
        "services": _listed(),
        "older": "?" + urlencode({name: value for name, value in query.items() if value}) if page.after else "",
        "newest": wanted.path("portal:reports") if after else "",
        "picture": _picture(page.rows) if is_drawn() else "",
        "feeds": [(text, wanted.path(f"portal:reports_{kind}")) for kind, text in _FEEDS.items()],
    }
    return render(request, "portal/reports.html", context)


_FEEDS = {"atom": "Atom", "rss": "RSS", "geojson": "GeoJSON"}


def _picture(lines: Sequence[PublicLine]) -> str:
    """The address of one map with all of them, numbered as in the list; empty when none has a place."""
    placed = [(line.lat, line.lng) for line in lines if line.lat is not None and line.lng is not None]
    if not placed:
        return ""
    lats, lngs = [lat for lat, _lng in placed], [lng for _lat, lng in placed]
    middle = (min(lats) + max(lats)) / 2, (min(lngs) + max(lngs)) / 2
    wide = max((max(lngs) - min(lngs)) * METRES_A_DEGREE * 0.6, (max(lats) - min(lats)) * METRES_A_DEGREE * 1.6)
    view = MapView(lat=middle[0], lng=middle[1], metres=max(300.0, wide * 1.25))
    return map_picture(view, None, [{"lat": lat, "lng": lng} for lat, lng in placed])


@lru_cache(maxsize=2_000)
def _feed(kind: str, wanted: Filter) -> Refreshing[tuple[bytes, str]]:
    """The feed's bytes and ETag, written at most every FRESH_SECONDS. Only filters that exist get here, so there are not many."""

    def load() -> tuple[bytes, str]:
        at = now()
        lines = open_reports(at=at, service=wanted.service, ward=wanted.ward, size=feeds.MOST[kind]).rows
        body = feeds.write(kind, lines, title=_title(wanted), path=wanted.path(f"portal:reports_{kind}"), at=at)
        return body, f'"{hashlib.sha256(body).hexdigest()[:32]}"'

    return Refreshing(load, seconds=FRESH_SECONDS)


def _title(wanted: Filter) -> str:
    ward = dict(wards()).get(wanted.ward, "")
    name = catalogue.service(wanted.service).name if wanted.service else _("Open reports")
    return _("%(what)s in %(ward)s") % {"what": name, "ward": ward} if ward else name


@public
@require_safe
def feed(request: HttpRequest, kind: str) -> HttpResponseBase:
    wanted = _filter(request)
    if wanted is None:
        raise Http404
    body, tag = _feed(kind, wanted).get()
    whole = HttpResponse(body, content_type=feeds.TYPES[kind])
    answer = get_conditional_response(request, etag=tag, response=whole) or whole
    answer["ETag"] = tag
    answer["Cache-Control"] = f"public, max-age={FRESH_SECONDS:.0f}"
    answer["Access-Control-Allow-Origin"] = "*"  # open data
    return answer
