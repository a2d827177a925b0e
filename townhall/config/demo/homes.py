"""A tenant, a leaseholder and a reader of Aldermere, known to the stand-ins by their numbers; and a repair that waits for a time."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from townhall.cases.operations.from_form import SentForm, open_from_form
from townhall.core.actors import PUBLIC, SYSTEM
from townhall.customers import operations as customers
from townhall.customers.operations import NewCustomer
from townhall.forms import queries as forms
from townhall.places import queries as places

TENANT, RENT = "Thea Tenantley", "R4410021"  # to try out
HOME = "2 Mill Lane"
_NUMBERS: Final = {"rent": RENT, "council_tax": "70001235", "library": "L9900412"}
_OWNER: Final = {"leasehold": "LH200310", "council_tax": "70001236"}
_REPAIR: Final[dict[str, Any]] = {
    "danger": "no",
    "home": "council",
    "room": "bathroom",
    "what_bathroom": "tap",
    "who": {"name": TENANT},
    "email": "thea.tenantley@example.org",
    "phone": "07700 900121",
}


def load_homes(*, at: datetime) -> None:
    """Once, into a fresh demo."""
    home = places.find(HOME, addresses_only=True)[0]
    known = {}
    for name, role, numbers in ((TENANT, "tenant", _NUMBERS), ("Lena Leaseholder", "leaseholder", _OWNER)):
        made = customers.create(NewCustomer(name=name, uprn=home.code), by=SYSTEM, at=at)
        known[name] = made.pk
        customers.add_role(made.pk, role=role, by=SYSTEM, at=at)
        for kind, number in numbers.items():
            customers.add_number(made.pk, kind=kind, value=number, by=SYSTEM, at=at)
    new = SentForm(
        form_code="housing-repair",
        version=forms.published_version("housing-repair"),
        answers={**_REPAIR, "address": {"uprn": home.code, "line": home.label}},
        channel="phone",
        key="demo-repair",
        on_behalf_of=known[TENANT],
    )
    open_from_form(new, by=PUBLIC, at=at)
