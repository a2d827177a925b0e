"""Paying something of an account, and what other apps' news means for one."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from townhall.connectors import operations as connectors
from townhall.connectors.events import StatusEventReceived
from townhall.core.actors import Actor, ActorKind
from townhall.core.db import execute
from townhall.core.errors import BadInput, NotFound
from townhall.core.money import Pence
from townhall.core.subjects import Subject
from townhall.payments import operations as payments
from townhall.payments.events import ChargePaid
from townhall.payments.models import Charge
from townhall.payments.owed import reference_key
from townhall.payments.states import ChargeState
from townhall.standing import kinds, queries
from townhall.standing.kinds import Kind

SOURCE = "standing"
MOST = Pence(1_000_000)
_FORGOTTEN_AT_ONCE = 1_000


@transaction.atomic
def pay(customer_id: UUID, kind: Kind, number: str, *, pence: Pence, key: str, by: Actor, at: datetime) -> Charge:
    """A charge of this much on an account, for its payment to follow. The same `key` is one charge.

    Raises NotFound for a number that is not the customer's, BadInput.
    """
    held = queries.owned(customer_id, kind, number, at=at)
    if held is None or not kind.service:
        raise NotFound
    if not 0 < pence <= MOST:
        raise BadInput({"amount": _("Enter an amount between 1p and £10,000")})
    return payments.owe(
        payments.Owed(
            kind=payments.kind_of_service(kind.service, str(kind.title)),
            reference=held,
            description=_("Payment to %(what)s") % {"what": str(kind.title).lower()},
            amount_pence=pence,
            customer_id=customer_id,
            source=SOURCE,
            key=f"{kind.code}:{customer_id}:{key}",
        ),
        by=by,
        at=at,
    )


def heard_paid(event: ChargePaid) -> None:
    """What was paid on an account is told to the system that keeps it, in the payment's transaction: once."""
    charge = Charge.objects.filter(pk=event.charge_id, source=SOURCE).first()
    kind = kinds.kind_of(charge.source_key.partition(":")[0]) if charge else None
    if charge is None or kind is None:
        return
    connectors.deliver(
        kind.target,
        kind="account.paid",
        payload={"account": charge.reference, "pence": charge.amount_pence, "payment": str(event.payment_id)},
        about=Subject(kind="charge", id=charge.pk),
        key=f"paid-{event.payment_id}",
        at=event.at,
    )


def heard_status(event: StatusEventReceived) -> None:
    """A Direct Debit was set up: what is still to pay on that account goes by it, so nobody is reminded of it."""
    told = event.data.get("direct_debit")
    number = reference_key(str(told.get("account", ""))) if isinstance(told, dict) else ""
    codes = [one.service for one in kinds.every() if one.target == event.source and one.service]
    if event.status != "completed" or not number or not codes:
        return
    by = Actor(kind=ActorKind.CONNECTOR, id=event.source)
    rows = Charge.objects.filter(
        reference_key=number, kind__service_code__in=codes, state=ChargeState.OPEN, by_direct_debit=False
    )
    for charge in rows.order_by("pk")[:50]:
        payments.change_charge(charge.pk, due_on=charge.due_on, by_direct_debit=True, by=by, at=event.at)


def forget(at: datetime) -> int:
    """What was kept for its day goes."""
    return execute(
        """DELETE FROM standing_lastknown WHERE id IN
             (SELECT id FROM standing_lastknown WHERE forget_at <= %s ORDER BY forget_at LIMIT %s)""",
        (at, _FORGOTTEN_AT_ONCE),
    )
