"""Repairs and their visits: choosing a time, changing it, calling it off. The housing system is asked between transactions only."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from townhall.cases import operations as cases
from townhall.cases.events import CaseOpened
from townhall.cases.models import OPEN_STATES, Case
from townhall.connectors.contracts import slots
from townhall.connectors.contracts.slots import Slot
from townhall.connectors.protocol import LookUpFailed, Refused
from townhall.core.actors import Actor
from townhall.core.cards import refuse_card_numbers
from townhall.core.errors import BadInput, NotFound, RuleBroken, WrongState
from townhall.core.ids import uuid7
from townhall.forms import queries as forms
from townhall.housing import diagnosis, settling, telling
from townhall.housing.locking import locked_repair, locked_visit
from townhall.housing.models import Repair, Visit
from townhall.housing.queries import TARGET, is_open
from townhall.housing.states import VisitState, check_move
from townhall.ledger import operations as ledger
from townhall.notifications.recipients import phone_number

LONGEST = 500  # characters of how to get in
SURE_FOR = timedelta(seconds=20)  # of a hold that is about to end, for the booking to arrive


class TimeGone(RuleBroken):
    user_message = _("Somebody else took that time a moment ago. Choose another.")


class SystemAway(RuleBroken):
    user_message = _("The housing system does not answer just now. Your request is safe. Try again in a few minutes.")


def heard_opened(event: CaseOpened) -> None:
    """The form of a repair was sent in: what it found is kept, in the same transaction."""
    if event.form_code != diagnosis.rules().form:
        return
    found = diagnosis.diagnosed(forms.submission(event.case_id).answers)
    if found is None:
        return
    case = Case.objects.get(pk=event.case_id)
    teller = case.follower_rows.filter(is_reporter=True).first()
    Repair.objects.bulk_create(
        [
            Repair(
                case_id=case.pk,
                reference=case.reference,
                customer_id=case.customer_id,
                problem=found.problem,
                trade=found.need.trade,
                urgency=found.need.urgency,
                name=teller.name if teller else "",
                email=teller.email if teller else "",
                phone=teller.phone if teller else "",
                address=case.address,
                made_at=event.at,
            )
        ],
        ignore_conflicts=True,
    )


def hold(repair_id: UUID, slot: Slot, *, by: Actor, at: datetime) -> Visit:
    """Have the housing system keep a time for some minutes, while the rest is asked. Never inside a transaction.

    Raises NotFound, WrongState when the repair is over, TimeGone, SystemAway.
    """
    visit = _ask_for(repair_id, slot, by=by, at=at)
    try:
        got = slots.hold(TARGET, slot.id, key=str(visit.pk), at=at)
    except (LookUpFailed, NotFound, KeyError) as error:
        _end(visit.pk, at=at)  # if it was made all the same, it goes by itself
        raise SystemAway from error
    if isinstance(got, Refused):
        _end(visit.pk, at=at)
        raise TimeGone
    with transaction.atomic():
        visit = Visit.objects.select_for_update().get(pk=visit.pk)
        check_move(VisitState(visit.state), VisitState.HELD)
        visit.state, visit.hold, visit.held_until, visit.changed_at = VisitState.HELD, got.id, got.until, at
        visit.save(update_fields=["state", "hold", "held_until", "changed_at"])
    return visit


def confirm(visit_id: UUID, *, access: str, phone: str, by_text: bool, by: Actor, at: datetime) -> Visit:
    """Book a time that is held. Sent twice, it is booked once. Never inside a transaction.

    The visit comes back booked; or still being confirmed when the housing system gave no answer: it is asked again until it does.
    Raises NotFound, BadInput, WrongState, TimeGone.
    """
    visit = _confirming(visit_id, access=access.strip(), phone=phone.strip(), by_text=by_text, by=by, at=at)
    if visit.state == VisitState.CONFIRMING:
        visit = settling.settle(visit.pk, at=at)
    if visit.state == VisitState.GONE:
        raise TimeGone
    return visit


def cancel(repair_id: UUID, *, is_needed: bool, by: Actor, at: datetime) -> Visit | None:
    """Call off the visit that is booked; with `is_needed` False the repair itself as well. Never inside a transaction.

    Raises NotFound, WrongState when a time is just being confirmed.
    """
    with transaction.atomic():
        repair = locked_repair(repair_id)
        if repair.visits.filter(state=VisitState.CONFIRMING).exists():
            raise WrongState(_("A time is just being confirmed. Try again in a minute."))
        visit = repair.visits.select_for_update().filter(state=VisitState.BOOKED).first()
        if visit is not None:
            settling.move(visit, VisitState.CANCELLING, by=by, at=at, next_try_at=at)
            telling.cancelled(repair, visit, is_needed=is_needed, at=at)
        if not is_needed:
            _withdraw(repair, by=by, at=at)
    return settling.settle(visit.pk, at=at) if visit is not None else None


@transaction.atomic
def _ask_for(repair_id: UUID, slot: Slot, *, by: Actor, at: datetime) -> Visit:
    repair = locked_repair(repair_id)
    if not is_open(repair):
        raise WrongState(_("This repair is over. Ask for it again if it is not right."))
    if repair.visits.filter(state=VisitState.CONFIRMING).exists():
        raise WrongState(_("A time is just being confirmed. Try again in a minute."))
    return Visit.objects.create(
        id=uuid7(),
        repair=repair,
        slot=slot.id,
        on=slot.on,
        begins=time.fromisoformat(slot.begins),
        ends=time.fromisoformat(slot.ends),
        replaces=repair.visits.filter(state=VisitState.BOOKED).first(),
        made_at=at,
        changed_at=at,
    )


@transaction.atomic
def _confirming(visit_id: UUID, *, access: str, phone: str, by_text: bool, by: Actor, at: datetime) -> Visit:
    visit = locked_visit(visit_id)
    if visit.state in (VisitState.CONFIRMING, VisitState.BOOKED):  # a second click
        return visit
    _check(access, phone, by_text)
    if visit.state != VisitState.HELD or visit.held_until is None or visit.held_until < at + SURE_FOR:
        if visit.state in (VisitState.HOLDING, VisitState.HELD):
            settling.move(visit, VisitState.GONE, by=by, at=at)
        if visit.state != VisitState.GONE:
            raise WrongState
        return visit
    repair = visit.repair
    if repair.visits.filter(state=VisitState.CONFIRMING).exists():
        raise WrongState(_("Another time is just being confirmed."))
    if phone and phone != repair.phone:
        repair.phone = phone
        repair.save(update_fields=["phone"])
    visit.access, visit.by_text = access, by_text
    visit.replaces = repair.visits.filter(state=VisitState.BOOKED).first()
    visit.save(update_fields=["access", "by_text", "replaces"])
    settling.move(visit, VisitState.CONFIRMING, by=by, at=at, next_try_at=at)
    return visit


def _check(access: str, phone: str, by_text: bool) -> None:
    problems = {}
    if len(access) > LONGEST:
        problems["access"] = _("Use at most %(most)s characters") % {"most": LONGEST}
    if (phone or by_text) and not phone_number(phone):
        problems["phone"] = _("Enter a phone number, like 07700 900982")
    if problems:
        raise BadInput(problems)
    refuse_card_numbers(access=access)


@transaction.atomic
def _end(visit_id: UUID, *, at: datetime) -> None:
    Visit.objects.filter(pk=visit_id, state=VisitState.HOLDING).update(state=VisitState.GONE, changed_at=at)


def _withdraw(repair: Repair, *, by: Actor, at: datetime) -> None:
    """Not needed any more: whoever asked takes it back, where nobody else waits for it."""
    case = Case.objects.get(pk=repair.case_id)
    follower = case.follower_rows.filter(is_reporter=True, ended_at=None).first()
    if follower is not None and case.state in OPEN_STATES:
        cases.withdraw_own(follower.pk, by=by, at=at)
    ledger.record("repair.not_needed", about=repair.subject, by=by, at=at, case_id=repair.case_id)
