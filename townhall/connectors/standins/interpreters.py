"""The interpreters' agency: puts one through within some seconds, and books some for meetings."""

from __future__ import annotations

import itertools
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from townhall.core.time import now

MINUTE_PENCE = 95  # each begun minute of a call
HOUR_PENCE = 4_200  # each begun hour of a meeting
RARE = frozenset({"ti", "si", "rom", "ckb"})  # that nobody is on duty for
NAMES = ("A. Kowalska", "B. Osei", "C. Hussain", "D. Lindqvist")


class Busy(Exception):
    """Nobody is free."""


@dataclass
class OnLine:
    id: str
    language: str
    third: str
    connects_at: datetime
    ended_at: datetime | None = None


class Interpreters:
    """Safe to use from many threads. `seconds`: until one is on the line. `free`: how many meetings one hour has room for."""

    def __init__(self, *, seconds: float = 8.0, free: int = 2) -> None:
        self.seconds = seconds
        self.free = free
        self.calls: dict[str, OnLine] = {}
        self.bookings: dict[str, dict[str, Any]] = {}
        self._by_key: dict[str, str] = {}
        self._numbers = itertools.count(1)
        self._lock = threading.RLock()

    def start(self, language: str, third: str, key: str) -> dict[str, Any]:
        """Raises Busy."""
        with self._lock:
            if key not in self._by_key:
                if not language or language in RARE:
                    raise Busy("nobody on duty speaks that")
                made = OnLine(f"I-{next(self._numbers):05d}", language, third, now() + timedelta(seconds=self.seconds))
                self.calls[made.id] = made
                self._by_key[key] = made.id
            return self.shown(self._by_key[key])

    def shown(self, call_id: str) -> dict[str, Any]:
        found = self.calls[call_id]
        came = found.connects_at <= (found.ended_at or now())
        status = "ended" if found.ended_at else "connected" if came else "connecting"
        shown: dict[str, Any] = {"id": found.id, "status": status, "join": "01632 960990, 4471#"}
        if came:
            shown["connected_at"] = found.connects_at.isoformat()
        if found.ended_at:
            minutes = -(-max(0.0, (found.ended_at - found.connects_at).total_seconds()) // 60)
            shown |= {
                "ended_at": found.ended_at.isoformat(),
                "pence": int(max(1, minutes)) * MINUTE_PENCE if came else 0,
            }
        return shown

    def end(self, call_id: str) -> dict[str, Any] | None:
        with self._lock:
            found = self.calls.get(call_id)
            if found is None:
                return None
            found.ended_at = found.ended_at or now()
            return self.shown(call_id)

    def book(self, wanted: dict[str, Any], key: str) -> dict[str, Any]:
        """Raises Busy."""
        with self._lock:
            if key not in self._by_key:
                same = [
                    one for one in self.bookings.values() if one["starts_at"] == wanted.get("starts_at") and one["held"]
                ]
                if len(same) >= self.free:
                    raise Busy("nobody is free then")
                number = next(self._numbers)
                hours = -(-int(wanted.get("minutes") or 60) // 60)
                made = {**wanted, "id": f"B-{number:05d}", "interpreter": NAMES[number % len(NAMES)], "held": True}
                self.bookings[made["id"]] = made | {"pence": hours * HOUR_PENCE}
                self._by_key[key] = made["id"]
            found = self.bookings[self._by_key[key]]
            return {"id": found["id"], "interpreter": found["interpreter"], "pence": found["pence"]}

    def cancel(self, booking_id: str) -> dict[str, Any] | None:
        with self._lock:
            found = self.bookings.get(booking_id)
            if found is None:
                return None
            found["held"] = False
            return {"id": booking_id, "pence": 0}
