"""When bins are emptied: dates by address in the shape of UKBinCollectionData, or a CSV plan of rounds."""

from __future__ import annotations

import re
from datetime import date, time, timedelta

from django.utils.translation import gettext as _

from townhall.core.db import execute, fetch_all
from townhall.core.loading import Batch, Given, Kind, Stored, Values, listed, upsert
from townhall.places.loading.storing import written_down

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_BYDAY = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_ENDS_AT = time(16)  # when a crew is done, where the plan does not say
_A_MONDAY = date(2026, 1, 5)  # from which weekly rounds without a first day are counted


# Dates by address


def _unpack(document: object, stem: str) -> list[object]:
    """`{"bins": […]}` is of the address that the file is named after; else each says its UPRN, or stands under it."""
    if isinstance(document, dict) and "bins" in document and "uprn" not in {str(name).lower() for name in document}:
        return [{"uprn": stem, **document}]
    if (
        isinstance(document, dict)
        and document
        and all(isinstance(one, dict) and "bins" in one for one in document.values())
    ):
        return [{"uprn": uprn, **one} for uprn, one in document.items()]
    return listed(document)


def _read_dates(given: Given, batch: Batch) -> Values:
    uprn = given.digits("uprn", most=12, required=True)
    bins = given.raw("bins")
    found: dict[tuple[str, str], dict[str, str]] = {}
    if not isinstance(bins, list) or not bins:
        given.wrong("bins", _("It is not a list of bins."))
        bins = []
    for number, one in enumerate(bins, start=1):
        stream, on = _bin(one)
        if not stream or on is None:
            given.wrong(
                "bins",
                _("Bin %(number)d does not have a type and a collectionDate like 02/03/2026.") % {"number": number},
            )
            continue
        found.setdefault((on.isoformat(), stream), {"stream": stream, "on": on.isoformat()})
    return {
        "uprn": uprn,
        "source": batch.source,
        "bins": [found[key] for key in sorted(found)],
        "fetched_at": batch.at,
    }


def _bin(one: object) -> tuple[str, date | None]:
    if not isinstance(one, dict):
        return "", None
    stream, text = one.get("type"), one.get("collectionDate")
    if not isinstance(stream, str) or not isinstance(text, str) or not re.fullmatch(r"\d{2}/\d{2}/\d{4}", text):
        return "", None
    try:
        return " ".join(stream.split())[:100], date(int(text[6:]), int(text[3:5]), int(text[:2]))
    except ValueError:
        return "", None


def _store_dates(rows: list[Values], batch: Batch) -> Stored:
    found = upsert("neighbourhood_collections", rows, key=["uprn"], quiet=["fetched_at", "source"])
    written_down(found, batch)
    return found


COLLECTIONS = Kind(
    code="collections",
    columns={"uprn": ("uprn",), "bins": ("bins",)},
    id="uprn",
    read=_read_dates,
    key=lambda values: str(values["uprn"]),
    store=_store_dates,
    unpack=_unpack,
)


# The plan of rounds


def _read_plan(given: Given, batch: Batch) -> Values:
    uprn = given.digits("uprn", most=12, required=True)
    plan, stream = given.text("plan", most=80, required=True), given.text("stream", most=80, required=True)
    schedule = _schedule(given)
    return {
        "uprn": uprn,
        "code": _slug(f"{plan}-{stream}"),
        "stream": stream.lower(),
        "first_on": schedule[0] if schedule else None,
        "every_weeks": schedule[1] if schedule else 1,
    }


def _schedule(given: Given) -> tuple[date, int] | None:
    """The first collection and the weeks between two.

    Read are a repeating rule (`DTSTART:20260106 FREQ=WEEKLY;INTERVAL=2;BYDAY=TU`) and words (`Tuesday fortnightly from 2026-01-06`).
    """
    text = given.text("schedule", most=300, required=True)
    if not text:
        return None
    words = text.lower()
    first = _date_in(text)
    day = next((number for number, name in enumerate(DAYS) if name in words), None)
    if match := re.search(r"BYDAY=([A-Z]{2})(?![A-Z,])", text):
        day = _BYDAY.index(match[1]) if match[1] in _BYDAY else None
    weeks = _weeks(words)
    if weeks is None or (first is None and (day is None or weeks != 1)):
        given.wrong("schedule", _("It does not say on which day, how often and, when not weekly, from which date."))
        return None
    first = first or _A_MONDAY
    if day is not None:
        first += timedelta(days=(day - first.weekday()) % 7)
    return first, weeks


