"""What the first visit to the home page fetches: how heavy it is on the wire, and what keeps the browser from drawing."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bench import wire

HOST = "localhost"
MOST, MOST_IMAGE = 100_000, 20_000  # bytes as sent
MOST_BLOCKING = 1  # the stylesheet
_TAG = re.compile(r"<(link|script|img)\b([^>]*)>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r'([a-z-]+)(?:="([^"]*)")?', re.IGNORECASE)
_FETCHED = {"stylesheet", "icon", "modulepreload", "preload"}


@dataclass(frozen=True)
class Part:
    path: str
    size: int  # bytes as sent
    is_image: bool
    is_blocking: bool

    @property
    def words(self) -> str:
        return f"{self.size:>7}  {self.path}{'  (the browser waits for it)' if self.is_blocking else ''}"


def first_visit(port: int) -> list[Part]:
    """The page and everything that it names."""
    client = wire.Client(port)
    page = client.send(_get("/"))
    found = [Part("/", len(page.body), is_image=False, is_blocking=False)]
    for tag, written in _TAG.findall(page.body.decode()):
        given = {name.lower(): value for name, value in _ATTRIBUTE.findall(written)}
        path = given.get("href" if tag == "link" else "src", "")
        kinds = set(given.get("rel", "").split())
        if not path.startswith("/") or (tag == "link" and not kinds & _FETCHED) or path in {one.path for one in found}:
            continue
        is_sheet = "stylesheet" in kinds and given.get("media", "") in ("", "all", "screen")
        is_script = tag == "script" and given.get("type") != "module" and not {"defer", "async"} & given.keys()
        answer = client.send(_get(path))
        is_image = tag == "img" or "icon" in kinds
        found.append(Part(path, len(answer.body), is_image=is_image, is_blocking=is_sheet or is_script))
    client.close()
    return found


def _get(path: str) -> bytes:
    return wire.get(path, host=HOST, Accept_Encoding="gzip")


def problems(parts: list[Part]) -> list[str]:
    total, blocking = sum(part.size for part in parts), [part.path for part in parts if part.is_blocking]
    return [
        *([f"{total} bytes, over {MOST}"] if total > MOST else []),
        *(f"{part.path} has {part.size} bytes" for part in parts if part.is_image and part.size > MOST_IMAGE),
        *([f"the browser waits for {', '.join(blocking)}"] if len(blocking) > MOST_BLOCKING else []),
    ]
