"""Opening hours from an earlier system: one stretch of opening on one weekday a row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time
from typing import Final

from django.utils.translation import gettext as _

from townhall.core.loading import Batch, Given, Kind, Stored, Values
from townhall.core.loading.kept import Made, store_once
from townhall.places.models import OpeningHours, Site

COLUMNS = {
    "id": ("id", "hours_id"),
    "site": ("site", "site_code"),
    "service": ("service", "service_code"),
    "channel": ("channel",),
    "weekday": ("weekday", "day"),
    "opens": ("opens", "from_time", "open"),
    "closes": ("closes", "to_time", "close"),
    "from": ("from", "valid_from"),
    "until": ("until", "valid_until"),
}
DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _read(given: Given, batch: Batch) -> Values:
    del batch
    word = given.text("weekday", required=True).lower()
    weekday = next((place for place, day in enumerate(DAYS) if len(word) >= 2 and day.startswith(word)), None)
    if word and weekday is None:
        given.wrong("weekday", _("It is not a day of the week."))
    opens, closes = _time(given, "opens"), _time(given, "closes")
    if opens is not None and closes is not None and closes <= opens:
        given.wrong("closes", _("It closes before it opens."))
    site = given.code("site")
    from_on, until_on = given.on("from"), given.on("until")
    if from_on and until_on and until_on < from_on:
        given.wrong("until", _("It ends before it begins."))
    place = (site, given.code("service"), given.code("channel"))
    return {
        "external_id": given.text("id", most=200) or "/".join((*place, str(weekday), str(opens), str(from_on or ""))),
        "site": site,
        "service_code": place[1],
        "channel": place[2],
        "weekday": weekday,
        "opens": opens,
        "closes": closes,
        "from_on": from_on,
        "until_on": until_on,
    }


def _time(given: Given, what: str) -> time | None:
    text = given.text(what, required=True)
    try:
        return time.fromisoformat(text.zfill(5)) if text else None
    except ValueError:
        given.wrong(what, _("It is not a time. Write it like 09:30."))
        return None


def _store(rows: list[Values], batch: Batch) -> Stored:
    return store_once(rows, batch, _make)


def _make(rows: list[Values], batch: Batch) -> Sequence[Made]:
    """A site that is not here yet is made by its code; its address comes with `import sites`."""
    del batch
    sites = {row["site"] for row in rows if row["site"]}
    Site.objects.bulk_create([Site(code=code, name=code) for code in sorted(sites)], ignore_conflicts=True)
    made = OpeningHours.objects.bulk_create(
        [
            OpeningHours(
                site_id=row["site"] or None, **{name: row[name] for name in row if name not in ("site", "external_id")}
            )
            for row in rows
        ]
    )
    return [[("places_openinghours", one.pk)] for one in made]


HOURS = Kind(
    code="hours",
    columns=COLUMNS,
    id="id",
    read=_read,
    key=lambda row: str(row["external_id"]),
    store=_store,
    required=("weekday", "opens", "closes"),
)
