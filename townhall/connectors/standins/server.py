"""The HTTP side of the stand-ins: one port for all, each system under its code, for example /waste/.

The API is in adapters/jobs.py's words. Beside it: `/waste/` a page for people, `POST /waste/control` to change how it behaves, `POST
/waste/control/jobs/<id>` to work on a job. Those are open to whoever reaches the port, so it listens on this machine only.
"""

from __future__ import annotations

import json
import os
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from townhall.connectors import signing
from townhall.connectors.calling import NoAnswer, NoConnection, call
from townhall.connectors.standins.book import STATUSES, Book, Event, Job
from townhall.connectors.standins.office import Office
from townhall.connectors.standins.page import page
from townhall.connectors.standins.records import RECORDS, answer_of
from townhall.core.time import now

NAMES = {"waste": "Waste system (stand-in)", "works": "Works system (stand-in)"} | {
    code: f"{name} (stand-in)" for code, name in RECORDS.items()
}
_LONGEST_BODY = 2_000_000  # bytes
_LONGEST_WAIT = 30.0  # seconds between two tries of telling Townhall


class Standin:
    """One system. `tell_url` is where Townhall hears of status events; empty: they stay in its book."""

    def __init__(self, code: str, *, secret: bytes, tell_url: str) -> None:
        self.code = code
        self.name = NAMES.get(code, code)
        self.book = Book(code[:2].upper())
        self.office = Office(code, self.book)
        self.secret = secret
        self.tell_url = tell_url
        self._stopping = threading.Event()
        self._teller = threading.Thread(target=self._tell_all, daemon=True)

    def start(self) -> None:
        if self.tell_url:
            self._teller.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._teller.is_alive():
            self._teller.join(timeout=5)

    def _tell_all(self) -> None:
        """Tell Townhall what happened, again and again until it has heard."""
        while not self._stopping.wait(0.02):
            event = self.book.due_event()
            if event is not None and not self._tell(event):
                self.book.put_back(event, seconds=min(0.2 * 2**event.tries, _LONGEST_WAIT))

    def _tell(self, event: Event) -> bool:
        body = json.dumps(event.body).encode()
        headers = signing.headers(self.secret, message_id=event.id, at=now(), body=body)
        try:
            answer = call("POST", self.tell_url, headers={**headers, "Content-Type": "application/json"}, body=body)
        except (NoConnection, NoAnswer):
            return False
        return answer.status == 200


