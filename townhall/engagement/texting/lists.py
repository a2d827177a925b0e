"""A list in a file: lines of a mobile number and what the text says of each. What is wrong with a line is said by its number."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from townhall.core.db import copy_rows, fetch_all
from townhall.core.errors import BadInput
from townhall.core.ids import uuid7
from townhall.engagement.texting.models import TextCampaign
from townhall.notifications.recipients import full_number
from townhall.notifications.wording import one_line

LARGEST: Final = 10_000_000  # bytes
MOST_LINES: Final = 100_000
MOST_SHOWN: Final = 500  # of what is wrong
LONGEST_CELL: Final = 200
NUMBER: Final = ("number", "phone", "mobile", "telephone")
_COLUMN = re.compile(r"[^a-z0-9]+")
_MOBILE = re.compile(r"\+447\d{9}|\+(?!44)\d{8,15}")
# A number that one customer alone has is theirs.
_WHOSE = """UPDATE engagement_writtentext AS t SET customer_id = known.customer_id,
      name = CASE WHEN t.name = '' THEN known.name ELSE t.name END
    FROM (SELECT p.normalised, min(p.customer_id::text)::uuid AS customer_id, min(c.name) AS name
      FROM customers_contactpoint p JOIN customers_customer c ON c.id = p.customer_id AND c.merged_into_id IS NULL
      WHERE p.kind = 'phone' AND p.ended_at IS NULL GROUP BY p.normalised HAVING count(DISTINCT p.customer_id) = 1) AS known
    WHERE t.campaign_id = %s AND t.number = known.normalised"""


@dataclass(kw_only=True)
class Listed:
    """What a file holds. problems: (line, what is wrong with it)."""

    columns: list[str]
    rows: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    problems: list[tuple[int, str]] = field(default_factory=list)


def read(raw: bytes) -> Listed:
    """Raises BadInput for a file that is no list at all."""
    if len(raw) > LARGEST:
        raise BadInput({"file": _("The file is larger than 10 MB")})
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", "replace")
    lines = csv.reader(io.StringIO(text.replace("\x00", ""), newline=""))
    try:
        heads = [_COLUMN.sub("_", head.strip().casefold()).strip("_")[:30] for head in next(lines, [])]
        at = next((heads.index(name) for name in NUMBER if name in heads), None)
        if at is None:
            raise BadInput(
                {"file": _("The first line of the file must name its columns, and one of them must be number")}
            )
        listed = Listed(columns=[head for place, head in enumerate(heads) if head and place != at])
        _read_lines(lines, heads, at, listed)
    except csv.Error as error:
        raise BadInput({"file": _("The file cannot be read as a list with commas")}) from error
    if not listed.rows:
        raise BadInput({"file": _("No line of the file has a mobile number that can be texted")})
    return listed


def _read_lines(lines: Any, heads: list[str], at: int, listed: Listed) -> None:
    seen: set[str] = set()
    for cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        if len(listed.rows) >= MOST_LINES:
            raise BadInput({"file": _("The list is longer than %(most)d lines") % {"most": MOST_LINES}})
        typed = cells[at].strip() if at < len(cells) else ""
        number = mobile(typed)
        if not number:
            wrong = _("“%(typed)s” is no mobile number") % {"typed": one_line(typed)[:30]} if typed else _("No number")
        elif number in seen:
            wrong = _("The same number stands further up")
        elif len(cells) > len(heads):
            wrong = _("More cells than the first line names")
        else:
            given = {
                head: one_line(cell)[:LONGEST_CELL]
                for place, (head, cell) in enumerate(zip(heads, cells, strict=False))
                if head and place != at
            }
            listed.rows.append((number, given))
            seen.add(number)
            continue
        if len(listed.problems) < MOST_SHOWN:
            listed.problems.append((lines.line_num, wrong))


def mobile(typed: str) -> str:
    """+44…, or "" for what is no mobile number. A spreadsheet takes the first 0 away."""
    number = full_number(typed) or (full_number(f"0{typed}") if typed.startswith("7") else "")
    return number if _MOBILE.fullmatch(number) else ""


def put_down(row: TextCampaign, listed: Listed) -> int:
    """The lines of a file as texts of a campaign, each with its customer where the number is theirs alone. Inside a transaction."""
    count = copy_rows("engagement_writtentext", _rows(row, listed))
    with connection.cursor() as cursor:
        cursor.execute(_WHOSE, (row.pk,))
    return count


def _rows(row: TextCampaign, listed: Listed) -> Iterator[dict[str, object]]:
    for number, given in listed.rows:
        yield {
            "id": uuid7(),
            "campaign_id": row.pk,
            "number": number,
            "name": given.get("name", ""),
            "given": given,
            "words": "",
            "parts": 0,
            "state": "chosen",
            "because": "",
            "owner_id": row.owner_id,
        }


def columns_of(campaign_id: UUID) -> list[str]:
    """What a text may say of each line of its file. One query."""
    query = """SELECT jsonb_object_keys(one.given) FROM (SELECT given FROM engagement_writtentext WHERE campaign_id = %s LIMIT 1) AS one"""
    return sorted(row[0] for row in fetch_all(query, (campaign_id,)))
