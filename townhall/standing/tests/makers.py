"""Somebody with accounts that other systems keep, and those systems as real servers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

import pytest

from townhall.connectors import operations as connectors
from townhall.connectors import records, registry, signing
from townhall.connectors.standins import Standin, Standins
from townhall.core.actors import SYSTEM
from townhall.customers import operations as customers
from townhall.customers.operations import NewCustomer
from townhall.payments.seeds import seed_reference_data as seed_payments
from townhall.places.models import Address

NOON = datetime.fromisoformat("2026-03-02T12:00:00+00:00")
SYSTEMS = ("housing", "revenues", "library", "electoral", "benefits", "waste", "permits")
NUMBERS = {"council_tax": "70001234", "rent": "R4410021", "leasehold": "LH200310", "library": "L9900412"}


def make_tenant(name: str = "Tam Tenant", **numbers: str) -> UUID:
    """A customer at an address, with every kind of number unless some are given."""
    Address.objects.get_or_create(
        uprn="100001",
        defaults={
            "line": "1 Mill Lane",
            "postcode": "ZZ11AA",
            "search_text": "1 mill lane",
            "easting": 1,
            "northing": 1,
        },
    )
    made = customers.create(NewCustomer(name=name, uprn="100001"), by=SYSTEM, at=NOON)
    for kind, number in (numbers or NUMBERS).items():
        customers.add_number(made.pk, kind=kind, value=number, by=SYSTEM, at=NOON)
    return made.pk


@pytest.fixture
def systems(transactional_db: None) -> Iterator[dict[str, Standin]]:
    registry.forget()
    server = Standins([Standin(code, secret=signing.secret_of(code), tell_url="") for code in SYSTEMS])
    server.start()
    for code in SYSTEMS:
        connectors.set_connector(code, name=code, kind="records", base_url=server.url(code), at=NOON)
    seed_payments()
    records.forget()
    yield server.systems
    server.stop()
    records.forget()
    registry.forget()
