"""The steps of choosing a time, as both doors take them: what was typed in, what to say or where to go next out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from townhall.core.actors import Actor
from townhall.core.errors import BadInput, RuleBroken
from townhall.forms.typed import clean_line, clean_text
from townhall.housing import operations, queries
from townhall.housing.models import Repair, Visit
from townhall.housing.queries import Day
from townhall.housing.states import VisitState


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """`visit`: it worked. Else the times as they are now, and what to say."""

    visit: Visit | None = None
    days: Sequence[Day] | None = None
    chosen: str = ""
    problem: str = ""


@dataclass(frozen=True, kw_only=True)
class Confirmed:
    """`visit` with its new state; or None with what was wrong. `is_gone`: choose again."""

    visit: Visit | None = None
    problems: Mapping[str, str] = field(default_factory=dict)
    is_gone: bool = False


def choose(repair: Repair, slot_id: str, *, by: Actor, at: datetime) -> Chosen:
    """Hold the time that was chosen. One that somebody else took is said, with the times that are left."""
    days = queries.free_times(repair, at=at)
    if days is None:
        return Chosen(days=None)
    slot = queries.slot_named(days, slot_id)
    if slot is None:
        problem = str(operations.TimeGone.user_message) if slot_id else _("Select a time")
        return Chosen(days=days, problem=problem)
    try:
        return Chosen(visit=operations.hold(repair.pk, slot, by=by, at=at))
    except operations.TimeGone as error:
        return Chosen(days=queries.free_times(repair, at=at), problem=str(error))
    except operations.SystemAway:
        return Chosen(days=None)
    except RuleBroken as error:
        return Chosen(days=days, chosen=slot_id, problem=str(error))


def typed_of(given: Mapping[str, str], repair: Repair, last: Visit | None) -> dict[str, object]:
    """What the page of the check shows: as typed, else as told before."""
    if given:
        return {
            "access": clean_text(given.get("access", ""))[:2_000],
            "phone": clean_line(given.get("phone", ""))[:40],
            "by_text": bool(given.get("by_text")),
        }
    return {
        "access": last.access if last else "",
        "phone": repair.phone,
        "by_text": last.by_text if last else bool(repair.phone and not repair.email),
    }


def confirm(visit_id: UUID, typed: Mapping[str, object], *, by: Actor, at: datetime) -> Confirmed:
    try:
        visit = operations.confirm(
            visit_id,
            access=str(typed["access"]),
            phone=str(typed["phone"]),
            by_text=bool(typed["by_text"]),
            by=by,
            at=at,
        )
    except operations.TimeGone:
        return Confirmed(is_gone=True)
    except BadInput as error:
        return Confirmed(problems=error.problems)
    except RuleBroken as error:
        return Confirmed(problems={"": str(error)})
    return Confirmed(visit=visit)


def said_of(visit: Visit | None) -> str:
    """The word by which the next page says what happened."""
    return "waiting" if visit is not None and visit.state == VisitState.CONFIRMING else "booked"


def cancelled(repair: Repair, needed: str, *, by: Actor, at: datetime) -> str:
    """Call it off; what was wrong, or nothing."""
    if needed not in ("yes", "no"):
        return _("Select yes if the repair is still needed")
    try:
        operations.cancel(repair.pk, is_needed=needed == "yes", by=by, at=at)
    except RuleBroken as error:
        return str(error)
    return ""
