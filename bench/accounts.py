"""Accounts of residents in the measured council: made in bulk beside what is kept, and the requests of people who hold one."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any

import psycopg
from argon2 import PasswordHasher, Type

from bench import wire
from bench.load import Wanted

ACCOUNTS = 90_000
ASKED = 2_000  # different people who ask in one run
CSRF = "a" * 32
HOST = "localhost"
PASSWORD = "seven green lanterns"
# As the application hashes them (townhall.accounts.hashers), since a weaker hash would be made anew at the first sign-in.
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, type=Type.ID)

_MISSING = """
    SELECT c.id, c.name, p.value FROM customers_customer c
    JOIN customers_contactpoint p ON p.customer_id = c.id AND p.kind = 'email'
    WHERE p.value LIKE '%%@example.org' AND NOT EXISTS (SELECT FROM accounts_residentaccount a WHERE a.email = p.value)
    AND NOT EXISTS (SELECT FROM customers_accountlink l WHERE l.customer_id = c.id)
    ORDER BY md5(c.id::text) LIMIT %(count)s
"""
_ACCOUNTS = (
    """
    WITH chosen AS MATERIALIZED (SELECT m.*, uuidv7() AS account FROM ("""
    + _MISSING
    + """) m(customer, name, email)),
    made AS (INSERT INTO accounts_residentaccount (id, email, name, password, opened, opened_at)
        SELECT account, email, name, 'argon2' || %(hash)s, 'self', %(at)s FROM chosen)
    INSERT INTO customers_accountlink (id, account_id, customer_id, role, level, since, ended_because)
    SELECT uuidv7(), account, customer, 'self', 1, %(at)s, '' FROM chosen
"""
)
_SESSIONS = """
    INSERT INTO accounts_residentsession (id, account_id, token_hash, browser, how, is_strong, is_shared, provider_session, started_at,
        shown_at, last_seen_at, ended_because)
    SELECT uuidv7(), a.id, encode(sha256(convert_to(%(mark)s || a.id::text, 'utf8')), 'hex'), 'bench', 'password', false, false, '',
        %(at)s, %(at)s, %(at)s, ''
    FROM unnest(%(ids)s::uuid[]) a(id)
"""


def ensure(connection: psycopg.Connection[Any]) -> None:
    """As many accounts as the measure asks for, each with a customer of its own. `connection`: may write to the tables."""
    [(held,)] = connection.execute("SELECT count(*) FROM accounts_residentaccount WHERE closed_at IS NULL").fetchall()
    if held >= ACCOUNTS:
        return
    given = {"count": ACCOUNTS - held, "hash": HASHER.hash(PASSWORD), "at": datetime.now(UTC)}
    with connection.transaction():
        connection.execute(_ACCOUNTS, given)
    connection.execute("ANALYZE accounts_residentaccount, customers_accountlink")


def _some(connection: psycopg.Connection[Any]) -> list[tuple[Any, str, str]]:
    """Id, email and name of the same people each time, who are customers with reports."""
    found = connection.execute(
        "SELECT a.id, a.email, a.name FROM accounts_residentaccount a WHERE a.password LIKE %s AND a.closed_at IS NULL "
        f"ORDER BY md5(a.id::text) LIMIT {ASKED}",
        ["argon2$argon2id$%"],
    )
    return list(found.fetchall())


def homes(connection: psycopg.Connection[Any]) -> Wanted:
    """The account's home, for people who are signed in already."""
    mark, people = f"bench-{time.time_ns()}-", _some(connection)
    ids = [account for account, _email, _name in people]
    connection.execute(_SESSIONS, {"mark": mark, "at": datetime.now(UTC), "ids": ids})
    requests = [
        (wire.get("/account", host=HOST, Cookie=f"account={mark}{account}"), name.encode())
        for account, _email, name in people
    ]
    return Wanted(requests, status=200, again=True)


def sign_ins(connection: psycopg.Connection[Any]) -> Wanted:
    """The button of the sign-in page, each time another person's."""
    fields = {"csrfmiddlewaretoken": CSRF, "password": PASSWORD, "next": ""}
    requests = [
        (
            wire.post_form("/account/sign-in", {**fields, "email": email}, host=HOST, Cookie=f"csrftoken={CSRF}"),
            b"account=",
        )
        for _account, email, _name in _some(connection)
    ]
    return Wanted(requests, status=302, again=True, connections=1)


@cache
def hashing() -> float:
    """Milliseconds that checking a password takes on this machine when nothing else runs: the median of twenty."""
    hashed = HASHER.hash(PASSWORD)
    return statistics.median(_timed(lambda: HASHER.verify(hashed, PASSWORD)) for _ in range(20)) * 1000


def _timed(do: Callable[[], object]) -> float:
    began = time.perf_counter()
    do()
    return time.perf_counter() - began
