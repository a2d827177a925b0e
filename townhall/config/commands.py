"""What each command of the command line does. Exit status: 0 well, 1 something was found or refused."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from townhall.config import logs
from townhall.config.database import become_owner, data_dir, database
from townhall.config.supervisor import Child, Supervisor, end_with_supervisor, townhall

# What an app provides to the command line, as module:function. By name, since apps can only be imported once Django is set up.
CHECKS = {
    "ledger": "townhall.ledger.checks:check",
    "promises": "townhall.config.promises:check",
}  # () -> list of problems
LOOKED_AT = {"promises": "townhall.config.promises:looked_at"}  # () -> lines that say what was checked
SEEDS = (  # () -> what a fresh install needs; safe again and again
    "townhall.ledger.seals:ensure_era",  # first: nothing may be written before it in a restored database
    "townhall.clocks.seeds:seed_reference_data",
    "townhall.contacts.seeds:seed_reference_data",
    "townhall.payments.seeds:seed_reference_data",
    "townhall.penalties.seeds:seed_reference_data",
    "townhall.complaints.seeds:seed_reference_data",
    "townhall.feedback.seeds:seed_reference_data",
    "townhall.permits.seeds:seed_reference_data",
    "townhall.benefits.seeds:seed_reference_data",
    "townhall.registers.seeds:seed_reference_data",
    "townhall.governance.seeds:seed_reference_data",
)
TOOL_COMMANDS = {
    "makemigrations",
    "lintmigrations",
    "create_max_migration_files",
    "rebase_migration",
}  # settings_tools.py
OWNER_COMMANDS = {"migrate", "flush", "sqlflush", "lintmigrations", "loaddata"}
DEMO_MARK = "demo"


class CommandFailed(Exception):
    """A command could not be done; the message says why."""


def target(spec: str) -> Callable[..., Any]:
    module, _, name = spec.partition(":")
    found: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return found


@contextmanager
def _django(*, as_owner: bool = False) -> Iterator[str]:
    """Django on our database. Gives the application role's name."""
    import django

    with database():
        role = become_owner() if as_owner else ""
        django.setup()
        yield role


# Running


def up(options: argparse.Namespace) -> int:
    """Web and worker in one supervised tree. The tables are brought up to date first."""
    return _serve(options, extra=[], ready=lambda: _say(f"Townhall is ready at {_address(options)}"))


def demo(options: argparse.Namespace) -> int:
    data_dir().mkdir(parents=True, exist_ok=True)
    log_file = data_dir() / "townhall.log"
    (data_dir() / DEMO_MARK).touch()  # other commands on this data directory are the demo's too
    os.environ["TOWNHALL_DEMO"] = "True"
    os.environ["PORT"] = str(options.port)
    os.environ.setdefault("EMAIL_HOST", "127.0.0.1")
    mail_port = os.environ.setdefault("EMAIL_PORT", str(options.port + 25))
    os.environ.setdefault("STANDINS_PORT", str(options.port + 50))
    extra = [
        Child("mail", townhall("demo-mail"), env={"EMAIL_PORT": mail_port}),
        Child("standins", townhall("standins")),
    ]

    def ready() -> None:
        welcome = data_dir() / "welcome.txt"
        _say(f"\nTownhall's demo is ready: {_address(options)}\n")
        _say(welcome.read_text() if welcome.exists() else "")
        _say(f"What it does is written to {log_file}")
        _say("Stop it with Ctrl-C; what was done stays for the next time.")

    prepare = ["prepare-demo", "--scale", options.scale]
    return _serve(options, extra=extra, ready=ready, prepare=prepare, log_file=log_file)


def _serve(
    options: argparse.Namespace,
    *,
    extra: list[Child],
    ready: Callable[[], None],
    prepare: list[str] | None = None,
    log_file: Path | None = None,
) -> int:
    from townhall.config.web import PortTaken, check_port

    try:
        check_port(options.host, options.port)
    except PortTaken as error:
        raise CommandFailed(str(error)) from error
    with database() as server:
        done = subprocess.run(townhall(*(prepare or ["migrate"])), check=False)
        if done.returncode != 0:
            return done.returncode
        os.environ.pop("DATABASE_OWNER_URL", None)  # the serving processes work as the application only
        serving = [f"--host={options.host}", f"--port={options.port}"]
        serving += [f"--workers={options.workers}", f"--threads={options.threads}"]
        children = [*extra, Child("web", townhall("web", *serving)), Child("worker", townhall("worker"))]
        for child in children:
            child.log_file = log_file
        if log_file:  # the terminal is for people
            logs.configure(to=log_file.open("a"))
        supervisor = Supervisor(children, server=server)
        supervisor.run(each_tick=_once_ready(_address(options), ready))
    return 0


def _once_ready(address: str, ready: Callable[[], None]) -> Callable[[], None]:
    """Something to call often: calls `ready` once, when /healthz first answers 200."""
    waiting = True

    def look() -> None:
        nonlocal waiting
        if waiting and is_healthy(address):
            waiting = False
            ready()

    return look


