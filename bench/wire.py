"""The least HTTP/1.1 that a load generator needs: one kept-alive connection, requests as bytes."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from urllib.parse import urlencode


class Broken(Exception):
    """The connection ended before the whole answer was here."""


@dataclass(frozen=True)
class Answer:
    status: int
    head: bytes  # status line and headers, lower case
    body: bytes
    raw_head: bytes

    def header(self, name: bytes) -> bytes:
        """The value of a header, or nothing. `name` in lower case."""
        start = self.head.find(b"\r\n" + name + b":")
        if start < 0:
            return b""
        start += len(name) + 3
        return self.raw_head[start : self.head.index(b"\r\n", start)].strip()


def get(path: str, *, host: str, **headers: str) -> bytes:
    return _head("GET", path, host, headers) + b"\r\n"


def post_form(path: str, fields: dict[str, str], *, host: str, **headers: str) -> bytes:
    body = urlencode(fields).encode()
    more = {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": str(len(body))}
    return _head("POST", path, host, headers | more) + b"\r\n" + body


def post_json(path: str, body: bytes, *, host: str, **headers: str) -> bytes:
    more = {"Content-Type": "application/json", "Content-Length": str(len(body))}
    return _head("POST", path, host, headers | more) + b"\r\n" + body


def _head(method: str, path: str, host: str, headers: dict[str, str]) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "".join(f"{line}\r\n" for line in lines).encode()


def read_answer(buffer: bytes) -> tuple[Answer, bytes] | None:
    """The first whole answer in `buffer` and what follows it; None when more has to come."""
    end = buffer.find(b"\r\n\r\n")
    if end < 0:
        return None
    raw_head = buffer[: end + 2]
    head = raw_head.lower()
    status = int(head[9:12])
    at = head.find(b"\r\ncontent-length:")
    if at >= 0:
        length = int(head[at + 17 : head.index(b"\r\n", at + 2)])
        start = end + 4
        if len(buffer) < start + length:
            return None
        return Answer(status, head, buffer[start : start + length], raw_head), buffer[start + length :]
    if status in (204, 304):
        return Answer(status, head, b"", raw_head), buffer[end + 4 :]
    return _read_chunks(buffer, end + 4, status, head, raw_head)


def _read_chunks(buffer: bytes, at: int, status: int, head: bytes, raw_head: bytes) -> tuple[Answer, bytes] | None:
    body = []
    while True:
        line = buffer.find(b"\r\n", at)
        if line < 0:
            return None
        size = int(buffer[at:line].split(b";")[0], 16)
        if len(buffer) < line + 2 + size + 2:
            return None
        body.append(buffer[line + 2 : line + 2 + size])
        at = line + 2 + size + 2
        if size == 0:
            return Answer(status, head, b"".join(body), raw_head), buffer[at:]


def _receive(connected: socket.socket) -> Answer:
    buffer = b""
    while (found := read_answer(buffer)) is None:
        more = connected.recv(65_536)
        if not more:
            raise Broken("closed")
        buffer += more
    return found[0]


class Client:
    """One connection, opened when needed and again when it broke. Raises Broken."""

    def __init__(self, port: int, *, timeout: float = 10.0) -> None:
        self._port, self._timeout = port, timeout
        self._socket: socket.socket | None = None

    def send(self, request: bytes) -> Answer:
        try:
            if self._socket is None:
                self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=self._timeout)
            self._socket.sendall(request)
            answer = _receive(self._socket)
        except (OSError, Broken, ValueError) as error:
            self.close()
            raise Broken(str(error)) from error
        if answer.header(b"connection").lower() == b"close":
            self.close()
        return answer

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None
