"""An amount of money as people type it."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from townhall.core.errors import BadInput
from townhall.core.money import Pence


def pence_of(typed: str) -> Pence:
    """`£1,250.00` is 125000. Raises BadInput."""
    try:
        amount = Decimal(typed.replace("£", "").replace(",", "").strip()) * 100
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or amount != amount.to_integral_value() or abs(amount) > 10**9:
        raise BadInput({"amount": _("Enter an amount of money, like 12.50")})
    return Pence(int(amount))
