"""What happens near by."""

from __future__ import annotations

from django.utils.translation import gettext as _

from townhall.core.ids import uuid7
from townhall.core.loading import Batch, Given, Kind, Stored, Values
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


def _store(rows: list[Values], batch: Batch) -> Stored:
    return stored("neighbourhood_event", rows, batch, key=["source", "external_id"], once=["id"], quiet=["updated_at"])


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
