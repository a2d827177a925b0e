"""Microsoft Graph's mail as its documentation has it, as a real HTTP server: sign-in, delta, $value, move, marks, sendMail, throttling."""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from pytest_django import Settings

from townhall.connectors.graph import Application, forget_tokens

TENANT, CLIENT, SECRET = (
    "4f2c0d6a-0000-4000-8000-00000000000a",
    "4f2c0d6a-0000-4000-8000-00000000000b",
    "made-up-secret",
)
APPLICATION = Application(tenant=TENANT, client_id=CLIENT, secret=SECRET)
_USER = re.compile(r"/v1\.0/users/(?P<user>[^/]+)(?P<rest>/.*)")


@dataclass
class Stored:
    raw: bytes
    folder: str = "inbox"
    is_read: bool = False


@dataclass
class Office:
    """`refusals`: status and headers of the next answers. `forgets`: delta links are answered with 410. `breaks_off`:
    the connection ends before the next mail does."""

    url: str = ""
    mails: dict[str, Stored] = field(default_factory=dict)
    sent: list[bytes] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    refusals: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    forgets: bool = False
    breaks_off: bool = False

    def deliver(self, raw: bytes) -> str:
        made = f"AAMk{len(self.mails):04}="
        self.mails[made] = Stored(raw)
        return made

    def token(self, form: dict[str, list[str]]) -> tuple[int, dict[str, Any]]:
        given = {name: values[0] for name, values in form.items()}
        if given.get("grant_type") != "client_credentials" or given.get("scope") != f"{self.url}/.default":
            return 400, {"error": "invalid_request", "error_description": "AADSTS900144"}
        if (given.get("client_id"), given.get("client_secret")) != (CLIENT, SECRET):
            return 401, {
                "error": "invalid_client",
                "error_description": "AADSTS7000215: Invalid client secret provided.",
            }
        self.tokens.append(f"token-{len(self.tokens)}")
        return 200, {"token_type": "Bearer", "expires_in": 3599, "access_token": self.tokens[-1]}

    def delta(self, query: dict[str, list[str]], user: str, size: int) -> tuple[int, dict[str, Any]]:
        state = query.get("$skiptoken") or query.get("$deltatoken")
        if state and self.forgets:
            self.forgets = False
            return 410, {"error": {"code": "syncStateNotFound", "message": "The sync state is not found."}}
        start = int(state[0]) if state else 0
        there = [one for one, stored in self.mails.items() if stored.folder == "inbox"]
        every = list(self.mails)
        page = every[start : start + size]
        end = start + len(page)
        base = f"{self.url}/v1.0/users/{user}/mailFolders/inbox/messages/delta"
        gone: list[dict[str, Any]] = [{"id": "AAMkGone=", "@removed": {"reason": "deleted"}}] if start == 0 else []
        value = [{"@odata.type": "#microsoft.graph.message", "id": one} for one in page if one in there]
        link = ("@odata.nextLink", "skiptoken") if end < len(every) else ("@odata.deltaLink", "deltatoken")
        return 200, {"@odata.context": "…", link[0]: f"{base}?${link[1]}={end}", "value": gone + value}


class _Talk(BaseHTTPRequestHandler):
    office: Office

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the base class calls it
        return None

    def _answer(self, status: int, body: object = None, headers: dict[str, str] | None = None) -> None:
        out = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(out)))
        self.end_headers()
        self.wfile.write(out)

    def _any(self) -> None:
        office, parts = self.office, urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        office.asked.append(f"{self.command} {unquote(parts.path)}")
        if office.refusals:
            status, headers = office.refusals.pop(0)
            self._answer(status, {"error": {"code": "TooManyRequests", "message": "Please retry"}}, headers)
        elif parts.path == f"/{TENANT}/oauth2/v2.0/token":
            self._answer(*office.token(parse_qs(body.decode())))
        elif self.headers.get("Authorization") != f"Bearer {office.tokens[-1] if office.tokens else ''}":
            self._answer(401, {"error": {"code": "InvalidAuthenticationToken", "message": "Access token has expired."}})
        elif found := _USER.fullmatch(unquote(parts.path)):
            self._of_user(found["user"], found["rest"], parse_qs(parts.query), body)
        else:
            self._answer(404, {"error": {"code": "ResourceNotFound", "message": "Resource could not be discovered."}})

    def _of_user(self, user: str, rest: str, query: dict[str, list[str]], body: bytes) -> None:
        office, prefer = self.office, self.headers.get("Prefer", "")
        size = re.search(r"odata\.maxpagesize=(\d+)", prefer)
        message = re.fullmatch(r"/messages/([^/]+)(/\$value|/move)?", rest)
        if self.command == "GET" and rest == "/mailFolders/inbox/messages/delta":
            self._answer(*office.delta(query, user, int(size[1]) if size else 10))
        elif self.command == "POST" and rest == "/sendMail" and self.headers.get("Content-Type") == "text/plain":
            office.sent.append(base64.b64decode(body, validate=True))
            self._answer(202)
        elif message is None or message[1] not in office.mails:
            self._answer(
                404, {"error": {"code": "ErrorItemNotFound", "message": "The object was not found in the store."}}
            )
        elif self.command == "GET" and message[2] == "/$value" and office.breaks_off:
            office.breaks_off, self.close_connection = False, True
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b"Subject: ")
        elif self.command == "GET" and message[2] == "/$value":
            self._answer(200, office.mails[message[1]].raw, {"Content-Type": "text/plain"})
        elif self.command == "POST" and message[2] == "/move":
            office.mails[message[1]].folder = json.loads(body)["destinationId"]
            self._answer(201, {"id": message[1]})
        elif self.command == "PATCH" and not message[2]:
            office.mails[message[1]].is_read = json.loads(body)["isRead"]
            self._answer(200, {"id": message[1]})
        else:
            self._answer(405, {"error": {"code": "MethodNotAllowed", "message": ""}})

    do_GET = do_POST = do_PATCH = _any  # noqa: N815 - as the base class calls them


@contextmanager
def office(settings: Settings) -> Iterator[Office]:
    """A running one, with the settings pointing to it."""
    made = Office()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Talk", (_Talk,), {"office": made}))
    made.url = f"http://127.0.0.1:{server.server_address[1]}"
    settings.GRAPH_URL = settings.GRAPH_LOGIN_URL = made.url
    settings.GRAPH_TENANT, settings.GRAPH_CLIENT_ID, settings.GRAPH_CLIENT_SECRET = TENANT, CLIENT, SECRET
    forget_tokens()
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        forget_tokens()
