"""`townhall import addresses|postcodes|wards|…`: the places and local data of a council, from files of others."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from townhall.core.loading import Counts, Kind, Layout
    from townhall.core.models import Load

WHAT = (  # as typed
    "addresses", "postcodes", "wards", "boundary", "land", "zones", "sites", "bins", "collections", "rounds",
    "planning", "building-control", "licensing", "events", "councillors",
)  # fmt: skip
TRACKED = {"addresses": ("places_address", "uprn"), "sites": ("places_site", "code")}  # that can be taken back
SAY_EVERY = 2.0  # seconds


def local(options: argparse.Namespace) -> int:
    """Exit status 1 when rows were refused: they are in the errors file, and all the others came in."""
    from townhall.config.commands import CommandFailed, _django
    from townhall.config.commands_import import errors_path, written

    with _django():
        from townhall.core.actors import Actor, ActorKind
        from townhall.core.loading import Refused, load, read_file
        from townhall.core.loading.kept import end, tracked
        from townhall.core.time import now

        kind = kind_of(options.what, options.path)
        errors = errors_path(options)
        began = time.monotonic()
        try:
            layout = layout_of(options, kind)
            source = read_file(options.path, layout, unpack=kind.unpack, unpack_xml=kind.unpack_xml)
            one = _kept(options, kind, layout)
            with written(errors) as refuse:
                counts = load(
                    source,
                    tracked(kind, *TRACKED[kind.code]) if one else kind,
                    by=Actor(kind=ActorKind.CONNECTOR, id=f"import-{layout.source or 'local'}"),
                    at=now(),
                    load_id=one.pk if one else None,
                    dry_run=options.dry_run,
                    is_whole=options.whole,
                    report=progress(began),
                    refuse=refuse,
                )
            if one is not None:
                end(one, at=now())
        except (Refused, OSError) as error:
            raise CommandFailed(str(error)) from error
    print(said(counts, seconds=time.monotonic() - began, errors=errors, dry_run=options.dry_run))
    if one is not None and counts.new:
        print(f"To take it back while nothing of it was used: townhall import {options.what} --undo {one.pk}")
    return 1 if counts.refused else 0


def _kept(options: argparse.Namespace, kind: Kind, layout: Layout) -> Load | None:
    """The load, where what it makes can be taken back."""
    from townhall.core.loading.kept import begin
    from townhall.core.time import now

    if options.dry_run or kind.code not in TRACKED:
        return None
    return begin(kind.code, layout.source or "import", options.path.name, at=now())


def kind_of(what: str, path: Path) -> Kind:
    """What is typed; `bins` are dates by address in JSON, and a plan of rounds in CSV."""
    from townhall.neighbourhood import loading as neighbourhood
    from townhall.places import loading as places

    if what == "bins":
        what = "rounds" if Path(path.name.removesuffix(".gz")).suffix.lower() in (".csv", ".txt") else "collections"
    return next(kind for kind in (*places.KINDS, *neighbourhood.KINDS) if kind.code == what)


def layout_of(options: argparse.Namespace, kind: Kind) -> Layout:
    """As the map says; else as the first row shows; with what --only asks."""
    from townhall.core.loading import Layout, Refused
    from townhall.core.loading.table import first_row

    if options.map:
        layout = read_map(options.map)
    else:
        layout = Layout()
        if Path(options.path.name.removesuffix(".gz")).suffix.lower() in (".csv", ".txt"):
            first = first_row(options.path, encoding=layout.encoding, delimiter=layout.delimiter)
            layout = kind.without_headings(first) or layout
    only = dict(layout.only)
    for one in options.only:
        heading, equals, value = one.partition("=")
        if not equals:
            raise Refused(f"--only {one}: say a heading and its value, such as --only oslaua=E09000015")
        only[heading] = value
    return msgspec.structs.replace(layout, only=only)


def read_map(path: Path) -> Layout:
    """Raises Refused with the file, line and what is wrong."""
    from townhall.catalogue import strict_yaml
    from townhall.core.loading import Layout, Refused

    try:
        value, node = strict_yaml.load(path.read_text(encoding="utf-8"))
        layout = msgspec.convert(value, Layout)
        "".encode(layout.encoding)
    except (OSError, UnicodeDecodeError, LookupError) as error:
        raise Refused(f"{path}: {error}") from error
    except strict_yaml.YamlError as error:
        raise Refused(f"{path}:{error.line}: {error}") from error
    except msgspec.ValidationError as error:
        message, _at, where = str(error).partition(" - at `")
        raise Refused(f"{path}:{strict_yaml.line_of(node, where.rstrip('`') or '$')}: {message}") from error
    return layout


def progress(began: float) -> Callable[[Counts], None]:
    said_at = began

    def say(counts: Counts) -> None:
        nonlocal said_at
        if time.monotonic() - said_at >= SAY_EVERY:
            said_at = time.monotonic()
            speed = counts.read / (said_at - began)
            print(f"{counts.read:,} of {counts.rows:,} rows, {speed:,.0f} rows a second", file=sys.stderr, flush=True)

    return say


def said(counts: Counts, *, seconds: float, errors: Path, dry_run: bool) -> str:
    """What was done, in two lines."""
    parts = [
        f"{counts.new:,} new",
        f"{counts.changed:,} changed",
        f"{counts.known:,} the same as here",
        f"{counts.refused:,} refused" + (f" (see {errors})" if counts.refused else ""),
    ]
    if counts.ended:
        parts.append(f"{counts.ended:,} ended")
    would = "Nothing was written. A real run would give: " if dry_run else ""
    speed = counts.read / max(seconds, 0.001)
    return f"{would}{counts.read:,} rows: {', '.join(parts)}\n{seconds:.1f} seconds, {speed:,.0f} rows a second"
