"""The command line: `townhall <command>`. Each command is a small function that brings in its app only when it runs."""

from __future__ import annotations

import argparse
import importlib
import os
import signal
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from types import FrameType
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from townhall.config import (
    commands,
    commands_evaluate,
    commands_forms,
    commands_import,
    commands_packs,
    commands_registers,
    commands_staff,
    commands_visitors,
)
from townhall.config.database import data_dir
from townhall.config.postgres_home import PostgresError


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="townhall", description="A front door for a council.")
    parser.add_argument("--data", type=Path, help="data directory (TOWNHALL_DATA; by default .townhall)")
    subparsers = parser.add_subparsers(required=True, metavar="command")

    def command(name: str, run: Callable[[argparse.Namespace], int], words: str) -> argparse.ArgumentParser:
        made = subparsers.add_parser(name, help=words, description=words)
        made.set_defaults(run=run)
        return made

    for name, run, words in (
        ("up", commands.up, "run web, worker and, without DATABASE_URL, the database; restart what dies"),
        ("demo", commands.demo, "a working council with made-up data, in the foreground"),
        ("web", commands.web, "only the web processes"),
    ):
        serving = command(name, run, words)
        serving.add_argument("--host", default=os.environ.get("HOST", "127.0.0.1"))
        serving.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")))
        serving.add_argument("--workers", type=int, default=int(os.environ.get("WEB_WORKERS", "2")))
        serving.add_argument("--threads", type=int, default=int(os.environ.get("WEB_THREADS", "4")))
        if name == "demo":
            serving.add_argument(
                "--scale", default="small", help="how much data: small, or harrow for a borough's month"
            )
    command("worker", commands.worker, "only the worker")
    command("migrate", commands.migrate, "bring the tables up to date, and give the application role its rights")
    manage = command("manage", commands.manage, "any Django management command")
    manage.add_argument("arguments", nargs=argparse.REMAINDER)
    check = command("check", commands.check, "prove that the ledger is whole, or that every promise is kept or running")
    check.add_argument("what", choices=sorted(commands.CHECKS))
    commands_evaluate.add(command)
    backup = command("backup", commands.backup, "write the database and the files into one archive")
    backup.add_argument("path", type=Path)
    restore = command("restore", commands.restore, "bring a backup into an empty database")
    restore.add_argument("path", type=Path)
    restore.add_argument("--replace", action="store_true", help="even if the database holds something: that is lost")
    embedded = command(
        "postgres", commands.embedded, "the embedded database: start it and leave it, stop it, its address"
    )
    embedded.add_argument("action", choices=["start", "stop", "url"])
    calendars = command("calendars", commands.calendars, "bank holidays, and the days the council itself is closed")
    calendars.add_argument("action", choices=["load", "close", "reopen", "show"])
    calendars.add_argument("--file", type=Path, help="load: a saved bank-holidays.json, as GOV.UK publishes it")
    calendars.add_argument("--on", type=date.fromisoformat, help="close, reopen: the day, such as 2026-12-29")
    calendars.add_argument("--title", default="Closed", help="close: what the day is called")
    commands_staff.add(command)
    commands_packs.add(command)
    commands_registers.add(command)
    commands_import.add(command)
    commands_forms.add(command)
    commands_visitors.add(command)
    for name, run, words in (
        ("states", commands.states, "draw the tables of states into docs/states"),
        (
            "messages",
            commands.messages,
            "collect the words on screen for translators: townhall/ui/locale/en/LC_MESSAGES/django.pot",
        ),
        ("standins", commands.standins, "stand-ins of other systems, for the demo and the tests"),
        ("demo-mail", commands.demo_mail, "the demo's mail server, which keeps what it is sent"),
    ):
        command(name, run, words)
    prepare = command("prepare-demo", commands.prepare_demo, "tables and made-up data for the demo")
    prepare.add_argument("--scale", default="small")
    return parser


def _terminated(number: int, frame: FrameType | None) -> Any:
    sys.exit(128 + number)


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit status: 0 well, 1 a check found something or a rule said no, 2 wrong usage."""
    signal.signal(signal.SIGTERM, _terminated)  # so that what is open is closed
    options = _parser().parse_args(arguments)
    if options.data:
        os.environ["TOWNHALL_DATA"] = str(options.data.resolve())
    if (data_dir() / commands.DEMO_MARK).exists():
        os.environ.setdefault("TOWNHALL_DEMO", "True")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "townhall.config.settings")
    importlib.import_module("townhall.config.logs").configure()
    try:
        status: int = options.run(options)
    except (PostgresError, commands.CommandFailed, ImproperlyConfigured) as error:
        print(f"townhall: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return status


if __name__ == "__main__":
    sys.exit(main())
