"""Contacts of an earlier system, from a CSV file: over as they come, and each of the customer who came from the same system."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from django.utils.translation import gettext as _

from townhall.contacts import operations
from townhall.contacts.models import Channel, Reason
from townhall.contacts.operations import Given as GivenThen
from townhall.contacts.operations import Past
from townhall.core.ids import uuid7
from townhall.core.loading import Batch, Given, Kind, Stored, Values
from townhall.core.loading.kept import Made, store_once
from townhall.core.subjects import Subject
from townhall.customers.loading import customers_called
from townhall.ledger import operations as ledger

COLUMNS = {
    "id": ("id", "contact_id", "interaction_id", "reference"),
    "customer": ("customer", "customer_id", "person_id"),
    "channel": ("channel", "method"),
    "at": ("at", "started", "date", "contact_date", "created"),
    "ended": ("ended", "finished"),
    "service": ("service", "service_code"),
    "reason": ("reason", "contact_reason"),
    "name": ("name", "caller"),
    "email": ("email",),
    "phone": ("phone", "telephone"),
}


def _read(given: Given, batch: Batch) -> Values:
    at, ended = given.at("at", required=True), given.at("ended")
    if at is not None and at > batch.at:
        given.wrong("at", _("It is in the future."))
    if at is not None and ended is not None and ended < at:
        given.wrong("ended", _("It ended before it began."))
    return {
        "external_id": given.text("id", most=200, required=True),
        "customer": given.text("customer", most=200),
        "channel": given.code("channel", among=_codes(batch.at)[0], required=True),
        "at": at,
        "ended": ended,
        "service": given.code("service"),
        "reason": given.code("reason", among=_codes(batch.at)[1]) or "report",
        "name": given.text("name", most=200),
        "email": given.text("email", most=254),
        "phone": given.text("phone", most=50),
    }


@lru_cache(maxsize=1)
def _codes(_at: datetime) -> tuple[frozenset[str], frozenset[str]]:
    """Channels and reasons, read once for a load."""
    channels = frozenset(Channel.objects.values_list("code", flat=True))
    return channels, frozenset(Reason.objects.values_list("code", flat=True))


def _store(rows: list[Values], batch: Batch) -> Stored:
    return store_once(rows, batch, _make)


def _make(rows: list[Values], batch: Batch) -> Sequence[Made]:
    """Whose customer is not here stays with the name that was given then."""
    whose = customers_called(batch.source, [row["customer"] for row in rows])
    keys = [uuid7() for _row in rows]
    pairs = list(zip(keys, rows, strict=True))
    operations.log_past(_past(key, row, whose.get(row["customer"])) for key, row in pairs)
    ledger.record_past(
        [
            ledger.Past(
                verb="contact.logged",
                about=Subject(kind="contact", id=key),
                customer_id=whose.get(row["customer"]),
                at=row["at"],
                data={"channel": row["channel"], "service": row["service"]},
            )
            for key, row in pairs
        ],
        by=batch.by,
        source=batch.source,
        at=batch.at,
    )
    return [[("contacts_contact", key)] for key in keys]


def _past(key: UUID, row: Values, customer_id: UUID | None) -> Past:
    return Past(
        id=key,
        channel=row["channel"],
        service_code=row["service"],
        reason_code=row["reason"],
        at=row["at"],
        given=GivenThen(name=row["name"], email=row["email"], phone=row["phone"]),
        customer_id=customer_id,
        ended_at=row["ended"],
    )


CONTACTS = Kind(
    code="contacts",
    columns=COLUMNS,
    id="id",
    read=_read,
    key=lambda row: str(row["external_id"]),
    store=_store,
    required=("id", "at"),
)
