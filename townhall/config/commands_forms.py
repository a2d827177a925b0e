"""`townhall forms`: check, load and export forms as YAML, and publish them; `townhall import form`: forms of other builders."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

ACTIONS = ("check", "load", "export", "list", "compare", "publish", "roll-back", "retire")


def add(command: Callable[[str, Callable[[argparse.Namespace], int], str], argparse.ArgumentParser]) -> None:
    """Put this command on the command line."""
    to_forms = command(
        "forms",
        forms,
        "forms: check a YAML file or a folder of them, load, export, list, compare, publish, roll back, retire",
    )
    to_forms.add_argument("action", choices=ACTIONS)
    to_forms.add_argument(
        "what", nargs="?", help="check, load: a file or folder; export: a folder; otherwise a form's code"
    )
    to_forms.add_argument("--draft", action="store_true", help="load: keep as drafts, and publish nothing")
    to_forms.add_argument(
        "--from", dest="old", type=int, help="compare: the earlier version; by default the published one"
    )
    to_forms.add_argument("--reason", default="", help="load, publish: why a key task has to take longer")
    to_forms.add_argument("--to", type=int, help="compare, roll-back: the version")


def forms(options: argparse.Namespace) -> int:
    """Exit status 1 when something has a fault or a rule said no."""
    from townhall.config.commands import CommandFailed, _django

    if options.what is None and options.action != "list":
        raise CommandFailed("Name what to work on.")
    if options.action == "check":
        _no_database()
        from townhall.forms import commands

        lines, is_well = commands.check(Path(options.what))
    else:
        with _django():
            lines, is_well = _with_database(options)
    print("\n".join(lines))
    return 0 if is_well else 1


def _with_database(options: argparse.Namespace) -> tuple[list[str], bool]:
    from townhall.core.errors import RuleBroken
    from townhall.core.time import now
    from townhall.forms import commands

    at = now()
    runs: dict[str, Callable[[], list[str]]] = {
        "load": lambda: commands.load(Path(options.what), at=at, publishing=not options.draft, reason=options.reason),
        "export": lambda: commands.export(Path(options.what)),
        "list": commands.list_forms,
        "compare": lambda: commands.compare(options.what, old=options.old, new=options.to),
        "publish": lambda: commands.publish(options.what, at=at, reason=options.reason),
        "roll-back": lambda: commands.roll_back(options.what, to=options.to or 0, at=at),
        "retire": lambda: commands.retire(options.what, at=at),
    }
    try:
        return runs[options.action](), True
    except RuleBroken as error:
        return [*getattr(error, "faults", [str(error.user_message)]), "Nothing was changed."], False


def import_form(options: argparse.Namespace) -> int:
    """`townhall import form FILE` or `--check FOLDER`. Exit status 1 when something was lost, or the file holds no form."""
    from townhall.config.commands import CommandFailed, _django

    if options.check is not None:
        _no_database()
        from townhall.forms import commands

        count, said = commands.check_foreign(options.check)
        for line in said:
            print(line, file=sys.stderr)
        print(count.line())
        return 1 if count.lost else 0
    if options.path is None:
        raise CommandFailed("Name the file, or a folder with --check.")
    with _django():
        from townhall.core.errors import RuleBroken
        from townhall.core.time import now
        from townhall.forms import commands
        from townhall.forms.importing import NotAForm

        try:
            lines = commands.import_file(options.path, at=now(), code=options.code)
        except (NotAForm, OSError) as error:
            raise CommandFailed(str(error)) from error
        except RuleBroken as error:
            raise CommandFailed(str(error.user_message)) from error
    print("\n".join(lines))
    return 0


def _no_database() -> None:
    """The very code that runs live, on files: it needs neither a database nor a secret."""
    import django

    os.environ.setdefault("DEBUG", "True")
    django.setup()


def add_to_import(parser: Any) -> None:
    """What `townhall import form` may be told."""
    parser.add_argument(
        "--check", type=Path, metavar="FOLDER", help="form: import every .json file below, write nothing, count"
    )
    parser.add_argument("--code", default="", help="form: its code here; by default made from the file's name")
