"""A stand-in for clamd, written to the documented protocol: it finds what holds MARK, and can be slow, broken or too strict."""

from __future__ import annotations

import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MARK = b"made-up-virus-for-tests"
LIMIT = 1_000_000


class _Talk(socketserver.StreamRequestHandler):
    server: _Scanner

    def handle(self) -> None:
        command = b""
        while not command.endswith(b"\0"):
            part = self.rfile.read(1)
            if not part:
                return
            command += part
        if command != b"zINSTREAM\0":
            self.wfile.write(b"UNKNOWN COMMAND\0")
            return
        content = b""
        while (length := struct.unpack("!I", self.rfile.read(4))[0]) > 0:
            content += self.rfile.read(length)
            if len(content) > LIMIT:
                self.wfile.write(b"INSTREAM size limit exceeded. ERROR\0")
                return
        self.server.scanned.append(content)
        found = b"stream: Test.Made-Up FOUND\0" if MARK in content else b"stream: OK\0"
        self.wfile.write(self.server.says or found)


class _Scanner(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True

    def __init__(self, address: tuple[str, int]) -> None:
        super().__init__(address, _Talk)
        self.scanned: list[bytes] = []
        self.says = b""  # in place of what it found

    @property
    def address(self) -> str:
        host, port = self.server_address[:2]
        return f"{host!s}:{port}"


class _UnixScanner(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True

    def __init__(self, path: str) -> None:
        super().__init__(path, _Talk)
        self.scanned: list[bytes] = []
        self.says = b""


@contextmanager
def scanner() -> Iterator[_Scanner]:
    with _Scanner(("127.0.0.1", 0)) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server
        server.shutdown()


@contextmanager
def unix_scanner(path: Path) -> Iterator[str]:
    with _UnixScanner(str(path)) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"unix:{path}"
        server.shutdown()
