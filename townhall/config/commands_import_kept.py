"""`townhall import customers|cases|contacts|complaints|hours|staff`: records of an earlier system that stay together as a load."""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from townhall.core.loading import Kind, Layout
    from townhall.core.loading.kept import InUse, Used

WHAT = ("customers", "cases", "contacts", "complaints", "hours", "staff")  # as typed
MOST_SAID = 20  # records in use


def kept(options: argparse.Namespace) -> int:
    """Exit status 1 when rows were refused: they are in the errors file, and all the others came in."""
    from townhall.config.commands import CommandFailed, _django
    from townhall.config.commands_import import errors_path, written
    from townhall.config.commands_import_local import layout_of, progress, said

    with _django():
        from townhall.core.actors import Actor, ActorKind
        from townhall.core.loading import Refused, load, read_file
        from townhall.core.loading import kept as loads
        from townhall.core.time import now

        kind = kind_of(options.what)
        errors = errors_path(options)
        began, at = time.monotonic(), now()
        try:
            layout = _with_source(layout_of(options, kind))
            source = read_file(options.path, layout)
            one = None if options.dry_run else loads.begin(kind.code, layout.source, options.path.name, at=at)
            with written(errors) as refuse:
                counts = load(
                    source,
                    kind,
                    by=Actor(kind=ActorKind.CONNECTOR, id=actor_of(layout.source)),
                    at=at,
                    load_id=one.pk if one else None,
                    dry_run=options.dry_run,
                    report=progress(began),
                    refuse=refuse,
                )
            if one is not None:
                loads.end(one, at=now())
        except (Refused, OSError) as error:
            raise CommandFailed(str(error)) from error
    print(said(counts, seconds=time.monotonic() - began, errors=errors, dry_run=options.dry_run))
    if one is not None and counts.new:
        print(f"To take it back while nothing of it was used: townhall import {options.what} --undo {one.pk}")
    return 1 if counts.refused else 0


def _with_source(layout: Layout) -> Layout:
    """Each record is known by what it is called in its source. Raises Refused where the map does not name that."""
    from townhall.core.loading import Refused

    if not layout.source:
        raise Refused("Say in the map which system they come from: source: old-system (docs/importing.md)")
    return layout


def undo(options: argparse.Namespace) -> int:
    """Take a load back. Exit status 1, and nothing is taken, when something that came with it was used."""
    from townhall.config.commands import CommandFailed, _django

    try:
        load_id = UUID(options.undo)
    except ValueError as error:
        raise CommandFailed("Name the load by the id that was shown when it came in.") from error
    with _django(as_owner=True):  # the application itself may not delete cases
        from townhall.core.loading import kept as loads
        from townhall.core.time import now

        try:
            found = loads.undo(load_id, used=used_since(), at=now())
        except LookupError as error:
            raise CommandFailed("There is no such load, or it was taken back already.") from error
    print(said_of_undo(found))
    return 1 if found else 0


def said_of_undo(found: Sequence[InUse]) -> str:
    if not found:
        return "Everything that came in with it is gone."
    lines = [f"  {one.external_id}: {one.why}" for one in found[:MOST_SAID]]
    more = [f"  and {len(found) - MOST_SAID} others"] if len(found) > MOST_SAID else []
    return "\n".join(["Nothing was taken back, since these were used:", *lines, *more])


def actor_of(source: str) -> str:
    return f"import-{source}"


def kind_of(what: str) -> Kind:
    from townhall.accounts.loading import STAFF
    from townhall.cases.loading import CASES, COMPLAINTS
    from townhall.contacts.loading import CONTACTS
    from townhall.customers.loading import CUSTOMERS
    from townhall.places.loading.hours import HOURS

    return next(kind for kind in (STAFF, CASES, COMPLAINTS, CONTACTS, CUSTOMERS, HOURS) if kind.code == what)


def used_since() -> Mapping[str, Used]:
    """How each table knows that a row was used: by the ledger, and by who signed in."""
    from townhall.accounts import loading as staff
    from townhall.cases import loading as cases
    from townhall.customers import loading as customers

    asks: dict[str, object] = {
        "customers_customer": customers.used,
        "cases_case": cases.used,
        "accounts_user": staff.used,
    }
    asks["places_address"] = _lived_at
    return {table: partial(_asked, used) for table, used in asks.items()}


_LIVED_AT = """
    SELECT uprn FROM customers_customeraddress WHERE uprn = ANY(%(rows)s) AND uprn <> ''
    UNION SELECT uprn FROM cases_case WHERE uprn = ANY(%(rows)s)"""


def _lived_at(rows: Sequence[str], *, began_at: datetime, by: str) -> Mapping[str, str]:
    """Addresses that a customer or a case names."""
    from townhall.core.db import fetch_all

    del began_at, by
    return {row: "a customer or a case is at this address" for (row,) in fetch_all(_LIVED_AT, {"rows": list(rows)})}


def _asked(used: object, rows: Sequence[str], load: object) -> Mapping[str, str]:
    from townhall.core.models import Load

    assert isinstance(load, Load)
    assert callable(used)
    found = used(rows, began_at=load.began_at, by=actor_of(load.source))
    assert isinstance(found, Mapping)
    return found
