"""`townhall visitors`: with what the site is read, and the set of browsers to test with."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path


def add(command: Callable[[str, Callable[[argparse.Namespace], int], str], argparse.ArgumentParser]) -> None:
    """Put this command on the command line."""
    to_visitors = command("visitors", visitors, "with what the site is read; --tested-set: the browsers to test with")
    to_visitors.add_argument(
        "--tested-set", action="store_true", help="the set that stands for 95 of 100 visits, as the journeys read it"
    )
    to_visitors.add_argument("--days", type=int, default=90, help="how far back the figures go")
    to_visitors.add_argument(
        "--write", type=Path, help="the file to write the set to, such as journeys/tested_set.json"
    )


def visitors(options: argparse.Namespace) -> int:
    from townhall.config.commands import _django

    with _django():
        from townhall.core.time import council_date, now
        from townhall.insight import tested

        until = council_date(now())
        since = until - timedelta(days=options.days)
        if not options.tested_set:
            lines = [f"{one.share:6.1%}  {one.device} {one.family} {one.width}" for one in tested.shares(since=since)]
            print("\n".join(lines or ["Nobody has opened a page yet."]))
            return 0
        made = tested.tested_set(since=since)
        written = tested.as_file(made, since=since, until=until)
    if options.write:
        options.write.write_text(written, encoding="utf-8")
        print(f"{len(made)} browsers written to {options.write}")
    else:
        print(written, end="")
    return 0
