"""A back-office system's memory: its jobs, its mood, and what it still has to tell Townhall."""

from __future__ import annotations

import itertools
import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from townhall.core.time import now

OPEN = {"accepted", "scheduled"}
STATUSES = ("accepted", "scheduled", "completed", "refused")


@dataclass
class Mood:
    """How it behaves. Set through the control address, so a demo or a test can see Townhall cope."""

    outage: bool = False  # closes every connection without an answer
    busy: bool = False  # answers 503
    broken: bool = False  # answers 500 after doing the work
    refuse: bool = False  # answers 422 to new jobs
    delay: float = 0.0  # seconds before each answer; the work is done before the wait
    duplicate_events: bool = False  # tells everything twice
    silent: bool = False  # tells nothing


@dataclass
class Job:
    id: str
    delivery_id: str
    kind: str
    content: dict[str, Any]
    status: str = "accepted"
    updates: list[dict[str, Any]] = field(default_factory=list)
    changed_at: str = ""

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    def shown(self) -> dict[str, Any]:
        return {**asdict(self), "open": self.is_open}


@dataclass
class Event:
    """Something to tell, with when to try next (monotonic seconds)."""

    id: str
    body: dict[str, Any]
    tries: int = 0
    due: float = 0.0


class Book:
    """Safe to use from many threads. What it remembers is gone when it stops."""

    def __init__(self, prefix: str) -> None:
        self.mood = Mood()
        self.posts: list[str] = []  # Idempotency-Keys in the order in which posts arrived, repeats too
        self._prefix = prefix
        self._lock = threading.RLock()
        self._jobs: dict[str, Job] = {}
        self._by_key: dict[str, str] = {}
        self._numbers = itertools.count(1)
        self._start = int(time.time())
        self.events: deque[Event] = deque()

    def take(self, key: str, content: dict[str, Any]) -> Job:
        """A new job, or the one made under this key before."""
        with self._lock:
            self.posts.append(key)
            if key in self._by_key:
                return self._jobs[self._by_key[key]]
            job = Job(
                id=f"{self._prefix}-{self._start:x}-{next(self._numbers):05d}",
                delivery_id=str(content.get("delivery_id", "")),
                kind=str(content.get("kind", "")),
                content=content,
                changed_at=_now(),
            )
            self._jobs[job.id] = job
            self._by_key[key] = job.id
            return job

    def update(self, job_id: str, key: str, content: dict[str, Any]) -> Job | None:
        with self._lock:
            self.posts.append(key)
            job = self._jobs.get(job_id)
            if job is not None and key not in self._by_key:
                self._by_key[key] = job_id
                job.updates.append(content)
                if content.get("kind") == "job.cancel":
                    job.status, job.changed_at = "refused", _now()
            return job

    def move(
        self,
        job_id: str,
        status: str,
        *,
        reason: str = "",
        note: str = "",
        data: Mapping[str, Any] | None = None,
        tell: bool = True,
    ) -> Job | None:
        """Somebody in the back office did something; Townhall is told, unless `tell` is False (the message got lost)."""
        with self._lock:
            job = self._jobs.get(job_id)
            if job is None or not job.is_open:
                return job
            job.status, job.changed_at = status, _now()
            if tell:
                body = {"job_id": job.id, "delivery_id": job.delivery_id, "status": status, "at": job.changed_at}
                self.tell(Event(id=f"{job.id}-{status}", body={**body, "reason": reason, "note": note, **(data or {})}))
            return job

    def tell(self, event: Event) -> None:
        """Once, or twice when it is in that mood; not at all when it is silent."""
        with self._lock:
            if self.mood.silent:
                return
            self.events.append(event)
            if self.mood.duplicate_events:
                self.events.append(Event(id=event.id, body=event.body))

    def job(self, job_id: str) -> Job | None:
        with self._lock:
            return self._jobs.get(job_id)

    def jobs(self, *, after: str = "", limit: int = 200, open_only: bool = False) -> list[Job]:
        """In the order in which they were made, after the job with that id."""
        with self._lock:
            found = [job for job in self._jobs.values() if job.id > after and (job.is_open or not open_only)]
            return found[:limit]

    def change_mood(self, wanted: dict[str, Any]) -> Mood:
        """Raises ValueError for something that is not a mood."""
        with self._lock:
            known = {one.name: one for one in fields(Mood)}
            for name, value in wanted.items():
                if name not in known:
                    raise ValueError(f"{name} is not something this stand-in can be")
                right = float(value) if name == "delay" else bool(value)
                setattr(self.mood, name, right)
            return self.mood

    def due_event(self) -> Event | None:
        with self._lock:
            for event in self.events:
                if event.due <= time.monotonic():
                    self.events.remove(event)
                    return event
            return None

    def put_back(self, event: Event, *, seconds: float) -> None:
        with self._lock:
            event.tries += 1
            event.due = time.monotonic() + seconds
            self.events.append(event)


def _now() -> str:
    return now().isoformat()