def is_healthy(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/healthz", timeout=2) as answer:  # noqa: S310 - our own address
            return bool(json.load(answer)["ready"])
    except (OSError, ValueError):
        return False


def _address(options: argparse.Namespace) -> str:
    everywhere = ("127.0.0.1", "0.0.0.0", "::")  # noqa: S104 - compared, not bound
    host = "localhost" if options.host in everywhere else options.host
    return f"http://{host}:{options.port}"


def _say(words: str) -> None:
    print(words, flush=True)


def web(options: argparse.Namespace) -> int:
    from townhall.config.web import PortTaken, check_port, serve

    os.environ.setdefault("PORT", str(options.port))
    (data_dir() / "static").mkdir(parents=True, exist_ok=True)  # whitenoise warns of a missing STATIC_ROOT
    try:
        check_port(options.host, options.port)
    except PortTaken as error:
        raise CommandFailed(str(error)) from error
    with database():
        serve(host=options.host, port=options.port, workers=options.workers, threads=options.threads)
    return 0


def worker(options: argparse.Namespace) -> int:
    with _django():
        from townhall.config import worker

        worker.main()
    return 0


def standins(options: argparse.Namespace) -> int:
    from townhall.config import standins as ours
    from townhall.connectors.standins import serve

    end_with_supervisor()
    ours.start_beside()
    serve()
    return 0


def demo_mail(options: argparse.Namespace) -> int:
    end_with_supervisor()
    with _django():
        from townhall.config.demo_mail import serve

        serve()
    return 0


# Looking after the database


def migrate(options: argparse.Namespace) -> int:
    with _django(as_owner=True) as role:
        _migrate(role)
    return 0


def _migrate(app_role: str) -> None:
    from django.core.management import call_command
    from django.db import connection

    from townhall.config.rights import grant_rights

    call_command("migrate", interactive=False, verbosity=int(os.environ.get("VERBOSITY", "0")))
    connection.ensure_connection()
    for seed in SEEDS:
        target(seed)()
    owner = connection.connection
    if app_role and app_role != owner.info.user:
        grant_rights(owner, app_role=app_role)
    else:
        print(
            "Web and worker use the role that owns the tables, so the ledger is not protected from them. "
            "Give DATABASE_URL a role of its own, and DATABASE_OWNER_URL the owner (docs/operations.md).",
            file=sys.stderr,
        )


def manage(options: argparse.Namespace) -> int:
    from django.core.management import execute_from_command_line

    owner = bool(OWNER_COMMANDS & set(options.arguments[:1]))
    if TOOL_COMMANDS & set(options.arguments[:1]):
        os.environ["DJANGO_SETTINGS_MODULE"] = "townhall.config.settings_tools"
    with _django(as_owner=owner):
        execute_from_command_line(["townhall manage", *options.arguments])
    return 0


def prepare_demo(options: argparse.Namespace) -> int:
    """Tables, rights, data (when it is not there yet), and the sign-ins to show, in the data directory."""
    with _django(as_owner=True) as role:
        from townhall.config import demo

        _migrate(role)
        demo.load(scale=options.scale)
        (data_dir() / "welcome.txt").write_text(demo.welcome())
    return 0


def embedded(options: argparse.Namespace) -> int:
    from townhall.config import postgres

    server = postgres.start(data_dir())
    if options.action == "stop":
        server.keep(running=False)
        stopped = server.stop()
        print("Stopped." if stopped else "Still in use; it stops when the last one leaves.")
        return 0
    if options.action == "start":
        server.keep(running=True)
    print(server.app_url)
    server.stop()
    return 0


def calendars(options: argparse.Namespace) -> int:
    """Bank holidays and the council's own closure days."""
    from townhall.core.errors import RuleBroken

    if options.action in {"close", "reopen"} and options.on is None:
        raise CommandFailed(f"Say which day: townhall calendars {options.action} --on 2026-12-29")
    with _django():
        from townhall.clocks import commands

        try:
            match options.action:
                case "load":
                    print(commands.load(options.file))
                case "close":
                    print(commands.close(options.on, options.title))
                case "reopen":
                    print(commands.reopen(options.on))
                case _:
                    print(commands.show())
        except (RuleBroken, ValueError, OSError) as error:
            raise CommandFailed(str(error)) from error
    return 0


def backup(options: argparse.Namespace) -> int:
    from townhall.config.backup import backup as write

    with database() as server:
        write(options.path, server=server)
    return 0


def restore(options: argparse.Namespace) -> int:
    import django

    from townhall.config.backup import restore as read

    with database() as server:
        read(options.path, server=server, replace=options.replace)
        role = become_owner()
        django.setup()  # only now: the backup brings the secret that the settings ask for
        _migrate(role)
    return 0


# Proving and measuring


def check(options: argparse.Namespace) -> int:
    with _django():
        problems = list(target(CHECKS[options.what])())
        said = target(LOOKED_AT[options.what])() if options.what in LOOKED_AT else []
    for line in [*said, *problems]:
        print(line)
    print(f"{options.what}: {len(problems)} problems" if problems else f"{options.what}: all is well")
    return 1 if problems else 0


def messages(options: argparse.Namespace) -> int:
    import django

    os.environ.setdefault("DEBUG", "True")  # reading words needs no secret
    django.setup()
    from townhall.ui.messages import write

    print(f"{write()} messages")
    return 0


def states(options: argparse.Namespace) -> int:
    import django

    os.environ.setdefault("DEBUG", "True")  # drawing needs no secret
    django.setup()
    from townhall.config.drawing import draw_states

    for path in draw_states(Path("docs/states")):
        print(path)
    return 0
