"""Everything other code may read of customers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db.models import F

from townhall.accounts import fields, permissions
from townhall.core.actors import Actor
from townhall.core.db import fetch_one
from townhall.core.errors import NotFound
from townhall.customers.finding import LookedUp, Person, alike, look_up, need_words, person
from townhall.customers.models import ContactPoint
from townhall.customers.permissions import SEE, customers_visible_to

__all__ = ["LookedUp", "Person", "Record", "alike", "look_up", "need_words", "person", "reached_by", "record"]


class Point(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    kind: str
    value: str
    verified_at: datetime | None
    ended_at: datetime | None


class Place(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    uprn: str
    line: str
    postcode: str
    from_on: date | None
    until_on: date | None


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A role or a number: `code` says of what kind."""

    id: UUID
    code: str
    detail: str


class Need(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    need: str
    detail: str
    agreed_on: date
    review_on: date
    may_share: bool


class Linked(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody on the other side of a link. `acts`: they act for this customer; else this customer acts for them."""

    id: UUID
    other_id: UUID
    name: str
    acts: bool
    relation: str
    evidence: str
    from_on: date
    until_on: date | None


@dataclass(frozen=True, kw_only=True)
class Record:
    """Everything kept about a customer but what they got in touch about. Lists: present ones first."""

    id: UUID
    kind: str
    name: str
    date_of_birth: date | None
    preferred_channel: str
    language: str
    created_at: datetime
    needs: Sequence[Need]
    points: Sequence[Point]
    addresses: Sequence[Place]
    roles: Sequence[Held]
    numbers: Sequence[Held]
    links: Sequence[Linked]

    @property
    def email(self) -> str:
        return next((one.value for one in self.points if one.kind == "email" and one.ended_at is None), "")

    @property
    def phone(self) -> str:
        return next((one.value for one in self.points if one.kind == "phone" and one.ended_at is None), "")


_RECORD = """
    SELECT c.id, c.kind, c.name, c.date_of_birth, c.preferred_channel, c.language, c.created_at,
      (SELECT json_agg(json_build_object('id', id, 'need', need, 'detail', detail, 'agreed_on', agreed_on,
         'review_on', review_on, 'may_share', may_share) ORDER BY need)::text
       FROM customers_accessneed WHERE customer_id = c.id AND ended_at IS NULL),
      (SELECT json_agg(json_build_object('id', id, 'kind', kind, 'value', value, 'verified_at', verified_at,
         'ended_at', ended_at) ORDER BY ended_at DESC NULLS FIRST, kind, verified_at DESC NULLS LAST, id)::text
       FROM customers_contactpoint WHERE customer_id = c.id),
      (SELECT json_agg(json_build_object('id', id, 'uprn', uprn, 'line', line, 'postcode', postcode, 'from_on', from_on,
         'until_on', until_on) ORDER BY until_on DESC NULLS FIRST, from_on DESC NULLS LAST, id)::text
       FROM customers_customeraddress WHERE customer_id = c.id),
      (SELECT json_agg(json_build_object('id', id, 'code', role, 'detail', detail) ORDER BY role, detail)::text
       FROM customers_customerrole WHERE customer_id = c.id AND ended_at IS NULL),
      (SELECT json_agg(json_build_object('id', id, 'code', kind, 'detail', value) ORDER BY kind, value)::text
       FROM customers_customernumber WHERE customer_id = c.id),
      (SELECT json_agg(json_build_object('id', l.id, 'other_id', o.id, 'name', o.name, 'acts', l.customer_id = c.id,
         'relation', l.relation, 'evidence', l.evidence, 'from_on', l.from_on, 'until_on', l.until_on)
         ORDER BY l.until_on DESC NULLS FIRST, o.search_name, l.id)::text
       FROM customers_link l JOIN customers_customer o
         ON o.id = CASE WHEN l.customer_id = c.id THEN l.representative_id ELSE l.customer_id END
       WHERE l.customer_id = c.id OR l.representative_id = c.id)
    FROM customers_customer c WHERE c.id = %s AND c.merged_into_id IS NULL"""


def record(customer_id: UUID, *, by: Actor) -> Record:
    """One customer's record. One statement. Raises NotAllowed, or NotFound. The caller writes that it was looked at."""
    if by.is_staff:
        permissions.require(by, SEE)
    elif not customers_visible_to(by).filter(pk=customer_id).exists():
        raise NotFound
    row = fetch_one(_RECORD, (customer_id,))
    if row is None:
        raise NotFound
    found = Record(
        id=row[0],
        kind=row[1],
        name=row[2],
        date_of_birth=row[3],
        preferred_channel=row[4],
        language=row[5],
        created_at=row[6],
        needs=_decode(row[7], _NEEDS),
        points=_decode(row[8], _POINTS),
        addresses=_decode(row[9], _PLACES),
        roles=_decode(row[10], _HELD),
        numbers=_decode(row[11], _HELD),
        links=_decode(row[12], _LINKS),
    )
    return _seen_by(found, by) if by.is_staff else found


def _seen_by(found: Record, by: Actor) -> Record:
    """Without the fields that this member of staff does not see (accounts.fields)."""
    if not fields.sees(by, "customer.link_evidence"):
        found = replace(found, links=[msgspec.structs.replace(one, evidence="") for one in found.links])
    return fields.only_seen(found, by, "customer", empty={"date_of_birth": None, "numbers": ()})


def reached_by(customer_id: UUID) -> dict[str, ContactPoint]:
    """Where to write to a customer, by kind: what they proved last, else what they gave last. One query."""
    points = ContactPoint.objects.filter(customer_id=customer_id, ended_at__isnull=True)
    return {point.kind: point for point in points.order_by(F("verified_at").asc(nulls_first=True), "id")}


_NEEDS = msgspec.json.Decoder(list[Need])
_POINTS = msgspec.json.Decoder(list[Point])
_PLACES = msgspec.json.Decoder(list[Place])
_HELD = msgspec.json.Decoder(list[Held])
_LINKS = msgspec.json.Decoder(list[Linked])


def _decode(text: str | None, decoder: Any) -> Any:
    return decoder.decode(text) if text else []
