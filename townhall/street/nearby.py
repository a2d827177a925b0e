"""What is already reported near a place, and which of it is likely to be the same thing."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from townhall.cases.public import BLUR_METRES, shown_place
from townhall.cases.states import OPEN_IN_SQL, State
from townhall.catalogue import queries as catalogue
from townhall.catalogue.pack import ServicePack
from townhall.core.db import fetch_all
from townhall.core.refreshing import Refreshing
from townhall.places import grid
from townhall.street.likeness import (
    ALERT_AT,
    SEARCH_DAYS,
    SEARCH_RADIUS_M,
    KindRelations,
    Likeness,
    Report,
    rank,
)

MOST_BLUR = BLUR_METRES * 0.7  # metres from a place to where its blurred point is shown, at most
_LIMIT = 60  # of a busy corner: open ones first, then the newest

_COLUMNS = (
    "id, reference, service_code, state, opened_at, closed_at, easting, northing, lat, lng, address, description,"
    " place_words, followers, due_on, is_public, uprn, attributes, usrn"
)
# A box on the index, then the exact circle. An open one may be old and is still the original; closed ones count for a while: it may
# have come back.
_POINTS = """
    (SELECT {columns} FROM cases_case
    WHERE easting IS NOT NULL AND point(easting, northing) <@ box(point(%s::int, %s::int), point(%s::int, %s::int))
      AND opened_at >= %s AND opened_at <= %s AND state <> 'merged' AND id <> %s AND service_code <> ALL(%s)
      AND (easting - %s)::bigint * (easting - %s) + (northing - %s)::bigint * (northing - %s) <= %s
    ORDER BY state IN {open} DESC, opened_at DESC LIMIT %s)"""
# What has no point: of the same service, for the words to be compared, and whatever is on the same street.
_WORDS = """
    (SELECT {columns} FROM cases_case
    WHERE easting IS NULL AND service_code = %s AND opened_at >= %s AND opened_at <= %s AND state <> 'merged' AND id <> %s
    ORDER BY opened_at DESC LIMIT %s)"""
_STREET = """
    (SELECT {columns} FROM cases_case
    WHERE easting IS NULL AND usrn <> '' AND usrn = %s AND opened_at >= %s AND opened_at <= %s AND state <> 'merged' AND id <> %s
      AND service_code <> ALL(%s)
    ORDER BY opened_at DESC LIMIT %s)"""
# Made into text at the end: before, it would be done for every row there is and not for _LIMIT alone.
_TEXT_COLUMNS = _COLUMNS.replace("id,", "id::text,", 1).replace("attributes", "attributes::text")
_AS_TEXT = f"SELECT {_TEXT_COLUMNS} FROM ("  # noqa: S608 - constants only
_TOLD_ROWS = f"{_WORDS} UNION ALL {_STREET}".format(columns=_COLUMNS)
_TOLD = f"{_AS_TEXT}{_TOLD_ROWS}) told"
_NEAR = f"{_AS_TEXT}{_POINTS.format(columns=_COLUMNS, open=OPEN_IN_SQL)} UNION ALL {_TOLD_ROWS}) near"

_NOBODY = UUID(int=0)


@dataclass(frozen=True, kw_only=True)
class Near:
    """A report nearby.

    likeness: how alike the two are; None when it only is near.
    distance: in metres; None when its place or ours is known by words alone.
    """

    id: UUID
    reference: str
    service_code: str
    service: str
    state: State
    opened_at: datetime
    lat: float | None
    lng: float | None
    address: str
    description: str
    attributes: Mapping[str, Any]  # answers to its service's questions
    followers: int
    is_public: bool
    distance: int | None
    likeness: Likeness | None

    @property
    def score(self) -> float:
        return self.likeness.score if self.likeness else 0.0

    @property
    def because(self) -> str:
        """Why it may be the same; empty when it only is near."""
        return self.likeness.because if self.likeness else ""

    @property
    def is_likely(self) -> bool:
        return self.score >= ALERT_AT


def near(
    *,
    service_code: str,
    easting: int | None,
    northing: int | None,
    at: datetime,
    words: str = "",
    address: str = "",
    usrn: str = "",
    answers: Mapping[str, object] | None = None,
    radius: float = SEARCH_RADIUS_M,
    besides: UUID = _NOBODY,
    as_shown: bool = False,
    only_alike: bool = False,
    most: int | None = None,
) -> list[Near]:
    """Reports near a place, the likeliest to be the same first, then the nearest. One statement.

    Those without a point are among them when they are on the same street (`usrn`) or described alike; for a place without a point
    they are all there is.

    as_shown: for everybody. Public reports alone, and all of it told from the place, words and answers that their service shows:
    asking again from other places or in other words must not find out what it blurs or hides.

    answers: to the service's questions, as far as they are known; the number of a thing makes two reports alike.

    only_alike: those that are likely to be the same, or of the same service. most: of these.

    What somebody asked for by a form is theirs alone: it is never among them, and has none.
    """
    if service_code in _by_form.get():
        return []
    reach = round(radius)
    rows = _rows(service_code, usrn, easting, northing, reach=reach, at=at, besides=besides)
    packs = {code: catalogue.service(code) for code in {service_code, *(row[2] for row in rows)}}
    if as_shown:
        shown = [_as_shown(row, packs[row[2]], easting=easting, northing=northing, reach=reach) for row in rows]
        rows = [row for row in shown if row is not None]
    pack = packs[service_code]
    new = Report(
        id="new",
        opened=at,
        kind=service_code,
        group=pack.group,
        easting=easting,
        northing=northing,
        address=address,
        words=words,
        asset=asset_in(pack, answers or {}),
    )
    by_id: dict[str, tuple[Any, ...]] = {row[0]: row for row in rows}  # one may be there by its service and its street
    asking = {code for code, one in packs.items() if any(asked.is_asset for asked in one.attributes)}
    earlier = [_report(row, packs[row[2]], asks_asset=row[2] in asking, as_shown=as_shown) for row in by_id.values()]
    ranked = {match.report.id: match.likeness for match in rank(new, earlier, kinds=kinds(), limit=_LIMIT)}
    found = [
        _Found(row, ranked.get(case_id), easting=easting, northing=northing)
        for case_id, row in by_id.items()
        if row[6] is not None or case_id in ranked or (usrn and row[18] == usrn)
    ]
    if only_alike:
        found = [one for one in found if one.is_likely or one.row[2] == service_code]
    found.sort(key=lambda one: one.order(service_code))
    return [_near(one, packs[one.row[2]], as_shown=as_shown) for one in found[:most]]


def _rows(
    service_code: str,
    usrn: str,
    easting: int | None,
    northing: int | None,
    *,
    reach: int,
    at: datetime,
    besides: UUID,
) -> list[tuple[Any, ...]]:
    since = at - timedelta(days=SEARCH_DAYS)
    asked_for = sorted(_by_form.get())
    told = (service_code, since, at, besides, _LIMIT, usrn, since, at, besides, asked_for, _LIMIT)
    if easting is None or northing is None:
        return fetch_all(_TOLD, told, binary=True)
    box = (easting - reach, northing - reach, easting + reach, northing + reach)
    circle = (easting, easting, northing, northing, reach * reach)
    return fetch_all(_NEAR, (*box, since, at, besides, asked_for, *circle, _LIMIT, *told), binary=True)


def _as_shown(
    row: tuple[Any, ...], pack: ServicePack, *, easting: int | None, northing: int | None, reach: int
) -> tuple[Any, ...] | None:
    """The row with as much of its place and words as everybody sees; None when no place is, or it may be out of reach."""
    if not row[15] or pack.public.place == "hidden":
        return None
    row = _without_unpublished_words(row, pack)
    if pack.public.place == "point":
        return row
    place = shown_place(pack, easting=row[6], northing=row[7], lat=row[8], lng=row[9], address=row[10])
    if row[6] is None or easting is None or northing is None:
        return (*row[:8], place.lat, place.lng, place.address, *row[11:16], "", *row[17:])
    spot = grid.to_grid(place.lat, place.lng) if place.lat is not None and place.lng is not None else None
    if spot is None or math.hypot(spot[0] - easting, spot[1] - northing) > reach - MOST_BLUR:
        return None
    return (*row[:6], *spot, place.lat, place.lng, place.address, *row[11:16], "", *row[17:])


def _without_unpublished_words(row: tuple[Any, ...], pack: ServicePack) -> tuple[Any, ...]:
    """Else whoever asks again and again with other words learns from the order what somebody wrote. As for answers, see `_answers`."""
    return row if pack.public.description else (*row[:11], "", "", *row[13:])


def _answers(row: tuple[Any, ...], pack: ServicePack, *, as_shown: bool) -> dict[str, Any]:
    """All of them, or those that everybody sees."""
    answers: dict[str, Any] = msgspec.json.decode(row[17])
    if not as_shown:
        return answers
    published = {one.code for one in pack.attributes if one.public}
    return {code: answer for code, answer in answers.items() if code in published}


def _report(row: tuple[Any, ...], pack: ServicePack, *, asks_asset: bool, as_shown: bool) -> Report:
    case_id, _ref, service_code, _state, opened_at, closed_at, easting, northing = row[:8]
    address, description, place_words = row[10:13]
    return Report(
        id=case_id,
        opened=opened_at,
        closed=closed_at,
        kind=service_code,
        group=pack.group,
        easting=easting,
        northing=northing,
        address=address,
        words=f"{description} {place_words}",
        asset=asset_in(pack, _answers(row, pack, as_shown=as_shown)) if asks_asset else "",
    )


def asset_in(pack: ServicePack, answers: Mapping[str, object]) -> str:
    """The number of the very lamp, bin or sign that a report is about, where its service asks for one; empty when not given."""
    given = (answers.get(one.code) for one in pack.attributes if one.is_asset)
    return next((str(one).strip() for one in given if one), "")


class _Found:
    """A row while it is put in order: most are left out before anything more is made of them."""

    __slots__ = ("distance", "is_likely", "likeness", "row", "score")

    def __init__(
        self, row: tuple[Any, ...], likeness: Likeness | None, *, easting: int | None, northing: int | None
    ) -> None:
        self.row, self.likeness = row, likeness
        self.score = likeness.score if likeness else 0.0
        self.is_likely = self.score >= ALERT_AT
        east, north = row[6:8]
        is_apart = easting is not None and northing is not None and east is not None
        self.distance = round(math.hypot(east - (easting or 0), north - (northing or 0))) if is_apart else None

    def order(self, service_code: str) -> tuple[object, ...]:
        """The likely first, then those of the service, the likest and the nearest."""
        is_other = self.row[2] != service_code
        return not self.is_likely, is_other, -self.score, self.distance is None, self.distance or 0


def _near(found: _Found, pack: ServicePack, *, as_shown: bool) -> Near:
    row = found.row
    return Near(
        id=UUID(row[0]),
        reference=row[1],
        service_code=row[2],
        service=pack.name,
        state=State(row[3]),
        opened_at=row[4],
        lat=row[8],
        lng=row[9],
        address=row[10],
        description=row[11],
        attributes=_answers(row, pack, as_shown=as_shown),
        followers=row[13],
        is_public=row[15],
        distance=found.distance,
        likeness=found.likeness,
    )


def _declared() -> KindRelations:
    return KindRelations({pack.code: set(pack.related) for pack in catalogue.services(live_only=False)})


_kinds = Refreshing(_declared)


def kinds() -> KindRelations:
    """Which services are kin, as their packs declare."""
    return _kinds.get()


def _with_form() -> frozenset[str]:
    return frozenset(pack.code for pack in catalogue.services(live_only=False) if pack.form)


_by_form = Refreshing(_with_form)
