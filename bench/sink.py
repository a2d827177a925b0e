"""A mail server that writes down the Message-ID of all it takes, and is slow now and then: `python -m bench.sink PORT FILE [SLOW]`."""

from __future__ import annotations

import asyncio
import re
import sys
import time
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import IO

SLOWEST = 1.2  # seconds; less than the sender waits
_MESSAGE_ID = re.compile(rb"^Message-ID:\s*(\S+)", re.IGNORECASE | re.MULTILINE)


class Sink:
    """Speaks as much SMTP (RFC 5321) as a sender needs, with 8BITMIME. `slow`: the share of mails answered late."""

    def __init__(self, file: IO[str], *, slow: float) -> None:
        self._file, self._slow, self._random = file, slow, Random(7)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            writer.write(b"220 sink ESMTP\r\n")
            recipient = b""
            while line := await reader.readline():
                verb = line[:4].upper()
                if verb == b"DATA":
                    writer.write(b"354 Go on\r\n")
                    await self._take(await reader.readuntil(b"\r\n.\r\n"), recipient)
                elif verb == b"EHLO":
                    writer.write(b"250-sink\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n")
                    continue
                elif verb == b"QUIT":
                    writer.write(b"221 Bye\r\n")
                    break
                elif verb == b"RCPT":
                    recipient = line[line.index(b"<") + 1 : line.index(b">")]
                writer.write(b"250 Good\r\n")
        writer.close()

    async def _take(self, mail: bytes, recipient: bytes) -> None:
        found = _MESSAGE_ID.search(mail)
        assert found is not None
        received = time.time()
        if self._random.random() < self._slow:
            await asyncio.sleep(self._random.uniform(0.1, SLOWEST))
        # Written before the answer: what the sender knows to be taken is in the file.
        self._file.write(f"{received} {time.time()} {recipient.decode()} {found[1].decode()}\n")


async def serve(port: int, path: Path, *, slow: float) -> None:
    with path.open("a", buffering=1) as file:
        server = await asyncio.start_server(Sink(file, slow=slow).talk, "127.0.0.1", port)
        async with server:
            await server.serve_forever()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2]), slow=float(sys.argv[3]) if sys.argv[3:] else 0.0))
