"""`townhall import`: records of an earlier or another system. Reports are here, places and local data in commands_import_local."""

from __future__ import annotations

import argparse
import csv
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from townhall.config import commands_forms, commands_import_kept, commands_import_local

if TYPE_CHECKING:
    from townhall.core.loading.faults import Counts, Fault
    from townhall.street.importing import Result

SAY_EVERY = 2.0  # seconds


def add(command: Callable[[str, Callable[[argparse.Namespace], int], str], argparse.ArgumentParser]) -> None:
    """Put this command on the command line."""
    load = command(
        "import",
        start,
        "load records of another system from a file; run it again and it goes on, as each comes in once",
    )
    load.add_argument("what", choices=["reports", "form", *commands_import_local.WHAT, *commands_import_kept.WHAT])
    load.add_argument(
        "path", type=Path, nargs="?", help="a file: CSV, JSON, GeoJSON or XML, as the kind has it; .gz too"
    )
    load.add_argument(
        "--map", type=Path, help="a YAML file that maps the columns (docs/importing.md); reports need one"
    )
    load.add_argument("--only", action="append", default=[], metavar="HEADING=VALUE", help="pass over all other rows")
    load.add_argument(
        "--whole", action="store_true", help="the file is the whole list: what is here and not in it is ended"
    )
    load.add_argument(
        "--projection",
        default="",
        help="bng, local:LATITUDE,LONGITUDE, or auto to suit the file; by default the council's own",
    )
    load.add_argument("--create-services", action="store_true", help="make a service for each kind that has none")
    load.add_argument("--dry-run", action="store_true", help="read and check everything, and write nothing but errors")
    load.add_argument("--undo", default="", metavar="LOAD", help="take back what a load brought, while it was not used")
    commands_forms.add_to_import(load)
    load.add_argument(
        "--errors", type=Path, help="where to write what is wrong with rows; by default NAME.errors.csv here"
    )


def start(options: argparse.Namespace) -> int:
    from townhall.config.commands import CommandFailed

    if options.what == "form":
        return commands_forms.import_form(options)
    if options.undo:
        return commands_import_kept.undo(options)
    if options.path is None:
        raise CommandFailed("Name the file.")
    if options.what in commands_import_kept.WHAT:
        return commands_import_kept.kept(options)
    return reports(options) if options.what == "reports" else commands_import_local.local(options)


def errors_path(options: argparse.Namespace) -> Path:
    name = options.path.name.removesuffix(".gz")
    return options.errors or Path(f"{name.removesuffix('.csv')}.errors.csv")


def reports(options: argparse.Namespace) -> int:
    """Exit status 1 when rows were refused: they are in the errors file, and all the others came in."""
    from townhall.config.commands import CommandFailed, _django

    if options.map is None:
        raise CommandFailed("Reports need a map of their columns: --map MAP.yaml (docs/importing.md)")
    with _django():
        from townhall.core.time import now
        from townhall.street.importing import Refused, load

        errors = errors_path(options)
        began = time.monotonic()
        try:
            with written(errors) as refuse:
                result = load(
                    options.path,
                    options.map,
                    at=now(),
                    projection=options.projection,
                    create_services=options.create_services,
                    dry_run=options.dry_run,
                    report=_progress(began),
                    refuse=refuse,
                )
        except (Refused, OSError) as error:
            raise CommandFailed(str(error)) from error
    _say(result, seconds=time.monotonic() - began, errors=errors)
    return 1 if result.counts.refused else 0


@contextmanager
def written(path: Path) -> Iterator[Callable[[Fault], None]]:
    """Faults go into a CSV file as they are found; no faults, no file."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        out = csv.writer(stream)
        out.writerow(["row", "id", "column", "reason"])
        count = 0

        def write(fault: Fault) -> None:
            nonlocal count
            count += 1
            out.writerow([fault.row, fault.external_id, fault.column, fault.reason])

        yield write
    if not count:
        path.unlink()


def _progress(began: float) -> Callable[[Counts], None]:
    said = began

    def say(counts: Counts) -> None:
        nonlocal said
        if time.monotonic() - said >= SAY_EVERY:
            said = time.monotonic()
            speed = counts.read / (said - began)
            print(
                f"{counts.read:,} of {counts.rows:,} rows, {counts.new:,} new, {speed:,.0f} rows a second",
                file=sys.stderr,
                flush=True,
            )

    return say


def _say(result: Result, *, seconds: float, errors: Path) -> None:
    counts = result.counts
    if result.new_services:
        made = "would be made" if result.is_dry_run else "made"
        shown = ", ".join(result.new_services[:5])
        more = ", …" if len(result.new_services) > 5 else ""
        print(f"{len(result.new_services)} services {made}: {shown}{more}")
    print(f"{'Nothing was written. ' if result.is_dry_run else ''}Places in the projection {result.projection}")
    print(
        f"{counts.read:,} rows: {counts.new:,} {'would be new' if result.is_dry_run else 'new'}, "
        f"{counts.known:,} here already, {counts.refused:,} refused" + (f" (see {errors})" if counts.refused else "")
    )
    print(f"{seconds:.1f} seconds, {counts.read / max(seconds, 0.001):,.0f} rows a second")
