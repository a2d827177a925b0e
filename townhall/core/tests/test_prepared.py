"""Hot statements: what goes together, what stays prepared, and what a broken connection does."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import psycopg
import pytest
from django.db import connection, transaction

from townhall.core import prepared
from townhall.core.db import at_once, execute, fetch_all, fetch_one, insert, pipelined
from townhall.core.postgres.base import is_left_open

pytestmark = pytest.mark.django_db(transaction=True)
SOME = UUID(int=7)


def _claim(key: str) -> None:
    insert(
        "core_idempotency",
        {"actor": "public:", "key": key, "request_hash": "", "result": SOME},
        always=(("operation", "test.prepared"),),
    )


@transaction.atomic
def _claim_within_a_transaction(key: str) -> None:
    fetch_one("SELECT 1")
    _claim(key)


def _keys() -> list[str]:
    rows = fetch_all("SELECT key FROM core_idempotency WHERE operation = %s ORDER BY key", ("test.prepared",))
    return [key for (key,) in rows]


def test_rows_of_one_table_and_other_writes_go_as_one_statement(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[bytes] = []
    usual = prepared.run

    def watched(*args: object, **kwargs: object) -> prepared.Answer:
        sent.append(args[1])  # type: ignore[arg-type]
        return usual(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(prepared, "run", watched)
    with at_once():
        _claim("a")
        execute("UPDATE core_heartbeat SET kind = %s WHERE process = %s", ("x", "nobody"))
        _claim("b")
        _claim("c")

    [statement] = sent
    assert statement.count(b"INSERT INTO") == 1
    assert _keys() == ["a", "b", "c"]


def test_a_statement_stays_prepared_when_a_transaction_is_rolled_back() -> None:
    _claim("first")
    with pytest.raises(psycopg.errors.UniqueViolation):
        _claim_within_a_transaction("first")

    _claim("second")
    assert _keys() == ["first", "second"]


def test_the_first_statement_of_a_transaction_is_within_it() -> None:
    with transaction.atomic():
        _claim("undone")
        transaction.set_rollback(True)

    assert _keys() == []


def test_parameters_have_names_or_places_and_a_percent_sign_is_one() -> None:
    assert fetch_all("SELECT %(a)s::int + %(b)s::int + %(a)s::int, 7 %% 4", {"a": 1, "b": 10}) == [(12, 3)]
    assert fetch_one("SELECT %s::text, %s::timestamptz", ("%s", datetime(2026, 3, 2, tzinfo=UTC))) == (
        "%s",
        datetime(2026, 3, 2, tzinfo=UTC),
    )


def test_text_that_postgresql_cannot_keep_is_refused_before_it_is_cut() -> None:
    with pytest.raises(psycopg.DataError):
        _claim("a\x00b")


def test_no_more_than_so_many_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepared, "MOST", 3)
    for number in range(8):
        assert fetch_one(f"SELECT {number} + %s::int", (1,)) == (number + 1,)
    raw = connection.connection
    assert len(prepared.kept_with(raw).names) == 3
    left = raw.execute("SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'townhall%'").fetchone()
    assert left == (3,)
    assert fetch_one("SELECT 0 + %s::int", (1,)) == (1,)


def test_reads_within_gathered_writes_see_them() -> None:
    with transaction.atomic(), pipelined():
        _claim("seen")
        assert _keys() == ["seen"]


def test_a_connection_that_the_server_left_is_not_used_again() -> None:
    connection.ensure_connection()
    raw = connection.connection
    with psycopg.connect(raw.info.dsn, password=raw.info.password, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", (raw.info.backend_pid,))

    with pytest.raises(psycopg.OperationalError):
        fetch_one("SELECT 1")
    with pytest.raises(psycopg.OperationalError):
        fetch_one("SELECT 1")
    assert not is_left_open(raw)
    connection.close_if_unusable_or_obsolete()
    assert fetch_one("SELECT 1") == (1,)
