"""`townhall evaluate mail FOLDER`: what the live reading makes of each mail in a folder, one line of JSON each."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

from townhall.mailroom.reading.parsing import Mail, read

NAMED = frozenset({".eml", ".mail", ".email", ".mime", ".msg"})
_HEAD = re.compile(rb"\A\s*(From [^\n]+\n)?[A-Za-z][A-Za-z0-9-]*:[ \t]")


def evaluate(folder: Path) -> str:
    """The lines, by name of the file. Files that are no mail are left out. Raises FileNotFoundError."""
    if not folder.exists():
        raise FileNotFoundError(f"There is no {folder}.")
    return "\n".join(json.dumps(line, ensure_ascii=False) for line in lines(folder))


def lines(folder: Path) -> Iterator[dict[str, object]]:
    paths = [folder] if folder.is_file() else sorted(path for path in folder.rglob("*") if path.is_file())
    for path in paths:
        raw = path.read_bytes()
        if path.suffix.casefold() in NAMED or (not path.suffix and _HEAD.match(raw)):
            name = str(path.relative_to(folder)) if folder.is_dir() else path.name
            yield {"file": name} | as_read(read(raw))


def as_read(mail: Mail) -> dict[str, object]:
    shown, sender = mail.sender
    return {
        "from": f"{shown} <{sender}>" if shown else sender,
        "from_email": sender,
        "display_name": shown,
        "to": mail.to("To"),
        "cc": mail.to("Cc"),
        "subject": mail.subject,
        "plain_body": mail.plain_body,
        "reply_text": mail.reply_text,
        "attachments": [{"name": one.name, "md5": one.md5} for one in mail.attachments],
        "kind": mail.kind.value,
        "would_acknowledge": mail.would_acknowledge(),
    }
