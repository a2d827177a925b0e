"""What a holder does with an issued permit: another vehicle, or giving it up. The same at the desk, for somebody."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from townhall.core.actors import Actor
from townhall.core.errors import BadInput, WrongState
from townhall.core.money import Pence
from townhall.core.time import council_date
from townhall.payments import operations as payments
from townhall.payments.owed import reference_key
from townhall.permits import pricing
from townhall.permits.issuing import CHARGE_KIND, cancel_charges, cancel_charges_of, locked, record, take_vehicle, tell
from townhall.permits.models import Band, Permit, Vehicle
from townhall.permits.refunds import give_back
from townhall.permits.states import State, check_move

LONGEST_MARK = 10


def extra_for(permit: Permit, band: str, *, at: datetime) -> Pence:
    """What another engine costs for the months not begun yet; nothing when it is cheaper, and nothing goes back then. Two queries."""
    today = council_date(at)
    now_there = permit.vehicles.get(from_at__isnull=False, until_at__isnull=True)
    old, new = (
        pricing.price(
            permit.zone_code,
            band=one,
            number=permit.place_in_home,
            months=permit.months,
            on=council_date(permit.asked_at),
        )
        for one in (now_there.band, band)
    )
    return Pence(max(new - old, 0) * pricing.months_not_begun(permit, on=today) // permit.months)


@transaction.atomic
def change_vehicle(permit_id: UUID, *, mark: str, band: str, by: Actor, at: datetime) -> Vehicle:
    """Have the permit for another vehicle: at once, or once what it costs is paid. A later change takes the place of an unpaid one.

    Raises NotFound, BadInput, WrongState for a permit that is over or not issued.
    """
    permit = locked(permit_id)
    mark = " ".join(mark.upper().split())
    problems = {}
    if len(reference_key(mark)) < 2 or len(mark) > LONGEST_MARK:
        problems["mark"] = _("Enter a registration number, like AB12 CDE")
    if band not in Band.values:
        problems["engine"] = _("Select the engine")
    if problems:
        raise BadInput(problems)
    _require_running(permit, at=at)
    now_there = permit.vehicles.get(from_at__isnull=False, until_at__isnull=True)
    if now_there.mark_key == reference_key(mark):
        raise BadInput({"mark": _("The permit is for this vehicle already")})
    _drop_unpaid_change(permit, at=at)
    change = Vehicle.objects.create(
        permit=permit,
        mark=mark,
        mark_key=reference_key(mark),
        band=band,
        extra_pence=extra_for(permit, band, at=at),
        asked_at=at,
    )
    record("permit.vehicle_asked", permit, by=by, at=at, vehicle=str(change.pk), pence=change.extra_pence)
    if change.extra_pence:
        payments.owe(
            payments.Owed(
                kind=payments.kind_of_service(CHARGE_KIND, _("Parking permit")),
                reference=permit.number,
                description=_("Another vehicle on permit %(number)s") % {"number": permit.number},
                amount_pence=Pence(change.extra_pence),
                source="permits",
                key=str(change.pk),
                payer_name=permit.holder_name,
                payer_email=permit.holder_email,
                customer_id=permit.customer_id,
                subject=change.subject,
            ),
            by=by,
            at=at,
        )
    else:
        take_vehicle(permit, change, by=by, at=at)
    return change


@transaction.atomic
def give_up(permit_id: UUID, *, by: Actor, at: datetime) -> Permit:
    """The holder does not need it any more. The fee of the months not begun yet goes back. Given up twice is once.

    Raises NotFound, WrongState for one that was never issued or has run out.
    """
    permit = locked(permit_id)
    if permit.state == State.GIVEN_UP:
        return permit
    _require_running(permit, at=at)
    check_move(State(permit.state), State.GIVEN_UP)
    permit.state, permit.ended_at, permit.end_reason = State.GIVEN_UP, at, _("Given up by the holder")
    permit.refund_pence = give_back(permit, refund_for(permit, at=at), reason=_("Permit given up"), at=at)
    permit.save(update_fields=["state", "ended_at", "end_reason", "refund_pence"])
    cancel_charges(permit, at=at)
    record("permit.given_up", permit, by=by, at=at, refund=permit.refund_pence)
    tell("permit/given_up", permit, at=at, key=f"permit-given-up-{permit.pk}", refund=Pence(permit.refund_pence))
    return permit


def refund_for(permit: Permit, *, at: datetime) -> Pence:
    """What goes back when it is given up now: of the fee, the part of the months not begun yet."""
    return Pence(permit.price_pence * pricing.months_not_begun(permit, on=council_date(at)) // permit.months)


def _require_running(permit: Permit, *, at: datetime) -> None:
    if permit.state != State.ISSUED or permit.ends_on is None or permit.ends_on < council_date(at):
        raise WrongState(_("This permit is not running any more."))


def _drop_unpaid_change(permit: Permit, *, at: datetime) -> None:
    """A change that nobody paid for is forgotten, and what it cost with it."""
    waiting = permit.vehicles.filter(from_at__isnull=True, until_at__isnull=True).first()
    if waiting is None:
        return
    waiting.until_at = at
    waiting.save(update_fields=["until_at"])
    cancel_charges_of(waiting.subject, at=at)
