"""Getting the housing system's answer: at once while somebody waits, and by the worker until it comes. Asked again under the same key."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from uuid import UUID

import msgspec
import structlog
from django.db import transaction

from townhall.cases import operations as cases
from townhall.cases.models import Case
from townhall.cases.states import State
from townhall.connectors.contracts import slots
from townhall.connectors.contracts.slots import Booking, Slot
from townhall.connectors.events import AnnouncementReceived
from townhall.connectors.protocol import LookUpFailed, Refused
from townhall.core.actors import SYSTEM, Actor, ActorKind
from townhall.core.errors import NotFound
from townhall.core.time import council_date
from townhall.housing import telling
from townhall.housing.locking import locked_visit
from townhall.housing.models import Repair, Visit
from townhall.housing.queries import TARGET
from townhall.housing.states import NEXT, UNSETTLED, VisitState, check_move
from townhall.ledger import operations as ledger

log = structlog.get_logger(__name__)
BATCH = 20
_WAITS = (timedelta(seconds=15), timedelta(minutes=1), timedelta(minutes=5))  # the last again and again
ANNOUNCED = "housing.visit"


def move(visit: Visit, state: VisitState, *, by: Actor, at: datetime, next_try_at: datetime | None = None) -> None:
    """Move a locked visit on, with its ledger entry."""
    check_move(VisitState(visit.state), state)
    visit.state, visit.changed_at, visit.next_try_at, visit.tries = state, at, next_try_at, 0
    visit.save(update_fields=["state", "changed_at", "next_try_at", "tries"])
    _record(f"visit.{state.value}", visit, by=by, at=at, begins=visit.begins.isoformat("minutes"))


def sweep(at: datetime) -> int:
    """Ask again for what is open; how many got their answer."""
    due = Visit.objects.filter(state__in=UNSETTLED, next_try_at__lte=at).order_by("next_try_at", "id")
    ids = list(due.values_list("pk", flat=True)[:BATCH])
    return sum(settle(visit_id, at=at).state not in UNSETTLED for visit_id in ids)


def settle(visit_id: UUID, *, at: datetime) -> Visit:
    """Ask the housing system for its answer about one visit, and write that down. Never inside a transaction."""
    visit = Visit.objects.select_related("repair", "replaces").get(pk=visit_id)
    try:
        if visit.state == VisitState.CONFIRMING:
            return _booked(visit.pk, _book(visit, at=at), at=at)
        if visit.state == VisitState.CANCELLING:
            slots.release(TARGET, visit.booking, key=f"{visit.pk}-release", at=at)
            return _moved_on(visit.pk, VisitState.CANCELLED, at=at)
    except (LookUpFailed, NotFound, KeyError) as error:
        log.warning("visit.unsettled", visit_id=str(visit_id), error=type(error).__name__)
        return _later(visit.pk, at=at)
    return visit


def _book(visit: Visit, *, at: datetime) -> Booking | Refused:
    repair = visit.repair
    return slots.book(
        TARGET,
        visit.hold,
        details={
            "reference": repair.reference,
            "problem": repair.problem,
            "address": repair.address,
            "access": visit.access,
            "phone": repair.phone,
        },
        replaces=visit.replaces.booking if visit.replaces else "",
        key=f"{visit.pk}-book",
        at=at,
    )


@transaction.atomic
def _booked(visit_id: UUID, answer: Booking | Refused, *, at: datetime) -> Visit:
    visit = locked_visit(visit_id)
    if visit.state != VisitState.CONFIRMING:  # another process was faster
        return visit
    repair = visit.repair
    if isinstance(answer, Refused):
        move(visit, VisitState.GONE, by=SYSTEM, at=at)
        telling.gone(repair, visit, at=at)
        return visit
    earlier = repair.visits.select_for_update().filter(state=VisitState.BOOKED).first()
    if earlier is not None:
        earlier.repair = repair
        move(earlier, VisitState.REPLACED, by=SYSTEM, at=at)
        telling.forget_reminder(earlier, at=at)
    visit.booking = answer.id
    visit.save(update_fields=["booking"])
    move(visit, VisitState.BOOKED, by=SYSTEM, at=at)
    _date_case(repair, visit, at=at)
    telling.booked(repair, visit, was=earlier, at=at)
    return visit


@transaction.atomic
def _moved_on(visit_id: UUID, state: VisitState, *, at: datetime) -> Visit:
    visit = locked_visit(visit_id)
    if state in NEXT[VisitState(visit.state)]:
        move(visit, state, by=SYSTEM, at=at)
    return visit


@transaction.atomic
def _later(visit_id: UUID, *, at: datetime) -> Visit:
    visit = locked_visit(visit_id)
    if visit.state in UNSETTLED:
        visit.next_try_at = at + _WAITS[min(visit.tries, len(_WAITS) - 1)]
        visit.tries += 1
        visit.save(update_fields=["next_try_at", "tries"])
    return visit


def _date_case(repair: Repair, visit: Visit, *, at: datetime) -> None:
    """The case is taken on, and has the date of the visit."""
    case = Case.objects.select_for_update().get(pk=repair.case_id)
    if visit.on < council_date(at):
        return
    if case.state == State.AWAITING_DECISION:
        cases.accept(case.pk, scheduled_on=visit.on, by=SYSTEM, at=at)
    elif case.state == State.ACCEPTED:
        cases.schedule(case.pk, on=visit.on, by=SYSTEM, at=at)


def announced(event: AnnouncementReceived) -> None:
    """The housing system tells of a visit: moved by its planners, under way, done, or nobody was in. In the event's transaction."""
    if event.kind != ANNOUNCED or event.source != TARGET:
        return
    told = event.data.get("visit")
    found = Visit.objects.filter(booking=str(told.get("id", ""))).first() if isinstance(told, dict) else None
    if found is None or not isinstance(told, dict) or not found.booking:
        return
    visit = locked_visit(found.pk)
    if visit.state != VisitState.BOOKED:
        return
    by = Actor(kind=ActorKind.CONNECTOR, id=event.source)
    match told.get("status"):
        case "on_way":
            telling.on_way(visit.repair, visit, at=event.at)
        case "done":
            move(visit, VisitState.DONE, by=by, at=event.at)
            telling.forget_reminder(visit, at=event.at)
        case "no_access":
            move(visit, VisitState.MISSED, by=by, at=event.at)
            telling.missed(visit.repair, visit, at=event.at)
        case "released":
            move(visit, VisitState.CANCELLED, by=by, at=event.at)
            telling.cancelled(visit.repair, visit, is_needed=True, at=event.at)
        case _:
            _new_time(visit, told.get("slot"), by=by, at=event.at)


def _new_time(visit: Visit, slot: object, *, by: Actor, at: datetime) -> None:
    try:
        new = msgspec.convert(slot, type=Slot)
    except msgspec.ValidationError:
        return
    if new.id == visit.slot:
        return
    was = Visit(on=visit.on, begins=visit.begins, ends=visit.ends)
    visit.slot, visit.on = new.id, new.on
    visit.begins, visit.ends = time.fromisoformat(new.begins), time.fromisoformat(new.ends)
    visit.changed_at = at
    visit.save(update_fields=["slot", "on", "begins", "ends", "changed_at"])
    repair = visit.repair
    _record("visit.moved", visit, by=by, at=at, was=was.on.isoformat())
    _date_case(repair, visit, at=at)
    telling.moved(repair, visit, was=was, at=at)


def _record(verb: str, visit: Visit, *, by: Actor, at: datetime, **data: str) -> None:
    repair = visit.repair
    ledger.record(
        verb,
        about=visit.subject,
        by=by,
        at=at,
        case_id=repair.case_id,
        customer_id=repair.customer_id,
        data={"on": visit.on.isoformat(), **data},
    )