class Standins:
    """Several systems behind one port; 0 takes a free one."""

    def __init__(self, systems: Sequence[Standin], *, port: int = 0) -> None:
        self.systems = {system.code: system for system in systems}
        self._server = _Server(("127.0.0.1", port), self.systems)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def url(self, code: str) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/{code}"

    def start(self) -> None:
        self._thread.start()
        for system in self.systems.values():
            system.start()

    def stop(self) -> None:
        """Once or more often."""
        self._server.shutdown()
        self._server.server_close()
        for system in self.systems.values():
            system.stop()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], systems: Mapping[str, Standin]) -> None:
        self.systems = systems
        super().__init__(address, _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    timeout = 30

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the base class calls it so
        """Quiet."""

    standin: Standin  # the one that the request is for

    @property
    def book(self) -> Book:
        return self.standin.book

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        rest = self._find(parts.path)
        if rest is None:
            return
        if rest == "":
            self._answer(
                200, page(self.standin.name, self.book, self.standin.office).encode(), kind="text/html; charset=utf-8"
            )
        elif rest == "control":
            self._json(200, asdict(self.book.mood))
        elif self._is_ours(b""):
            self._behaving(lambda: self._look(rest, parse_qs(parts.query)))

    def do_POST(self) -> None:
        body = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), _LONGEST_BODY))
        rest = self._find(self.path)
        if rest is None:
            return
        parts = rest.split("/")
        if parts[0] == "control":
            self._control(parts[1:], body)
        elif parts[0] == "page":
            self._page_form(parts[1:], parse_qs(body.decode(errors="replace")))
        elif self._is_ours(body):
            self._behaving(lambda: self._take(parts, body))

    def _find(self, path: str) -> str | None:
        """Choose the system by the first part of the path; the rest of it. None when that has been answered already."""
        code, slash, rest = path.lstrip("/").partition("/")
        found = self.server.systems.get(code)
        if found is not None and slash:
            self.standin = found
            return rest.strip("/")
        if found is not None:
            self._go(f"/{code}/")
        elif not code:
            links = "".join(f'<li><a href="/{one.code}/">{one.name}</a></li>' for one in self.server.systems.values())
            self._answer(200, f"<!doctype html><title>Stand-ins</title><ul>{links}</ul>".encode(), kind="text/html")
        else:
            self._json(404, {"error": "no such system"})
        return None

    def _is_ours(self, body: bytes) -> bool:
        """Whether Townhall signed this; answers 401 when not."""
        message_id, timestamp = self.headers.get("webhook-id", ""), self.headers.get("webhook-timestamp", "")
        given = self.headers.get("webhook-signature", "")
        secret = self.standin.secret
        if signing.is_right(secret, message_id=message_id, timestamp=timestamp, given=given, body=body):
            return True
        self._json(401, {"error": "wrong signature"})
        return False

    def _behaving(self, act: Callable[[], tuple[int, Any]]) -> None:
        """Do it and answer as the mood is. Only an outage and a busy system do not do it."""
        mood = self.book.mood
        if mood.outage:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        if mood.busy:
            self._json(503, {"error": "busy"})
            return
        status, content = act()
        if mood.delay:
            time.sleep(mood.delay)
        if mood.broken:
            status, content = 500, {"error": "something broke"}
        self._json(status, content)

    def _look(self, path: str, query: dict[str, list[str]]) -> tuple[int, Any]:
        parts = path.split("/")
        if parts == ["health"]:
            return 200, {"well": True}
        if (answer := self.standin.office.look(parts, query)) is not None:
            return answer
        if parts == ["jobs"]:
            limit = min(int(query.get("limit", ["200"])[0]), 1_000)
            found = self.book.jobs(
                after=query.get("after", [""])[0], limit=limit, open_only=query.get("state") == ["open"]
            )
            return 200, {"jobs": [job.shown() for job in found], "after": found[-1].id if len(found) == limit else ""}
        job = self.book.job(parts[1]) if len(parts) == 2 and parts[0] == "jobs" else None
        return (404, {"error": "no such job"}) if job is None else (200, job.shown())

    def _take(self, parts: list[str], body: bytes) -> tuple[int, Any]:
        key = self.headers.get("Idempotency-Key", "")
        try:
            content = json.loads(body)
        except ValueError:
            content = None
        if not key or not isinstance(content, dict):
            return 400, {"error": "an Idempotency-Key and a JSON object are needed"}
        if self.book.mood.refuse and parts[-1] != "updates":
            return 422, {"error": "not our area"}
        if (answer := self.standin.office.take(parts, key, content)) is not None:
            return answer
        if parts == ["jobs"]:
            made = self.book.take(key, content)
            self._answer_at_once(made)
            return 201, {"id": made.id}
        job = self.book.update(parts[1], key, content) if len(parts) == 3 and parts[2] == "updates" else None
        return (404, {"error": "no such job"}) if job is None else (200, {"id": job.id})

    def _answer_at_once(self, job: Job) -> None:
        """What a system does by itself with what it takes, without a clerk."""
        if not job.is_open:
            return
        made = self.standin.office.took(job) or answer_of(self.standin.code, job)
        if made is not None:
            note, data = made
            self.book.move(job.id, "completed", note=note, data=data)

    def _control(self, parts: list[str], body: bytes) -> None:
        try:
            wanted = json.loads(body or b"{}")
            if parts[:1] == ["bookings"]:
                status, answer = self.standin.office.visit(parts[1], **wanted)
            else:
                status, answer = self._move(parts[1], wanted) if parts else (200, asdict(self.book.change_mood(wanted)))
        except (ValueError, AttributeError, IndexError, TypeError) as error:
            status, answer = 400, {"error": str(error)}
        self._json(status, answer)

    def _move(self, job_id: str, wanted: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if wanted.get("status") not in STATUSES:
            return 400, {"error": "no such status"}
        reason, note = str(wanted.get("reason", "")), str(wanted.get("note", ""))
        job = self.book.move(job_id, wanted["status"], reason=reason, note=note, tell=bool(wanted.get("tell", True)))
        self._settled(job)
        return (404, {"error": "no such job"}) if job is None else (200, job.shown())

    def _settled(self, job: Job | None) -> None:
        if job is not None and job.status == "completed":
            self.standin.office.completed(job)

    def _page_form(self, parts: list[str], form: dict[str, list[str]]) -> None:
        try:
            if parts == ["mood"]:
                self.book.change_mood({form["name"][0]: form.get("value", [""])[0]})
            elif len(parts) == 2 and parts[0] == "bookings":
                self.standin.office.visit(parts[1], status=form.get("status", [""])[0], move="move" in form)
            elif len(parts) == 2 and form["status"][0] in STATUSES:
                self._settled(self.book.move(parts[1], form["status"][0]))
        except (ValueError, KeyError):
            self._json(400, {"error": "not understood"})
            return
        self._go(f"/{self.standin.code}/")

    def _go(self, path: str) -> None:
        self.send_response(303)
        self.send_header("Location", path)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _json(self, status: int, content: Any) -> None:
        self._answer(status, json.dumps(content).encode(), kind="application/json")

    def _answer(self, status: int, body: bytes, *, kind: str) -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # the caller did not wait


def serve() -> None:
    """Run them until interrupted, on STANDINS_PORT. PORT says where Townhall is, on this machine."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "townhall.config.settings")
    port = int(os.environ.get("STANDINS_PORT", "8050"))
    townhall = f"http://127.0.0.1:{os.environ.get('PORT', '8000')}"
    systems = [
        Standin(code, secret=signing.secret_of(code), tell_url=f"{townhall}/connectors/{code}/events") for code in NAMES
    ]
    standins = Standins(systems, port=port)
    standins.start()
    try:
        threading.Event().wait()
    finally:
        standins.stop()
