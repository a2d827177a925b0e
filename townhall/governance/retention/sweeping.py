"""Removing what is kept no longer: every night, a batch at a time, each with its proof in the same transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.core.files.storage import default_storage
from django.db import connection, transaction

from townhall.clocks.working_days import add_months
from townhall.core.actors import SYSTEM
from townhall.core.time import council_date, start_of
from townhall.governance.models import Erasure
from townhall.governance.retention import rules
from townhall.governance.retention.holding import take_turn
from townhall.governance.retention.records import BY_CODE, RecordType
from townhall.governance.retention.rules import Rule
from townhall.ledger import operations as ledger

log = structlog.get_logger(__name__)
BATCH = 500  # records in one transaction
SAMPLE = 5
MOST_COUNTED = 100_000  # a dry run says "or more" beyond

# A hold of the customer or case itself; a request for their own records that is not answered yet holds as well.
_HELD = """(EXISTS (SELECT 1 FROM governance_hold h WHERE h.ended_at IS NULL AND (h.until_on IS NULL OR h.until_on >= %s)
      AND (h.customer_id = ANY(({customers})::uuid[]) OR h.case_id = ANY(({cases})::uuid[])))
    OR EXISTS (SELECT 1 FROM governance_subjectrequest s WHERE s.state = 'open' AND s.customer_id = ANY(({customers})::uuid[]))
    OR EXISTS (SELECT 1 FROM governance_freedomrequest f WHERE f.state = 'open' AND f.case_id = ANY(({cases})::uuid[])))"""


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What a rule would remove now, and what it would if nothing were held. `more`: the counts stop at MOST_COUNTED."""

    rule: Rule
    due: int
    held: int
    sample: Sequence[tuple[str, datetime]]  # ids, and when each was over
    more: bool


def cutoff(rule: Rule, *, at: datetime) -> datetime:
    """Records that were over before this are kept no longer."""
    on = council_date(at)
    return start_of(add_months(on, -rule.months))


def preview(rule: Rule, *, at: datetime) -> Preview:
    """Nothing is changed. Two statements, each bounded."""
    kind = BY_CODE[rule.record_type]
    where, values = _due(rule, at=at)
    held = _held(kind)
    today = council_date(at)
    rows = _fetch(
        f"SELECT count(*) FILTER (WHERE NOT held), count(*) FILTER (WHERE held) FROM"  # noqa: S608 - constants of ours
        f" (SELECT {held} AS held FROM {kind.table} t WHERE {where} LIMIT %s) x",
        (today, *values, MOST_COUNTED),
    )
    due, kept = rows[0]
    sample = _fetch(
        f"SELECT t.{kind.key}::text, {kind.over} FROM {kind.table} t WHERE {where} AND NOT {held}"  # noqa: S608
        f" ORDER BY t.{kind.key} LIMIT %s",
        (*values, today, SAMPLE),
    )
    return Preview(rule=rule, due=due, held=kept, sample=sample, more=due + kept >= MOST_COUNTED)


def sweep(at: datetime) -> int:
    """A batch of each rule; how many records. 0 when nothing is left to remove. A rule that cannot be kept holds up no other.

    Raises what the first such rule raised, once the others have nothing left.
    """
    failed: Exception | None = None
    done = 0
    for rule in rules.in_force():
        try:
            done += erase(rule, at=at)
        except Exception as error:
            log.exception("retention.rule_failed", type=rule.record_type, version=rule.version)
            failed = failed or error
    if failed is not None and not done:
        raise failed
    return done


@transaction.atomic
def erase(rule: Rule, *, at: datetime, limit: int = BATCH) -> int:
    """Remove a batch under one rule, with its proof; how many records. Files go when the transaction has ended."""
    kind = BY_CODE[rule.record_type]
    take_turn()
    where, values = _due(rule, at=at)
    names = ", ".join(kind.files) or "NULL"
    rows = _fetch(
        f"SELECT t.{kind.key}, {kind.over}, ARRAY[{names}]::text[] FROM {kind.table} t"  # noqa: S608
        f" WHERE {where} AND NOT {_held(kind)} ORDER BY t.{kind.key} LIMIT %s FOR UPDATE OF t SKIP LOCKED",
        (*values, council_date(at), limit),
    )
    if not rows:
        return 0
    ids = [row[0] for row in rows]
    for part in kind.parts:
        _change(part.table, part.of, part.blank, ids)
    _change(kind.table, f"{kind.key} = ANY(%s)", kind.blank, ids)
    proof = Erasure.objects.create(
        record_type=rule.record_type,
        outcome=rule.outcome,
        rule_version=rule.version,
        months=rule.months,
        action=rule.action,
        rows=len(ids),
        ended_first=min(row[1] for row in rows),
        ended_last=max(row[1] for row in rows),
        at=at,
    )
    data: dict[str, object] = {
        "type": rule.record_type,
        "outcome": rule.outcome,
        "version": rule.version,
        "rows": len(ids),
    }
    ledger.record("retention.erased", about=proof.subject, by=SYSTEM, at=at, data=data)
    stored = [name for row in rows for names in row[2] if names for name in names.splitlines()]
    transaction.on_commit(lambda: _forget_files(stored))
    return len(ids)


def _due(rule: Rule, *, at: datetime) -> tuple[str, tuple[Any, ...]]:
    """Which rows of the type are over for long enough and have something left, held or not."""
    kind = BY_CODE[rule.record_type]
    where = f"{kind.only} AND {kind.unerased} AND {kind.over} < %s"
    if rule.outcome:
        return f"{where} AND {kind.outcome} = %s", (cutoff(rule, at=at), rule.outcome)
    others = [
        one.outcome for one in rules.in_force() if one.record_type == rule.record_type and one.outcome != rule.outcome
    ]
    return f"{where} AND {kind.outcome} <> ALL(%s)", (cutoff(rule, at=at), others)


def _held(kind: RecordType) -> str:
    return _HELD.format(customers=kind.customers, cases=kind.cases)


def _change(table: str, where: str, blank: Any, ids: Sequence[UUID]) -> None:
    """Blank these columns, or delete the rows when there are none to blank."""
    if blank:
        to = ", ".join(f'"{column}" = {value}' for column, value in blank.items())
        statement = f"UPDATE {table} SET {to} WHERE {where}"  # noqa: S608 - constants of ours
    else:
        statement = f"DELETE FROM {table} WHERE {where}"  # noqa: S608 - likewise
    with connection.cursor() as cursor:
        cursor.execute(statement, (list(ids),))


def _fetch(statement: str, values: tuple[Any, ...]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def _forget_files(names: Sequence[str]) -> None:
    """One that cannot be deleted is named, and holds up none behind it."""
    for name in names:
        try:
            default_storage.delete(name)
        except OSError:
            log.exception("retention.file_left", name=name)
