"""GOV.UK Notify v2 as its documentation has it (standards.md 6.1), as a real HTTP server. There is no Notify test environment."""

from __future__ import annotations

import base64
import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import jwt
from pytest_django import Settings

CLOCK_SECONDS = 30
TEMPLATES = {
    "sms": "2f0b4c9e-3b7a-4d0e-9f5e-000000000001",
    "email": "2f0b4c9e-3b7a-4d0e-9f5e-000000000002",
    "letter": "2f0b4c9e-3b7a-4d0e-9f5e-000000000003",
}
POSTCODE = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][A-Z]{2}", re.IGNORECASE)
ADDRESS = {"sms": "phone_number", "email": "email_address"}


@dataclass
class Notify:
    service: str = field(default_factory=lambda: str(uuid4()))
    secret: str = field(default_factory=lambda: str(uuid4()))
    taken: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)  # method and path of each request
    refusals: list[tuple[int, str]] = field(default_factory=list)  # status and error of the next answers
    lose_the_answer: bool = False  # take the message, then hang up
    url: str = ""

    @property
    def key(self) -> str:
        return f"town_hall-{self.service}-{self.secret}"

    def problem_with(self, authorization: str) -> str:
        scheme, _, token = authorization.partition(" ")
        if scheme != "Bearer":
            return "Unauthorized: authentication token must be provided"
        try:
            claims = jwt.decode(token, self.secret, algorithms=["HS256"], options={"require": ["iss", "iat"]})
        except jwt.InvalidTokenError:
            return "Invalid token: signature, api token is not valid"
        if claims["iss"] != self.service:
            return "Invalid token: service not found"
        if abs(time.time() - claims["iat"]) > CLOCK_SECONDS:
            return "Error: Your system clock must be accurate to within 30 seconds"
        return ""

    def post(self, kind: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        return self.post_letter(body) if kind == "letter" else self.post_message(kind, body)

    def post_letter(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Precompiled (`content`, a PDF in base64), or from a template with address lines."""
        made = {"id": str(uuid4()), "reference": body.get("reference"), "type": "letter", "request": body}
        if "content" in body:
            if not base64.b64decode(body["content"]).startswith(b"%PDF-"):
                return _refusal(400, "ValidationError", "content is not a PDF")
            if body.get("postage", "second") not in ("first", "second", "economy"):
                return _refusal(400, "ValidationError", "postage invalid. It must be first, second or economy.")
            self.taken.append({**made, "status": "pending-virus-check"})
            return 201, {"id": made["id"], "reference": made["reference"], "postage": body.get("postage", "second")}
        given = body.get("personalisation", {})
        lines = [given[f"address_line_{number}"] for number in range(1, 8) if given.get(f"address_line_{number}")]
        if body.get("template_id") != TEMPLATES["letter"]:
            return _refusal(400, "BadRequestError", "Template not found")
        if len(lines) < 3:
            return _refusal(400, "ValidationError", "Address must be at least 3 lines")
        if not POSTCODE.fullmatch(lines[-1]):
            return _refusal(
                400, "ValidationError", "Last line of address must be a real UK postcode or another country"
            )
        self.taken.append({**made, "status": "accepted"})
        content = {"body": given["body"], "subject": given["subject"]}
        return 201, {"id": made["id"], "reference": made["reference"], "content": content, "scheduled_for": None}

    def one(self, notification_id: str) -> tuple[int, dict[str, Any]]:
        for taken in self.taken:
            if taken["id"] == notification_id:
                return 200, {key: taken[key] for key in ("id", "reference", "status", "type")}
        return _refusal(404, "NoResultFound", "No result found")

    def post_message(self, kind: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        wanted = {ADDRESS[kind], "template_id"}
        if wanted - body.keys() or body["template_id"] != TEMPLATES[kind]:
            return _refusal(400, "BadRequestError", "Template not found")
        needed = {"body"} if kind == "sms" else {"subject", "body"}
        if missing := needed - body.get("personalisation", {}).keys():
            return _refusal(400, "BadRequestError", f"Missing personalisation: {', '.join(missing)}")
        made = {
            "id": str(uuid4()),
            "reference": body.get("reference"),
            "status": "created",
            "type": kind,
            "request": body,
        }
        self.taken.append(made)
        uri = f"{self.url}/v2/notifications/{made['id']}"
        template = {"id": TEMPLATES[kind], "version": 1, "uri": f"{self.url}/v2/template/{TEMPLATES[kind]}"}
        content = {"body": body["personalisation"]["body"], "from_number": "COUNCIL"}
        return 201, {
            "id": made["id"],
            "reference": made["reference"],
            "content": content,
            "uri": uri,
            "template": template,
        }

    def listed(self, query: dict[str, list[str]]) -> tuple[int, dict[str, Any]]:
        [reference] = query["reference"]
        found = [
            {k: one[k] for k in ("id", "reference", "status", "type")}
            for one in self.taken
            if one["reference"] == reference
        ]
        return 200, {"notifications": found, "links": {"current": f"{self.url}/v2/notifications"}}


def _refusal(status: int, error: str, message: str) -> tuple[int, dict[str, Any]]:
    return status, {"status_code": status, "errors": [{"error": error, "message": message}]}


class _Handler(BaseHTTPRequestHandler):
    notify: Notify

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        raw = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def _handle(self) -> None:
        notify = self.notify
        parts = urlsplit(self.path)
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or "{}")
        notify.asked.append(f"{self.command} {parts.path}")
        if problem := notify.problem_with(self.headers.get("Authorization", "")):
            return self._answer(*_refusal(403, "AuthError", problem))
        if self.command == "GET" and parts.path == "/v2/notifications":
            return self._answer(*notify.listed(parse_qs(parts.query)))
        if self.command == "GET":
            return self._answer(*notify.one(parts.path.rsplit("/", 1)[1]))
        if notify.refusals:
            status, error = notify.refusals.pop(0)
            return self._answer(*_refusal(status, error, "As the test wished"))
        answer = notify.post(parts.path.rsplit("/", 1)[1], body)
        if notify.lose_the_answer:
            self.close_connection = True
            self.connection.close()
            return None
        return self._answer(*answer)

    do_GET = do_POST = _handle  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Quiet."""


@contextmanager
def notify_stand_in(settings: Settings) -> Iterator[Notify]:
    notify = Notify()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"notify": notify}))
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    notify.url = f"http://127.0.0.1:{server.server_address[1]}"
    settings.NOTIFY_BASE_URL, settings.NOTIFY_API_KEY = notify.url, notify.key
    settings.NOTIFY_TEXT_TEMPLATE, settings.NOTIFY_EMAIL_TEMPLATE = TEMPLATES["sms"], TEMPLATES["email"]
    settings.NOTIFY_LETTER_TEMPLATE = TEMPLATES["letter"]
    settings.TEXT_PROVIDER = "notify"
    try:
        yield notify
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
