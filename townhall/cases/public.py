"""What anybody may see of a case: read in one statement, and free of personal data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from townhall.accounts import directory
from townhall.cases.states import OPEN, State
from townhall.catalogue import queries as catalogue
from townhall.catalogue.pack import ServicePack
from townhall.core.db import fetch_one
from townhall.core.time import LONDON

_POSTCODE = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b", re.IGNORECASE)
_NUMBERED = re.compile(r"^.*\d\S*(?:\s*[-/&]\s*\w\b)?")  # up to the last word with a digit
_STREET_WORDS = frozenset(
    re.findall(
        r"\w+",
        """alley avenue bridge broadway bypass circus close common crescent drive end esplanade gardens green grove hill lane mews
        mount parade park passage path place promenade quay rise road row square street terrace vale view walk way wharf yard""",
    )
)
BLUR_METRES = 100  # a place shown by its street alone is moved to the middle of a square this wide

_COLUMNS = """c.id, c.reference, c.service_code, c.state, c.doer_team_id, c.due_on, c.scheduled_on, c.description,
    c.attributes::json, c.public_note, c.easting, c.northing, c.lat, c.lng, c.address, c.opened_at, c.updated_at, c.closed_at,
    c.outcome_code, c.outcome_text, c.decline_reason, c.followers, c.is_public, c.place_words"""

_FOLLOW = (
    "SELECT "  # noqa: S608 - constants only
    + _COLUMNS
    + """, m.reference,
    (SELECT json_agg(json_build_array(e.verb, e.at, e.data->>'on') ORDER BY e.at, e.position)
       FROM ledger_entry e WHERE e.case_id = c.id AND e.at >= c.opened_at AND e.verb = ANY(%s)
       AND NOT (e.verb = 'case.accepted' AND coalesce(e.data->>'was', '') IN ('closed', 'done', 'merged'))),
    (SELECT json_agg(json_build_array(f.id, f.purpose, f.width, f.height, f.service_code) ORDER BY f.created_at)
       FROM (SELECT own.*, c.service_code FROM files_storedfile own WHERE own.case_id = c.id
             UNION ALL
             SELECT theirs.*, j.service_code FROM cases_case j JOIN files_storedfile theirs ON theirs.case_id = j.id
              WHERE j.merged_into_id = c.id) f
       WHERE f.state = 'approved' AND f.content_type LIKE 'image/%%'),
    (SELECT json_agg(json_build_array(n.at, n.text) ORDER BY n.at)
       FROM cases_note n WHERE n.case_id = c.id AND n.kind = 'update')
    FROM cases_case c LEFT JOIN cases_case m ON m.id = c.merged_into_id
    WHERE c.reference = %s"""
)

# What of a case's history the public page tells, and how.
_STEPS = {
    "case.opened": _("Received"),
    "case.accepted": _("Accepted: we will do it"),
    "case.scheduled": _("Given a date"),
    "case.waiting_for_customer": _("We asked a question"),
    "case.offer_accepted": _("Moved to another team"),
    "case.declined": _("Declined"),
    "case.referred": _("Passed to another organisation"),
    "case.done": _("Work finished"),
    "case.reopened": _("Opened again"),
    "case.withdrawn": _("Withdrawn"),
    "case.merged": _("Joined to an earlier report"),
    "case.contractor_started": _("Work under way"),
}
_CLEANED, _UNDONE = "case.clean_up_close", "case.clean_up_undone"
_READ = [*_STEPS, _CLEANED, _UNDONE]


@dataclass(frozen=True, kw_only=True)
class Step:
    """One thing that happened or is to come, for the timeline."""

    title: str
    state: str  # done, current or next
    at: datetime | None = None
    on: date | None = None
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class PublicPhoto:
    id: UUID
    purpose: str
    width: int
    height: int


@dataclass(frozen=True, kw_only=True)
class PublicCase:
    id: UUID
    reference: str
    pack: ServicePack
    state: State
    team: str
    due_on: date
    scheduled_on: date | None
    place: str  # as much as the service shows: address, street or nothing
    place_words: str  # what the reporter added to the address; empty unless the service publishes their words
    lat: float | None
    lng: float | None
    description: str  # empty unless the service publishes it
    answers: list[tuple[str, str]]  # label and value of the questions the service publishes
    opened_at: datetime
    updated_at: datetime
    outcome: str
    outcome_text: str
    refusal: str
    passed_to: str
    followers: int
    is_public: bool
    merged_into: str  # the reference of the report it was joined to
    steps: list[Step]
    photos: list[PublicPhoto]  # approved ones, also of the reports that were joined to this one
    news: list[tuple[datetime, str]]
    cleaned_at: datetime | None  # closed with many others then: for a while that can be undone, and nobody was told yet

    @property
    def is_open(self) -> bool:
        return self.state in OPEN


def follow_page(reference: str) -> PublicCase | None:
    """The public page of a case, by its exact reference; None when there is none. One statement, however much has happened."""
    row = fetch_one(_FOLLOW, (_READ, reference))
    return _case(row) if row else None


def _case(row: tuple[Any, ...]) -> PublicCase:
    (case_id, reference, service_code, state_code, team_id, due_on, scheduled_on, description) = row[:8]
    (attributes, note, easting, northing, lat, lng, address, opened_at, updated_at, _closed_at) = row[8:18]
    (outcome_code, outcome_text, decline_reason, followers, is_public, place_words) = row[18:24]
    merged_into, happened, photos, news = row[24:28]
    pack, state = catalogue.service(service_code), State(state_code)
    refusal = pack.refusal(decline_reason) if decline_reason else None
    shown = shown_place(pack, easting=easting, northing=northing, lat=lat, lng=lng, address=address)
    own_place = place_words if pack.public.description and pack.public.place != "hidden" else ""
    return PublicCase(
        id=case_id,
        reference=reference,
        pack=pack,
        state=state,
        team=directory.team_by_id(team_id).name,
        due_on=due_on,
        scheduled_on=scheduled_on,
        place=shown.address or own_place,
        place_words=own_place if shown.address else "",
        lat=shown.lat,
        lng=shown.lng,
        description=description if pack.public.description else "",
        answers=public_answers(pack, attributes),
        opened_at=opened_at,
        updated_at=updated_at,
        outcome=next((one.name for one in pack.outcomes if one.code == outcome_code), ""),
        outcome_text=outcome_text,
        refusal=refusal.explanation if refusal else "",
        passed_to=note if state is State.REFERRED else "",
        followers=followers,
        is_public=is_public,
        merged_into=merged_into or "",
        steps=_steps(happened or [], state, due_on=due_on, scheduled_on=scheduled_on),
        photos=[
            PublicPhoto(id=UUID(one), purpose=why, width=w or 0, height=h or 0)
            for one, why, w, h, code in photos or []
            if catalogue.service(code).public.photos
        ],
        cleaned_at=_cleaned_at(happened or [], state),
        news=[(datetime.fromisoformat(at), text) for at, text in news or []],
    )


def _cleaned_at(happened: list[list[str]], state: State) -> datetime | None:
    last = next((one for one in reversed(happened) if one[0] in (_CLEANED, _UNDONE)), None)
    return datetime.fromisoformat(last[1]) if last and last[0] == _CLEANED and state is State.CLOSED else None


def _steps(happened: list[list[str]], state: State, *, due_on: date, scheduled_on: date | None) -> list[Step]:
    steps = [
        Step(
            title=str(_STEPS[verb]),
            state="done",
            at=datetime.fromisoformat(at).astimezone(LONDON),
            note=_("Planned for %(date)s") % {"date": _day(on)} if on else "",
        )
        for verb, at, on in happened
        if verb in _STEPS
    ]
    if state not in OPEN:
        return steps
    if state is State.AWAITING_DECISION:
        steps.append(Step(title=_("Waiting for a decision"), state="current"))
    elif state is State.WAITING_FOR_CUSTOMER:
        steps.append(Step(title=_("Waiting for an answer"), state="current"))
    elif state is State.ACCEPTED:
        steps.append(Step(title=_("To be done"), state="current", on=scheduled_on))
    if state is State.DONE:
        steps.append(Step(title=_("Telling everyone who follows"), state="current"))
    else:
        steps.append(Step(title=_("Done"), state="next", on=scheduled_on or due_on))
    return steps


def _day(text: str) -> str:
    on = date.fromisoformat(text)
    return f"{on.day} {on:%B %Y}"


@dataclass(frozen=True, kw_only=True)
class ShownPlace:
    address: str
    lat: float | None
    lng: float | None


def shown_place(
    pack: ServicePack, *, easting: int | None, northing: int | None, lat: float | None, lng: float | None, address: str
) -> ShownPlace:
    """As much of a place as the service lets everybody see."""
    match pack.public.place:
        case "point":
            return ShownPlace(address=address, lat=lat, lng=lng)
        case "street":
            return ShownPlace(address=street_of(address), lat=_blurred(lat), lng=_blurred(lng))
        case _:
            return ShownPlace(address="", lat=None, lng=None)


def _blurred(degrees: float | None) -> float | None:
    """To about 100 m, so that one house cannot be told from the next."""
    return None if degrees is None else round(degrees, 3)


def street_of(address: str) -> str:
    """An address without house, flat, building and postcode: "Near Flat 2, 12 Harbour Row, Aldermere" is "Harbour Row, Aldermere"."""
    parts = [part for one in _POSTCODE.sub("", address).split(",") if (part := one.strip())]
    numbered = [place for place, part in enumerate(parts) if _NUMBERED.search(part)]
    if numbered:  # what stands before the last number is a flat or a building
        street = _NUMBERED.sub("", parts[numbered[-1]]).strip()
        return ", ".join([*([street] if street else []), *parts[numbered[-1] + 1 :]])
    unnamed = 1 if len(parts) > 2 else 0  # most likely a house with a name
    street_at = next((at for at, part in enumerate(parts) if part.split()[-1].lower() in _STREET_WORDS), unnamed)
    return ", ".join(parts[street_at:])


def public_answers(pack: ServicePack, attributes: Mapping[str, Any]) -> list[tuple[str, str]]:
    shown = []
    for attribute in pack.attributes:
        if attribute.public and attribute.code in attributes:
            value = attributes[attribute.code]
            names = {one.key: one.name for one in attribute.values}
            given = value if isinstance(value, list) else [value]
            shown.append((attribute.label, ", ".join(names.get(str(one), str(one)) for one in given)))
    return shown
