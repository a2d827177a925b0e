"""What other code may read of registers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from townhall.core.actors import Actor
from townhall.core.errors import NotFound
from townhall.core.paging import Page, page_of, read_cursor
from townhall.core.refreshing import Refreshing
from townhall.core.subjects import Subject
from townhall.core.time import council_date
from townhall.files.models import StoredFile
from townhall.registers.access import may_see
from townhall.registers.definition import Definition, from_builtins
from townhall.registers.models import Action, Evidence, Register, Row
from townhall.registers.states import ActionState, RowState
from townhall.registers.typed import shown

PAGE = 50
SOON = timedelta(days=30)
_FAR = date(9999, 1, 1)


def _load() -> dict[str, Definition]:
    return {row.code: from_builtins(row.definition) for row in Register.objects.order_by("code")}


_definitions = Refreshing(_load)
forget = _definitions.forget


def definitions() -> Mapping[str, Definition]:
    """Every register by code, at most a few seconds old."""
    return _definitions.get()


def definition_of(code: str) -> Definition:
    """Raises NotFound."""
    found = definitions().get(code) or _definitions.fresh().get(code)
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True, kw_only=True)
class Line:
    """A register on the list of those somebody may see."""

    definition: Definition
    open: int
    overdue: int


def registers_seen_by(by: Actor, *, at: datetime) -> list[Line]:
    """By title, with how many rows are open and how many of them late. One query."""
    late = Q(state=RowState.OPEN, next_due_on__lt=council_date(at))
    counted = Row.objects.values("register_id").annotate(
        open=Count("id", filter=Q(state=RowState.OPEN)), overdue=Count("id", filter=late)
    )
    found = {one["register_id"]: one for one in counted}
    nothing = {"open": 0, "overdue": 0}
    seen = [one for one in definitions().values() if may_see(one, by)]
    lines = [(one, found.get(one.code, nothing)) for one in sorted(seen, key=lambda one: one.title)]
    return [Line(definition=one, open=counts["open"], overdue=counts["overdue"]) for one, counts in lines]


def seen_definition(code: str, *, by: Actor) -> Definition:
    """Raises NotFound, also for a register that `by` may not see."""
    definition = definition_of(code)
    if not may_see(definition, by):
        raise NotFound
    return definition


def rows_of(code: str, *, state: str = RowState.OPEN, search: str = "", after: str = "", size: int = PAGE) -> Page[Row]:
    """Rows in order of what falls due first. One query of an index."""
    rows = Row.objects.filter(register_id=code, state=state)
    if search:
        rows = rows.filter(Q(title__icontains=search) | Q(code=search.upper()))
    cursor = read_cursor(after, length=2)
    if cursor is not None:
        rows = rows.filter(_after(*cursor))
    ordered = rows.order_by("next_due_on", "id")  # PostgreSQL puts those without a day last
    return page_of(list(ordered[: size + 1]), size=size, key=lambda row: (row.next_due_on or _FAR, row.pk))


def _after(due: str, row_id: str) -> Q:
    try:
        on, last = date.fromisoformat(due), UUID(row_id)
    except ValueError:
        return Q(pk__in=())
    if on == _FAR:
        return Q(next_due_on__isnull=True, pk__gt=last)
    return Q(next_due_on__gt=on) | Q(next_due_on=on, pk__gt=last) | Q(next_due_on__isnull=True)


@dataclass(frozen=True, kw_only=True)
class Whole:
    """A row with all that is about it."""

    row: Row
    definition: Definition
    actions: Sequence[Action]
    evidence: Sequence[Evidence]


def whole(row_id: UUID, *, by: Actor) -> Whole:
    """Three queries. Raises NotFound, also for a row of a register that `by` may not see."""
    row = Row.objects.filter(pk=row_id).first()
    if row is None:
        raise NotFound
    return Whole(
        row=row,
        definition=seen_definition(row.register_id, by=by),
        actions=list(row.actions.order_by("state", "due_on", "id")),
        evidence=list(row.evidence.order_by("added_at", "id")),
    )


def row_of_action(action_id: UUID) -> UUID | None:
    return Action.objects.values_list("row_id", flat=True).filter(pk=action_id).first()


def rows_about(about: Subject) -> list[Row]:
    """Rows that came from something, of whichever register, the oldest first. One query."""
    return list(Row.objects.filter(about_kind=about.kind, about_id=about.id).order_by("opened_at", "id"))


def by_code(code: str) -> Row | None:
    """The row with a printed code."""
    typed = "".join(code.split()).upper()
    return Row.objects.filter(code=typed).first() if typed else None


def open_rows(code: str, *, limit: int = 1_000) -> list[Row]:
    return list(Row.objects.filter(register_id=code, state=RowState.OPEN).order_by("next_due_on", "id")[:limit])


def open_row_of(code: str, row_id: UUID) -> Row | None:
    """One open row of a register."""
    return Row.objects.filter(register_id=code, pk=row_id, state=RowState.OPEN).first()


def every_row(code: str) -> QuerySet[Row]:
    """All of a register, in the order they were entered, for its export."""
    return Row.objects.filter(register_id=code).order_by("opened_at", "id")


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a register stands at. `groups`: the values of its `group_by` field (empty for none), with open and closed rows."""

    open: int
    closed: int
    overdue: int
    soon: int  # due within 30 days
    without_date: int
    done_in_time: int  # actions done in the last year
    done_late: int
    outcomes: Mapping[str, int]
    groups: Sequence[tuple[Any, int, int]]


