from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import close_old_connections, connection, transaction

from townhall.core.db import fetch_all, fetch_one
from townhall.ledger import checks, queries, seals
from townhall.ledger.chain import all_seals
from townhall.ledger.tests.makers import NOON, settle, write_entries, write_looks

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def seal_file(settings: Any, tmp_path: Path) -> Path:
    settings.LEDGER_SEAL_FILE = tmp_path / "seals.log"
    return tmp_path / "seals.log"


@pytest.fixture
def other() -> Iterator[psycopg.Connection[Any]]:
    """A second connection, as another process would have."""
    parameters = connection.get_connection_params()
    fresh = psycopg.connect(
        **{name: parameters[name] for name in ("dbname", "user", "password", "host", "port") if parameters.get(name)}
    )
    yield fresh
    fresh.close()


def insert_by(other: psycopg.Connection[Any], count: int = 1) -> None:
    other.execute(
        "INSERT INTO ledger_entry (id, at, actor_kind, actor_id, verb, subject_kind, subject_id)"
        " SELECT gen_random_uuid(), now(), 'system', 'system', 'case.noted', 'case', gen_random_uuid()"
        " FROM generate_series(1, %s)",
        [count],
    )


def unsealed() -> int:
    return checks.examine().unsealed


def test_every_row_is_sealed_once_in_a_chain_that_checks() -> None:
    write_entries(3)
    write_looks(2)
    settle()
    assert seals.seal(NOON) == 5
    write_entries(1)
    settle()
    assert seals.seal(NOON) == 1
    assert seals.seal(NOON) == 0

    first, second = all_seals()
    assert (first.number, first.entries, first.looks) == (1, 3, 2)
    assert (second.from_position, second.previous_hash) == (first.to_position, first.hash)
    assert checks.examine().problems == [checks.Problem("The file of seals outside the database is missing.")]


def test_the_sweep_copies_seals_to_the_file_and_the_check_is_clean() -> None:
    for _ in range(3):
        write_entries(2)
        settle()
        seals.sweep(NOON)

    report = checks.examine()
    assert (report.problems, report.seals, report.entries, report.unsealed) == ([], 3, 6, 0)


def test_a_row_of_an_open_transaction_holds_back_what_came_later_and_is_never_lost(
    other: psycopg.Connection[Any],
) -> None:
    insert_by(other)  # begins first, commits last
    write_entries(2)
    assert seals.seal(NOON) == 0

    other.commit()
    settle()
    assert seals.seal(NOON) == 3
    seals.sweep(NOON)
    assert checks.check() == []


def test_rows_before_an_open_transaction_are_sealed_without_waiting_for_it(other: psycopg.Connection[Any]) -> None:
    write_entries(2)
    insert_by(other)
    settle()
    assert seals.seal(NOON) == 2
    other.commit()
    settle()
    assert seals.seal(NOON) == 1


def test_a_rolled_back_transaction_leaves_nothing_to_seal(other: psycopg.Connection[Any]) -> None:
    insert_by(other)
    other.rollback()
    assert seals.seal(NOON) == 0


def test_a_batch_ends_between_transactions() -> None:
    for size in (2, 2, 7, 1):
        with transaction.atomic():
            write_entries(size)
    settle()
    sealed = []
    while count := seals.seal(NOON, batch=3):
        sealed.append(count)

    assert sealed == [2, 2, 7, 1]
    assert unsealed() == 0


def test_only_one_seals_at_a_time(other: psycopg.Connection[Any]) -> None:
    write_entries(1)
    other.execute("SELECT pg_advisory_xact_lock(%s)", [seals._LOCK])
    assert seals.seal(NOON) == 0
    other.rollback()
    settle()
    assert seals.seal(NOON) == 1


def test_eight_writers_and_two_sealers_at_once_seal_every_row_exactly_once(other: psycopg.Connection[Any]) -> None:
    insert_by(other)  # open all the while
    writing = threading.Event()
    writing.set()

    def write() -> None:
        for number in range(25):
            with transaction.atomic():
                write_entries(1 + number % 3)
                write_looks(number % 2)
        close_old_connections()
        connection.close()

    def keep_sealing() -> None:
        while writing.is_set():
            seals.seal(NOON, batch=20)
        connection.close()

    writers = [threading.Thread(target=write) for _ in range(8)]
    sealers = [threading.Thread(target=keep_sealing) for _ in range(2)]
    for thread in writers + sealers:
        thread.start()
    for thread in writers[:4]:
        thread.join()
    other.commit()
    for thread in writers[4:]:
        thread.join()
    writing.clear()
    for thread in sealers:
        thread.join()
    settle()
    while seals.seal(NOON):
        pass
    seals.sweep(NOON)

    there = fetch_one("SELECT (SELECT count(*) FROM ledger_entry), (SELECT count(*) FROM ledger_look)")
    report = checks.examine()
    assert there == (8 * (9 * 1 + 8 * 2 + 8 * 3) + 1, 8 * 12)
    assert (report.entries, report.looks, report.unsealed, report.problems) == (*there, 0, [])
    assert fetch_one("SELECT sum(entries), sum(looks) FROM ledger_seal") == there


def test_a_restored_copy_goes_on_after_every_sealed_row(other: psycopg.Connection[Any]) -> None:
    write_entries(3)
    settle()
    seals.sweep(NOON)
    # As in another cluster, whose transactions are numbered far lower: the last era was somebody else's, a thousand million on.
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO ledger_era VALUES (100, 1, 1000000000, now())")
    write_entries(2)
    settle()
    assert seals.seal(NOON) == 2
    seals.sweep(NOON)
    before = fetch_one("SELECT max(position) FROM ledger_entry")

    assert seals.ensure_era() == 101
    assert seals.ensure_era() == 101  # once only
    write_entries(4)
    settle()
    seals.sweep(NOON)

    assert before is not None
    assert fetch_all("SELECT count(*) FROM ledger_entry WHERE position > %s", before) == [(4,)]
    report = checks.examine()
    assert (report.problems, report.entries, report.unsealed) == ([], 9, 0)


def test_an_era_waits_for_writers_so_that_none_falls_behind_a_seal(other: psycopg.Connection[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO ledger_era VALUES (100, 1, 1000000000, now())")
    insert_by(other)
    begun: list[int] = []

    def begin() -> None:
        begun.append(seals.ensure_era())
        connection.close()

    thread = threading.Thread(target=begin)
    thread.start()
    thread.join(timeout=0.3)
    assert begun == []
    other.commit()
    thread.join(timeout=40)

    assert begun == [101]
    write_entries(1)
    settle()
    assert seals.seal(NOON + timedelta(seconds=1)) == 2


def test_a_follower_goes_on_from_what_it_saw_and_skips_no_late_commit(other: psycopg.Connection[Any]) -> None:
    write_entries(1)
    settle()
    insert_by(other)
    write_entries(2)
    start = (0, UUID(int=0))
    (first,) = queries.settled(
        position=start[0], entry_id=start[1], limit=10
    )  # what came after the open one has to wait
    other.commit()
    settle()

    rest = queries.settled(position=first.position, entry_id=first.id, limit=10)

    assert len(rest) == 3
    assert [row.position for row in rest] == sorted(row.position for row in rest)
    page = queries.settled(position=first.position, entry_id=first.id, limit=2)
    assert page == rest[:2]
    assert queries.settled(position=page[-1].position, entry_id=page[-1].id, limit=2) == rest[2:]
