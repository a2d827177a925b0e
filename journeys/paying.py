"""What somebody owes, for a journey, and the pretend provider's page."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from journeys.browsing import Resident
from journeys.council import Council

PROVIDER = "Pretend payment page"
_OWES = """
from datetime import timedelta
from townhall.core.actors import SYSTEM
from townhall.core.time import council_date, now
from townhall.customers import operations as customers
from townhall.customers.operations import NewCustomer
from townhall.payments import operations as payments
from townhall.payments.operations import Owed
who = customers.create(NewCustomer(name=name), by=SYSTEM, at=now())
payments.owe(Owed(kind=kind, reference=reference, description="This month's instalment", amount_pence=pence, customer_id=who.pk,
                  payer_name=name, due_on=council_date(now()) + timedelta(days=9), source="journey", key=reference), by=SYSTEM, at=now())
print(who.pk)
"""
_NOTICE = """
from townhall.config.demo.money import _notice
from townhall.core.time import now
_notice(number, mark, "01", "Parked in a restricted street during prescribed hours", "High Street", at=now())
"""


@dataclass(frozen=True, kw_only=True)
class Bill:
    reference: str
    customer: str  # the id of their record


def bill(council: Council, *, kind: str, pence: int, name: str) -> Bill:
    """A bill of somebody new, posted by the operation."""
    reference = f"{secrets.randbelow(10**9):09d}"
    given = {"kind": kind, "reference": reference, "pence": pence, "name": name}
    return Bill(reference=reference, customer=_python(council, _OWES, given).split()[-1])


def notice(council: Council, *, mark: str) -> str:
    """A penalty notice with its pictures; its number."""
    number = f"AL{secrets.randbelow(10**8):08d}"
    _python(council, _NOTICE, {"number": number, "mark": mark})
    return number


def _python(council: Council, code: str, given: dict[str, object]) -> str:
    names = "".join(f"{name} = {value!r}\n" for name, value in given.items())
    return council.run("manage", "shell", "-v0", "-c", names + code).strip()


def to_provider(who: Resident, amount: str) -> None:
    """From the summary on to the provider's page."""
    who.press(f"Pay {amount}")
    who.look(PROVIDER)
    assert "/secure/" in who.page.url