def report(definition: Definition, *, at: datetime) -> Report:
    """Two queries."""
    today = council_date(at)
    rows = Row.objects.filter(register_id=definition.code).values_list("state", "outcome", "next_due_on", "values")
    states: Counter[str] = Counter()
    outcomes: Counter[str] = Counter()
    due: Counter[str] = Counter()
    groups: dict[Any, list[int]] = {}
    for state, outcome, next_due_on, values in rows.iterator(chunk_size=2_000):
        states[state] += 1
        if definition.group_by:
            counts = groups.setdefault(values.get(definition.group_by, ""), [0, 0])
            counts[0 if state == RowState.OPEN else 1] += 1
        if state == RowState.CLOSED:
            outcomes[outcome] += 1
        else:
            due[_when(next_due_on, today)] += 1
    done = Action.objects.filter(
        row__register_id=definition.code, state=ActionState.DONE, ended_at__gte=at - timedelta(days=365)
    ).values_list("due_on", "ended_at")
    in_time = sum(council_date(ended_at) <= due_on for due_on, ended_at in done if ended_at)
    return Report(
        open=states[RowState.OPEN],
        closed=states[RowState.CLOSED],
        overdue=due["overdue"],
        soon=due["soon"],
        without_date=due["none"],
        done_in_time=in_time,
        done_late=len(done) - in_time,
        outcomes=outcomes,
        groups=[(value, *counts) for value, counts in sorted(groups.items(), key=lambda one: str(one[0]))],
    )


def _when(due_on: date | None, today: date) -> str:
    if due_on is None:
        return "none"
    if due_on < today:
        return "overdue"
    return "soon" if due_on <= today + SOON else "later"


def sees_evidence(by: Actor, file: StoredFile) -> bool:
    """The rule by which a file kept as evidence is shown: to whoever sees the register."""
    if file.subject_kind != "register_row" or not by.is_staff:
        return False
    row = Row.objects.filter(pk=file.subject_id).first()
    return row is not None and may_see(definition_of(row.register_id), by)


def exported(definition: Definition) -> Iterator[list[str]]:
    """The lines of a register as a table, its head first. Reads in pieces."""
    more = [_("State"), _("Outcome"), _("Code"), _("Next due"), _("Entered"), _("Closed")]
    yield [definition.row_title, *(field.label for field in definition.fields), *more]
    labels = {one.code: one.label for one in definition.outcomes}
    for row in every_row(definition.code).iterator(chunk_size=1_000):
        yield [
            row.title,
            *(shown(field, row.values.get(field.code)) for field in definition.fields),
            str(RowState(row.state).label),
            labels.get(row.outcome, row.outcome),
            row.code,
            row.next_due_on.isoformat() if row.next_due_on else "",
            council_date(row.opened_at).isoformat(),
            council_date(row.closed_at).isoformat() if row.closed_at else "",
        ]
