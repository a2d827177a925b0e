"""What there is near an address, a street or a postcode; and a page for each ward. Nobody has to sign in."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from townhall.core.access import public
from townhall.core.time import now
from townhall.forms.typed import clean_line
from townhall.neighbourhood import nearby
from townhall.neighbourhood.nearby import HALF_A_MILE
from townhall.neighbourhood.queries import incidents_at, next_collections
from townhall.places import queries as places
from townhall.places.place import Place
from townhall.places.whereabouts import wards, whole
from townhall.portal.local_map import picture_around, picture_of
from townhall.portal.views import limits

DISTANCES = {200: gettext_lazy("200 metres"), HALF_A_MILE: gettext_lazy("Half a mile"), 1609: gettext_lazy("1 mile")}


@public
@require_safe
def near_me(request: HttpRequest) -> HttpResponse:
    """`q` finds places to choose from; `uprn`, `usrn` or `postcode` is one. `within` metres."""
    typed = clean_line(request.GET.get("q", ""))[:200]
    if typed and (wait := limits.held_up(request, limits.LOOK_UPS)):
        return wait
    place = chosen_place(request)
    if place is not None:
        return _around(request, place)
    found = places.find(typed) if typed else []
    here = places.postcode(typed) if typed and not found else None
    if len(found) == 1:
        return redirect(f"{request.path}?{_query(found[0])}")
    if here is not None:
        return redirect(f"{request.path}?{urlencode({'postcode': here.address})}")
    choices = [(one.label, f"?{_query(one)}") for one in found]
    status = 404 if request.GET.keys() & {"uprn", "usrn", "postcode"} else 200
    return render(request, "portal/near_me_find.html", {"typed": typed, "choices": choices}, status=status)


def _query(found: places.Found) -> str:
    return urlencode({"uprn" if found.kind == "address" else "usrn": found.code})


def chosen_place(request: HttpRequest) -> Place | None:
    """The place that the address of the page names, with its ward and grid."""
    for name, find in (("uprn", places.address), ("usrn", places.street)):
        code = request.GET.get(name, "")
        if code.isdecimal() and len(code) <= 12:
            found = find(code)
            return whole(found.place) if found else None
    return places.postcode(request.GET.get("postcode", "")[:20])


def within_of(request: HttpRequest) -> int:
    """Metres: one of the distances of the page."""
    asked = request.GET.get("within", "")
    return int(asked) if asked.isdecimal() and len(asked) < 6 and int(asked) in DISTANCES else HALF_A_MILE


def _around(request: HttpRequest, place: Place) -> HttpResponse:
    assert place.easting is not None
    assert place.northing is not None
    at = now()
    within = within_of(request)
    after = request.GET.get("after", "")[:200]
    page = nearby.near(place.easting, place.northing, metres=within, after=after)
    kept = {name: request.GET[name] for name in ("uprn", "usrn", "postcode") if name in request.GET}
    older = urlencode({**kept, "within": within, "after": page.after}) if page.after else ""
    context: dict[str, Any] = {
        "place": place,
        "within": within,
        "distances": list(DISTANCES.items()),
        "kept": kept,
        "page": page,
        "older": f"?{older}" if older else "",
        "events_calendar": urlencode({**kept, "within": within}),
        "newest": f"?{urlencode({**kept, 'within': within})}" if after else "",
        "picture": picture_around(place, [line.degrees for line in page.rows], metres=within),
        "events": nearby.events_near(place.easting, place.northing, at=at, metres=within),
        "councillors": nearby.councillors_of(place.ward_code),
        "ward": (place.ward_code, dict(wards()).get(place.ward_code, place.ward_code)),
        "collections": next_collections(place.uprn, at=at) if place.uprn else [],
        "incidents": list(incidents_at(place.uprn, at=at)) if place.uprn else [],
    }
    return render(request, "portal/near_me.html", context)


@public
@require_safe
def ward(request: HttpRequest, code: str) -> HttpResponse:
    """Who represents a ward, and what is going on in it."""
    name = dict(wards()).get(code)
    if name is None:
        raise Http404
    page = nearby.search(nearby.Wanted(ward=code, only_open=True))
    context = {
        "code": code,
        "name": name,
        "councillors": nearby.councillors_of(code),
        "page": page,
        "picture": picture_of([line.degrees for line in page.rows]),
        "events": nearby.events_in(code, at=now()),
        "title": _("%(ward)s ward") % {"ward": name},
    }
    return render(request, "portal/ward.html", context)


@public
@require_safe
def ward_list(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/wards.html", {"wards": wards()})
