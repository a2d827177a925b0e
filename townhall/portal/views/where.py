"""Where it is, and who looks after that place when it is not the council."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from townhall.core.errors import BadInput
from townhall.forms.typed import clean_line
from townhall.places import queries as places
from townhall.places.text import folded
from townhall.portal.account.web import me
from townhall.portal.cards import pins
from townhall.portal.journey import Journey, place_values
from townhall.portal.views import limits
from townhall.portal.views.steps import draw, journey_page, keep, onward, path_of
from townhall.street import placing
from townhall.street.reporting import keeper_of

MOST = 6  # places shown; the others are folded
FIELDS = ("how", "choice", "words", "q")


@journey_page
def where(request: HttpRequest, journey: Journey) -> HttpResponse:
    typed = clean_line(request.POST.get("q", "") or request.GET.get("q", ""))[:200]
    own = _own_address(request, journey) if not typed else None
    if typed and (wait := limits.held_up(request, limits.LOOK_UPS)):
        return wait
    found = _in_order(typed, places.find(typed, addresses_only=journey.pack.place.needs_address)) if typed else []
    context = _context(journey, typed, found)
    if own is not None:
        context |= {"typed": own.label, "found": [own], "choice": f"address:{own.code}"}
    if request.method != "POST":
        return draw(request, journey, "where", **context)
    posted = {name: request.POST.get(name, "") for name in FIELDS}
    if posted["how"] == "map" and request.POST.get("place_how") == "device":
        posted["how"] = "device"
    choice = placing.read_map(request.POST.dict(), context["view"] or placing.ANYWHERE)
    if context["view"] is not None:
        context |= {"view": choice.view, "point": choice.point, "nearby": pins(journey.pack, choice.point)}
        if choice.stays:
            return draw(request, journey, "where", **{**context, "words": posted["words"]})
    try:
        place = placing.chosen_place(journey.pack, posted, point=choice.point)
    except BadInput as error:
        shown = {**context, "words": posted["words"], "choice": posted["choice"]}
        return draw(request, journey, "where", problems=error.problems, **shown)
    away = keeper_of(journey.pack, place) is not None
    change = "?change" if "change" in request.GET else ""
    answer = redirect(path_of(journey, "elsewhere") + change) if away else onward(request, journey, "where")
    return keep(request, journey, "where", answer, again="round", place=place_values(place))


def _own_address(request: HttpRequest, journey: Journey) -> places.Found | None:
    """Where somebody signed in lives, offered first where an address is asked for."""
    if not journey.pack.place.needs_address or journey.place is not None or request.method == "POST":
        return None
    who = me(request)
    return places.address(who.acting.uprn) if who and who.acting.uprn else None


def _exact(typed: str, found: list[places.Found]) -> list[places.Found]:
    """The addresses whose number and street were typed as they are, with nothing before: these are meant, and the others are folded."""
    wanted = folded(typed)
    return [
        one
        for one in found
        if one.kind == "address" and wanted in {folded(one.label), folded(one.label.partition(",")[0])}
    ]


def _in_order(typed: str, found: list[places.Found]) -> list[places.Found]:
    """Who typed no number most likely means the whole street."""
    if exact := _exact(typed, found):
        return [*exact, *(one for one in found if one not in exact)]
    if any(letter.isdigit() for letter in typed):
        return found
    return sorted(found, key=lambda one: one.kind != "street")


def _context(journey: Journey, typed: str, found: list[places.Found]) -> dict[str, Any]:
    place, exact = journey.place, _exact(typed, found)
    view = placing.first_view(place, found) if placing.offers_map(journey.pack) else None
    point = (place.lat, place.lng) if place and place.lat is not None and place.lng is not None else None
    return {
        "typed": typed,
        "found": found,
        "shown": len(exact) or (MOST if len(found) > MOST + 2 else len(found)),
        "choice": f"address:{exact[0].code}" if len(exact) == 1 else "",
        "words": place.words if place else "",
        "view": view,
        "point": point if not found else None,
        "nearby": pins(journey.pack, point) if view and not found else [],
        "nearby_url": reverse("portal:nearby_pins", args=[journey.pack.code]),
    }


@journey_page
def elsewhere(request: HttpRequest, journey: Journey) -> HttpResponse:
    """The place is not ours: who looks after it, at once, and what we do with a report that is sent to us all the same."""
    place = journey.place
    keeper = keeper_of(journey.pack, place) if place else None
    if keeper is None:
        return redirect(path_of(journey, "where"))
    change = "?change" if "change" in request.GET else ""
    next_page = path_of(journey, journey.next_after("where")) + change
    return draw(request, journey, "elsewhere", keeper=keeper, place=place, next=next_page)
