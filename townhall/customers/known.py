"""What is known of a customer, in the words that forms ask for it (`forms.known.SOURCES`): nothing we hold is typed again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from townhall.customers.queries import Record


def known_of_record(record: Record) -> dict[str, Any]:
    """From the record that an adviser has open."""
    home = next((one for one in record.addresses if one.until_on is None), None)
    born = {"customer.born_on": record.date_of_birth.isoformat()} if record.date_of_birth else {}
    held = numbers_known({one.code: one.detail for one in reversed(record.numbers)})
    return known(
        name=record.name,
        email=record.email,
        phone=record.phone,
        uprn=home.uprn if home else "",
        line=home.line if home else "",
        postcode=home.postcode if home else "",
        more={"customer.language": record.language, **born, **held},
    )


def numbers_known(numbers: Mapping[str, str]) -> dict[str, str]:
    """The numbers that forms ask for, from those a customer has by kind."""
    asked = {"council_tax": "customer.council_tax_reference", "rent": "customer.rent_reference"}
    return {source: numbers[kind] for kind, source in asked.items() if kind in numbers}


def known(
    *, name: str, email: str, phone: str, uprn: str, line: str, postcode: str, more: dict[str, Any]
) -> dict[str, Any]:
    contact = {part: value for part, value in (("name", name), ("email", email), ("phone", phone)) if value}
    address = {"uprn": uprn, "line": line} if uprn else {}
    found: dict[str, Any] = {
        "customer.name": name,
        "customer.email": email,
        "customer.phone": phone,
        "customer.contact": contact,
        "customer.address": address,
        "session.address": address,
        "session.postcode": postcode,
        **more,
    }
    return {source: value for source, value in found.items() if value}
