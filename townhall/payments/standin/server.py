"""The HTTP side of the pretend provider. /pay/ is the online provider, /terminal/ the counters' card terminals.

The API is under /v1 and needs the key. Beside it: /secure/<token> the payment page, `POST control` how it behaves, `POST control/plant` a
payment that Townhall knows nothing of. Those are open to whoever reaches the port, so it listens on this machine only.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import socket
import threading
import time
from dataclasses import asdict
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from townhall.connectors.calling import NoAnswer, NoConnection, call
from townhall.payments.standin import page, shapes
from townhall.payments.standin.book import Book, Paid, Waiting

_LONGEST_BODY = 100_000  # bytes
_WAYS = ("pay", "terminal")
_NEEDED = {"amount": int, "reference": str, "description": str, "return_url": str}


class PretendProvider:
    """Runs in threads of this process. `tell_url` is where its messages go, with `{code}` for pay or terminal."""

    def __init__(
        self, *, api_key: str, webhook_secret: str, tell_url: str = "", port: int = 0, path: Path | None = None
    ) -> None:
        self.api_key, self.webhook_secret, self.tell_url = api_key, webhook_secret, tell_url
        self.books = {way: Book(path.with_name(f"{path.name}-{way}.json") if path else None) for way in _WAYS}
        self._server = _Server(("127.0.0.1", port), self)
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True),
            threading.Thread(target=self._tell_all, daemon=True),
        ]

    @property
    def book(self) -> Book:
        """Of the online provider."""
        return self.books["pay"]

    def url(self, way: str = "pay") -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/{way}"

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._server.shutdown()
        self._server.server_close()

    def _tell_all(self) -> None:
        """Again and again until Townhall has answered."""
        while not self._stopping.wait(0.02):
            for way, book in self.books.items():
                message = book.due_message()
                if message is not None and not self._tell(way, message):
                    book.put_back(message)

    def _tell(self, way: str, message: Waiting) -> bool:
        if not self.tell_url:
            return True
        signature = hmac.new(self.webhook_secret.encode(), message.body, hashlib.sha256).hexdigest()
        headers = {"Pay-Signature": signature, "Content-Type": "application/json"}
        try:
            answer = call("POST", self.tell_url.format(code=way), headers=headers, body=message.body)
        except (NoConnection, NoAnswer):
            return False
        return 200 <= answer.status < 300


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], provider: PretendProvider) -> None:
        self.provider = provider
        super().__init__(address, _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    timeout = 30
    way: str
    book: Book

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the base class calls it so
        """Quiet."""

    @property
    def base(self) -> str:
        return f"http://{self.headers.get('Host', '127.0.0.1')}/{self.way}"

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        rest = self._find(parts.path)
        if rest is None:
            return
        if rest.startswith("v1/"):
            self._api("GET", rest, {name: values[0] for name, values in parse_qs(parts.query).items()})
        elif rest.startswith("secure/"):
            self._payment_page(rest.removeprefix("secure/"))
        elif rest == "control":
            self._json(200, asdict(self.book.behaviour))
        else:
            self._html(200, page.list_page(list(self.book.payments.values())))

    def do_POST(self) -> None:
        body = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), _LONGEST_BODY))
        rest = self._find(self.path)
        if rest is None:
            return
        if rest.startswith("v1/"):
            self._api("POST", rest, self._read(body))
        elif rest.startswith("secure/"):
            self._pressed(rest.removeprefix("secure/"), parse_qs(body.decode(errors="replace")))
        elif rest == "control":
            try:
                self._json(200, asdict(self.book.change(self._read(body) or {})))
            except (ValueError, TypeError) as error:
                self._json(400, {"error": str(error)})
        elif rest == "control/plant":
            self._json(200, {"payment_id": self.book.plant().payment_id})
        else:
            self._json(404, {})

    def _find(self, path: str) -> str | None:
        way, _slash, rest = path.lstrip("/").partition("/")
        if way not in self.server.provider.books:
            self._json(404, {})
            return None
        self.way, self.book = way, self.server.provider.books[way]
        return rest.strip("/")

    @staticmethod
    def _read(body: bytes) -> Any:
        try:
            return json.loads(body or b"{}")
        except ValueError:
            return None

    # The API

    def _api(self, method: str, path: str, given: Any) -> None:
        behaviour = self.book.behaviour
        self.book.requests.append((method, path))
        if behaviour.outage:
            self._cut()
            return
        if self.book.take("busy"):
            self._json(429, shapes.error("P0900", "Too many requests"))
            return
        if self.headers.get("Authorization") != f"Bearer {self.server.provider.api_key}":
            self._json(401, shapes.error("P0920", "Credentials are required to access this resource"))
            return
        status, content = self._act(method, path.removeprefix("v1/").split("/"), given)
        if behaviour.delay:
            time.sleep(behaviour.delay)
        if self.book.take("lose_answers"):
            self._cut()
        elif behaviour.broken:
            self._json(500, shapes.error("P0198", "Downstream system error"))
        else:
            self._json(status, content)

    def _act(self, method: str, parts: list[str], given: Any) -> tuple[int, Any]:
        match method, parts:
            case "POST", ["payments"]:
                return self._create(given)
            case "GET", ["payments"]:
                return self._search(given)
            case _, ["payments", payment_id, *rest]:
                paid = self.book.get(payment_id)
                if paid is None:
                    return 404, shapes.error("P0200", "Not found")
                return self._of_payment(method, paid, rest, given)
        return 404, shapes.error("P0200", "Not found")

    def _of_payment(self, method: str, paid: Paid, rest: list[str], given: Any) -> tuple[int, Any]:
        match method, rest:
            case "GET", []:
                return 200, shapes.payment(paid, base=self.base)
            case "POST", ["cancel"]:
                done = self.book.cancel(paid)
                return (204, None) if done else (400, shapes.error("P0501", "Cancellation of payment failed"))
            case "GET", ["refunds"]:
                listed = [shapes.refund(one, paid, base=self.base) for one in paid.refunds]
                return 200, {"payment_id": paid.payment_id, "_links": {}, "_embedded": {"refunds": listed}}
            case "POST", ["refunds"]:
                return self._refund(paid, given)
        return 404, shapes.error("P0200", "Not found")

    def _create(self, given: Any) -> tuple[int, Any]:
        if not isinstance(given, dict):
            return 400, shapes.error("P0197", "Unable to parse JSON")
        for name, kind in _NEEDED.items():
            if not isinstance(given.get(name), kind) or given[name] in ("", True, False):
                return 422, shapes.error("P0101", f"Missing mandatory attribute: {name}", field=name)
        if not 0 <= given["amount"] <= 10_000_000:
            return 422, shapes.error("P0102", "Invalid attribute value: amount", field="amount")
        if any(len(given[name]) > 255 for name in ("reference", "description")) or re.search(
            r"https?:", given["reference"]
        ):
            return 422, shapes.error("P0102", "Invalid attribute value: reference", field="reference")
        return 201, shapes.payment(self.book.create(given), base=self.base)

    def _refund(self, paid: Paid, given: Any) -> tuple[int, Any]:
        amount = given.get("amount") if isinstance(given, dict) else None
        left = paid.amount - paid.refunded
        if not isinstance(amount, int) or not 0 < amount <= left or paid.status != "success":
            return 400, shapes.error("P0603", "Refund is not available for this payment")
        if given.get("refund_amount_available") not in (None, left):
            return 412, shapes.error("P0604", "Refund amount available mismatch")
        return 202, shapes.refund(self.book.refund(paid, amount), paid, base=self.base)

    def _search(self, query: dict[str, str]) -> tuple[int, Any]:
        since = _moment(query.get("from_date")) or datetime(1970, 1, 1, tzinfo=UTC)
        until = _moment(query.get("to_date")) or datetime(9999, 1, 1, tzinfo=UTC)
        number, size = int(query.get("page", 1)), min(int(query.get("display_size", 500)), 500)
        found = self.book.search(since=since, until=until)
        shown = found[(number - 1) * size : number * size]
        results = [shapes.payment(one, base=self.base) for one in shown]
        links = {"self": {"href": f"{self.base}/v1/payments", "method": "GET"}}
        return 200, {"total": len(found), "count": len(shown), "page": number, "results": results, "_links": links}

    # The payment page

    def _payment_page(self, token: str) -> None:
        paid = self.book.by_token(token)
        if paid is None:
            self._html(404, page.closed_page())
            return
        self.book.open(paid)
        self._html(200, page.payment_page(paid, terminal=self.way == "terminal"))

    def _pressed(self, token: str, form: dict[str, list[str]]) -> None:
        paid = self.book.by_token(token)
        outcome, _colon, message = form.get("do", [""])[0].partition(":")
        if paid is None or outcome not in ("success", "decline", "cancel", "expire", "error", "lost"):
            self._html(404, page.closed_page())
            return
        how = message if message != "normal" else ""
        self.book.end(paid, "success" if outcome == "lost" else outcome, message=how)
        if outcome == "lost":
            self._html(200, page.closed_page())
            return
        self.send_response(303)
        self.send_header("Location", paid.return_url)
        self.send_header("Content-Length", "0")
        self.end_headers()

    # Answers

    def _cut(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def _json(self, status: int, content: Any) -> None:
        self._answer(status, b"" if content is None else json.dumps(content).encode(), kind="application/json")

    def _html(self, status: int, text: str) -> None:
        self._answer(status, text.encode(), kind="text/html; charset=utf-8")

    def _answer(self, status: int, body: bytes, *, kind: str) -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            if status != 204:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # the caller did not wait


def _moment(text: str | None) -> datetime | None:
    try:
        found = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return found if found is None or found.tzinfo else found.replace(tzinfo=UTC)
