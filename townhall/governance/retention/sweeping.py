"""Removing what is kept no longer: every night, a batch at a time, each with its proof in the same transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection, transaction

from townhall.accounts import permissions
from townhall.clocks.working_days import add_months
from townhall.core.actors import SYSTEM, Actor
from townhall.core.errors import NotFound
from townhall.core.time import council_date, start_of
from townhall.governance.models import Erasure, RetentionPlace, SetAside
from townhall.governance.retention import rules
from townhall.governance.retention.holding import take_turn
from townhall.governance.retention.records import BY_CODE, RecordType
from townhall.governance.retention.rules import Rule
from townhall.ledger import operations as ledger

log = structlog.get_logger(__name__)
BATCH = 500  # records in one transaction
MOST_SET_ASIDE = 20  # of one batch; more is a fault of the rule
LAST = "customers"  # a record goes when nothing that is kept refers to it
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
    """A batch of each rule; how many records. 0 when nothing is left tonight. A rule that cannot be kept holds up no other.

    Each rule goes through its table once a night, from where the last batch ended. Customers come last, when nothing of theirs is left.
    Raises what the first rule that failed raised, once the others have nothing left.
    """
    failed: Exception | None = None
    done, unfinished = 0, 0
    on = council_date(at)
    over = set(RetentionPlace.objects.filter(on=on, is_done=True).values_list("record_type", "outcome"))
    for rule in sorted(rules.in_force(), key=lambda one: one.record_type == LAST):
        if (rule.record_type, rule.outcome) in over or (rule.record_type == LAST and unfinished):
            continue
        try:
            batch = erase(rule, at=at)
        except Exception as error:
            log.exception("retention.rule_failed", type=rule.record_type, version=rule.version)
            failed = failed or error
            continue
        done += batch.rows + batch.set_aside
        unfinished += not batch.is_last
    if failed is not None and not done:
        raise failed
    return done


@dataclass(frozen=True, kw_only=True)
class Batch:
    """`is_last`: nothing is left for this rule tonight."""

    rows: int
    set_aside: int
    is_last: bool


@transaction.atomic
def erase(rule: Rule, *, at: datetime, limit: int = BATCH) -> Batch:
    """Remove the next batch under one rule, with its proof. Files go when the transaction has ended.

    What cannot be removed is set aside, one record at a time. Raises what it raised when that is more than MOST_SET_ASIDE of them.
    """
    kind = BY_CODE[rule.record_type]
    take_turn()
    place = _place(rule, at=at)
    found = _next(rule, kind, place.after, at=at, limit=limit)
    removed, faults = _remove_each(kind, found)
    for row, fault in faults:
        _set_aside(kind, row[0], fault, at=at)
    if removed:
        _prove(rule, removed, at=at)
    place.after = found[-1][0] if found else place.after
    place.is_done = len(found) < limit
    place.save()
    stored = [name for row in removed for names in row[2] if names for name in names.splitlines()]
    transaction.on_commit(lambda: _forget_files(stored))
    return Batch(rows=len(removed), set_aside=len(faults), is_last=place.is_done)


def _place(rule: Rule, *, at: datetime) -> RetentionPlace:
    """Where tonight's round of this rule is; a new night begins at the start."""
    on = council_date(at)
    place, _new = RetentionPlace.objects.get_or_create(
        record_type=rule.record_type, outcome=rule.outcome, defaults={"on": on}
    )
    if place.on != on:
        place.on, place.after, place.is_done = on, None, False
    return place


def _next(rule: Rule, kind: RecordType, after: UUID | None, *, at: datetime, limit: int) -> list[Any]:
    where, values = _due(rule, at=at)
    names = ", ".join(kind.files) or "NULL"
    return _fetch(
        f"SELECT t.{kind.key}, {kind.over}, ARRAY[{names}]::text[] FROM {kind.table} t"  # noqa: S608 - constants of ours
        f" WHERE (%s::uuid IS NULL OR t.{kind.key} > %s) AND {where} AND NOT {_held(kind)}"
        f" AND NOT EXISTS (SELECT 1 FROM governance_setaside a WHERE a.record_type = %s AND a.record_id = t.{kind.key}"
        f" AND a.tried_again_at IS NULL) ORDER BY t.{kind.key} LIMIT %s FOR UPDATE OF t SKIP LOCKED",
        (after, after, *values, council_date(at), kind.code, limit),
    )


def _remove_each(kind: RecordType, rows: list[Any]) -> tuple[list[Any], list[tuple[Any, Exception]]]:
    """All of them at once; when that fails, one by one, with what failed."""
    if not rows:
        return [], []
    try:
        with transaction.atomic():
            _remove(kind, [row[0] for row in rows])
    except DatabaseError:
        log.exception("retention.batch_failed", type=kind.code, rows=len(rows))
    else:
        return rows, []
    removed: list[Any] = []
    faults: list[tuple[Any, Exception]] = []
    for row in rows:
        try:
            with transaction.atomic():
                _remove(kind, [row[0]])
        except DatabaseError as error:
            faults.append((row, error))
            if len(faults) > MOST_SET_ASIDE:
                raise
        else:
            removed.append(row)
    return removed, faults


def _remove(kind: RecordType, ids: Sequence[UUID]) -> None:
    for part in kind.parts:
        _change(part.table, part.of, part.blank, ids)
    _change(kind.table, f"{kind.key} = ANY(%s)", kind.blank, ids)


def _set_aside(kind: RecordType, record_id: UUID, fault: Exception, *, at: datetime) -> None:
    made = SetAside.objects.create(record_type=kind.code, record_id=record_id, why=type(fault).__name__, at=at)
    data: dict[str, object] = {"type": kind.code, "why": made.why}
    ledger.record("retention.set_aside", about=made.subject, by=SYSTEM, at=at, data=data)


@transaction.atomic
def try_again(set_aside_id: UUID, *, by: Actor, at: datetime) -> SetAside:
    """Somebody has put right why it could not be removed: the next night takes it. Twice is once. Raises NotAllowed, NotFound."""
    permissions.require(by, rules.MANAGE)
    row = SetAside.objects.select_for_update().filter(pk=set_aside_id).first()
    if row is None:
        raise NotFound
    if row.tried_again_at is None:
        row.tried_again_at, row.tried_again_by = at, UUID(by.id)
        row.save(update_fields=["tried_again_at", "tried_again_by"])
        ledger.record("retention.tried_again", about=row.subject, by=by, at=at, data={"type": row.record_type})
    return row


def set_aside(*, limit: int = 200) -> list[SetAside]:
    """What could not be removed and waits for somebody, oldest first."""
    return list(SetAside.objects.filter(tried_again_at=None).order_by("at", "id")[:limit])


def _prove(rule: Rule, rows: list[Any], *, at: datetime) -> None:
    proof = Erasure.objects.create(
        record_type=rule.record_type,
        outcome=rule.outcome,
        rule_version=rule.version,
        months=rule.months,
        action=rule.action,
        rows=len(rows),
        ended_first=min(row[1] for row in rows),
        ended_last=max(row[1] for row in rows),
        at=at,
    )
    data: dict[str, object] = {
        "type": rule.record_type,
        "outcome": rule.outcome,
        "version": rule.version,
        "rows": len(rows),
    }
    ledger.record("retention.erased", about=proof.subject, by=SYSTEM, at=at, data=data)


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
