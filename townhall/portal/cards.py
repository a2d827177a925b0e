"""Reports nearby, as a resident may see them: no more of the place and the words than the service shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from townhall.cases.public import public_answers
from townhall.cases.states import OPEN
from townhall.catalogue import queries as catalogue
from townhall.catalogue.pack import ServicePack
from townhall.core.time import now
from townhall.files.queries import Photo, photos_of_cases
from townhall.places import grid
from townhall.places.place import Place
from townhall.street.nearby import Near, near
from townhall.ui.paths import url
from townhall.ui.words import short_date

MOST = 6
PIN_METRES = 150


@dataclass(frozen=True, kw_only=True)
class Card:
    id: UUID
    reference: str
    service: str
    place: str
    state: str
    is_open: bool
    opened_at: datetime
    metres: int | None  # None where the service blurs the place, or it has no point
    because: str  # why it may be the same; empty when it only is near
    others: str  # how many follow, in words
    photo_path: str
    answers: list[tuple[str, str]]  # label and value of the questions that its service publishes
    words: str  # the reporter's own; empty unless its service publishes them


def cards(pack: ServicePack, place: Place, *, answers: Mapping[str, object]) -> list[Card]:
    """What is already reported near a place and may be the same, the likeliest first. Two statements.

    answers: those given so far; the number of a lamp or bin is the best sign of all.
    """
    found = near(
        service_code=pack.code,
        easting=place.easting,
        northing=place.northing,
        at=now(),
        words=place.words,
        address=place.address,
        usrn=place.usrn,
        answers=answers,
        as_shown=True,
        only_alike=True,
        most=MOST,
    )
    shown = [one.id for one in found if catalogue.service(one.service_code).public.photos]
    photos = photos_of_cases(shown, only_approved=True) if shown else {}
    return [_card(one, photos.get(one.id, [])) for one in found]


def _card(one: Near, photos: list[Photo]) -> Card:
    theirs = catalogue.service(one.service_code)
    photo = next(iter(photos), None) if theirs.public.photos else None
    return Card(
        id=one.id,
        reference=one.reference,
        service=one.service,
        place=one.address,
        state=str(one.state.label),
        is_open=one.state in OPEN,
        opened_at=one.opened_at,
        metres=one.distance if theirs.public.place == "point" else None,
        because=one.because if one.is_likely else "",
        others=_others(one.followers),
        photo_path=photo.thumbnail_path if photo else "",
        answers=public_answers(theirs, one.attributes),
        words=one.description if theirs.public.description else "",
    )


def _others(followers: int) -> str:
    if not followers:
        return ""
    return ngettext("%(num)d person follows it", "%(num)d people follow it", followers) % {"num": followers}


def pins(pack: ServicePack, point: tuple[float, float] | None) -> list[dict[str, Any]]:
    """The same as pins and a list beside the map, for a point in degrees."""
    spot = grid.to_grid(*point) if point else None
    if spot is None:
        return []
    found = near(
        service_code=pack.code,
        easting=spot[0],
        northing=spot[1],
        at=now(),
        radius=PIN_METRES,
        as_shown=True,
        only_alike=True,
    )
    return [_pin(one) for one in found if one.lat is not None][:MOST]


def _pin(one: Near) -> dict[str, Any]:
    title = f"{one.service}, {one.address}" if one.address else one.service
    note = _("%(state)s, reported %(date)s") % {"state": one.state.label, "date": short_date(one.opened_at)}
    path = url("portal:follow_page", one.reference)
    return {"lat": one.lat, "lng": one.lng, "title": title, "note": note, "href": path}
