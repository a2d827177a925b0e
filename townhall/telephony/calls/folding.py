"""What the events of one call add up to. The same whatever order they came in, and when some came twice or never.

Phone platforms tell the same thing more than once, late, and from machines whose clocks differ by seconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from townhall.telephony.states import OVER, CallState

SKEW = timedelta(seconds=10)  # by which two clocks of one platform may differ
_RANK = {"offered": 0, "queued": 1, "answered": 2, "transferred": 3, "returned": 4, "abandoned": 5, "ended": 6}


@dataclass(frozen=True, kw_only=True)
class Told:
    """One event. Seconds are None when the platform gave none."""

    kind: str
    at: datetime
    agent: str = ""
    queue: str = ""
    number: str = ""
    to: str = ""
    wait: int | None = None
    handling: int | None = None
    automated: bool = False
    did: str = ""

    @property
    def order(self) -> tuple[object, ...]:
        return (
            self.at,
            _RANK[self.kind],
            self.agent,
            self.to,
            self.queue,
            self.number,
            self.wait or 0,
            self.handling or 0,
        )


@dataclass(frozen=True, kw_only=True)
class Leg:
    """A transfer: to whom, when, whom it rang, and until when nobody had picked it up; `by` is who did."""

    to: str
    since: datetime
    rang: tuple[str, ...] = ()
    until: datetime | None = None
    by: str = ""

    def tried(self) -> list[dict[str, object]]:
        """Who was tried and for how many seconds; None while it still rings."""
        seconds = None if self.until is None else max(0, round((self.until - self.since).total_seconds()))
        return [{"to": one, "seconds": seconds} for one in self.rang or (self.to,)]


@dataclass(frozen=True, kw_only=True)
class Facts:
    """A call as it is. `rings_at`: the agent whose phone rings, empty when none does."""

    state: CallState
    offered_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    wait_seconds: int
    handling_seconds: int | None
    agent: str
    queue: str
    number: str
    is_automated: bool
    did: str
    rings_at: str = ""
    rings_since: datetime | None = None
    legs: Sequence[Leg] = field(default=())

    @property
    def tried(self) -> list[dict[str, object]]:
        """Of the transfers that nobody picked up, since somebody last had it."""
        open_legs: list[dict[str, object]] = []
        for leg in self.legs:
            open_legs = [] if leg.by else [*open_legs, *leg.tried()]
        return open_legs


def fold(events: Iterable[Told]) -> Facts:
    """What these events of one call say together. There must be at least one."""
    told = sorted(set(events), key=lambda one: one.order)
    is_automated = any(one.automated for one in told)
    answered_at = _answered_at(told, is_automated=is_automated)
    ended_at = _ended_at(told)
    legs = _legs(told)
    state, rings_at, rings_since = _standing(told, answered_at, ended_at, legs)
    return Facts(
        state=state,
        offered_at=told[0].at,
        answered_at=answered_at,
        ended_at=ended_at,
        wait_seconds=_wait(told, answered_at, ended_at),
        handling_seconds=_handling(told, answered_at, ended_at),
        agent=next((one.agent for one in reversed(told) if one.kind in ("answered", "ended") and one.agent), ""),
        queue=next((one.queue for one in told if one.queue), ""),
        number=next((one.number for one in told if one.number), ""),
        is_automated=is_automated,
        did=next((one.did for one in reversed(told) if one.did), ""),
        rings_at=rings_at,
        rings_since=rings_since,
        legs=legs,
    )


def _answered_at(told: Sequence[Told], *, is_automated: bool) -> datetime | None:
    """When it was first answered. A call that was handled or transferred was answered, even if nobody said so."""
    first = next((one.at for one in told if one.kind == "answered"), None)
    if first is not None:
        return first
    for one in told:
        if one.kind == "ended" and one.handling:
            return one.at - timedelta(seconds=one.handling)
        if one.kind == "transferred":
            return one.at
    return told[0].at if is_automated else None


def _ended_at(told: Sequence[Told]) -> datetime | None:
    over = [one.at for one in told if one.kind in ("ended", "abandoned")]
    return max(over) if over else None


def _wait(told: Sequence[Told], answered_at: datetime | None, ended_at: datetime | None) -> int:
    """In the queue, as the platform counted or else between its own times."""
    counted = next((one.wait for one in told if one.wait is not None and one.kind in ("answered", "abandoned")), None)
    counted = counted if counted is not None else next((one.wait for one in told if one.wait is not None), None)
    if counted is not None:
        return counted
    until = answered_at or ended_at
    since = next((one.at for one in told if one.kind == "queued"), told[0].at)
    return max(0, round((until - since).total_seconds())) if until else 0


def _handling(told: Sequence[Told], answered_at: datetime | None, ended_at: datetime | None) -> int | None:
    if answered_at is None:
        return None
    counted = [one.handling for one in told if one.kind == "ended" and one.handling is not None]
    if counted:
        return max(counted)
    return max(0, round((ended_at - answered_at).total_seconds())) if ended_at else None


def _legs(told: Sequence[Told]) -> list[Leg]:
    legs: list[Leg] = []
    for one in told:
        last = legs[-1] if legs else None
        if one.kind == "transferred":
            if last is not None and last.until is None:
                legs[-1] = _with(last, until=one.at)
            legs.append(Leg(to=one.to, since=one.at))
        elif last is None or (last.until is not None and one.kind != "answered"):
            continue
        elif one.kind == "offered" and one.agent:
            legs[-1] = _with(last, rang=(*last.rang, one.agent) if one.agent not in last.rang else last.rang)
        elif one.kind == "answered":
            legs[-1] = _with(last, until=last.until or one.at, by=one.agent or last.to)  # or the operator took it back
        elif one.kind in ("returned", "ended", "abandoned"):
            legs[-1] = _with(last, until=one.at)
    return legs


def _with(leg: Leg, *, until: datetime | None = None, by: str = "", rang: tuple[str, ...] | None = None) -> Leg:
    return Leg(
        to=leg.to, since=leg.since, rang=leg.rang if rang is None else rang, until=until or leg.until, by=by or leg.by
    )


def _standing(
    told: Sequence[Told], answered_at: datetime | None, ended_at: datetime | None, legs: Sequence[Leg]
) -> tuple[CallState, str, datetime | None]:
    """State, whose phone rings, and since when it has rung or been on its way."""
    if ended_at is not None:
        return (CallState.ENDED if answered_at else CallState.ABANDONED), "", None
    state, rings_at, since = CallState.WAITING, "", None
    for one in told:
        if one.kind == "answered":
            state, rings_at, since = CallState.ANSWERED, "", None
        elif one.kind == "transferred":
            state, rings_at, since = CallState.TRANSFERRED, "", one.at
        elif one.kind == "returned":
            first = next((leg.since for leg in legs if not leg.by), one.at)
            state, rings_at, since = CallState.RETURNED, "", first
        elif one.kind == "queued" and state == CallState.RINGING:
            state, rings_at, since = CallState.WAITING, "", None
        elif one.kind == "offered" and one.agent and not _answered_by(told, one):
            rings_at = one.agent
            if state not in (CallState.TRANSFERRED, CallState.RETURNED):
                state, since = CallState.RINGING, one.at
    return state, rings_at, since


def _answered_by(told: Sequence[Told], ring: Told) -> bool:
    """Whether that agent answered at the moment it rang, by a clock that is a little slow."""
    return any(
        one.kind == "answered" and one.agent == ring.agent and ring.at - SKEW <= one.at <= ring.at for one in told
    )


def is_over(facts: Facts) -> bool:
    return facts.state in OVER
