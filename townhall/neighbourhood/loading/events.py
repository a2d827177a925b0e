"""What happens near by."""

from __future__ import annotations

from django.utils.translation import gettext as _

from townhall.core.db import fetch_all
from townhall.core.events import publish
from townhall.core.ids import uuid7
from townhall.core.loading import Batch, Given, Kind, Stored, Values
from townhall.neighbourhood.events import EventsAppeared, NewEvent
from townhall.places.loading.spots import COLUMNS as SPOT
from townhall.places.loading.spots import spot_of
from townhall.places.loading.storing import stored
from townhall.places.whereabouts import whereabouts


def _read(given: Given, batch: Batch) -> Values:
    starts, ends = given.at("starts", required=True), given.at("ends")
    if starts and ends and ends < starts:
        given.wrong("ends", _("It ends before it starts."))
    spot = spot_of(given)
    return {
        "id": uuid7(),
        "source": batch.source,
        "external_id": given.text("id", most=200, required=True),
        "title": given.text("title", most=200, required=True),
        "description": given.text("description"),
        "location": given.text("location", most=500),
        "url": given.link("url"),
        "starts_at": starts,
        "ends_at": ends,
        "easting": spot[0] if spot else None,
        "northing": spot[1] if spot else None,
        "ward_code": whereabouts(*spot).ward_code if spot else "",
        "updated_at": batch.at,
    }


_KNOWN = "SELECT external_id FROM neighbourhood_event WHERE source = %s AND external_id = ANY(%s)"


def _store(rows: list[Values], batch: Batch) -> Stored:
    """What this source had not told of before is announced."""
    known = {row[0] for row in fetch_all(_KNOWN, (batch.source, [row["external_id"] for row in rows]))}
    found = stored("neighbourhood_event", rows, batch, key=["source", "external_id"], once=["id"], quiet=["updated_at"])
    fresh = [_announced(row) for row in rows if row["external_id"] not in known]
    if fresh:
        publish(EventsAppeared(events=fresh, source=batch.source, at=batch.at))
    return found


def _announced(row: Values) -> NewEvent:
    return NewEvent(**{name: row[name] for name in NewEvent.__dataclass_fields__})


EVENTS = Kind(
    code="events",
    columns={
        "id": ("id", "uid", "event_id", "identifier", "reference"),
        "title": ("title", "name", "summary"),
        "description": ("description", "details"),
        "location": ("location", "venue", "where", "address"),
        "url": ("url", "link"),
        "starts": ("starts_at", "start", "starts", "startdate", "start_date", "dtstart"),
        "ends": ("ends_at", "end", "ends", "enddate", "end_date", "dtend"),
        **SPOT,
    },
    id="id",
    read=_read,
    key=lambda values: str(values["external_id"]),
    store=_store,
    required=("id", "title", "starts"),
)
