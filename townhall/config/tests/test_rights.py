"""What the application role may do, asked of the database itself."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from psycopg import Connection

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_application_reads_and_writes_ordinary_tables(app_role_connection: Connection[Any]) -> None:
    app_role_connection.execute("INSERT INTO core_heartbeat VALUES ('here', 'worker', now())")
    app_role_connection.execute("UPDATE core_heartbeat SET kind = 'web'")
    app_role_connection.execute("DELETE FROM core_heartbeat")


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (id int)",
        "ALTER TABLE core_heartbeat ADD COLUMN more text",
        "DROP TABLE core_heartbeat",
        "TRUNCATE core_heartbeat",
        "CREATE ROLE another",
        "UPDATE ledger_entry SET verb = 'other'",
        "DELETE FROM ledger_entry",
        "TRUNCATE ledger_entry",
        "DELETE FROM ledger_look",
        "DELETE FROM django_migrations",
    ],
)
def test_the_application_may_not(statement: str, app_role_connection: Connection[Any]) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        app_role_connection.execute(statement)


def test_no_partition_of_the_ledger_is_a_way_round(app_role_connection: Connection[Any]) -> None:
    rows = app_role_connection.execute(
        """SELECT relname, has_table_privilege(oid, 'UPDATE') OR has_table_privilege(oid, 'DELETE') OR has_table_privilege(oid, 'TRUNCATE')
           FROM pg_class WHERE relname LIKE 'ledger%' AND relkind IN ('r', 'p')"""
    ).fetchall()
    assert len(rows) > 3
    assert [name for name, may_change in rows if may_change] == []
