"""What the application role may do in the database. The owner role migrates; the application never changes a table's shape."""

from __future__ import annotations

from typing import Any

from psycopg import Connection, sql

APPEND_ONLY = "ledger_"  # tables by this first word are written once: no update, no delete
# What rows of cases name without a constraint that looks it up for each report (ADR 0013): it never goes.
NEVER_DELETED = frozenset({"cases_case", "accounts_team", "accounts_post"})


def grant_rights(owner: Connection[Any], *, app_role: str) -> None:
    """Give `app_role` its rights on every table there now, and take away what it should not have. Once or often: the same."""
    role = sql.Identifier(app_role)
    with owner.transaction():
        owner.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(role))
        owner.execute(sql.SQL("REVOKE CREATE ON SCHEMA public FROM {}, PUBLIC").format(role))
        owner.execute(sql.SQL("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}").format(role))
        for table in _tables(owner):
            rights = "SELECT" if table == "django_migrations" else "SELECT, INSERT"
            name = sql.Identifier("public", table)
            if not table.startswith(APPEND_ONLY) and table != "django_migrations":
                rights += ", UPDATE" if table in NEVER_DELETED else ", UPDATE, DELETE"
            owner.execute(sql.SQL("REVOKE ALL ON {} FROM {}").format(name, role))
            owner.execute(sql.SQL("GRANT {} ON {} TO {}").format(sql.SQL(rights), name, role))


def _tables(owner: Connection[Any]) -> list[str]:
    """Tables, partitions and views of the public schema that the owner has."""
    rows = owner.execute(
        """SELECT relname FROM pg_class
           WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm')
             AND pg_has_role(current_user, relowner, 'USAGE') ORDER BY relname"""
    )
    return [name for (name,) in rows]
