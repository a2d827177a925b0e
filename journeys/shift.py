"""Who rings during an adviser's shift, and what is said of them beforehand."""

from __future__ import annotations

import random
import secrets
from dataclasses import dataclass

from journeys.council import Council, an_address

_CALLERS = """
from datetime import timedelta
from townhall.core.actors import SYSTEM
from townhall.core.money import Pence
from townhall.core.time import council_date, now
from townhall.customers import operations as customers
from townhall.customers.operations import NewCustomer
from townhall.payments import operations as payments
from townhall.payments.operations import Owed
from townhall.places import queries as places
home = places.find("4 mill lane", addresses_only=True)[0].code
made = [customers.create(NewCustomer(name=name, uprn=home, phone=phone, email=email), by=SYSTEM, at=now())
        for name, phone, email in people]
payments.owe(Owed(kind="parking-permit", reference=reference, description="Permit, one year", amount_pence=Pence(8_500),
                  customer_id=made[0].pk, payer_name=people[0][0], due_on=council_date(now()) + timedelta(days=9),
                  source="journey", key=reference), by=SYSTEM, at=now())
"""


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Somebody whom the council knows."""

    name: str
    phone: str
    email: str


@dataclass(frozen=True, kw_only=True)
class Callers:
    """Those of one shift. `bill`: the reference of what the first of them owes, £85."""

    people: list[Caller]
    bill: str


def callers(council: Council, *first_names: str) -> Callers:
    """Each with a surname that nobody had before, so that the look-up finds one."""
    people = []
    for first in first_names:
        surname = secrets.token_hex(4).translate(str.maketrans("0123456789", "ghijklmnop")).title()
        phone = f"07700 9{random.randrange(100_000):05}"
        people.append(Caller(name=f"{first} {surname}", phone=phone, email=an_address(first.lower())))
    bill = f"PP{random.randrange(10**8):08}"
    given = [(one.name, one.phone, one.email) for one in people]
    council.run("manage", "shell", "-v0", "-c", f"people = {given!r}\nreference = {bill!r}\n{_CALLERS}")
    return Callers(people=people, bill=bill)
