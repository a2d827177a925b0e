"""One lock for all that happens to one charge: its row. Payments and refunds are changed under it only."""

from __future__ import annotations

from uuid import UUID

from townhall.core.errors import NotFound
from townhall.payments.models import Charge, Payment


def locked_charge(charge_id: UUID) -> Charge:
    """Raises NotFound."""
    charge = Charge.objects.select_for_update().filter(pk=charge_id).first()
    if charge is None:
        raise NotFound
    return charge


def locked_payment(payment_id: UUID) -> tuple[Charge, Payment]:
    """The payment as it is once its charge is locked. Raises NotFound."""
    charge_id = Payment.objects.filter(pk=payment_id).values_list("charge_id", flat=True).first()
    if charge_id is None:
        raise NotFound
    charge = locked_charge(charge_id)
    return charge, Payment.objects.get(pk=payment_id)
