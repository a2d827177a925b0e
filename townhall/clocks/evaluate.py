"""Our counting against worked deadlines from elsewhere."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

from townhall.clocks import bank_holidays
from townhall.clocks.working_days import add_working_days


def deadlines(path: Path, *, holidays_file: Path | None = None) -> tuple[int, int]:
    """(right, all) rows of a CSV with the columns region, received, working_days and due.

    Regions are named as in GOV.UK's list. Bank holidays come from the `holidays` package, or a file in GOV.UK's shape.
    """
    with path.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    received = [date.fromisoformat(row["received"]) for row in rows]
    if not rows:
        return 0, 0
    if holidays_file:
        known = bank_holidays.from_file(holidays_file)
    else:
        years = range(min(received).year, max(date.fromisoformat(row["due"]) for row in rows).year + 2)
        known = bank_holidays.computed(years)
    unknown = {row["region"] for row in rows} - set(known)
    if unknown:
        raise ValueError(f"No bank holidays are known for {', '.join(sorted(unknown))}; known: {', '.join(known)}.")
    right = sum(
        add_working_days(on, int(row["working_days"]), closed=known[row["region"]]) == date.fromisoformat(row["due"])
        for row, on in zip(rows, received, strict=True)
    )
    return right, len(rows)


def evaluate(path: Path) -> str:
    """The line that `townhall evaluate deadlines FILE` prints: right/all.

    Bank holidays in GOV.UK's shape that lie beside the file are the ones it was counted by; without them the package's count.
    """
    beside = (path.parent / "bank-holidays.json", path.parent.parent / "bank-holidays" / "bank-holidays.json")
    right, everything = deadlines(path, holidays_file=next((one for one in beside if one.is_file()), None))
    return f"{right}/{everything}"
