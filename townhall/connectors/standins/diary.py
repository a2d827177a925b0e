"""The housing system's diary: times for each trade, of which only so many can be given away."""

from __future__ import annotations

import itertools
import threading
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from townhall.core.time import council_date, now

TRADES = ("plumbing", "heating", "electrical", "joinery", "roofing", "general")
WINDOWS = (("am", "08:00", "12:00"), ("pm", "12:00", "17:00"))
DAYS = 10  # working days that are open
HELD_FOR = timedelta(minutes=10)


@dataclass
class Booking:
    id: str
    slot: str
    about: dict[str, Any]
    status: str = "booked"


class Taken(Exception):
    """Somebody else has this time, or the hold is over."""


class Diary:
    """Safe to use from many threads. `room`: how many visits of one trade fit one window."""

    def __init__(self, *, room: int = 2) -> None:
        self.room = room
        self._lock = threading.RLock()
        self._holds: dict[str, tuple[str, datetime]] = {}  # hold → slot, until
        self._by_key: dict[str, Any] = {}
        self._numbers = itertools.count(1)
        self.bookings: dict[str, Booking] = {}

    def free(self, trade: str, since: date) -> list[dict[str, Any]]:
        with self._lock:
            made = [self.slot(f"{trade}.{on:%Y%m%d}.{code}") for on in _days(since) for code, _from, _to in WINDOWS]
            return [one for one in made if self._left(one["id"]) > 0]

    def hold(self, slot: str, key: str) -> dict[str, Any]:
        """Raises Taken."""
        with self._lock:
            if key not in self._by_key:
                if not _is_slot(slot) or self._left(slot) <= 0:
                    raise Taken("somebody else has this time")
                hold = f"H-{next(self._numbers):05d}"
                self._holds[hold] = (slot, now() + HELD_FOR)
                self._by_key[key] = hold
            hold = self._by_key[key]
            if hold not in self._holds:
                raise Taken("this hold is over")
            return {"id": hold, "until": self._holds[hold][1].isoformat()}

    def book(self, hold: str, about: dict[str, Any], *, replaces: str, key: str) -> dict[str, Any]:
        """Raises Taken. The earlier booking goes in the same step."""
        with self._lock:
            if key not in self._by_key:
                slot, until = self._holds.pop(hold, ("", now()))
                if until <= now():
                    raise Taken("this hold is over")
                made = Booking(id=f"V-{next(self._numbers):05d}", slot=slot, about=about)
                self.bookings[made.id] = made
                self._by_key[key] = made.id
                if replaces in self.bookings:
                    self.bookings[replaces].status = "released"
            return self.shown(self._by_key[key])

    def release(self, booking_id: str) -> dict[str, Any] | None:
        return self.change(booking_id, status="released")

    def change(self, booking_id: str, *, status: str = "", slot: str = "") -> dict[str, Any] | None:
        """What the council's planners do. None for a booking that is not there."""
        with self._lock:
            found = self.bookings.get(booking_id)
            if found is None:
                return None
            found.status = status or found.status
            found.slot = slot if _is_slot(slot) else found.slot
            return self.shown(booking_id)

    def shown(self, booking_id: str) -> dict[str, Any]:
        found = self.bookings[booking_id]
        return {"id": found.id, "status": found.status, "slot": self.slot(found.slot)}

    def slot(self, slot: str) -> dict[str, Any]:
        _trade, day, code = slot.split(".")
        begins, ends = next((begins, ends) for one, begins, ends in WINDOWS if one == code)
        return {"id": slot, "on": f"{day[:4]}-{day[4:6]}-{day[6:]}", "begins": begins, "ends": ends}

    def next_after(self, slot: str) -> str:
        """The same window on the next working day."""
        trade, day, code = slot.split(".")
        on = _days(date.fromisoformat(f"{day[:4]}-{day[4:6]}-{day[6:]}"))[0]
        return f"{trade}.{on:%Y%m%d}.{code}"

    def _left(self, slot: str) -> int:
        for hold in [hold for hold, (_slot, until) in self._holds.items() if until <= now()]:
            del self._holds[hold]
        held = sum(1 for one, _until in self._holds.values() if one == slot)
        booked = sum(1 for one in self.bookings.values() if one.slot == slot and one.status in ("booked", "on_way"))
        return self.room - held - booked


def _days(since: date) -> list[date]:
    """Working days after `since`, which is today or later; Mondays to Fridays."""
    first = max(since, council_date(now()))
    every = (first + timedelta(days=number) for number in range(1, DAYS * 2 + 2))
    return [on for on in every if on.weekday() < 5][:DAYS]


def _is_slot(slot: str) -> bool:
    parts = slot.split(".")
    if len(parts) != 3 or parts[0] not in TRADES or parts[2] not in {code for code, _begins, _ends in WINDOWS}:
        return False
    return len(parts[1]) == 8 and parts[1].isdecimal()
