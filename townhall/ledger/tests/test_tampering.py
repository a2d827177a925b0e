"""Behind the ledger's back: what the owner of the tables, with the guards taken away, cannot hide."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from townhall.core.db import fetch_one
from townhall.ledger import checks, seals
from townhall.ledger.chain import FIRST_PREVIOUS, all_seals
from townhall.ledger.rows import digest_rows
from townhall.ledger.tests.makers import NOON, settle, write_entries, write_looks

pytestmark = pytest.mark.django_db(transaction=True)

TABLES = ("ledger_entry", "ledger_look", "ledger_seal", "ledger_era")


@pytest.fixture(autouse=True)
def seal_file(settings: Any, tmp_path: Path) -> Path:
    settings.LEDGER_SEAL_FILE = tmp_path / "seals.log"
    return tmp_path / "seals.log"


@pytest.fixture
def sealed() -> None:
    """Three seals of two entries and a look each, and a clean check."""
    for _ in range(3):
        with transaction.atomic():
            write_entries(2)
            write_looks(1)
        settle()
        seals.sweep(NOON)
    assert checks.check() == []


def behind_its_back(*statements: str) -> None:
    """As the owner would: guards off, the change, guards on again."""
    with transaction.atomic(), connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER only_added_to")
        for statement in statements:
            cursor.execute(statement)
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER only_added_to")


def seals_named() -> set[int | None]:
    return {problem.seal for problem in checks.check()}


IN_SEAL_2 = (
    "position >= (SELECT from_position FROM ledger_seal WHERE number = 2)"
    " AND position < (SELECT to_position FROM ledger_seal WHERE number = 2)"
)
ONE_OF_SEAL_2 = f"id = (SELECT id FROM {{table}} WHERE {IN_SEAL_2} ORDER BY id LIMIT 1)"


@pytest.mark.capability("GOVN-03")
@pytest.mark.parametrize("table", ["ledger_entry", "ledger_look"])
@pytest.mark.parametrize(
    "change",
    [
        "UPDATE {table} SET actor_id = 'somebody else' WHERE {one}",
        "UPDATE {table} SET at = at + interval '1 microsecond' WHERE {one}",
        "UPDATE {table} SET position = (SELECT max(position) FROM {table}) WHERE {one}",
        "UPDATE {table} SET customer_id = NULL, case_id = gen_random_uuid() WHERE {one}",
        "DELETE FROM {table} WHERE {one}",
    ],
)
@pytest.mark.usefixtures("sealed")
def test_a_changed_or_removed_row_is_found_and_its_seal_named(change: str, table: str) -> None:
    behind_its_back(change.format(table=table, one=ONE_OF_SEAL_2.format(table=table)))
    assert 2 in seals_named()


@pytest.mark.usefixtures("sealed")
def test_a_row_slipped_in_with_an_old_position_is_found() -> None:
    behind_its_back(
        "INSERT INTO ledger_entry SELECT gen_random_uuid(), at, position, actor_kind, actor_id, verb, subject_kind, subject_id"
        f" FROM ledger_entry WHERE {ONE_OF_SEAL_2.format(table='ledger_entry')}"
    )
    (problem,) = checks.check()
    assert problem.seal == 2
    assert "1 rows were slipped in beside the 2 sealed" in problem.message


@pytest.mark.usefixtures("sealed")
def test_a_row_with_a_position_from_the_future_is_found() -> None:
    behind_its_back(
        "INSERT INTO ledger_entry (id, at, position, actor_kind, actor_id, verb, subject_kind, subject_id)"
        " VALUES (gen_random_uuid(), now(), 1::bigint << 50, 'system', '', 'case.noted', 'case', gen_random_uuid())"
    )
    assert "no transaction has had yet" in checks.check()[0].message


@pytest.mark.usefixtures("sealed")
def test_two_rows_that_changed_places_are_found() -> None:
    behind_its_back(
        f"UPDATE ledger_entry SET data = jsonb_build_object('n', 1 - (data->>'n')::int) WHERE {IN_SEAL_2}",
    )
    assert seals_named() == {2}


@pytest.mark.usefixtures("sealed")
def test_an_edited_seal_is_found() -> None:
    behind_its_back("UPDATE ledger_seal SET sealed_at = sealed_at - interval '1 day' WHERE number = 2")
    assert 2 in seals_named()


@pytest.mark.usefixtures("sealed")
def test_a_removed_seal_is_found_even_when_its_rows_went_with_it() -> None:
    behind_its_back(f"DELETE FROM ledger_entry WHERE {IN_SEAL_2}", f"DELETE FROM ledger_look WHERE {IN_SEAL_2}")
    behind_its_back("DELETE FROM ledger_seal WHERE number = 2")
    assert any("Seals 2 to 2 are missing" in problem.message for problem in checks.check())


@pytest.mark.usefixtures("sealed")
def test_the_last_seal_and_its_rows_cannot_be_cut_off_while_the_file_remembers() -> None:
    behind_its_back(
        "DELETE FROM ledger_entry WHERE position >= (SELECT from_position FROM ledger_seal WHERE number = 3)",
        "DELETE FROM ledger_look WHERE position >= (SELECT from_position FROM ledger_seal WHERE number = 3)",
        "DELETE FROM ledger_seal WHERE number = 3",
    )
    (problem,) = checks.check()
    assert problem == checks.Problem(
        "1 seals, the first of them 3, are in the file outside the database, but no longer in it.", 3
    )


def seal_everything_again() -> None:
    """A patient forger with every right in the database: makes the whole chain anew over the changed rows."""
    previous = FIRST_PREVIOUS
    for seal in list(all_seals()):
        entries = digest_rows("ledger_entry", start=seal.from_position, end=seal.to_position)
        looks = digest_rows("ledger_look", start=seal.from_position, end=seal.to_position)
        forged = type(seal)(
            **{
                **seal.__dict__,
                "entries": entries.rows,
                "looks": looks.rows,
                "entries_digest": entries.sha256,
                "looks_digest": looks.sha256,
                "previous_hash": previous,
            }
        )
        previous = forged.right_hash()
        behind_its_back(
            f"UPDATE ledger_seal SET entries = {forged.entries}, looks = {forged.looks}, hash = '{previous}',"
            f" entries_digest = '{forged.entries_digest}', looks_digest = '{forged.looks_digest}',"
            f" previous_hash = '{forged.previous_hash}' WHERE number = {forged.number}"
        )


@pytest.mark.usefixtures("sealed")
def test_a_chain_forged_from_the_second_seal_differs_from_the_file(settings: Any) -> None:
    behind_its_back(
        f"UPDATE ledger_entry SET actor_id = 'somebody else' WHERE {ONE_OF_SEAL_2.format(table='ledger_entry')}"
    )
    seal_everything_again()

    (problem,) = checks.check()
    assert problem == checks.Problem("2 seals, the first of them 2, differ from the file outside the database.", 2)
    settings.LEDGER_SEAL_FILE = None
    assert checks.check() == []  # so it is the file that found it


@pytest.mark.usefixtures("sealed")
def test_a_chain_forged_from_the_first_seal_is_unknown_to_the_file() -> None:
    behind_its_back("UPDATE ledger_entry SET actor_id = 'somebody else'")
    seal_everything_again()
    assert [problem.message for problem in checks.check()] == [
        "None of this ledger's seals are in the file outside the database."
    ]


@pytest.mark.usefixtures("sealed")
def test_a_missing_or_edited_file_is_found(seal_file: Path) -> None:
    kept = [json.loads(line) for line in seal_file.read_text().splitlines()]
    kept[1]["hash"] = "0" * 64
    seal_file.write_text("".join(json.dumps(line) + "\n" for line in kept))
    assert seals_named() == {2}

    seal_file.write_text("".join(json.dumps(line) + "\n" for line in (kept[0], kept[2])))
    assert seals_named() == {2}

    seal_file.unlink()
    assert checks.check() == [checks.Problem("The file of seals outside the database is missing.")]


@pytest.mark.usefixtures("sealed")
def test_a_line_cut_short_by_a_crash_is_written_again(seal_file: Path) -> None:
    whole = seal_file.read_text()
    seal_file.write_text(whole[:-40])
    write_entries(1)
    settle()
    seals.sweep(NOON)

    assert checks.check() == []
    assert len(seal_file.read_text().splitlines()) == 5  # 1, 2, the broken line, 3 again, 4


@pytest.mark.usefixtures("sealed")
def test_a_guard_left_off_is_found() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE ledger_entry_default DISABLE TRIGGER only_added_to")
    try:
        assert checks.check() == [checks.Problem("The guard against changes is off on ledger_entry_default.")]
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE ledger_entry_default ENABLE TRIGGER only_added_to")


@pytest.mark.parametrize("table", [*TABLES, "ledger_entry_default", "ledger_look_default"])
@pytest.mark.parametrize("statement", ["UPDATE {table} SET {column} = {column}", "DELETE FROM {table}"])
@pytest.mark.usefixtures("sealed")
def test_even_the_owner_is_refused_who_does_not_take_the_guard_away(table: str, statement: str) -> None:
    column = {"ledger_seal": "number", "ledger_era": "era"}.get(table, "id")
    seals.ensure_era()
    with pytest.raises(DatabaseError, match="only ever added to"), connection.cursor() as cursor:
        cursor.execute(statement.format(table=table, column=column))


@pytest.mark.capability("GOVN-03", "CASE-01")
@pytest.mark.parametrize("table", [*TABLES, "ledger_entry_default", "ledger_look_default"])
@pytest.mark.parametrize(
    "statement", ["UPDATE {table} SET {column} = {column}", "DELETE FROM {table}", "TRUNCATE {table}"]
)
def test_the_application_may_add_to_the_ledger_and_nothing_else(
    app_role_connection: psycopg.Connection[Any], table: str, statement: str
) -> None:
    column = {"ledger_seal": "number", "ledger_era": "era"}.get(table, "id")
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied"):
        app_role_connection.execute(statement.format(table=table, column=column))


def test_the_application_writes_seals_makes_months_and_begins_eras_with_its_own_rights(
    app_role_connection: psycopg.Connection[Any],
) -> None:
    app = app_role_connection
    app.execute(
        "INSERT INTO ledger_entry (id, at, actor_kind, actor_id, verb, subject_kind, subject_id)"
        " VALUES (gen_random_uuid(), now(), 'system', '', 'case.noted', 'case', gen_random_uuid())"
    )
    assert app.execute("SELECT ledger_ensure_era() > 0").fetchone() == (True,)
    assert app.execute("SELECT ledger_make_partitions(date '2031-01-15', date '2031-02-01')").fetchone() == (4,)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute("DELETE FROM ledger_entry_2031_01")
    app.rollback()
    assert fetch_one("SELECT to_regclass('ledger_entry_2031_01')") == (None,)
