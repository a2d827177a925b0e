"""Whom a campaign reaches: account holders who agreed to mail of this kind, chosen by facts that may be used for it.

Nothing is used but where they live, whether they have a home with us and what they asked for lately, and whether they have access needs
that we write to them in. Consent is asked for at the moment of sending.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from townhall.core.db import fetch_all, fetch_one
from townhall.customers.models import CustomerRole

ROLES = {
    code: label
    for code, label in CustomerRole.Role.choices
    if code in ("resident", "tenant", "leaseholder", "employee")
}
LONGEST_MONTHS = 24
_FROM = """FROM customers_consent c
    JOIN customers_accountlink l ON l.customer_id = c.customer_id AND l.ended_at IS NULL AND l.role = 'self'
    JOIN accounts_residentaccount a ON a.id = l.account_id AND a.closed_at IS NULL AND a.email <> ''
    LEFT JOIN engagement_reader r ON r.customer_id = c.customer_id
    WHERE c.purpose = 'newsletter' AND c.withdrawn_at IS NULL AND coalesce(r.bounced_email, '') <> a.email
      AND (%(wards)s::text[] IS NULL OR EXISTS (SELECT 1 FROM customers_customeraddress d JOIN places_address p ON p.uprn = d.uprn
        WHERE d.customer_id = c.customer_id AND d.until_on IS NULL AND p.ward_code = ANY(%(wards)s::text[])))
      AND (%(roles)s::text[] IS NULL OR EXISTS (SELECT 1 FROM customers_customerrole o
        WHERE o.customer_id = c.customer_id AND o.ended_at IS NULL AND o.role = ANY(%(roles)s::text[])))
      AND (%(asked)s::text[] IS NULL OR EXISTS (SELECT 1 FROM cases_case k WHERE k.customer_id = c.customer_id
        AND k.service_code = ANY(%(asked)s::text[]) AND k.opened_at >= %(since)s))"""
_COUNT = f"SELECT count(DISTINCT c.customer_id) {_FROM}"
_NEXT = f"""SELECT DISTINCT ON (c.customer_id) c.customer_id, a.name, a.email, r.token {_FROM}
    AND (%(reached)s::uuid IS NULL OR c.customer_id > %(reached)s) AND r.token IS NOT NULL
    ORDER BY c.customer_id, a.id LIMIT %(size)s"""


@dataclass(frozen=True, kw_only=True)
class Audience:
    """All of it empty: every account holder who agreed. `months`: how lately they asked for one of the services."""

    wards: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    months: int = 12

    def as_json(self) -> dict[str, Any]:
        return {"wards": list(self.wards), "roles": list(self.roles), "asked": list(self.asked), "months": self.months}


def from_json(kept: Mapping[str, Any]) -> Audience:
    wards, roles, asked = (tuple(kept.get(name, ())) for name in ("wards", "roles", "asked"))
    return Audience(wards=wards, roles=roles, asked=asked, months=int(kept.get("months", 12)))


def _given(audience: Audience, *, at: datetime) -> dict[str, object]:
    return {
        "wards": list(audience.wards) or None,
        "roles": list(audience.roles) or None,
        "asked": list(audience.asked) or None,
        "since": at - timedelta(days=30 * audience.months),
    }


def size_of(audience: Audience, *, at: datetime) -> int:
    """How many it is now. One query."""
    found = fetch_one(_COUNT, _given(audience, at=at))
    assert found is not None
    return int(found[0])


def next_of(audience: Audience, *, after: UUID | None, size: int, at: datetime) -> list[tuple[Any, ...]]:
    """The next of them in order: customer, name, address, their token. One query."""
    return fetch_all(_NEXT, {**_given(audience, at=at), "reached": after, "size": size})
