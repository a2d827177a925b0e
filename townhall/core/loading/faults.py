"""What an import found wrong, and how far it is."""

from __future__ import annotations

import re
from dataclasses import dataclass

NOT_TEXT = re.compile("[\x00\ud800-\udfff]")  # NUL, and bytes that are not in the encoding


class Refused(Exception):
    """The import cannot begin; the message says why, for whoever runs it."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Why a row was left out. `column` as in the file's headings; empty when it is the whole row."""

    row: int
    external_id: str
    column: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Counts:
    """Of rows. read = new + changed + known + refused once the file is done."""

    rows: int  # in the file
    read: int = 0
    new: int = 0
    changed: int = 0  # were here already and say something else now
    known: int = 0  # came in before just so, or stand in the file twice
    refused: int = 0
    ended: int = 0  # were here and are not in a file that is the whole list; not among those read
