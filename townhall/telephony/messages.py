"""The messages that phone platforms and answering partners send, as typed data. docs/telephony.md has examples."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from townhall.connectors.protocol import UnreadableEvent

MOST = 1_000  # events in one message
Code = Annotated[str, Meta(max_length=100)]
Seconds = Annotated[int, Meta(ge=0, le=86_400)]
EventKind = Literal["offered", "queued", "answered", "abandoned", "transferred", "returned", "ended"]
AgentStateName = Literal["available", "busy", "away", "signed_out"]


class EventIn(Struct, frozen=True, kw_only=True):
    """`offered` without an agent: it came in; with one: it rings there. `returned`: a transfer that nobody picked up."""

    call: Annotated[str, Meta(min_length=1, max_length=200)]
    event: EventKind
    at: Annotated[datetime, Meta(tz=True)]
    agent: Code = ""
    queue: Code = ""
    number: Code = ""  # the caller's
    to: Code = ""  # transferred: an agent or a queue
    wait: Seconds | None = None
    handling: Seconds | None = None
    automated: bool = False
    did: Literal["", "pay", "status"] = ""


class EventsIn(Struct, frozen=True, kw_only=True):
    events: Annotated[list[EventIn], Meta(min_length=1, max_length=MOST)]


class AgentIn(Struct, frozen=True, kw_only=True):
    agent: Annotated[str, Meta(min_length=1, max_length=100)]
    state: AgentStateName
    at: Annotated[datetime, Meta(tz=True)]


class AgentsIn(Struct, frozen=True, kw_only=True):
    agents: Annotated[list[AgentIn], Meta(min_length=1, max_length=MOST)]


class NightIn(Struct, frozen=True, kw_only=True):
    """What an answering partner took down. Sent again with the same `call`, it is the same."""

    call: Annotated[str, Meta(min_length=1, max_length=200)]
    service: Code
    started: Annotated[datetime, Meta(tz=True)]
    ended: Annotated[datetime, Meta(tz=True)] | None = None
    name: Annotated[str, Meta(max_length=200)] = ""
    phone: Code = ""
    address: Annotated[str, Meta(max_length=300)] = ""
    words: Annotated[str, Meta(max_length=4_000)] = ""
    answers: Annotated[dict[Code, Annotated[str, Meta(max_length=1_000)]], Meta(max_length=50)] = {}
    urgent: bool = False


class NightsIn(Struct, frozen=True, kw_only=True):
    calls: Annotated[list[NightIn], Meta(min_length=1, max_length=100)]


class NightTakenIn(Struct, frozen=True, kw_only=True):
    """The officer on call rang the partner: they have it."""

    call: Annotated[str, Meta(min_length=1, max_length=200)]
    by: Annotated[str, Meta(max_length=200)] = ""
    note: Annotated[str, Meta(max_length=1_000)] = ""


KINDS: dict[str, Any] = {
    "night.calls": NightsIn,
    "night.taken": NightTakenIn,
    "call.events": EventsIn,
    "agent.states": AgentsIn,
}


def read(kind: str, body: object) -> Any:
    """The message of one of KINDS as its type. Raises UnreadableEvent with what is wrong and where."""
    try:
        found = msgspec.convert(body, KINDS[kind])
    except msgspec.ValidationError as error:
        raise UnreadableEvent(str(error)) from error
    for moment in _moments(found):
        check_moment(moment)
    return found


def check_moment(moment: datetime) -> datetime:
    """Raises UnreadableEvent for a time of another century: a clock that was never set, or a year that cannot be counted with."""
    if not 2000 <= moment.year < 2100:
        raise UnreadableEvent(f"{moment.isoformat()} is not a time of this century")
    return moment


def _moments(said: Any) -> Iterator[datetime]:
    if isinstance(said, EventsIn):
        yield from (one.at for one in said.events)
    elif isinstance(said, AgentsIn):
        yield from (one.at for one in said.agents)
    elif isinstance(said, NightsIn):
        for one in said.calls:
            yield one.started
            if one.ended is not None:
                yield one.ended
