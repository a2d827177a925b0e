"""Money is whole pence, and becomes text in one place."""

from __future__ import annotations

from typing import NewType

Pence = NewType("Pence", int)


def pounds(amount: Pence) -> str:
    """`pounds(Pence(125000))` is "£1,250.00"."""
    sign = "-" if amount < 0 else ""
    whole, rest = divmod(abs(amount), 100)
    return f"{sign}£{whole:,}.{rest:02d}"
