"""The pretend platform as a real HTTP server. GET / is a page for people; POST /control changes how it behaves:

speed: seconds of the day that pass in one (0 stands still); scale: of a month of 120,000 calls; on: which day; doubled, shuffled, silent:
yes or no; lost: the share of events that are never told; skew: seconds by which its clock is wrong.
POST /calls with {"agent", "number", "queue"} lets a call ring at an agent now; POST /calls/<id> with {"event", …} tells more of it.
"""

from __future__ import annotations

import json
import threading
import time
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime, timedelta
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from typing import Any

from townhall.connectors import signing
from townhall.connectors.calling import NoAnswer, NoConnection, call
from townhall.core.ids import uuid7
from townhall.core.time import council_date, now
from townhall.telephony.standin.day import Plan, events_of

AT_ONCE = 200  # events in a message
_LONGEST_BODY = 100_000  # bytes


@dataclass
class Mood:
    speed: float = 0.0
    scale: float = 1.0
    on: str = ""  # a date; yesterday when empty, since a day that runs faster than the clock must be over
    agents: str = ""  # numbers of agents, divided by spaces; made up when empty
    doubled: bool = False
    shuffled: bool = False
    silent: bool = False
    lost: float = 0.0
    skew: float = 0.0


class PhonePlatform:
    """`tell_url` is where Townhall hears of events. Everything waits in a row until Townhall has answered."""

    def __init__(self, *, secret: bytes, tell_url: str, port: int = 0, seed: int = 1) -> None:
        self.secret, self.tell_url = secret, tell_url
        self.mood = Mood()
        self.told = 0  # events that Townhall has taken
        self.refused: list[str] = []
        self._chance = Random(seed)
        self._lock = threading.RLock()
        self._day: list[dict[str, Any]] = []
        self._waiting: list[tuple[str, bytes, int]] = []
        self._stopping = threading.Event()
        self._server = _Server(("127.0.0.1", port), self)
        self._threads = [
            threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True),
            threading.Thread(target=self._play, daemon=True),
        ]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._server.shutdown()
        self._server.server_close()

    def change(self, wanted: dict[str, Any]) -> Mood:
        """Raises ValueError for what it does not know. A new speed starts the day afresh."""
        kinds = {one.name: type(getattr(self.mood, one.name)) for one in fields(Mood)}
        if unknown := wanted.keys() - kinds.keys():
            raise ValueError(f"not known: {', '.join(sorted(unknown))}")
        with self._lock:
            for name, value in wanted.items():
                setattr(self.mood, name, kinds[name](value))
            if wanted.keys() & {"speed", "scale", "on", "agents"}:
                self._day = events_of(self._plan()) if self.mood.speed else []
        return self.mood

    def _plan(self) -> Plan:
        on = date.fromisoformat(self.mood.on) if self.mood.on else council_date(now()) - timedelta(days=1)
        return Plan(on=on, scale=self.mood.scale, agents=tuple(self.mood.agents.split()))

    def tell(self, events: list[dict[str, Any]]) -> None:
        """Put events into the row to be told, as the mood has it."""
        with self._lock:
            kept = [one for one in events if self._chance.random() >= self.mood.lost]
            if self.mood.skew:
                kept = [one | {"at": _shifted(one["at"], self.mood.skew)} for one in kept]
            if self.mood.shuffled:
                self._chance.shuffle(kept)
            if self.mood.doubled:
                kept += self._chance.sample(kept, len(kept) // 2)
            for start in range(0, len(kept), AT_ONCE):
                some = kept[start : start + AT_ONCE]
                body = json.dumps({"kind": "call.events", "events": some}).encode()
                self._waiting.append((str(uuid7()), body, len(some)))

    def _play(self) -> None:
        began, passed = time.monotonic(), 0.0
        while not self._stopping.wait(0.05):
            beat = time.monotonic()
            with self._lock:
                passed = passed + (beat - began) * self.mood.speed if self._day else 0.0
                due = self._due(passed)
                began = beat
            if due:
                self.tell(due)
            self._send()

    def _due(self, passed: float) -> list[dict[str, Any]]:
        if not self._day:
            return []
        first = datetime.fromisoformat(self._start or self._day[0]["at"])
        self._start = self._start or self._day[0]["at"]
        until = (first + timedelta(seconds=passed)).isoformat(timespec="seconds")
        count = sum(1 for one in self._day if one["at"] <= until)
        due, self._day = self._day[:count], self._day[count:]
        if not self._day:
            self._start = ""
        return due

    _start = ""

    def _send(self) -> None:
        while self._waiting and not self.mood.silent and not self._stopping.is_set():
            name, body, events = self._waiting[0]
            headers = signing.headers(self.secret, message_id=name, at=now(), body=body)
            try:
                answer = call("POST", self.tell_url, headers={**headers, "Content-Type": "application/json"}, body=body)
            except (NoConnection, NoAnswer):
                return
            if answer.status >= 500 or answer.status == 401:
                return
            if answer.status == 200:
                self.told += events
            else:
                self.refused.append(answer.body.decode(errors="replace")[:300])
            with self._lock:
                self._waiting.pop(0)

    @property
    def is_through(self) -> bool:
        """Whether the day was played and Townhall has all of it."""
        return not self._day and not self._waiting

    def page(self) -> str:
        rows = "".join(f"<li>{escape(name)}: {escape(str(value))}</li>" for name, value in asdict(self.mood).items())
        name = "Phone platform (stand-in)"
        return f"<!doctype html><html lang=en><title>{name}</title><h1>{name}</h1><p>{self.told} events told.</p><ul>{rows}</ul>"


def _shifted(at: str, seconds: float) -> str:
    return (datetime.fromisoformat(at) + timedelta(seconds=seconds)).isoformat()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], platform: PhonePlatform) -> None:
        self.platform = platform
        super().__init__(address, _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    timeout = 30

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the base class calls it so
        """Quiet."""

    def do_GET(self) -> None:
        platform = self.server.platform
        if self.path.strip("/") == "control":
            self._json(200, {**asdict(platform.mood), "told": platform.told, "through": platform.is_through})
        elif self.path.strip("/") == "health":
            self._json(200, {"well": True})
        else:
            self._answer(200, platform.page().encode(), kind="text/html; charset=utf-8")

    def do_POST(self) -> None:
        body = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), _LONGEST_BODY))
        parts = self.path.strip("/").split("/")
        try:
            wanted = json.loads(body or b"{}")
            if parts == ["control"]:
                self._json(200, asdict(self.server.platform.change(wanted)))
            elif parts == ["calls"]:
                self._json(201, {"call": self._ring(wanted)})
            elif len(parts) == 2 and parts[0] == "calls":
                self.server.platform.tell([{"at": now().isoformat(), **wanted, "call": parts[1]}])
                self._json(200, {"call": parts[1]})
            else:
                self._json(404, {"error": "no such thing"})
        except (ValueError, TypeError, KeyError) as error:
            self._json(400, {"error": str(error)})

    def _ring(self, wanted: dict[str, Any]) -> str:
        name, at = f"live-{uuid7().hex[-12:]}", now()
        came = {"call": name, "event": "offered", "at": (at - timedelta(seconds=8)).isoformat()}
        came |= {key: wanted[key] for key in ("number", "queue") if wanted.get(key)}
        rings = {"call": name, "event": "offered", "at": at.isoformat(), "agent": wanted["agent"]}
        self.server.platform.tell([came, rings])
        return name

    def _json(self, status: int, content: Any) -> None:
        self._answer(status, json.dumps(content).encode(), kind="application/json")

    def _answer(self, status: int, body: bytes, *, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
