"""`townhall packs`: check, load and export service packs."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path


def add(command: Callable[[str, Callable[[argparse.Namespace], int], str], argparse.ArgumentParser]) -> None:
    """Put this command on the command line."""
    to_packs = command(
        "packs", packs, "service packs: check a folder of them, load it, or export all services into one"
    )
    to_packs.add_argument("action", choices=["check", "load", "export"])
    to_packs.add_argument(
        "folder", type=Path, nargs="?", help="check, load: by default the packs that come with Townhall"
    )
    to_packs.add_argument("--reason", default="", help="load: why a key task has to take longer")


def packs(options: argparse.Namespace) -> int:
    """Exit status 1 when a pack has a fault; then nothing was loaded."""
    from townhall.config.commands import CommandFailed, _django

    if options.action == "export" and options.folder is None:
        raise CommandFailed("Name the folder to export into.")
    with _django():
        from townhall.catalogue import commands
        from townhall.catalogue.operations import OUR_PACKS
        from townhall.core.time import now

        folder = options.folder or OUR_PACKS
        if options.action == "check":
            lines, is_well = commands.check(folder)
            if is_well:
                lines, is_well = _forms(folder, lines, load=False)
        elif options.action == "load":
            lines, is_well = commands.load(folder, at=now(), reason=options.reason)
            if is_well:
                lines, is_well = _forms(folder, lines, load=True, reason=options.reason)
        else:
            lines, is_well = commands.export(folder)
    print("\n".join(lines))
    return 0 if is_well else 1


def _forms(folder: Path, lines: list[str], *, load: bool, reason: str = "") -> tuple[list[str], bool]:
    """The forms beside the packs: read, and published when they are to be loaded."""
    from townhall.core.actors import SYSTEM
    from townhall.core.errors import RuleBroken
    from townhall.core.time import now
    from townhall.forms import operations as forms
    from townhall.forms.errors import FormRefused

    try:
        if load:
            changed = forms.load_forms(folder, by=SYSTEM, at=now(), reason=reason)
            return [*lines, *(f"published the form {code}" for code in changed)], True
        return [*lines, f"{len(forms.read_forms(folder))} forms, no faults"], True
    except FormRefused as error:
        return [*error.faults, "No form was loaded."] if load else list(error.faults), False
    except RuleBroken as error:
        return [str(error.user_message), "No form was loaded."], False
