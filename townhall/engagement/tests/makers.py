"""Made-up homes, and people who turned alerts on."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from townhall.accounts.residents import passwords, registering
from townhall.accounts.residents.models import ResidentAccount
from townhall.core.actors import PUBLIC, SYSTEM
from townhall.core.loading import load
from townhall.core.loading.records import of_feed
from townhall.customers.accounts.links import own_customer
from townhall.engagement import subscribing
from townhall.engagement.models import AlertSubscription
from townhall.engagement.subscribing import Wish
from townhall.neighbourhood.loading import PLANNING
from townhall.places.models import Address

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)  # winter: London's clocks show UTC
NIGHT = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
HOME = "100001"
EAST, NORTH = 530_000, 180_000


def make_home(uprn: str = HOME, *, east: int = 0, north: int = 0) -> Address:
    """A home so many metres east and north of the first."""
    return Address.objects.create(
        uprn=uprn,
        line=f"{uprn} Harbour Row",
        postcode="ZZ12AB",
        search_text="",
        easting=EAST + east,
        northing=NORTH + north,
    )


def subscribed(email: str = "sam@example.org", *, at: datetime = NOON, **wish: Any) -> AlertSubscription:
    """Turned on and confirmed, without an account."""
    wanted = {"topic": "planning", "uprn": HOME} | wish
    row = subscribing.turn_on(Wish(email=email, **wanted), by=PUBLIC, at=at)
    return subscribing.confirm(row.pk, by=PUBLIC, at=at)


def publish(*rows: dict[str, Any], source: str = "planning-system", at: datetime = NOON) -> None:
    """Applications arrive, by default at the first home."""
    usual = {"reference": f"26/{uuid4().hex[:5]}/FUL", "description": "A shed", "easting": EAST, "northing": NORTH}
    records = of_feed([usual | row for row in rows], name=source)
    load(replace(records, system=source), PLANNING, by=SYSTEM, at=at)


def make_account(email: str = "noor@example.org") -> ResidentAccount:
    password = passwords.hashed("seven green lanterns")
    return registering.open_account(
        email=email, name="Noor Resident", password=password, kind="resident", organisation="", at=NOON
    )


def customer_of(account: ResidentAccount) -> UUID:
    found = own_customer(account.pk)
    assert found is not None
    return found
