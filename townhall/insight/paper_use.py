"""How much paper each service uses: letters sent by post, and what was printed at our own machines."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from townhall.core.db import fetch_all
from townhall.core.time import end_of, start_of

_PRINTS = """
    SELECT service_code, sum(times), sum(pages) FROM documents_printed WHERE "on" BETWEEN %s AND %s GROUP BY 1"""
_POST = """
    SELECT COALESCE(c.service_code, ''), count(*)
    FROM notifications_message m LEFT JOIN cases_case c ON c.id = m.case_id
    WHERE m.channel = 'letter' AND m.state <> 'failed' AND m.created_at BETWEEN %s AND %s GROUP BY 1"""


@dataclass(frozen=True, kw_only=True)
class Use:
    """Paper of one service; the empty code is for what belongs to none."""

    service_code: str
    posted: int  # letters
    prints: int  # times something was printed
    pages: int


def of_months(*, since: date, until: date) -> list[Use]:
    """By service, the most paper first. Two queries."""
    posted: dict[str, int] = defaultdict(int)
    for code, count in fetch_all(_POST, (start_of(since), end_of(until))):
        posted[code] += count
    printed = {code: (times, pages) for code, times, pages in fetch_all(_PRINTS, (since, until))}
    found = [
        Use(service_code=code, posted=posted.get(code, 0), prints=times, pages=pages)
        for code in posted.keys() | printed.keys()
        for times, pages in [printed.get(code, (0, 0))]
    ]
    return sorted(found, key=lambda one: (-(one.posted + one.pages), one.service_code))
