"""Taking in what phone platforms tell: many events at once, each of them once, in whatever order.

Every call is locked, its new events are added to those there, and what they all say together becomes its row. Calls that were answered
become contacts, once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from townhall.contacts import callbacks
from townhall.contacts.states import CallBackState
from townhall.core.actors import SYSTEM, Actor
from townhall.core.db import dump_json, execute, fetch_all
from townhall.core.ids import uuid7
from townhall.core.time import aware
from townhall.customers.typed import normalised_phone
from townhall.telephony.calls import lines, meeting
from townhall.telephony.calls.folding import Facts, Told, fold
from townhall.telephony.messages import EventIn
from townhall.telephony.models import Call

AHEAD = timedelta(minutes=5)  # an event from later than that is of a clock that is wrong: it counts as of now
_BACK = timedelta(days=2)  # before a call's first event, so that only near months are read

_NEW_CALLS = """
    INSERT INTO telephony_call (id, platform, external_id, number, queue, service_code, is_automated, did, state, offered_at,
        wait_seconds, transfers, tried, agent, half_hour, version, counted)
    SELECT n.id, %s, n.external_id, '', '', '', false, '', 'waiting', n.at, 0, 0, '[]', '', n.at, 0, 0
    FROM unnest(%s::uuid[], %s::text[], %s::timestamptz[]) AS n (id, external_id, at)
    ON CONFLICT (platform, external_id) DO NOTHING"""
_NEW_EVENTS = """
    INSERT INTO telephony_callevent (id, call_id, kind, at, agent, told, received_at)
    SELECT n.id, n.call_id, n.kind, n.at, n.agent, n.told::jsonb, %s
    FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::timestamptz[], %s::text[], %s::text[])
        AS n (id, call_id, kind, at, agent, told)
    ON CONFLICT (call_id, kind, at, agent) DO NOTHING RETURNING call_id"""
_EVENTS = """
    SELECT call_id, kind, at, agent, told FROM telephony_callevent WHERE call_id = ANY(%s) AND at >= %s"""
_UPDATE = """
    UPDATE telephony_call c SET number = n.number, queue = n.queue, service_code = n.service_code, is_automated = n.is_automated,
        did = n.did, state = n.state, offered_at = n.offered_at, answered_at = n.answered_at, ended_at = n.ended_at,
        wait_seconds = n.wait_seconds, handling_seconds = n.handling_seconds, transfers = n.transfers, tried = n.tried::jsonb,
        agent = n.agent, user_id = n.user_id, rings_at_id = n.rings_at, rings_since = n.rings_since, half_hour = n.half_hour,
        contact_id = n.contact_id, version = c.version + 1
    FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::bool[], %s::text[], %s::text[], %s::timestamptz[],
        %s::timestamptz[], %s::timestamptz[], %s::int[], %s::int[], %s::int[], %s::text[], %s::text[], %s::uuid[], %s::uuid[],
        %s::timestamptz[], %s::timestamptz[], %s::uuid[])
        AS n (id, number, queue, service_code, is_automated, did, state, offered_at, answered_at, ended_at, wait_seconds,
              handling_seconds, transfers, tried, agent, user_id, rings_at, rings_since, half_hour, contact_id)
    WHERE c.id = n.id"""


@dataclass(frozen=True, kw_only=True)
class Taken:
    """How many events were new, and of how many calls."""

    events: int
    calls: int


@transaction.atomic
def take_in(events: Sequence[EventIn], *, platform: str, by: Actor, at: datetime, is_live: bool = True) -> Taken:
    """Add events to their calls. is_live: they happen now, so that answered calls open on the desk of whoever answered.

    Events that came before change nothing. Calls are locked in the order of their ids, so that two senders wait for one another.
    """
    at = aware(at)
    first: dict[str, datetime] = {}
    for one in events:
        first[one.call] = min(first.get(one.call, at), _moment(one, at))
    names = sorted(first)
    execute(_NEW_CALLS, (platform, [uuid7() for _name in names], names, [first[name] for name in names]))
    known = Call.objects.select_for_update().filter(platform=platform, external_id__in=names).order_by("external_id")
    calls = {call.external_id: call for call in known}
    fresh = _add(events, calls, at=at)
    changed = [calls[name] for name in names if calls[name].pk in set(fresh)]
    if changed:
        since = min(*(call.offered_at for call in changed), *first.values()) - _BACK
        told = _events_of([call.pk for call in changed], since=since)
        _become(changed, told, platform=platform, by=by, at=at, is_live=is_live)
    return Taken(events=len(fresh), calls=len(changed))


def _add(events: Sequence[EventIn], calls: dict[str, Call], *, at: datetime) -> list[UUID]:
    """Store what is new; the call of each new event."""
    rows = {(calls[one.call].pk, one.event, _moment(one, at), one.agent): one for one in events}
    keys = list(rows)
    return [
        call_id
        for (call_id,) in fetch_all(
            _NEW_EVENTS,
            (
                at,
                [uuid7() for _key in keys],
                [key[0] for key in keys],
                [key[1] for key in keys],
                [key[2] for key in keys],
                [key[3] for key in keys],
                [dump_json(_rest(rows[key])) for key in keys],
            ),
        )
    ]


def _moment(one: EventIn, at: datetime) -> datetime:
    moment = one.at.astimezone(UTC)
    return at if moment > at + AHEAD else moment


def _rest(one: EventIn) -> dict[str, Any]:
    """What the event tells beside its kind, time and agent; nothing that is empty."""
    told = {
        "queue": one.queue,
        "number": normalised_phone(one.number),
        "to": one.to,
        "wait": one.wait,
        "handling": one.handling,
        "automated": one.automated,
        "did": one.did,
    }
    return {name: value for name, value in told.items() if value not in ("", None, False)}


def _events_of(ids: Sequence[UUID], *, since: datetime) -> dict[UUID, list[Told]]:
    found: dict[UUID, list[Told]] = {}
    for call_id, kind, at, agent, told in fetch_all(_EVENTS, (list(ids), since), binary=True):
        found.setdefault(call_id, []).append(Told(kind=kind, at=at, agent=agent, **told))
    return found


def _become(
    calls: Sequence[Call], told: dict[UUID, list[Told]], *, platform: str, by: Actor, at: datetime, is_live: bool
) -> None:
    rows = []
    for call in calls:
        facts = fold(told[call.pk])
        _take_back_message(call, facts, by=by, at=at)
        queue = lines.queue(facts.queue)
        service = queue.service_code if queue else ""
        user_id = lines.user_of(platform, facts.agent) if facts.answered_at else None
        contact_id = meeting.contact_of(call, facts, user_id=user_id, service_code=service, at=at, is_live=is_live)
        rows.append(
            (
                call.pk,
                facts.number,
                facts.queue,
                service,
                facts.is_automated,
                facts.did,
                facts.state.value,
                facts.offered_at,
                facts.answered_at,
                facts.ended_at,
                facts.wait_seconds,
                facts.handling_seconds,
                len(facts.legs),
                dump_json(facts.tried),
                facts.agent,
                user_id,
                lines.user_of(platform, facts.rings_at),
                facts.rings_since,
                half_hour_of(facts.offered_at),
                contact_id,
            )
        )
    execute(_UPDATE, [list(column) for column in zip(*rows, strict=True)])


def _take_back_message(call: Call, facts: Facts, *, by: Actor, at: datetime) -> None:
    """Somebody picked up after all, and we hear of it late: nobody need call back."""
    if (
        call.call_back_id is not None
        and not facts.tried
        and call.call_back
        and call.call_back.state == CallBackState.DUE
    ):
        callbacks.withdraw(call.call_back_id, by=SYSTEM, at=at)


def half_hour_of(at: datetime) -> datetime:
    """The beginning of the half-hour that `at` lies in. London's half-hours begin when UTC's do."""
    at = aware(at)
    return at.replace(minute=30 if at.minute >= 30 else 0, second=0, microsecond=0)
