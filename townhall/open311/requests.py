"""Reports as everybody may see them: no names, no contact details, and no words of a reporter that a service does not publish."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings

from townhall.cases.public import public_answers, shown_place
from townhall.cases.states import OPEN, State
from townhall.catalogue import queries as catalogue
from townhall.catalogue.pack import ServicePack
from townhall.core.actors import Actor, ActorKind
from townhall.core.db import fetch_all
from townhall.core.references import parse_reference
from townhall.core.time import end_of
from townhall.open311.formats import Many, stamp
from townhall.open311.statuses import status_of

_OPEN = sorted(state.value for state in OPEN)
_POSTCODE = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b")

# A key also sees what it reported itself: the submission of a report has the report's id.
_SELECT = """
    SELECT c.id, c.reference, c.service_code, c.state, c.due_on, c.scheduled_on, c.description, c.attributes::json, c.public_note,
        c.easting, c.northing, c.lat, c.lng, c.address, c.uprn, c.opened_at, c.updated_at, c.closed_at, c.outcome_code,
        c.outcome_text, c.decline_reason,
        (SELECT f.id FROM files_storedfile f WHERE f.case_id = c.id AND f.state = 'approved' AND f.content_type LIKE 'image/%%'
            ORDER BY f.created_at LIMIT 1)
    FROM cases_case c
    WHERE (c.is_public OR EXISTS (
        SELECT 1 FROM forms_submission s WHERE s.id = c.id AND s.by_kind = 'connector' AND s.by_id = %s))"""
_BY_REFERENCE = f"{_SELECT} AND c.reference = ANY(%s) ORDER BY c.opened_at DESC, c.id DESC"
_BY_WINDOW = f"""{_SELECT} AND c.opened_at >= %s AND c.opened_at <= %s
    AND (%s::text[] IS NULL OR c.service_code = ANY(%s::text[]))
    AND (%s::boolean IS NULL OR (c.state = ANY(%s::text[])) = %s::boolean)
    ORDER BY c.opened_at DESC, c.id DESC LIMIT %s OFFSET %s"""
_NOTES = """SELECT case_id, at, text FROM cases_note WHERE kind = 'update' AND case_id = ANY(%s) ORDER BY at, id"""


@dataclass(frozen=True, kw_only=True)
class Window:
    start: datetime
    end: datetime


def by_references(typed: Sequence[str], *, by: Actor, extended: bool) -> list[dict[str, object]]:
    """Those that exist and may be seen, newest first."""
    references = sorted({found for one in typed if (found := parse_reference(one))})
    return _drawn(fetch_all(_BY_REFERENCE, (_key_id(by), references)), extended=extended) if references else []


def listed(
    window: Window,
    *,
    by: Actor,
    services: Sequence[str] | None,
    is_open: bool | None,
    skip: int,
    limit: int,
    extended: bool,
) -> list[dict[str, object]]:
    """Reports made in the window, newest first. `services` and `is_open` narrow; None is all."""
    codes = list(services) if services is not None else None
    rows = fetch_all(
        _BY_WINDOW,
        (_key_id(by), window.start, window.end, codes, codes, is_open, _OPEN, is_open, limit, skip),
    )
    return _drawn(rows, extended=extended)


def _key_id(by: Actor) -> str:
    return by.id if by.kind is ActorKind.CONNECTOR else ""


def _drawn(rows: Sequence[tuple[Any, ...]], *, extended: bool) -> list[dict[str, object]]:
    drawn = [_request(row) for row in rows]
    if extended:
        notes: dict[Any, list[dict[str, object]]] = {}
        for case_id, at, text in fetch_all(_NOTES, ([row[0] for row in rows],)):
            notes.setdefault(case_id, []).append({"datetime": stamp(at), "description": text, "type": "update"})
        for row, request in zip(rows, drawn, strict=True):
            request.update(_extensions(row, notes.get(row[0], [])))
    return drawn


def _request(row: tuple[Any, ...]) -> dict[str, object]:
    (_id, reference, service_code, state_code, due_on, _scheduled, description, _attributes, note) = row[:9]
    easting, northing, lat, lng, address, uprn, opened_at, updated_at, closed_at = row[9:18]
    photo = row[21]
    pack, state = catalogue.service(service_code), State(state_code)
    place = shown_place(pack, easting=easting, northing=northing, lat=lat, lng=lng, address=address)
    postcode = _POSTCODE.search(place.address)
    is_open = state in OPEN
    return {
        "service_request_id": reference,
        "status": "open" if is_open else "closed",
        "status_notes": _status_notes(pack, state, row),
        "service_name": pack.name,
        "service_code": service_code,
        "description": description if pack.public.description else "",
        "agency_responsible": note if state is State.REFERRED else settings.COUNCIL_NAME,
        "service_notice": pack.next_step if is_open else "",
        "requested_datetime": stamp(opened_at),
        "updated_datetime": stamp(updated_at if is_open else closed_at or updated_at),
        "expected_datetime": stamp(end_of(due_on)) if is_open else None,
        "address": place.address,
        "address_id": uprn if pack.public.place == "point" else "",
        "zipcode": postcode.group() if postcode else "",
        "lat": place.lat,
        "long": place.lng,
        "media_url": f"{settings.PUBLIC_URL}/files/{photo}" if photo and pack.public.photos else "",
    }


def _status_notes(pack: ServicePack, state: State, row: tuple[Any, ...]) -> str:
    note, (outcome_code, outcome_text, decline_reason) = row[8], row[18:21]
    if state is State.DECLINED and (refusal := pack.refusal(decline_reason)):
        return refusal.explanation.strip()
    if state is State.CLOSED:
        outcome = next((one.name for one in pack.outcomes if one.code == outcome_code), "")
        return f"{outcome}. {outcome_text}".strip(" .") if outcome_text else outcome
    return f"{state.label}: {note}" if state is State.REFERRED and note else str(state.label)


def _extensions(row: tuple[Any, ...], notes: list[dict[str, object]]) -> dict[str, object]:
    pack = catalogue.service(row[2])
    answers = [{"name": label, "value": value} for label, value in public_answers(pack, row[7])]
    scheduled_on = row[5]
    return {
        "extended_attributes": {
            "detailed_status": status_of(
                State(row[3]), fixed=_fixed(pack, row[18]), is_scheduled=scheduled_on is not None
            ),
            "scheduled_on": scheduled_on.isoformat() if scheduled_on else None,
        },
        "attributes": Many("attribute", answers),
        "notes": Many("note", notes),
    }


def _fixed(pack: ServicePack, outcome_code: str) -> bool:
    return next((one.fixed for one in pack.outcomes if one.code == outcome_code), True)


def exists(reference: str) -> bool:
    return bool(fetch_all("SELECT 1 FROM cases_case WHERE reference = %s", (reference,)))
