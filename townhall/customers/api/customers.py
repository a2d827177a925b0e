"""Looking customers up, for systems whose key has the scope. Every look is written down."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from townhall.core.api.endpoints import Call, Group
from townhall.customers import queries
from townhall.customers.merging import standing
from townhall.customers.permissions import SEE
from townhall.ledger import operations as ledger

group = Group("Customers")


class CustomersAsked(Struct, frozen=True, kw_only=True):
    """`q`: a name, postcode, phone number, email address, date of birth or reference."""

    q: Annotated[str, Meta(min_length=1, max_length=200)]


class CustomerOut(Struct, frozen=True, kw_only=True):
    id: UUID
    kind: str
    name: str
    address: str
    postcode: str


class CustomersOut(Struct, frozen=True, kw_only=True):
    """`understood_as`: how `q` was read; `more`: there are others, so ask more closely."""

    customers: list[CustomerOut]
    understood_as: str
    more: bool


class ContactPointOut(Struct, frozen=True, kw_only=True):
    kind: str
    value: str
    is_verified: bool


class CustomerDetailsOut(CustomerOut, frozen=True, kw_only=True):
    preferred_channel: str
    language: str
    contact_points: list[ContactPointOut]


@group.endpoint("GET", "/customers", summary="Find customers", gives=CustomersOut, asks=CustomersAsked, scope=SEE)
def find_customers(call: Call) -> CustomersOut:
    found = queries.look_up(call.query.q, by=call.by, at=call.at)
    people = [
        CustomerOut(id=one.id, kind=one.kind, name=one.name, address=one.address, postcode=one.postcode)
        for one in found.people
    ]
    return CustomersOut(customers=people, understood_as=found.typed.kind.value, more=found.more)


@group.endpoint("GET", "/customers/{customer_id}", summary="One customer", gives=CustomerDetailsOut, scope=SEE)
def get_customer(call: Call) -> CustomerDetailsOut:
    """Access needs, roles and links are not given to other systems. The id of a merged record gives the one that stands."""
    asked = call.path["customer_id"]
    record = queries.record(standing(asked) or asked, by=call.by)
    ledger.looked(by=call.by, at=call.at, customer_id=record.id, page="api.customer")
    home = next((one for one in record.addresses if one.until_on is None), None)
    return CustomerDetailsOut(
        id=record.id,
        kind=record.kind,
        name=record.name,
        address=home.line if home else "",
        postcode=home.postcode if home else "",
        preferred_channel=record.preferred_channel,
        language=record.language,
        contact_points=[
            ContactPointOut(kind=one.kind, value=one.value, is_verified=one.verified_at is not None)
            for one in record.points
            if one.ended_at is None
        ],
    )
