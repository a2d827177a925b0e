"""Made-up calls, for tests of telephony and above."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from townhall.accounts.models import Team, User
from townhall.core.actors import Actor, ActorKind
from townhall.telephony.calls import lines, taking
from townhall.telephony.messages import EventIn
from townhall.telephony.models import Call, PhoneLine, PhoneQueue

MONDAY = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
PLATFORM = "phones"
SWITCH = Actor(kind=ActorKind.CONNECTOR, id=PLATFORM)
CALLER = "01632 960123"


def event(kind: str, seconds: float = 0, *, call: str = "c1", start: datetime = MONDAY, **more: object) -> EventIn:
    return EventIn(call=call, event=kind, at=start + timedelta(seconds=seconds), **more)  # type: ignore[arg-type]


def took(*events: EventIn, at: datetime | None = None, is_live: bool = True) -> Call:
    """Take these in; the call of the first."""
    at = at or max(one.at for one in events)
    taking.take_in(events, platform=PLATFORM, by=SWITCH, at=at, is_live=is_live)
    return Call.objects.get(platform=PLATFORM, external_id=events[0].call)


def make_line(user: User, agent: str) -> PhoneLine:
    made = PhoneLine.objects.create(platform=PLATFORM, agent=agent, user=user)
    lines.forget()
    return made


def make_queue(code: str, *, service: str = "", team: Team | None = None) -> PhoneQueue:
    made = PhoneQueue.objects.create(code=code, name=code.replace("-", " ").title(), service_code=service, team=team)
    lines.forget()
    return made


def simple_call(
    call: str, *, start: datetime, wait: int, handling: int = 0, agent: str = "", queue: str = "main"
) -> list[EventIn]:
    """Answered by an agent after `wait` seconds, or given up then when there is none."""
    came = [event("offered", call=call, start=start, queue=queue), event("queued", call=call, start=start, queue=queue)]
    if not agent:
        return [*came, event("abandoned", wait, call=call, start=start, wait=wait)]
    return [
        *came,
        event("answered", wait, call=call, start=start, agent=agent, wait=wait),
        event("ended", wait + handling, call=call, start=start, agent=agent, handling=handling),
    ]


def flat(calls: Iterable[list[EventIn]]) -> list[EventIn]:
    return [one for call in calls for one in call]
