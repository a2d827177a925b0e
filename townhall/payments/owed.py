"""How much of a charge is to be paid at a moment, and how references are compared."""

from __future__ import annotations

from datetime import datetime

from townhall.core.money import Pence
from townhall.core.time import council_date
from townhall.payments.models import Charge


def reference_key(reference: str) -> str:
    """The capitals and digits of a reference, as it is looked for."""
    return "".join(one for one in reference.upper() if one.isalnum() and one.isascii())


def has_discount(charge: Charge, *, at: datetime) -> bool:
    """Until the end of the discount's last day, in London."""
    return charge.discount_until is not None and charge.discount_pence > 0 and council_date(at) <= charge.discount_until


def owed_pence(charge: Charge, *, at: datetime) -> Pence:
    return Pence(charge.amount_pence - (charge.discount_pence if has_discount(charge, at=at) else 0))
