"""Who is to be told: one statement for each item, however many they are."""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID

from townhall.core.db import fetch_all
from townhall.engagement.models import AlertItem
from townhall.engagement.topics import FURTHEST, Topic

# A customer is written to where they can be reached now, not where they could when they turned the alert on.
EMAIL = """coalesce((
    SELECT p.normalised FROM customers_contactpoint p WHERE p.customer_id = s.customer_id AND p.kind = 'email'
      AND p.ended_at IS NULL ORDER BY p.verified_at DESC NULLS LAST, p.id DESC LIMIT 1), s.email)"""
# Who took back that we may text gets the same by email.
_BY_TEXT = """s.by_text AND coalesce((SELECT bool_or(t.withdrawn_at IS NULL) FROM customers_consent t
    WHERE t.customer_id = s.customer_id AND t.purpose = 'text-alerts'), true)"""
PERSON = f"s.id, s.customer_id, s.name, s.phone, {_BY_TEXT}, {EMAIL}"
HOLDS = "s.topic = %s AND s.confirmed_at IS NOT NULL AND s.ended_at IS NULL"
_AGREED = """(s.customer_id IS NULL OR %s = '' OR EXISTS (SELECT 1 FROM customers_consent c
    WHERE c.customer_id = s.customer_id AND c.purpose = %s AND c.withdrawn_at IS NULL))"""
_WHO = f"SELECT {PERSON} FROM engagement_alertsubscription s WHERE {HOLDS} AND s.confirmed_at <= %s AND {_AGREED}"  # noqa: S608 - constants only
_IN_ORDER = " ORDER BY s.id"
_AROUND = f"""{_WHO} AND s.easting BETWEEN %s AND %s
    AND (s.easting - %s)::float8 ^ 2 + (s.northing - %s)::float8 ^ 2 <= s.radius_m::float8 ^ 2{_IN_ORDER}"""
_SCOPES = {
    AlertItem.Scope.ADDRESS: "s.place_key = %s",
    AlertItem.Scope.STREET: "s.place_key IN (SELECT uprn FROM places_address WHERE usrn = %s)",
    AlertItem.Scope.ROUND: "s.place_key IN (SELECT uprn FROM neighbourhood_addressround WHERE round_id = %s)",
    AlertItem.Scope.AREA: "s.place_key IN (SELECT uprn FROM places_address WHERE ward_code = %s)",
    AlertItem.Scope.CUSTOMER: "s.customer_id = %s::uuid",
    AlertItem.Scope.EVERYBODY: "%s = ''",
}
# Of a street, those whose bins are on the round; and not those whom the announcement itself was sent to.
_ON_ROUND = """(%s = '' OR s.place_key IN (SELECT uprn FROM neighbourhood_addressround WHERE round_id = %s))
    AND NOT EXISTS (SELECT 1 FROM neighbourhood_subscription n WHERE lower(n.email) = s.email AND n.ended_at IS NULL
      AND n.created_at <= %s AND n.service_code IN ('', (SELECT i.service_code FROM neighbourhood_incident i WHERE i.id = %s::uuid))
      AND ((n.scope = 'address' AND n.scope_code = s.place_key) OR (n.scope = %s AND n.scope_code = %s)))"""


class Person(NamedTuple):
    """Somebody who asked for a topic, with the address that holds now."""

    subscription_id: UUID
    customer_id: UUID | None
    name: str
    phone: str
    by_text: bool
    email: str


def touched(item: AlertItem, topic: Topic) -> list[Person]:
    """Those who hear of an item, by when they asked. One query."""
    wanted: list[Any] = [topic.code, item.found_at, topic.consent, topic.consent]
    if item.easting is not None and item.northing is not None:
        spot = (item.easting - FURTHEST, item.easting + FURTHEST, item.easting, item.northing)
        return _people(_AROUND, [*wanted, *spot])
    where = f"{_WHO} AND {_SCOPES[AlertItem.Scope(item.scope)]}"
    wanted.append(item.scope_code)
    if incident := item.data.get("incident"):
        where += f" AND {_ON_ROUND}"
        code = item.data.get("round", "")
        wanted += [code, code, item.found_at, incident, item.scope, item.scope_code]
    return _people(where + _IN_ORDER, wanted)


def _people(query: str, wanted: list[Any]) -> list[Person]:
    return [Person(*row) for row in fetch_all(query, wanted)]
