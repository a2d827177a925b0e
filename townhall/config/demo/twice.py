"""People of Aldermere who were written down twice: pairs for staff to decide on, and a couple who are left out."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from townhall.core.actors import SYSTEM
from townhall.customers import operations as customers
from townhall.customers.operations import NewCustomer

# Name, date of birth, email, phone, address.
TWICE = (
    ("Katherine Draycott", date(1968, 4, 9), "kate.draycott@example.org", "", "31 Harbour Row"),
    ("Kate Draycott", date(1968, 9, 4), "", "07700 900331", "31 Harbour Row"),
    ("Mohammed Sallow", date(1990, 12, 1), "m.sallow@example.org", "07700 900332", ""),
    ("Mo Sallow", date(1990, 12, 1), "", "07700 900332", "8 Mill Lane"),
    ("Elspeth Wainscot", date(1955, 7, 21), "", "01632 960333", "4 Ferry Steps"),
    ("Elspeth Wainscott", date(1955, 7, 21), "", "", "4 Ferry Steps"),
    ("Rory Fenwright", date(2001, 2, 14), "fenwrights@example.org", "", "17 Quay Street"),
    ("Isla Fenwright", date(2001, 2, 14), "fenwrights@example.org", "", "17 Quay Street"),  # twins
)


def load_twice(*, at: datetime) -> None:
    """Once, into a fresh demo. The worker compares them."""
    for number, (name, born, email, phone, address) in enumerate(TWICE):
        new = NewCustomer(name=name, date_of_birth=born, email=email, phone=phone, address=address)
        customers.create(new, by=SYSTEM, at=at - timedelta(days=90 - number))
