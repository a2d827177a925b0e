"""Reading the form of a text to many: whom it is for, in the ways in which a person says it."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from django.utils.translation import gettext as _

from townhall.core.errors import BadInput
from townhall.core.ids import as_uuid
from townhall.core.time import aware
from townhall.engagement.texting import lists
from townhall.engagement.texting.models import TextCampaign
from townhall.engagement.texting.planning import FURTHEST, Plan
from townhall.places import grid
from townhall.places import queries as places
from townhall.workspace.views.typing_in import number

NAMES: Final = (
    "name",
    "purpose",
    "words",
    "to",
    "ward",
    "street",
    "round",
    "place",
    "metres",
    "outline",
    "saved",
    "outside_hours",
    "owner",
)
LONGEST_OUTLINE: Final = 100_000  # characters
_CORNER = re.compile(r"\s*(-?\d{1,9}(?:\.\d{1,9})?)\s*[,;\s]\s*(-?\d{1,9}(?:\.\d{1,9})?)\s*")
To = TextCampaign.To


def first(row: TextCampaign | None, *, owner: str) -> dict[str, str]:
    """What the form shows before anything is typed."""
    if row is None:
        return dict.fromkeys(NAMES, "") | {"metres": "500", "owner": owner}
    held = dict.fromkeys(NAMES, "") | {"metres": "500", "owner": str(row.owner_id)}
    held |= {name: str(getattr(row, name)) for name in ("name", "purpose", "words", "to", "outside_hours")}
    match row.to:
        case To.WARD | To.ROUND | To.SAVED:
            held[str(row.to)] = row.to_code
        case To.STREET:
            held["street"] = row.to_words
        case To.AROUND:
            held |= {"place": row.to_words, "metres": row.to_code.rpartition(",")[2]}
        case To.DRAWN:
            held["outline"] = "\n".join(f"{east} {north}" for east, north in row.rings)
    return held


def plan_of(words: dict[str, str], file: bytes | None) -> Plan:
    """`file`: the list, when there is one. Raises BadInput where what they typed is no place, no outline or no list."""
    code, said, corners, listed = "", "", [], None
    match words["to"]:
        case To.WARD | To.ROUND | To.SAVED:
            code = words[words["to"]]
        case To.STREET:
            code, said = _street(words["street"])
        case To.AROUND:
            code, said = _around(words["place"], words["metres"])
        case To.DRAWN:
            corners = outline(words["outline"])
        case To.FILE:
            listed = lists.read(file) if file is not None else None
    return Plan(
        name=words["name"],
        purpose=words["purpose"],
        words=words["words"],
        to=words["to"],
        to_code=code,
        to_words=said,
        corners=corners,
        listed=listed,
        outside_hours=words["outside_hours"],
        owner_id=_owner(words["owner"]),
    )


def seen_at(text: str) -> datetime:
    """When what somebody has read was written; long ago where the page does not say."""
    try:
        return aware(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        return datetime(2000, 1, 1, tzinfo=UTC)


def _owner(words: str) -> UUID | None:
    found = as_uuid(words)
    if words and found is None:
        raise BadInput({"owner": _("Select who reads the answers")})
    return found


def _street(words: str) -> tuple[str, str]:
    found = [one for one in places.find(words) if one.kind == "street"]
    exact = [
        one for one in found if one.label.split(",")[0].casefold() == words.split(",", maxsplit=1)[0].strip().casefold()
    ]
    wanted = exact or found
    if len(wanted) == 1:
        return wanted[0].code, wanted[0].label
    if not wanted:
        raise BadInput({"street": _("No street is called that. Check the spelling")})
    whole = [one for one in wanted if one.label.casefold() == words.strip().casefold()]
    if len(whole) == 1:
        return whole[0].code, whole[0].label
    names = "; ".join(one.label for one in wanted[:5])
    raise BadInput({"street": _("Which street? Enter it with its place: %(names)s") % {"names": names}})


def _around(words: str, metres: str) -> tuple[str, str]:
    far = number(metres, "metres", _("Enter a number of metres"))
    if not 0 < far <= FURTHEST:
        raise BadInput({"metres": _("Enter from 1 to %(most)d metres") % {"most": FURTHEST}})
    exact = places.exactly(words)
    place = exact.place if exact else places.postcode(words)
    if place is None or place.easting is None or place.northing is None:
        raise BadInput({"place": _("Enter an address or street as we know it, or a postcode")})
    return f"{place.easting},{place.northing},{far}", words.strip()[:200]


def outline(text: str) -> list[tuple[int, int]]:
    """The corners of an area: GeoJSON as a map program saves it, or a line for each of easting and northing. Raises BadInput."""
    if text.strip().startswith("{"):
        return _of_geojson(text)
    corners: list[tuple[int, int]] = []
    for line in text.splitlines():
        if not line.strip():
            continue
        found = _CORNER.fullmatch(line)
        if found is None:
            raise BadInput({"outline": _("“%(line)s” is no easting and northing") % {"line": line.strip()[:40]}})
        corners.append((round(float(found[1])), round(float(found[2]))))
    return corners


def _of_geojson(text: str) -> list[tuple[int, int]]:
    wrong = BadInput({"outline": _("That is no GeoJSON of one area")})
    try:
        points = _ring(json.loads(text))
        found = [grid.to_grid(float(point[1]), float(point[0])) for point in points]
    except (ValueError, TypeError, KeyError, IndexError, RecursionError, OverflowError):
        raise wrong from None
    corners = [corner for corner in found if corner is not None]
    if len(corners) != len(found):
        raise BadInput({"outline": _("The area is outside the country")})
    return corners


def _ring(shape: Any) -> list[Any]:
    """The outer ring. Raises what a wrong shape brings."""
    kind = shape["type"]
    if kind == "FeatureCollection":
        return _ring(shape["features"][0])
    if kind == "Feature":
        return _ring(shape["geometry"])
    rings = shape["coordinates"] if kind == "Polygon" else shape["coordinates"][0]
    return list(rings[0])
