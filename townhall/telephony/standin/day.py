"""A made-up day of calls: arrivals by half-hour with a morning peak, a queue with as many agents as the work asks for, callers who give
up, transfers that nobody picks up, and an automated line. Seeded, so that one seed is always the same day.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from townhall.core.time import LONDON

MONTH = 120_000  # answered calls
WORKING_DAYS = 21
GIVEN_UP = 0.06  # of those offered, so that as many are answered
HANDLING = 240.0  # seconds, on average
PATIENCE = 180.0
AUTOMATED, TRANSFERRED, UNANSWERED = 0.10, 0.06, 0.30  # shares: of calls, of those answered, of those transferred
OCCUPANCY = 0.86
# Calls of each half-hour from 08:00, relative to the others: a morning peak, lunch, a lower afternoon.
SHAPE = (1.0, 2.2, 4.6, 6.4, 7.4, 7.6, 7.0, 6.3, 5.4, 4.8, 4.9, 5.4, 5.6, 5.3, 5.0, 4.7, 4.2, 3.6, 2.4, 1.2)
QUEUES = (("main", 0.45), ("council-tax", 0.22), ("housing", 0.15), ("waste", 0.12), ("planning", 0.06))


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Which day, and what share of a month of MONTH calls it has. agents: their numbers, answering in turn."""

    on: date
    seed: int = 1
    scale: float = 1.0
    agents: tuple[str, ...] = ()
    opens: time = time(8)


@dataclass(order=True)
class _Waiting:
    at: float
    number: int
    patience: float = field(compare=False)
    queue: str = field(compare=False)


def events_of(plan: Plan) -> list[dict[str, Any]]:
    """Every event of the day in the order of its time, as a platform tells it."""
    chance = Random(f"{plan.seed}-{plan.on}")
    start = datetime.combine(plan.on, plan.opens, LONDON)
    told = [(at, number, event) for number, (at, event) in enumerate(_day(plan, chance))]
    told.sort(key=lambda one: (one[0], one[1]))
    return [
        event | {"at": (start + timedelta(seconds=at)).isoformat(timespec="seconds")} for at, _number, event in told
    ]


def _day(plan: Plan, chance: Random) -> Iterator[tuple[float, dict[str, Any]]]:
    offered = MONTH / WORKING_DAYS / (1 - GIVEN_UP) * plan.scale
    free: list[tuple[float, str]] = []
    for half_hour, weight in enumerate(SHAPE):
        calls = offered * weight / sum(SHAPE)
        _staff(free, half_hour * 1_800.0, calls * (1 - AUTOMATED), plan)
        number = max(0, round(chance.gauss(calls, calls**0.5)))
        arrivals = sorted(half_hour * 1_800 + chance.uniform(0, 1_800) for _call in range(number))
        for place, at in enumerate(arrivals):
            name = f"{plan.on:%y%m%d}-{half_hour:02d}-{place:04d}"
            if chance.random() < AUTOMATED:
                yield from _automated(name, at, chance)
            else:
                yield from _spoken(name, at, free, chance)


def _staff(free: list[tuple[float, str]], at: float, calls: float, plan: Plan) -> None:
    """As many agents as the half-hour's calls keep busy; those who are on a call finish it."""
    wanted = max(2, round(calls * HANDLING / 1_800 / OCCUPANCY))
    there = {agent for _free_at, agent in free}
    names = list(plan.agents) or [str(2_000 + one) for one in range(max(wanted, len(there)) + 1)]
    for agent in names:
        if len(free) >= wanted:
            break
        if agent not in there:
            heapq.heappush(free, (at, agent))
    while len(free) > wanted:
        free.remove(max(free))
        heapq.heapify(free)


def _number(chance: Random) -> str:
    return f"01632 960{chance.randrange(1_000):03d}"  # reserved for drama


def _automated(name: str, at: float, chance: Random) -> Iterator[tuple[float, dict[str, Any]]]:
    more = {"call": name, "automated": True, "did": chance.choice(("pay", "pay", "status"))}
    length = chance.expovariate(1 / 110) + 20
    yield at, {"event": "offered", "number": _number(chance), "queue": "automated", **more}
    yield at + length, {"event": "ended", "handling": round(length), **more}


def _spoken(
    name: str, at: float, free: list[tuple[float, str]], chance: Random
) -> Iterator[tuple[float, dict[str, Any]]]:
    queue = chance.choices([code for code, _share in QUEUES], [share for _code, share in QUEUES])[0]
    yield at, {"call": name, "event": "offered", "queue": queue, "number": _number(chance)}
    yield at, {"call": name, "event": "queued", "queue": queue}
    free_at, agent = free[0]
    wait = max(free_at - at, chance.uniform(2, 6))
    patience = chance.expovariate(1 / PATIENCE)
    if wait > patience:
        yield at + patience, {"call": name, "event": "abandoned", "wait": round(patience)}
        return
    talk = min(chance.lognormvariate(5.2, 0.75), 3_600)
    heapq.heapreplace(free, (at + wait + talk + chance.uniform(10, 60), agent))
    answered = at + wait
    yield max(at, answered - 5), {"call": name, "event": "offered", "agent": agent}
    yield answered, {"call": name, "event": "answered", "agent": agent, "wait": round(wait)}
    if chance.random() < TRANSFERRED:
        yield from _transferred(name, answered, talk, agent, chance)
    else:
        yield answered + talk, {"call": name, "event": "ended", "agent": agent, "handling": round(talk)}


def _transferred(
    name: str, answered: float, talk: float, agent: str, chance: Random
) -> Iterator[tuple[float, dict[str, Any]]]:
    sent, target = answered + talk, str(3_000 + chance.randrange(40))
    yield sent, {"call": name, "event": "transferred", "agent": agent, "to": target}
    yield sent + 1, {"call": name, "event": "offered", "agent": target}
    if chance.random() < UNANSWERED:
        yield sent + 30, {"call": name, "event": "returned"}
        if chance.random() < 0.5:
            yield sent + 70, {"call": name, "event": "ended", "agent": agent, "handling": round(talk)}
            return
        yield sent + 40, {"call": name, "event": "answered", "agent": agent}
        yield sent + 130, {"call": name, "event": "ended", "agent": agent, "handling": round(talk) + 90}
        return
    picked = sent + chance.uniform(4, 20)
    yield picked, {"call": name, "event": "answered", "agent": target}
    yield picked + 180, {"call": name, "event": "ended", "agent": target, "handling": round(talk) + 180}
