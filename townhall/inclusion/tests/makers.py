"""A council with its interpreters' agency over real HTTP, and somebody who signs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from townhall.accounts.models import Role
from townhall.accounts.queries import actor_for
from townhall.accounts.tests.makers import make_user
from townhall.clocks.tests.makers import make_calendars
from townhall.connectors import operations as connectors
from townhall.connectors import records, registry, signing
from townhall.connectors.standins import Standin, Standins
from townhall.core.actors import SYSTEM, Actor
from townhall.core.refreshing import forget_all
from townhall.core.time import now
from townhall.customers import operations as customers
from townhall.customers.models import Customer
from townhall.customers.operations import NewCustomer

MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)


@pytest.fixture
def agency(transactional_db: None) -> Iterator[Standin]:
    """The interpreters' agency, who answers at once."""
    yield from served()


def served() -> Iterator[Standin]:
    forget_all()
    registry.forget()
    standin = Standin("interpreters", secret=signing.secret_of("interpreters"), tell_url="")
    standin.office.interpreters.seconds = 0
    server = Standins([standin])
    server.start()
    address = server.url("interpreters")
    connectors.set_connector("interpreters", name="Agency", kind="records", base_url=address, at=now())
    records.forget()
    yield standin
    server.stop()
    records.forget()
    registry.forget()


def make_adviser(at: datetime = MONDAY) -> Actor:
    make_calendars(at)
    return actor_for(make_user(roles=(Role.ADVISER,)), at)


def make_dana(*needs: str, at: datetime = MONDAY, **fields: Any) -> Customer:
    make_calendars(at)
    given = {"name": "Dana Deaf", "address": "1 Mill Lane, Aldermere, ZZ1 1AA", "email": "dana@example.org", **fields}
    made = customers.create(NewCustomer(**given), by=SYSTEM, at=at, key=str(uuid4()))
    for need in needs:
        customers.agree_need(made.pk, need=need, by=SYSTEM, at=at)
    return made
