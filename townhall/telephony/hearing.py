"""Signed messages of phone platforms that the connectors have taken in: each is acted on once, and again when that failed."""

from __future__ import annotations

import msgspec

from townhall.connectors import inbound
from townhall.connectors.events import AnnouncementReceived
from townhall.core.actors import Actor, ActorKind
from townhall.telephony import messages
from townhall.telephony.calls import agents, taking
from townhall.telephony.night import paging, receiving


def announced(event: AnnouncementReceived) -> None:
    if event.kind not in messages.KINDS:
        return
    by = Actor(kind=ActorKind.CONNECTOR, id=event.source)
    said = messages.read(event.kind, event.data)
    match event.kind:
        case "call.events":
            taking.take_in(said.events, platform=event.source, by=by, at=event.at)
        case "agent.states":
            agents.take_in(said.agents, platform=event.source, at=event.at)
        case "night.calls":
            _nights(said, event, by)
        case "night.taken":
            paging.taken_by_partner(said, source=event.source, by=by, at=event.at)


def _nights(said: messages.NightsIn, event: AnnouncementReceived, by: Actor) -> None:
    """Each by itself: one that cannot be taken in now is tried again alone, and the urgent ones beside it are paged."""
    for one in said.calls:
        try:
            receiving.receive(one, source=event.source, by=by, at=event.at)
        except Exception as error:
            if len(said.calls) == 1:
                raise
            body: dict[str, object] = {"kind": event.kind, "calls": [msgspec.to_builtins(one)]}
            inbound.keep_part(event, one.call, body, error)
