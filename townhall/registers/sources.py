"""Rows that come by themselves: one for each thing that something else lists, such as the standard messages.

The app that knows the things registers a source in `config`. What is new gets a row; where what a thing says has changed, looking at
it again falls due at once; what is no longer there is closed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from townhall.core.actors import SYSTEM
from townhall.core.time import council_date
from townhall.registers import falling_due, operations
from townhall.registers.definition import Definition
from townhall.registers.models import Action, Row
from townhall.registers.queries import definitions
from townhall.registers.states import ActionState, RowState

GONE = "gone"  # in place of the digest of what its source closed
NEWLY_CHANGED = timedelta(days=28)  # within which what has changed is to be looked at again


@dataclass(frozen=True, kw_only=True)
class Thing:
    """One row a source asks for. `digest`: of what it says now; another one means that it was changed."""

    key: str
    title: str
    digest: str = ""
    given: Mapping[str, str] = field(default_factory=dict)


_sources: dict[str, Callable[[], Iterable[Thing]]] = {}


def register(name: str, source: Callable[[], Iterable[Thing]]) -> None:
    _sources[name] = source


def fill_all(at: datetime) -> int:
    """The daily sweep: every register that has a source is brought up to it; how many rows were entered, sent back or closed."""
    return sum(fill(one, at=at) for one in definitions().values() if one.source in _sources)


@transaction.atomic
def fill(definition: Definition, *, at: datetime) -> int:
    things = {one.key: one for one in _sources[definition.source]()}
    held = {row.key: row for row in Row.objects.select_for_update().filter(register_id=definition.code).exclude(key="")}
    count = 0
    for key, thing in things.items():
        row = held.get(key)
        if row is None:
            operations.open_row(
                definition.code, title=thing.title, given=thing.given, key=key, digest=thing.digest, by=SYSTEM, at=at
            )
        elif row.state == RowState.CLOSED:
            if row.digest != GONE:
                continue  # somebody closed it, and knows better
            operations.reopen_row(row.pk, by=SYSTEM, at=at)
            Row.objects.filter(pk=row.pk).update(digest=thing.digest)
        elif row.digest != thing.digest:
            _look_again(row, definition, thing, at=at)
        else:
            continue
        count += 1
    for key in held.keys() - things.keys():
        row = held[key]
        if row.state == RowState.OPEN and not row.actions.filter(state=ActionState.OPEN, due="").exists():
            outcome = definition.outcomes[0].code if definition.outcomes else ""
            operations.close_row(row.pk, outcome=outcome, words=_("It is no longer there."), by=SYSTEM, at=at)
            Row.objects.filter(pk=row.pk).update(digest=GONE)
            count += 1
    return count


def _look_again(row: Row, definition: Definition, thing: Thing, *, at: datetime) -> None:
    """What it says was changed: whatever is checked again and again falls due soon, unless it is due sooner."""
    row.digest = thing.digest
    row.save(update_fields=["digest"])
    due_on = council_date(at) + NEWLY_CHANGED
    for rule in definition.dues:
        if not rule.again_days:
            continue
        held = Action.objects.filter(row=row, due=rule.code, state=ActionState.OPEN).first()
        if held is not None and held.due_on > due_on:
            falling_due.bring_forward(held, due_on, at=at)
    falling_due.set_next(row)
