"""Commands about who may come in: the first administrator, API keys, and the page that says who may open what."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from uuid import UUID


def add(command: Callable[[str, Callable[[argparse.Namespace], int], str], argparse.ArgumentParser]) -> None:
    """Put these commands on the command line."""
    to_staff = command("staff", staff, "add somebody with a role in a team, and print a link to choose a password")
    to_staff.add_argument("email")
    to_staff.add_argument("name")
    to_staff.add_argument("--role", default="administrator")
    to_staff.add_argument("--team", default="Digital")
    to_keys = command("keys", keys, "API keys: make one, list them, revoke one")
    to_keys.add_argument("action", choices=["create", "list", "revoke"])
    to_keys.add_argument("name", nargs="?", default="", help="create: who it is for; revoke: the key's id")
    to_keys.add_argument("--scope", action="append", default=[], help="create: may be given several times")
    to_keys.add_argument("--rate", type=int, default=600, help="create: requests a minute, for each web process")
    to_keys.add_argument("--team", default="", help="create: the team whose work it may see and do, by name or code")
    command("access", access, "draw docs/access.md: who may open what")


def staff(options: argparse.Namespace) -> int:
    """Add somebody (or find them), give them a role in a team, and print a link by which they choose a password."""
    from townhall.config.commands import CommandFailed, _django

    with _django():
        from townhall.accounts import commands
        from townhall.core.errors import RuleBroken

        try:
            print(commands.add_staff(options.email, options.name, role=options.role, team=options.team))
        except RuleBroken as error:
            raise CommandFailed(str(error)) from error
    return 0


def keys(options: argparse.Namespace) -> int:
    """Make, list or revoke API keys."""
    from townhall.config.commands import CommandFailed, _django

    with _django():
        from townhall.accounts import commands
        from townhall.core.errors import RuleBroken

        try:
            if options.action == "create":
                made = commands.create_key(
                    options.name, scopes=options.scope, rate_per_minute=options.rate, team=options.team
                )
                print(made)
            elif options.action == "revoke":
                print(commands.revoke_key(UUID(options.name)))
            else:
                print(commands.list_keys())
        except (RuleBroken, ValueError) as error:
            raise CommandFailed(str(error)) from error
    return 0


def access(_options: argparse.Namespace) -> int:
    """Draw docs/access.md anew."""
    import django

    os.environ.setdefault("DEBUG", "True")  # drawing needs no secret
    django.setup()
    from townhall.config import access_table

    print(access_table.draw())
    return 0
