"""A week of cover: for each team and half-hour how many answer, and the half-hours that too few do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import Q

from townhall.core.time import LONDON, end_of, start_of
from townhall.places.opening import Where, hours_of, spans
from townhall.telephony.models import Absence, Divert, Duty, PhoneTeam
from townhall.telephony.night.report import corporate_day, is_closed

HALF = timedelta(minutes=30)


@dataclass(frozen=True, kw_only=True)
class Slot:
    """One half-hour in which the team's phones are to be answered."""

    at: datetime
    names: tuple[str, ...]
    diverted_to: str
    is_covered: bool


@dataclass(frozen=True, kw_only=True)
class TeamWeek:
    """`days`: each day with its half-hours in order; `gaps`: stretches with too few, from and until."""

    team_id: UUID
    name: str
    minimum: int
    days: Sequence[tuple[date, Sequence[Slot]]]
    gaps: Sequence[tuple[datetime, datetime]]


@dataclass(frozen=True, kw_only=True)
class _Kept:
    duties: list[Duty]
    absences: list[Absence]
    diverts: list[Divert]


def weeks(monday: date, *, days: int = 7, teams: Sequence[UUID] | None = None) -> list[TeamWeek]:
    """Every team whose phones are to be answered, by name. Four statements, however many teams."""
    last = monday + timedelta(days=days - 1)
    chosen = PhoneTeam.objects.select_related("team").order_by("team__name")
    if teams is not None:
        chosen = chosen.filter(team_id__in=teams)
    kept = _Kept(
        duties=list(
            Duty.objects.filter(Q(until_on=None) | Q(until_on__gte=monday), from_on__lte=last, user__is_active=True)
            .select_related("user")
            .order_by("user__name", "starts")
        ),
        absences=list(Absence.objects.filter(until_on__gte=monday, from_on__lte=last)),
        diverts=list(Divert.objects.filter(ends_at__gt=start_of(monday), starts_at__lt=end_of(last))),
    )
    return [_week(one, monday, days, kept) for one in chosen]


def _week(one: PhoneTeam, monday: date, days: int, kept: _Kept) -> TeamWeek:
    found: list[tuple[date, list[Slot]]] = []
    needed = _needed(one.service_code, monday, days)
    for offset in range(days):
        on = monday + timedelta(days=offset)
        found.append((on, [_slot(one, at, kept) for at in needed if at.astimezone(LONDON).date() == on]))
    return TeamWeek(
        team_id=one.team_id,
        name=one.team.name,
        minimum=one.minimum,
        days=found,
        gaps=_gaps([slot for _on, slots in found for slot in slots]),
    )


def _needed(service_code: str, monday: date, days: int) -> list[datetime]:
    """The half-hours that are to be covered: the phone hours of the service, or the corporate day."""
    since, until = start_of(monday), end_of(monday + timedelta(days=days - 1))
    where = Where(service=service_code, channel="phone")
    if service_code and hours_of(where):
        stretches = [(max(span.opens, since), min(span.closes, until)) for span in spans(where, since=since, days=days)]
    else:
        day = corporate_day()
        on_days = [monday + timedelta(days=offset) for offset in range(days)]
        stretches = [
            (_wall(on, day.opens), _wall(on, day.closes)) for on in on_days if on.weekday() < 5 and not is_closed(on)
        ]
    found = []
    for opens, closes in stretches:
        at = opens
        while at < closes and at < until:
            found.append(at)
            at += HALF
    return found


def _wall(on: date, at: time) -> datetime:
    return datetime.combine(on, at, LONDON)


def _slot(one: PhoneTeam, at: datetime, kept: _Kept) -> Slot:
    names = answering(one.team_id, at, kept.duties, kept.absences)
    divert = next(
        (row for row in kept.diverts if row.team_id == one.team_id and row.starts_at <= at < row.ends_at), None
    )
    return Slot(
        at=at,
        names=tuple(names),
        diverted_to=divert.to if divert else "",
        is_covered=len(names) >= one.minimum or divert is not None,
    )


def answering(team_id: UUID | None, at: datetime, duties: Sequence[Duty], absences: Sequence[Absence]) -> list[str]:
    """Who answers at a moment, by name: on duty, not at a break, not away. team_id: None for any team."""
    return sorted({row.user.name for row in on_duty(team_id, at, duties, absences)})


def on_duty(team_id: UUID | None, at: datetime, duties: Sequence[Duty], absences: Sequence[Absence]) -> list[Duty]:
    local = at.astimezone(LONDON)
    on, wall = local.date(), local.time()
    away = {row.user_id for row in absences if row.from_on <= on <= row.until_on}
    here = [
        row
        for row in duties
        if (team_id is None or row.team_id == team_id)
        and row.weekday == on.weekday()
        and row.from_on <= on
        and (row.until_on is None or on <= row.until_on)
        and row.user_id not in away
        and _meets(row, wall)
    ]
    resting = {row.user_id for row in here if row.kind == Duty.Kind.BREAK}
    return [row for row in here if row.kind == Duty.Kind.ANSWERS and row.user_id not in resting]


def _meets(row: Duty, wall: time) -> bool:
    return row.starts <= wall < row.ends


def _gaps(slots: Sequence[Slot]) -> list[tuple[datetime, datetime]]:
    found: list[tuple[datetime, datetime]] = []
    for slot in slots:
        if slot.is_covered:
            continue
        if found and found[-1][1] == slot.at:
            found[-1] = (found[-1][0], slot.at + HALF)
        else:
            found.append((slot.at, slot.at + HALF))
    return found
