"""The calls of past years for `make shift`: made by the database itself, a month in each transaction (calls.sql)."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

SQL = Path(__file__).with_name("calls.sql")
MONTHS = 37


def fill(connection: psycopg.Connection[Any], calls: int, *, at: datetime, say: Callable[[str], None]) -> None:
    """`connection`: an administrator's, in autocommit, with the customers there."""
    began = time.monotonic()
    connection.execute("SET session_replication_role = replica")
    connection.execute("SET synchronous_commit = off")
    connection.execute("DROP TABLE IF EXISTS bench_customer")
    connection.execute(
        "CREATE UNLOGGED TABLE bench_customer AS SELECT row_number() OVER () AS number, id FROM customers_customer"
    )
    customers = connection.execute("SELECT count(*) FROM bench_customer").fetchone()
    advisers = connection.execute(
        "SELECT array_agg(DISTINCT h.user_id) FROM accounts_postholder h JOIN accounts_post p ON p.id = h.post_id "
        "WHERE p.role = 'adviser'"
    ).fetchone()
    assert customers is not None
    assert advisers is not None
    month = timedelta(days=30)
    first_day = at - MONTHS * month
    connection.execute("SELECT ledger_make_partitions(%s::date, %s::date)", (first_day.date(), at.date()))
    for number in range(MONTHS):
        first = first_day + number * month
        given = {
            "first": first,
            "last": first + month,
            "customers": customers[0],
            "advisers": advisers[0],
            "many": len(advisers[0]),
            "count": calls // MONTHS,
        }
        connection.execute(SQL.read_bytes(), given)
        if number % 6 == 5:
            say(f"  calls until {first + month:%B %Y}")
    connection.execute("DROP TABLE bench_customer")
    connection.execute("VACUUM ANALYZE")
    connection.execute("CHECKPOINT")
    say(f"{calls:,} calls in {time.monotonic() - began:.0f} seconds")
