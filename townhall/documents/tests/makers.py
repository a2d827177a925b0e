"""Made-up customers and documents."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from townhall.core.actors import SYSTEM, Actor, ActorKind
from townhall.core.subjects import Subject
from townhall.customers import operations as customers
from townhall.customers.models import Customer
from townhall.customers.operations import NewCustomer
from townhall.documents import operations
from townhall.documents.models import Document

MONDAY = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
ADVISER = Actor(kind=ActorKind.STAFF, id="5c0f1d3e-0000-4000-8000-0000000000aa", roles=frozenset({"adviser"}))
CONTRACTOR = Actor(kind=ActorKind.STAFF, id="5c0f1d3e-0000-4000-8000-0000000000ab", roles=frozenset({"contractor"}))
_numbers = itertools.count(1)


def make_customer(name: str = "Sam Okafor", **more: Any) -> Customer:
    return customers.create(NewCustomer(name=name, **more), by=SYSTEM, at=MONDAY)


def as_customer(customer_id: UUID) -> Actor:
    return Actor(kind=ActorKind.CUSTOMER, id=str(customer_id))


def make_document(customer_id: UUID, *, at: datetime = MONDAY, **fields: Any) -> Document:
    number = next(_numbers)
    usual: dict[str, Any] = {
        "kind": "letter",
        "title": f"A letter about matter {number}",
        "about": Subject(kind="case", id=customer_id),
        "key": f"letter-{number}",
        "html": "<p>We write to you.</p>",
    }
    return operations.keep_document(customer_id=customer_id, by=SYSTEM, at=at, **{**usual, **fields})
