"""Asking a virus scanner: a small client of clamd's INSTREAM command, over TCP or a socket file.

The content goes in chunks, each with its length before it as four bytes in network order; an empty one ends it. The answer is
`stream: OK`, `stream: NAME FOUND`, or an error. Source: the protocol's page in clamd's manual.
"""

from __future__ import annotations

import socket
import struct
from contextlib import AbstractContextManager

CHUNK = 64 * 1024  # bytes
TIMEOUT = 60.0  # seconds for each step
LONGEST_ANSWER = 4_096  # bytes


class NoAnswer(Exception):
    """The scanner could not be asked, or did not say whether the content is clean. The message says why, for operators."""


class BadAddress(ValueError):
    """CLAMD_ADDRESS is neither `host:port` nor `unix:/path`."""


def scan(content: bytes, *, address: str) -> str:
    """The name of what was found in it; empty when it is clean. Raises NoAnswer, BadAddress."""
    try:
        with _connected(address) as talk:
            talk.sendall(b"zINSTREAM\0")
            try:
                for start in range(0, len(content), CHUNK):
                    part = content[start : start + CHUNK]
                    talk.sendall(struct.pack("!I", len(part)) + part)
                talk.sendall(struct.pack("!I", 0))
            except (BrokenPipeError, ConnectionResetError):
                pass  # it has said why, and closed
            answer = _answer(talk)
    except OSError as error:
        raise NoAnswer(f"{type(error).__name__}: {error}") from error
    return _found(answer)


def _connected(address: str) -> AbstractContextManager[socket.socket]:
    if address.startswith("unix:"):
        talk = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        talk.settimeout(TIMEOUT)
        try:
            talk.connect(address.removeprefix("unix:"))
        except OSError:
            talk.close()
            raise
        return talk
    host, colon, port = address.removeprefix("tcp:").rpartition(":")
    if not colon or not host or not port.isdecimal():
        raise BadAddress(f"CLAMD_ADDRESS must be host:port or unix:/path, not {address!r}")
    return socket.create_connection((host.strip("[]"), int(port)), timeout=TIMEOUT)


def _answer(talk: socket.socket) -> str:
    received = b""
    while b"\0" not in received and len(received) < LONGEST_ANSWER:
        part = talk.recv(1024)
        if not part:
            break
        received += part
    return received.partition(b"\0")[0].decode("utf-8", "replace").strip()


def _found(answer: str) -> str:
    said = answer.removeprefix("stream:").strip()
    if said == "OK":
        return ""
    name, space, verdict = said.rpartition(" ")
    if verdict == "FOUND" and space and name:
        return name[:200]
    raise NoAnswer(f"The scanner said: {answer[:200] or 'nothing'}")