def _weeks(words: str) -> int | None:
    if match := re.search(r"interval=(\d{1,2})|every (\d{1,2}) weeks", words):
        weeks = int(match[1] or match[2])
        return weeks if 1 <= weeks <= 12 else None
    if "fortnight" in words or "alternate" in words:
        return 2
    return 1 if "weekly" in words or "every week" in words else None


def _date_in(text: str) -> date | None:
    """`2026-01-06`, `20260106` or `06/01/2026`, wherever it stands."""
    for pattern, order in ((r"(\d{4})-?(\d{2})-?(\d{2})", (1, 2, 3)), (r"(\d{2})/(\d{2})/(\d{4})", (3, 2, 1))):
        if match := re.search(pattern, text):
            try:
                return date(*(int(match[group]) for group in order))
            except ValueError:
                return None
    return None


def _slug(words: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")[:100]


_ON_ROUNDS = """SELECT a.uprn, r.stream, a.round_id FROM neighbourhood_addressround a JOIN neighbourhood_round r ON r.code = a.round_id
    WHERE a.uprn = ANY(%s)"""
_TAKE_OFF = """DELETE FROM neighbourhood_addressround a USING neighbourhood_round r, unnest(%s::text[], %s::text[]) AS gone (uprn, stream)
    WHERE r.code = a.round_id AND a.uprn = gone.uprn AND r.stream = gone.stream"""
_PUT_ON = """INSERT INTO neighbourhood_addressround (uprn, usrn, round_id)
    SELECT come.uprn, coalesce(p.usrn, ''), come.round FROM unnest(%s::text[], %s::text[]) AS come (uprn, round)
    LEFT JOIN places_address p ON p.uprn = come.uprn ON CONFLICT DO NOTHING"""


def _store_plan(rows: list[Values], batch: Batch) -> Stored:
    """Rounds as the plan has them, and each address on one round of each stream: that of the newest plan."""
    _make_rounds(rows)
    before: dict[tuple[str, str], set[str]] = {}
    for uprn, stream, code in fetch_all(_ON_ROUNDS, ([row["uprn"] for row in rows],)):
        before.setdefault((uprn, stream), set()).add(code)
    put = [row for row in rows if before.get((row["uprn"], row["stream"])) != {row["code"]}]
    moved = [row for row in put if (row["uprn"], row["stream"]) in before]
    if moved:
        execute(_TAKE_OFF, ([row["uprn"] for row in moved], [row["stream"] for row in moved]))
    if put:
        execute(_PUT_ON, ([row["uprn"] for row in put], [row["code"] for row in put]))
    found = Stored(new=len(put) - len(moved), changed=len(moved))
    written_down(found, batch)
    return found


def _make_rounds(rows: list[Values]) -> None:
    rounds = {
        row["code"]: {
            "code": row["code"],
            "stream": row["stream"],
            "weekday": row["first_on"].weekday(),
            "every_weeks": row["every_weeks"],
            "first_on": row["first_on"],
            "ends_at": _ENDS_AT,
            "report_days": 2,
            "service_code": "missed-bin",
        }
        for row in rows
    }
    upsert("neighbourhood_round", list(rounds.values()), key=["code"], once=["ends_at", "report_days", "service_code"])


ROUNDS = Kind(
    code="rounds",
    columns={
        "uprn": ("uprn",),
        "plan": ("round_plan", "round"),
        "stream": ("container_type", "container", "stream"),
        "schedule": ("schedule",),
    },
    id="uprn",
    read=_read_plan,
    key=lambda values: f"{values['uprn']} {values['stream']}",
    store=_store_plan,
    required=("uprn", "plan", "stream", "schedule"),
)
