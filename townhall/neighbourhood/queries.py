"""Everything other code may read of rounds and incidents."""

from __future__ import annotations

from collections.abc import Collection as Many
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID

import msgspec
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from townhall.clocks import reference
from townhall.core.db import fetch_all, fetch_one
from townhall.core.time import LONDON, council_date, start_of
from townhall.neighbourhood.models import AddressRound, CrewEvent, Incident, Round, RoundChange
from townhall.neighbourhood.rounds import SEARCH_DAYS, Change, Collection, Plan
from townhall.places import queries as places
from townhall.places.models import Address
from townhall.places.place import Place
from townhall.places.whereabouts import wards


class Kind(StrEnum):
    NO_ROUND = "no_round"  # this address does not have that collection
    NOT_YET_DUE = "not_yet_due"  # the collection is still to come, or was moved
    CREW_OUT = "crew_out"  # today is the day, and the crew is still on its round
    CREW_REASON = "crew_reason"  # the crew was there and said why it could not
    KNOWN = "known"  # the council has announced it
    TOO_LATE = "too_late"  # too long ago to send a crew back
    MISSED = "missed"  # a true miss: make the job


@dataclass(frozen=True, kw_only=True)
class MissedBinAnswer:
    """What to tell somebody whose bin is full. Only MISSED needs a report."""

    kind: Kind
    stream: str
    collected_on: date | None = None  # the collection asked about
    next_on: date | None = None
    finishes_at: datetime | None = None  # CREW_OUT: when the crew is usually done
    reason: str = ""  # the crew's, or why it was moved
    detail: str = ""  # the crew's own words, or what was announced
    return_on: date | None = None  # when the crew comes back for it
    moved_from: date | None = None
    incident_id: UUID | None = None

    @property
    def makes_a_job(self) -> bool:
        return self.kind is Kind.MISSED


@dataclass(frozen=True, kw_only=True)
class NextCollection:
    stream: str
    round_code: str
    on: date
    moved_from: date | None
    reason: str


@dataclass(frozen=True)
class _Visit:
    round: Round
    plan: Plan
    usrn: str


class _Bin(msgspec.Struct):
    """A day as the waste system publishes it."""

    stream: str
    on: date


_ROUND = ["code", "stream", "weekday", "every_weeks", "first_on", "ends_at", "report_days", "service_code"]
_RoundValues = tuple[str, str, int, int, date, time, int, str]
_Coming = tuple[str, _RoundValues, list[tuple[date, date | None, str]]]  # street, round, changes
# On every home of an account and every page about bins: the ORM's three queries take longer than the rest of such a page.
_HERE = f"""SELECT
    (SELECT bins::text FROM neighbourhood_collections WHERE uprn = %(uprn)s),
    (SELECT json_agg(json_build_array(a.usrn, json_build_array({", ".join(f"r.{name}" for name in _ROUND)}),
        (SELECT coalesce(json_agg(json_build_array(c.from_on, c.to_on, c.reason)), '[]') FROM neighbourhood_roundchange c
         WHERE c.round_id = r.code AND c.from_on BETWEEN %(since)s AND %(until)s)) ORDER BY r.code)::text
     FROM neighbourhood_addressround a JOIN neighbourhood_round r ON r.code = a.round_id WHERE a.uprn = %(uprn)s)"""  # noqa: S608 - our own columns


def streams_at(uprn: str) -> list[str]:
    """What is collected from an address, in order of name. Empty: no rounds come here."""
    rows = AddressRound.objects.filter(uprn=uprn).values_list("round__stream", flat=True)
    return sorted(set(rows))


def next_collections(uprn: str, *, at: datetime) -> list[NextCollection]:
    """The next collection of each stream at an address, from today on (today while the crew may still come), soonest first.

    Dates that the waste system publishes for the address go before what its rounds say. One query.
    """
    dates, visits = _here(uprn, on=council_date(at))
    found = _published(dates, since=council_date(at))
    published = {stream.casefold() for stream in found}
    for visit in visits:
        if visit.round.stream.casefold() in published:
            continue
        since = council_date(at) - timedelta(days=1 if at < _ends_at(visit.round, council_date(at)) else 0)
        coming = visit.plan.next(since)
        known = found.get(visit.round.stream)
        if coming is not None and (known is None or coming.on < known.on):
            found[visit.round.stream] = NextCollection(
                stream=visit.round.stream,
                round_code=visit.round.pk,
                on=coming.on,
                moved_from=coming.usual_on if coming.is_moved else None,
                reason=coming.reason,
            )
    return sorted(found.values(), key=lambda one: (one.on, one.stream))


