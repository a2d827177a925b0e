"""What somebody owes: posting it, once however often it is sent, holding it, changing and cancelling it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from townhall.core.actors import Actor
from townhall.core.errors import BadInput
from townhall.core.events import publish
from townhall.core.money import Pence
from townhall.core.subjects import Subject
from townhall.ledger import operations as ledger
from townhall.payments.events import ChargePosted
from townhall.payments.models import Charge, ChargeKind
from townhall.payments.operations.locking import locked_charge
from townhall.payments.owed import reference_key
from townhall.payments.states import ChargeState, check_charge_move

NOTHING = Pence(0)
MOST = Pence(10_000_000)  # what the provider takes at once


@dataclass(frozen=True, kw_only=True)
class Owed:
    """What a system says that somebody owes. `key`: its own name for it, so that twice is once."""

    kind: str
    reference: str
    description: str
    amount_pence: Pence
    source: str
    key: str
    discount_pence: Pence = NOTHING
    discount_until: date | None = None
    due_on: date | None = None
    payer_name: str = ""
    payer_email: str = ""
    customer_id: UUID | None = None
    site_code: str = ""
    subject: Subject | None = None
    by_direct_debit: bool = False


@transaction.atomic
def owe(owed: Owed, *, by: Actor, at: datetime) -> Charge:
    """Post a charge. The same source and key again gives the first one. Raises BadInput."""
    _check(owed)
    made = Charge(
        kind_id=owed.kind,
        reference=owed.reference.strip(),
        reference_key=reference_key(owed.reference),
        description=owed.description.strip(),
        amount_pence=owed.amount_pence,
        discount_pence=owed.discount_pence,
        discount_until=owed.discount_until,
        due_on=owed.due_on,
        by_direct_debit=owed.by_direct_debit,
        payer_name=owed.payer_name,
        payer_email=owed.payer_email,
        customer_id=owed.customer_id,
        site_code=owed.site_code,
        source=owed.source,
        source_key=owed.key,
        subject_kind=owed.subject.kind if owed.subject else "",
        subject_id=owed.subject.id if owed.subject else None,
        created_at=at,
    )
    Charge.objects.bulk_create([made], ignore_conflicts=True)
    charge = Charge.objects.get(source=owed.source, source_key=owed.key)
    if charge.pk == made.pk:
        _record("charge.posted", charge, by=by, at=at, kind=owed.kind, pence=owed.amount_pence)
        publish(ChargePosted(charge_id=charge.pk, customer_id=charge.customer_id, at=at))
    return charge


def kind_of_service(service_code: str, name: str) -> str:
    """The kind of charge of a service, made when the council has none for it yet; its code."""
    known = ChargeKind.objects.filter(pk=service_code).values_list("pk", flat=True).first()
    known = known or ChargeKind.objects.filter(service_code=service_code).values_list("pk", flat=True).first()
    if known is None:
        known = ChargeKind.objects.get_or_create(
            code=service_code, defaults={"name": name, "service_code": service_code, "order": 100}
        )[0].pk
    return known


@transaction.atomic
def change_charge(
    charge_id: UUID,
    *,
    by: Actor,
    at: datetime,
    due_on: date | None,
    discount_until: date | None = None,
    by_direct_debit: bool | None = None,
) -> Charge:
    """Give a charge other dates; or pay it by direct debit from now on, or no longer. Raises NotFound."""
    charge = locked_charge(charge_id)
    charge.due_on = due_on
    if charge.discount_pence:
        charge.discount_until = discount_until or charge.discount_until
    if by_direct_debit is not None:
        charge.by_direct_debit = by_direct_debit
    charge.save(update_fields=["due_on", "discount_until", "by_direct_debit"])
    _record("charge.changed", charge, by=by, at=at, due_on=due_on.isoformat() if due_on else "")
    return charge


def hold(charge_id: UUID, *, by: Actor, at: datetime) -> Charge:
    """Nothing has to be paid while somebody looks into it. Raises NotFound, WrongState."""
    return _move(charge_id, ChargeState.HELD, "charge.held", by=by, at=at)


def release(charge_id: UUID, *, by: Actor, at: datetime) -> Charge:
    """It has to be paid after all. Raises NotFound, WrongState."""
    return _move(charge_id, ChargeState.OPEN, "charge.released", by=by, at=at)


def cancel_charge(charge_id: UUID, *, by: Actor, at: datetime) -> Charge:
    """It is no longer owed. Raises NotFound, WrongState when it was paid."""
    return _move(charge_id, ChargeState.CANCELLED, "charge.cancelled", by=by, at=at)


@transaction.atomic
def _move(charge_id: UUID, to: ChargeState, verb: str, *, by: Actor, at: datetime) -> Charge:
    charge = locked_charge(charge_id)
    check_charge_move(ChargeState(charge.state), to)
    charge.state, charge.closed_at = to, at if to is ChargeState.CANCELLED else None
    charge.save(update_fields=["state", "closed_at"])
    _record(verb, charge, by=by, at=at)
    return charge


def _check(owed: Owed) -> None:
    problems = {}
    if not ChargeKind.objects.filter(pk=owed.kind).exists():
        problems["kind"] = _("There is no charge of this kind")
    if not 0 < owed.amount_pence <= MOST or not 0 <= owed.discount_pence < owed.amount_pence:
        problems["amount"] = _("The amount must be more than nothing and at most £100,000")
    if owed.discount_pence and owed.discount_until is None:
        problems["discount"] = _("A discount needs its last day")
    if len(reference_key(owed.reference)) < 3:
        problems["reference"] = _("The reference needs at least three letters and digits")
    if not owed.description.strip():
        problems["description"] = _("Say what it is for")
    if problems:
        raise BadInput(problems)


def _record(verb: str, charge: Charge, *, by: Actor, at: datetime, **data: object) -> None:
    ledger.record(verb, about=charge.subject, by=by, at=at, customer_id=charge.customer_id, data=data)
