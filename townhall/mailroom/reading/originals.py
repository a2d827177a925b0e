"""The bytes of a mail within a mail exactly as they came: the standard library's parser keeps no places, and writes them anew."""

from __future__ import annotations

import re
from email.message import Message


def body(raw: bytes) -> bytes:
    """What comes after the header fields."""
    found = re.search(rb"(?:\A|\n)\r?\n", raw)
    return raw[found.end() :] if found else b""


def within(message: Message, raw: bytes, part: Message) -> bytes | None:
    """The body of `part`, which is somewhere within `message`, whose bytes are `raw`. None where they cannot be followed."""
    if message is part:
        return body(raw)
    inner = message.get_payload()
    if not isinstance(inner, list) or message.get_content_maintype() != "multipart":
        return None
    found = _parts(body(raw), message.get_boundary() or "")
    if len(found) != len(inner):
        return None
    for child, its in zip(inner, found, strict=True):
        if isinstance(child, Message) and (content := within(child, its, part)) is not None:
            return content
    return None


def _parts(raw: bytes, boundary: str) -> list[bytes]:
    line = re.escape(boundary.encode("ascii", "surrogateescape"))
    _before, *rest = re.split(rb"(?:\A|\r?\n)--" + line + rb"(--)?[ \t]*(?:\r?\n|\Z)", raw)
    contents, ends = rest[1::2], rest[::2]  # what follows each line, and whether that line was the last
    last = next((number for number, end in enumerate(ends) if end), len(contents))
    return contents[:last]
