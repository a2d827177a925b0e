"""The error handlers, staying signed in, the drawn map, and the page that shows every component."""

from __future__ import annotations

import math

import msgspec
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.backends.utils import csrf_input
from django.views.decorators.csrf import requires_csrf_token
from django.views.decorators.http import require_GET, require_POST

from townhall.core.access import public
from townhall.ui import examples
from townhall.ui.drawn_map import Bounds, Pin, metres_wide, svg_map
from townhall.ui.errors import PAGES
from townhall.ui.map_features import features_in, near_what
from townhall.ui.map_view import HEIGHT, WIDTH, MapView, read_point, read_view
from townhall.ui.responses import csrf_page, error_page

DETAIL_METRES = 2_500.0  # wider than this, houses and paths would be specks
WIDEST_METRES = 60_000.0
AN_HOUR = "public, max-age=3600"


@requires_csrf_token
def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, 400)


@requires_csrf_token
def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A rule's own sentence is shown when the refusal carries one."""
    return error_page(request, 403, detail=getattr(exception, "user_message", ""))


@requires_csrf_token
def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, 404)


@requires_csrf_token
def server_error(request: HttpRequest) -> HttpResponse:
    return error_page(request, 500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """settings.CSRF_FAILURE_VIEW."""
    return csrf_page(request)


@public
@require_POST
def stay(request: HttpRequest) -> HttpResponse:
    """Somebody is still there: start the idle count again."""
    request.session.modified = True
    return HttpResponse(status=204)


@public
@require_GET
def session_ended(request: HttpRequest) -> HttpResponse:
    return render(request, "ui/session_ended.html")


@public
@require_GET
def components(request: HttpRequest) -> HttpResponse:
    """Every component, for those who build pages. Shown where DEBUG or DEMO is on."""
    if not (settings.DEBUG or getattr(settings, "DEMO", False)):
        raise Http404
    return render(request, "ui/components.html", examples.everything())


@public
@require_GET
def map_picture(request: HttpRequest) -> HttpResponse:
    """An SVG of `view` (lat,lng,metres) with `point` chosen and up to 30 numbered `pin`s."""
    view = read_view(request.GET.get("view", ""))
    if view is None:
        return _refused()
    chosen = _points(request.GET.getlist("point"))
    near = _points(request.GET.getlist("pin"))
    pins = [Pin(lat=lat, lng=lng, label=str(number)) for number, (lat, lng) in enumerate(near, start=1)]
    pins += [Pin(lat=lat, lng=lng, is_chosen=True) for lat, lng in chosen[:1]]
    features = features_in(view.bounds(), detail=view.metres <= DETAIL_METRES)
    drawn = svg_map(features, view.bounds(), WIDTH, HEIGHT, pins, crosshair=True)
    return _cached(HttpResponse(drawn, content_type="image/svg+xml"))


@public
@require_GET
def map_features(request: HttpRequest) -> HttpResponse:
    """GeoJSON of what is inside `bbox` (west,south,east,north in degrees)."""
    bounds = _bounds(request.GET.get("bbox", ""))
    if bounds is None:
        return _refused()
    found = features_in(bounds, detail=metres_wide(bounds) <= DETAIL_METRES)
    body = msgspec.json.encode({"type": "FeatureCollection", "features": found})
    return _cached(HttpResponse(body, content_type="application/geo+json"))


@public
@require_GET
def map_nearest(request: HttpRequest) -> HttpResponse:
    """What a point is near, in words: {"near": "12 Mill Lane"} or empty."""
    point = read_point(request.GET.get("lat", ""), request.GET.get("lng", ""))
    if point is None:
        return _refused()
    around = MapView(lat=point[0], lng=point[1], metres=150).bounds()
    near = near_what(features_in(around, detail=True), lat=point[0], lng=point[1])
    return _cached(HttpResponse(msgspec.json.encode({"near": near}), content_type="application/json"))


def _points(texts: list[str]) -> list[tuple[float, float]]:
    split = [text.partition(",") for text in texts[:30]]
    found = [read_point(lat, lng) for lat, _comma, lng in split]
    return [point for point in found if point is not None]


def _bounds(text: str) -> Bounds | None:
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        return None
    sound = math.isfinite(west + south + east + north) and -180 <= west < east <= 180 and -85 < south < north < 85
    bounds = Bounds(west=west, south=south, east=east, north=north)
    return bounds if sound and metres_wide(bounds) <= WIDEST_METRES else None


def _cached(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = AN_HOUR
    return response


def _refused() -> HttpResponse:
    return HttpResponse(str(PAGES[400].title), status=400, content_type="text/plain; charset=utf-8")


class FormToken:
    """The hidden field of a page's forms: made once for all of them, and not at all where there is none."""

    __slots__ = ("_made", "_request")

    def __init__(self, request: HttpRequest) -> None:
        self._request, self._made = request, ""

    def __html__(self) -> str:
        self._made = self._made or csrf_input(self._request)
        return self._made

    __str__ = __html__


def form_token(request: HttpRequest) -> dict[str, object]:
    """Context processor."""
    return {"csrf_input": FormToken(request)}
