"""Customers of an earlier system, from a CSV file. Those that may be one are proposed once they are in; nobody is matched on the way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from townhall.core.db import copy_rows, fetch_all
from townhall.core.ids import uuid7
from townhall.core.loading import Batch, Given, Kind, Stored, Values
from townhall.core.loading.kept import Made, rows_called, store_once
from townhall.core.subjects import Subject
from townhall.core.time import council_date, start_of
from townhall.customers.merging.aliases import all_standing
from townhall.customers.models import Customer, CustomerNumber
from townhall.customers.operations.details import LONGEST_NAME, OLDEST
from townhall.customers.typed import folded_name, normalised_email, normalised_number, normalised_phone
from townhall.ledger import operations as ledger
from townhall.notifications.recipients import email_address
from townhall.places.text import compact_postcode

KIND = "customers"
NUMBERS = tuple(CustomerNumber.Kind.values)
COLUMNS = {
    "id": ("id", "customer_id", "customer_number", "person_id", "reference"),
    "name": ("name", "full_name", "customer_name"),
    "forename": ("forename", "forenames", "first_name", "given_name"),
    "surname": ("surname", "last_name", "family_name"),
    "kind": ("kind", "customer_type"),
    "born": ("date_of_birth", "dob", "born", "birth_date"),
    "email": ("email", "email_address"),
    "phone": ("phone", "telephone", "phone_number"),
    "mobile": ("mobile", "mobile_number"),
    "address": ("address", "full_address", "address_line"),
    "postcode": ("postcode", "post_code"),
    "uprn": ("uprn",),
    "prefers": ("preferred_channel", "prefers"),
    "language": ("language",),
    "since": ("created", "since", "created_at"),
    **{number: (number,) for number in NUMBERS},
}


def _read(given: Given, batch: Batch) -> Values:
    parts = (given.text("forename", most=100), given.text("surname", most=100))
    name = given.text("name", most=LONGEST_NAME) or " ".join(filter(None, parts))
    if not folded_name(name):
        given.wrong("name", _("It is empty."))
    born = given.on("born")
    if born is not None and not OLDEST <= born <= council_date(batch.at):
        given.wrong("born", _("It is not in the past."))
    email, phones = given.text("email", most=254), [given.text(one, most=50) for one in ("phone", "mobile")]
    if email and not email_address(email):
        given.wrong("email", _("It is not an email address."))
    for column, phone in zip(("phone", "mobile"), phones, strict=True):
        if phone and not normalised_phone(phone):
            given.wrong(column, _("It is not a phone number."))
    typed = given.text("postcode", most=20)
    postcode = compact_postcode(typed) or ""
    if typed and not postcode:
        given.wrong("postcode", _("It is not a postcode."))
    since = given.at("since")
    return {
        "external_id": given.text("id", most=200, required=True),
        "name": name,
        "kind": given.code("kind", among=Customer.Kind.values) or Customer.Kind.PERSON.value,
        "born": born,
        "email": email,
        "phones": [one for one in dict.fromkeys(phones) if one],
        "address": given.text("address", most=300),
        "postcode": postcode,
        "uprn": given.digits("uprn", most=12),
        "prefers": given.code("prefers", among=Customer.Prefers.values),
        "language": given.text("language", most=20) or "en",
        "since": min(since or batch.at, batch.at),
        "numbers": [(kind, text) for kind in NUMBERS if (text := given.text(kind, most=100))],
    }


def _store(rows: list[Values], batch: Batch) -> Stored:
    return store_once(rows, batch, _make)


def _make(rows: list[Values], batch: Batch) -> Sequence[Made]:
    """Records, points, addresses and numbers, by COPY; and a line of the ledger each."""
    made: list[list[tuple[str, object]]] = []
    customers, points, addresses, numbers, past = [], [], [], [], []
    for row in rows:
        key = uuid7()
        those: list[tuple[str, object]] = [("customers_customer", key)]
        customers.append(_customer(key, row))
        past.append(
            ledger.Past(
                verb="customer.created", about=Subject(kind="customer", id=key), customer_id=key, at=row["since"]
            )
        )
        for kind, value, normalised in _points(row):
            point = uuid7()
            points.append({"id": point, "customer_id": key, "kind": kind, "value": value, "normalised": normalised})
            those.append(("customers_contactpoint", point))
        if row["address"] or row["uprn"]:
            address = uuid7()
            line = row["address"] or f"UPRN {row['uprn']}"
            where = {"uprn": row["uprn"], "line": line, "postcode": row["postcode"]}
            addresses.append({"id": address, "customer_id": key, **where})
            those.append(("customers_customeraddress", address))
        for kind, value in row["numbers"]:
            number = uuid7()
            numbers.append(
                {"id": number, "customer_id": key, "kind": kind, "value": value, "normalised": normalised_number(value)}
            )
            those.append(("customers_customernumber", number))
        made.append(those)
    for table, lines in (
        ("customers_customer", customers),
        ("customers_contactpoint", points),
        ("customers_customeraddress", addresses),
        ("customers_customernumber", numbers),
    ):
        copy_rows(table, lines)
    ledger.record_past(past, by=batch.by, source=batch.source, at=batch.at)
    return made


def _customer(key: UUID, row: Values) -> Values:
    return {
        "id": key,
        "kind": row["kind"],
        "name": row["name"],
        "search_name": folded_name(row["name"]),
        "date_of_birth": row["born"],
        "preferred_channel": row["prefers"],
        "language": row["language"],
        "created_at": row["since"],
    }


def _points(row: Values) -> list[tuple[str, str, str]]:
    email = [("email", row["email"], normalised_email(row["email"]))] if row["email"] else []
    phones = {normalised_phone(one): one for one in row["phones"]}
    return [*email, *(("phone", value, normalised) for normalised, value in phones.items())]


def customers_called(source: str, external_ids: Sequence[str]) -> dict[str, UUID]:
    """The customers of a source by what they are called there; of one that was merged since, the record that stands."""
    found = rows_called(KIND, source, [one for one in external_ids if one])
    stands = all_standing([UUID(row) for row in found.values()])
    return {name: stands.get(UUID(row), UUID(row)) for name, row in found.items()}


# What somebody else did with a customer since they came in.
_TOUCHED = """
    SELECT DISTINCT customer_id::text FROM ledger_entry
    WHERE customer_id = ANY(%s::uuid[]) AND at >= %s AND NOT (actor_kind = 'connector' AND actor_id = %s)"""


def used(rows: Sequence[str], *, began_at: datetime, by: str) -> dict[str, str]:
    """Customers with whom something was done since. Merging, needs, contacts, cases and payments all leave an entry."""
    found = fetch_all(_TOUCHED, (list(rows), start_of(council_date(began_at)), by))
    return {row: _("something was done with this customer since") for (row,) in found}


CUSTOMERS = Kind(
    code=KIND,
    columns=COLUMNS,
    id="id",
    read=_read,
    key=lambda row: str(row["external_id"]),
    store=_store,
    required=("id",),
)
