"""`townhall registers`: check and load definitions of registers."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path


def add(command: Callable[[str, Callable[[argparse.Namespace], int], str], argparse.ArgumentParser]) -> None:
    """Put this command on the command line."""
    to_registers = command("registers", registers, "definitions of registers: check a folder of them, or load it")
    to_registers.add_argument("action", choices=["check", "load"])
    to_registers.add_argument("folder", type=Path, nargs="?", help="by default the registers that come with Townhall")


def registers(options: argparse.Namespace) -> int:
    """Exit status 1 when a definition has a fault; then nothing was loaded."""
    from townhall.config.commands import _django

    with _django():
        from townhall.core.time import now
        from townhall.registers import operations, sources
        from townhall.registers.definition import FOLDER, BadDefinition, read_folder

        try:
            found = read_folder(options.folder or FOLDER)
        except BadDefinition as error:
            print(f"{error}\nNo register was loaded.")
            return 1
        if options.action == "check":
            print(f"{len(found)} registers, no faults")
            return 0
        changed = operations.load(found, at=now())
        sources.fill_all(now())
    print(
        "\n".join([*(f"loaded {code}" for code in changed), f"{len(found)} registers, {len(changed)} new or changed"])
    )
    return 0
