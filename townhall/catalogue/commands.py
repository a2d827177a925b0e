"""What `townhall packs check|load|export` does. Each returns the lines to print."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from townhall.catalogue import checks, operations, queries, reading
from townhall.catalogue.reading import BadPack
from townhall.core.actors import SYSTEM
from townhall.core.errors import RuleBroken


def check(folder: Path) -> tuple[list[str], bool]:
    """The faults of every pack in the folder, or how many are well; and whether all are. Needs no database."""
    try:
        packs = reading.read_folder(folder)
    except BadPack as error:
        return [str(fault) for fault in error.faults], False
    between = checks.problems_between(packs)
    if between:
        return [f"{code}/service.yaml: {path}: {text}" for code, path, text in between], False
    return [f"{len(packs)} service packs, no faults"], True


def load(folder: Path, *, at: datetime, reason: str = "") -> tuple[list[str], bool]:
    """Load the folder, all or none. reason: why it has to be, where it would be refused otherwise."""
    try:
        changed = operations.load_packs(folder, by=SYSTEM, at=at, reason=reason)
    except BadPack as error:
        return [*(str(fault) for fault in error.faults), "Nothing was loaded."], False
    except RuleBroken as error:
        return [str(error.user_message), "Nothing was loaded."], False
    return [*(f"loaded {code}" for code in changed), f"{len(changed)} new or changed"], True


def export(folder: Path) -> tuple[list[str], bool]:
    """Write every service, live or not, to `folder/<code>/service.yaml`."""
    entries = queries.entries()
    for entry in entries:
        place = folder / entry.pack.code
        place.mkdir(parents=True, exist_ok=True)
        (place / "service.yaml").write_text(operations.export_yaml(entry.pack.code), encoding="utf-8")
    return [f"{len(entries)} services written to {folder}"], True
