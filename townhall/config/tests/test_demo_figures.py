"""The made-up figures of the demo agree with one another, page by page."""

from __future__ import annotations

from collections import Counter
from datetime import date

from townhall.config.demo.website import _browsers


def test_pages_opened_are_as_many_by_browser_as_by_page() -> None:
    days = (date(2026, 3, 2), date(2026, 3, 3))
    views = [{"on": on, "views": number, "is_bot": False} for on in days for number in (417, 23, 1)]
    views.append({"on": days[0], "views": 99, "is_bot": True})

    opened: Counter[date] = Counter()
    for row in _browsers(views):
        if not row["width"]:
            opened[row["on"]] += row["views"]

    assert opened == dict.fromkeys(days, 441)