def _published(dates: list[_Bin], *, since: date) -> dict[str, NextCollection]:
    """By stream, from the dates that the waste system publishes."""
    found: dict[str, NextCollection] = {}
    for one in dates:
        if one.on >= since and one.stream not in found:
            found[one.stream] = NextCollection(stream=one.stream, round_code="", on=one.on, moved_from=None, reason="")
    return found


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A collection planned for `usual_on`: on the day itself, moved to another (`on`), or cancelled (`on` is None)."""

    stream: str
    usual_on: date
    on: date | None
    reason: str


def upcoming(uprn: str, *, since: date, until: date) -> list[Planned]:
    """Everything planned at an address for these days, by day. One query.

    Dates that the waste system publishes for the address go before what its rounds say.
    """
    published, visits = _here(uprn, on=since)
    streams = {one.stream.casefold() for one in published}
    found = [
        Planned(stream=one.stream, usual_on=one.on, on=one.on, reason="")
        for one in published
        if since <= one.on <= until
    ]
    found += [
        Planned(
            stream=visit.round.stream,
            usual_on=usual_on,
            on=change.to_on if change else usual_on,
            reason=change.reason if change else "",
        )
        for visit in visits
        if visit.round.stream.casefold() not in streams
        for usual_on in visit.plan.usual_days(since, until)
        for change in [visit.plan.changes.get(usual_on)]
    ]
    return sorted(found, key=lambda one: (one.usual_on, one.stream))


@dataclass(frozen=True, kw_only=True)
class MovedDay:
    """The collections of a day that are moved or cancelled (`to_on` is None): of how many rounds."""

    from_on: date
    to_on: date | None
    reason: str
    rounds: int


def moved_days(*, since: date) -> list[MovedDay]:
    """What is moved or cancelled from a day on, the soonest first. One query."""
    rows = RoundChange.objects.filter(from_on__gte=since).values("from_on", "to_on", "reason")
    counted = rows.annotate(rounds=Count("pk")).order_by("from_on", "to_on", "reason")
    return [MovedDay(**row) for row in counted[:200]]


def missed_bin_answer(uprn: str, *, stream: str, at: datetime) -> MissedBinAnswer:
    """What the round of this address says about a bin that was not emptied. At most five queries.

    A miss may be reported for the round's `report_days` working days after the collection day.
    """
    today = council_date(at)
    visits = [visit for visit in _visits(uprn, on=today) if visit.round.stream == stream]
    if not visits:
        return MissedBinAnswer(kind=Kind.NO_ROUND, stream=stream)
    lasts = [(visit.plan.last(today), visit) for visit in visits]
    happened = [(last.on, visit) for last, visit in lasts if last is not None]
    visit = max(happened, key=lambda one: one[0])[1] if happened else visits[0]
    return _answer(visit, uprn, at=at)


def _answer(visit: _Visit, uprn: str, *, at: datetime) -> MissedBinAnswer:
    today, stream = council_date(at), visit.round.stream
    last, coming = visit.plan.last(today), visit.plan.next(today)
    next_on = coming.on if coming else None
    since = last.on + timedelta(days=1) if last else today - timedelta(days=7 * visit.round.every_weeks)
    if (put_off := visit.plan.put_off(today, since=since)) is not None:
        usual_on, change = put_off
        return MissedBinAnswer(
            kind=Kind.NOT_YET_DUE, stream=stream, next_on=next_on, moved_from=usual_on, reason=change.reason
        )
    if last is None:
        return MissedBinAnswer(kind=Kind.NOT_YET_DUE, stream=stream, next_on=next_on)
    event = _crew_event(visit, uprn, on=last.on)
    if event is not None and event.kind != CrewEvent.Kind.COMPLETED:
        return MissedBinAnswer(
            kind=Kind.CREW_REASON,
            stream=stream,
            collected_on=last.on,
            next_on=next_on,
            reason=str(CrewEvent.Kind(event.kind).label),
            detail=event.detail,
            return_on=event.return_on,
        )
    if (incident := _announced(visit, uprn, since=last.on, at=at)) is not None:
        return MissedBinAnswer(
            kind=Kind.KNOWN,
            stream=stream,
            collected_on=last.on,
            next_on=next_on,
            reason=incident.title,
            detail=incident.message,
            incident_id=incident.pk,
        )
    finishes_at = _ends_at(visit.round, last.on)
    if event is None and at < finishes_at:
        return MissedBinAnswer(
            kind=Kind.CREW_OUT, stream=stream, collected_on=last.on, next_on=next_on, finishes_at=finishes_at
        )
    return MissedBinAnswer(
        kind=_by_age(visit.round, last, coming, today=today), stream=stream, collected_on=last.on, next_on=next_on
    )


def _by_age(visited: Round, last: Collection, coming: Collection | None, *, today: date) -> Kind:
    passed = reference.calendar("COUNCIL_OPEN").working_days_between(last.on, today)
    if passed <= visited.report_days:
        return Kind.MISSED
    nearer_to_next = coming is not None and (coming.on - today) < (today - last.on)
    return Kind.NOT_YET_DUE if nearer_to_next else Kind.TOO_LATE


def _visits(uprn: str, *, on: date) -> list[_Visit]:
    """The rounds that come to an address, with the changes that matter around `on`. One query."""
    return _here(uprn, on=on)[1]


def _here(uprn: str, *, on: date) -> tuple[list[_Bin], list[_Visit]]:
    """The dates that the waste system publishes for an address, by day; and its rounds, as `_visits`. One query."""
    reach = timedelta(days=2 * SEARCH_DAYS)
    row = fetch_one(_HERE, {"uprn": uprn, "since": on - reach, "until": on + reach})
    assert row is not None
    bins, rounds = row
    visits = []
    for usrn, values, changed in msgspec.json.decode(rounds, type=list[_Coming]) if rounds else ():
        visited = Round.from_db("default", _ROUND, values)
        changes = {from_on: Change(to_on=to_on, reason=reason) for from_on, to_on, reason in changed}
        visits.append(_Visit(visited, plan_of(visited, changes), usrn))
    return msgspec.json.decode(bins, type=list[_Bin]) if bins else [], visits


def plan_of(visited: Round, changes: Mapping[date, Change]) -> Plan:
    """When this round comes, with changes by usual day."""
    return Plan(first_on=visited.first_on, every_weeks=visited.every_weeks, changes=changes)


def _crew_event(visit: _Visit, uprn: str, *, on: date) -> CrewEvent | None:
    """What the crew said of this address on that day: of the address before the street, of the street before the round; the newest."""
    here = Q(uprn=uprn) | Q(uprn="", usrn="")
    if visit.usrn:
        here |= Q(uprn="", usrn=visit.usrn)
    rows = CrewEvent.objects.filter(here, round=visit.round, on=on)
    return max(rows, key=lambda row: (bool(row.uprn), bool(row.usrn), row.at), default=None)


def _announced(visit: _Visit, uprn: str, *, since: date, at: datetime) -> Incident | None:
    found = incidents_at(uprn, service_code=visit.round.service_code, at=at, round_codes=[visit.round.pk])
    return found.filter(Q(ends_at__isnull=False) | Q(starts_at__gte=start_of(since))).first()


def _ends_at(visited: Round, on: date) -> datetime:
    return datetime.combine(on, visited.ends_at, LONDON)


def incidents_at(
    uprn: str, *, at: datetime, service_code: str = "", round_codes: Many[str] | None = None
) -> QuerySet[Incident]:
    """Incidents in force at an address, its street, on its rounds and in its ward, newest first. `service_code`: of that service only."""
    address = Address.objects.filter(pk=uprn).values_list("street_id", "ward_code").first()
    usrn, ward = (address[0] or "", address[1]) if address else ("", "")
    if round_codes is None:
        round_codes = list(AddressRound.objects.filter(uprn=uprn).values_list("round_id", flat=True))
    where = Q(scope=Incident.Scope.ADDRESS, scope_code=uprn)
    where |= Q(scope=Incident.Scope.ROUND, scope_code__in=round_codes)
    if usrn:
        where |= Q(scope=Incident.Scope.STREET, scope_code=usrn)
    if ward:
        where |= Q(scope=Incident.Scope.AREA, scope_code=ward)
    found = incidents_in_force(at=at).filter(where)
    return found.filter(service_code=service_code) if service_code else found


_INCIDENT = [field.attname for field in Incident._meta.concrete_fields]
# As `incidents_in_force`, of a service: asked by the page of what is near, for which the ORM takes longer than all the rest of it.
_IN_FORCE = f"""SELECT {", ".join(_INCIDENT)} FROM neighbourhood_incident
    WHERE service_code = %s AND starts_at <= %s AND ended_at IS NULL AND (ends_at IS NULL OR ends_at > %s)
    ORDER BY starts_at DESC, id DESC"""  # noqa: S608 - our own columns


def incidents_about(service_code: str, *, place: Place, at: datetime) -> list[Incident]:
    """What was announced of this service at a place, newest first. One statement, and one for the rounds where a round has one."""
    rows = fetch_all(_IN_FORCE, (service_code, at, at), binary=True)
    found = [Incident.from_db("default", _INCIDENT, row) for row in rows]
    if not found:
        return []
    here = {
        (Incident.Scope.ADDRESS.value, place.uprn),
        (Incident.Scope.STREET.value, place.usrn),
        (Incident.Scope.AREA.value, place.ward_code),
    }
    if place.uprn and any(one.scope == Incident.Scope.ROUND for one in found):
        codes = AddressRound.objects.filter(uprn=place.uprn).values_list("round_id", flat=True)
        here |= {(Incident.Scope.ROUND.value, code) for code in codes}
    return [one for one in found if one.scope_code and (one.scope, one.scope_code) in here]


def place_words(scope: str, code: str) -> str:
    """The place of an incident or a subscription as people call it; its code when it is not known any more."""
    if scope == Incident.Scope.ROUND:
        return _("Round %(code)s") % {"code": code}
    if scope == Incident.Scope.AREA:
        return dict(wards()).get(code, code)
    found = places.address(code) if scope == Incident.Scope.ADDRESS else places.street(code)
    return found.label if found else code


def incidents_in_force(*, at: datetime) -> QuerySet[Incident]:
    """Announced, begun and not over, newest first."""
    return (
        Incident.objects.filter(starts_at__lte=at, ended_at__isnull=True)
        .filter(Q(ends_at__isnull=True) | Q(ends_at__gt=at))
        .order_by("-starts_at", "-id")
    )
