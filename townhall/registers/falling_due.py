"""When something falls due about a row: by its register's rules, its own dates, or because somebody said so."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Min

from townhall.clocks import operations as clocks
from townhall.core.actors import SYSTEM, Actor
from townhall.core.time import council_date
from townhall.ledger import operations as ledger
from townhall.registers.definition import Definition, Due
from townhall.registers.models import Action, Row
from townhall.registers.states import ActionState, RowState
from townhall.registers.typed import next_of

CLOCK = "register.action"


def begin(
    row: Row, *, due: str, title: str, due_on: date, owner_post_id: UUID | None, by: Actor, at: datetime
) -> Action:
    """Set an action and start its clock, in the caller's transaction."""
    action = Action.objects.create(row=row, due=due, title=title, owner_post_id=owner_post_id, due_on=due_on, set_at=at)
    clocks.start(CLOCK, about=action.subject, at=at, due_on=due_on)
    data: dict[str, object] = {"row": str(row.pk), "due": due, "due_on": due_on.isoformat()}
    ledger.record("register_action.set", about=action.subject, by=by, at=at, data=data)
    set_next(row)
    return action


def keep_dates(row: Row, definition: Definition, *, at: datetime) -> None:
    """Set what the register asks for and is not there yet; move what hangs on a date that was changed."""
    held = {one.due: one for one in row.actions.filter(state=ActionState.OPEN).exclude(due="")}
    done = set(row.actions.filter(state=ActionState.DONE).exclude(due="").values_list("due", flat=True))
    for rule in definition.dues:
        due_on = _first(rule, row, definition, at=at)
        action = held.get(rule.code)
        if rule.code in done and rule.again_days:
            due_on = council_date(at) + timedelta(days=rule.again_days)
        if action is None and due_on is not None and (rule.code not in done or rule.on_field or rule.again_days):
            if not _was_ended_for(row, rule, due_on):
                _ask(row, rule, due_on, at=at)
        elif action is not None and rule.on_field and due_on != action.due_on:
            _move(row, action, rule, due_on, at=at)
    set_next(row)


def after(row: Row, definition: Definition, action: Action, *, at: datetime) -> None:
    """What follows when an action ended: the same again, where the register asks for that."""
    rule = definition.due(action.due)
    if rule is None or row.state != RowState.OPEN:
        set_next(row)
        return
    field = definition.field(rule.on_field) if rule.on_field else None
    if field is not None and field.kind == "yearly":
        value = row.values.get(rule.on_field)
        passed = max(action.due_on + timedelta(days=rule.before_days), council_date(at))
        following = next_of(value, after=passed) - timedelta(days=rule.before_days) if value else None
    else:
        following = council_date(at) + timedelta(days=rule.again_days) if rule.again_days else None
    if following is not None:
        _ask(row, rule, following, at=at)
    set_next(row)


def _ask(row: Row, rule: Due, due_on: date, *, at: datetime) -> None:
    owner = row.owner_post_id
    begin(row, due=rule.code, title=rule.title, due_on=due_on, owner_post_id=owner, by=SYSTEM, at=at)


def _first(rule: Due, row: Row, definition: Definition, *, at: datetime) -> date | None:
    """When a rule falls due for a row as it is now; None while its field is empty."""
    if rule.after_days is not None:
        return max(council_date(row.opened_at) + timedelta(days=rule.after_days), council_date(at))
    value, field = row.values.get(rule.on_field), definition.field(rule.on_field)
    if not value or field is None:
        return None
    on = next_of(value, after=council_date(at)) if field.kind == "yearly" else date.fromisoformat(value)
    return on - timedelta(days=rule.before_days)


def _was_ended_for(row: Row, rule: Due, due_on: date) -> bool:
    """Whether somebody ended a dated action for this very day: it does not come back when another field is changed.

    What ended with its row has no words, and comes back with the row.
    """
    if not rule.on_field:
        return False
    ended = row.actions.filter(due=rule.code, due_on=due_on).exclude(state=ActionState.OPEN)
    return ended.exclude(state=ActionState.DROPPED, words="").exists()


def _move(row: Row, action: Action, rule: Due, due_on: date | None, *, at: datetime) -> None:
    clocks.stop(CLOCK, about=action.subject, at=at)
    if due_on is None:
        action.state, action.ended_at, action.ended_by = ActionState.DROPPED, at, SYSTEM.id
        action.save(update_fields=["state", "ended_at", "ended_by"])
        ledger.record("register_action.dropped", about=action.subject, by=SYSTEM, at=at, data={"due": rule.code})
        return
    _due_anew(action, due_on, at=at)


def bring_forward(action: Action, due_on: date, *, at: datetime) -> None:
    clocks.stop(CLOCK, about=action.subject, at=at)
    _due_anew(action, due_on, at=at)


def _due_anew(action: Action, due_on: date, *, at: datetime) -> None:
    action.due_on, action.escalated_at = due_on, None
    action.save(update_fields=["due_on", "escalated_at"])
    clocks.start(CLOCK, about=action.subject, at=at, due_on=due_on)
    data: dict[str, object] = {"due": action.due, "due_on": due_on.isoformat()}
    ledger.record("register_action.moved", about=action.subject, by=SYSTEM, at=at, data=data)


def set_next(row: Row) -> None:
    found = row.actions.filter(state=ActionState.OPEN).aggregate(next=Min("due_on"))
    if row.next_due_on != found["next"]:
        row.next_due_on = found["next"]
        row.save(update_fields=["next_due_on"])
