"""Mail in Microsoft 365, by Microsoft Graph v1.0 as its documentation has it.

An application signs in as itself (OAuth 2.0 client credentials) and needs the application permissions Mail.ReadWrite and Mail.Send,
held to the shared mailboxes by an access policy of Exchange. Message ids are the immutable kind, which moving does not change.
"""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import quote, urlsplit

import httpx
import msgspec
from django.conf import settings

LARGEST = 40_000_000  # bytes of one mail
SECONDS = 30.0  # for each answer
RENEWED_BEFORE = 120  # seconds before its end a token is asked for anew
LONGEST_WAIT = 300.0  # seconds, whatever Retry-After says
USUAL_WAIT = 10.0  # where nothing says how long
_BUSY: Final = frozenset({429, 503, 504})
_PREFER: Final = 'IdType="ImmutableId"'


class GraphFailed(Exception):
    """What Graph answered, in words for the page of mailboxes."""


class Throttled(GraphFailed):
    """Too many requests, or the service rests: nothing is asked again before `seconds` have passed (Retry-After)."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"Microsoft 365 asks to wait {round(seconds)} seconds.")
        self.seconds = seconds


class PlaceLost(GraphFailed):
    """410 Gone: where we stood in the list of changes is forgotten, and it is read anew from its start."""


@dataclass(frozen=True, kw_only=True)
class Application:
    """As registered in the council's directory."""

    tenant: str
    client_id: str
    secret: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page of what is new in a folder. `next`: where the following page, or the next look, begins; `is_last`: for now."""

    ids: tuple[str, ...]
    next: str
    is_last: bool


_tokens: dict[Application, tuple[str, float]] = {}
_renewing = threading.Lock()


class Graph:
    """One mailbox, for as long as it is open."""

    def __init__(self, application: Application, mailbox: str) -> None:
        self._application = application
        self._of = f"{settings.GRAPH_URL}/v1.0/users/{quote(mailbox, safe='@')}"
        self._http = httpx.Client(timeout=SECONDS, trust_env=False, follow_redirects=False)

    def close(self) -> None:
        self._http.close()

    def changes(self, folder: str, *, at: str = "", most: int = 50) -> Page:
        """What came into a folder since `at` (a link of an earlier page); from its start without one. Raises GraphFailed."""
        start = f"{self._of}/mailFolders/{quote(folder, safe='')}/messages/delta?changeType=created&$select=id"
        answer = self._ask("GET", self._own(at) if at else start, {"Prefer": f"odata.maxpagesize={most}, {_PREFER}"})
        found = self._json(answer)
        rows = [row for row in found.get("value", []) if "@removed" not in row]
        onward = str(found.get("@odata.nextLink") or "")
        return Page(
            ids=tuple(str(row["id"]) for row in rows),
            next=onward or str(found.get("@odata.deltaLink") or ""),
            is_last=not onward,
        )

    def mime(self, message_id: str) -> bytes | None:
        """The mail byte for byte ($value); None when it is larger than LARGEST, or gone. Raises GraphFailed."""
        url = f"{self._of}/messages/{quote(message_id, safe='')}/$value"
        for attempt in range(2):
            headers = self._headers({"Prefer": _PREFER}, fresh=attempt > 0)
            with _answering(), self._http.stream("GET", url, headers=headers) as answer:
                if answer.status_code == 401 and attempt == 0:
                    continue
                if answer.status_code == 404:
                    return None
                self._check(answer, body=b"" if answer.is_success else answer.read())
                raw = bytearray()
                for chunk in answer.iter_bytes():
                    raw += chunk
                    if len(raw) > LARGEST:
                        return None
                return bytes(raw)
        raise GraphFailed("Microsoft 365 refuses our sign-in.")

    def mark_read(self, message_id: str) -> None:
        """Raises GraphFailed."""
        self._ask("PATCH", f"{self._of}/messages/{quote(message_id, safe='')}", json={"isRead": True})

    def move(self, message_id: str, folder: str) -> str:
        """Into another folder, by its id or well-known name; its id there. Raises GraphFailed."""
        url = f"{self._of}/messages/{quote(message_id, safe='')}/move"
        return str(self._json(self._ask("POST", url, json={"destinationId": folder})).get("id", message_id))

    def send(self, raw: bytes) -> None:
        """A mail as MIME, kept among what was sent. Raises GraphFailed."""
        self._ask("POST", f"{self._of}/sendMail", {"Content-Type": "text/plain"}, content=base64.b64encode(raw))

    def _ask(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None = None,
        *,
        content: bytes | None = None,
        json: object = None,
    ) -> httpx.Response:
        """Once more with a new token where the old one is refused."""
        sent = {"Prefer": _PREFER, **(headers or {})}
        body = msgspec.json.encode(json) if json is not None else content
        if json is not None:
            sent["Content-Type"] = "application/json"
        with _answering():
            answer = self._http.request(method, url, headers=self._headers(sent), content=body)
            if answer.status_code == 401:
                answer = self._http.request(method, url, headers=self._headers(sent, fresh=True), content=body)
        self._check(answer, body=answer.content)
        return answer

    def _headers(self, headers: Mapping[str, str], *, fresh: bool = False) -> dict[str, str]:
        return {"Authorization": f"Bearer {_token(self._application, self._http, fresh=fresh)}", **headers}

    def _own(self, link: str) -> str:
        """A link that Graph gave is followed only to Graph itself."""
        if urlsplit(link)[:2] != urlsplit(settings.GRAPH_URL)[:2]:
            raise PlaceLost("The link of the last look leads elsewhere.")
        return link

    @staticmethod
    def _check(answer: httpx.Response, *, body: bytes) -> None:
        if answer.is_success:
            return
        if answer.status_code in _BUSY:
            raise Throttled(_wait(answer.headers.get("Retry-After", "")))
        code, words = _error_of(body)
        if answer.status_code == 410 or code in ("syncStateNotFound", "resyncRequired"):
            raise PlaceLost(f"{answer.status_code} {code}")
        raise GraphFailed(f"{answer.status_code} {code} {words}".strip()[:300])

    @staticmethod
    def _json(answer: httpx.Response) -> dict[str, Any]:
        try:
            found = msgspec.json.decode(answer.content)
        except msgspec.DecodeError as error:
            raise GraphFailed("Microsoft 365 answered what is no JSON.") from error
        if not isinstance(found, dict):
            raise GraphFailed("Microsoft 365 answered what we do not know.")
        return found


@contextmanager
def _answering(who: str = "Microsoft 365") -> Iterator[None]:
    """Raises GraphFailed where the connection fails, also half-way through an answer."""
    try:
        yield
    except httpx.HTTPError as error:
        raise GraphFailed(f"No answer from {who}: {type(error).__name__}") from error


@contextmanager
def opened(application: Application, mailbox: str) -> Iterator[Graph]:
    graph = Graph(application, mailbox)
    try:
        yield graph
    finally:
        graph.close()


def forget_tokens() -> None:
    """As tests do between one another."""
    _tokens.clear()


def _token(application: Application, http: httpx.Client, *, fresh: bool) -> str:
    """Kept until shortly before its end; one thread asks and the others wait. Raises GraphFailed."""
    with _renewing:
        token, until = _tokens.get(application, ("", 0.0))
        if token and not fresh and time.monotonic() < until:
            return token
        url = f"{settings.GRAPH_LOGIN_URL}/{quote(application.tenant, safe='')}/oauth2/v2.0/token"
        asked = {
            "client_id": application.client_id,
            "client_secret": application.secret,
            "scope": f"{settings.GRAPH_URL}/.default",
            "grant_type": "client_credentials",
        }
        with _answering("Microsoft's sign-in"):
            answer = http.post(url, data=asked)
        if answer.status_code in _BUSY:
            raise Throttled(_wait(answer.headers.get("Retry-After", "")))
        if not answer.is_success:
            code, words = _error_of(answer.content)
            raise GraphFailed(f"Microsoft's sign-in refuses the application: {code} {words}".strip()[:300])
        found = Graph._json(answer)
        token = str(found.get("access_token", ""))
        lasts = float(found.get("expires_in", 0) or 0)
        _tokens[application] = (token, time.monotonic() + max(0.0, lasts - RENEWED_BEFORE))
        return token


def _error_of(body: bytes) -> tuple[str, str]:
    """Graph says {"error": {"code", "message"}}, its sign-in {"error", "error_description"}."""
    try:
        found = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return "", ""
    error = found.get("error", "") if isinstance(found, dict) else ""
    if isinstance(error, dict):
        return str(error.get("code", "")), str(error.get("message", ""))
    return str(error), str(found.get("error_description", "")) if isinstance(found, dict) else ""


def _wait(retry_after: str) -> float:
    """Seconds, or a date (RFC 9110)."""
    if retry_after.isdigit():
        return min(float(retry_after), LONGEST_WAIT)
    try:
        return min(max(0.0, parsedate_to_datetime(retry_after).timestamp() - time.time()), LONGEST_WAIT)
    except (TypeError, ValueError):
        return USUAL_WAIT
