"""Making a record and changing what it says of the customer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from townhall.accounts import permissions
from townhall.core.actors import Actor
from townhall.core.errors import BadInput
from townhall.core.idempotency import first_time
from townhall.core.ids import uuid7
from townhall.core.time import council_date
from townhall.customers import words
from townhall.customers.models import Customer
from townhall.customers.operations import reaching
from townhall.customers.operations.recording import record
from townhall.customers.permissions import CHANGE, locked
from townhall.customers.typed import folded_name
from townhall.forms.typed import clean_line

LONGEST_NAME = 200
OLDEST = date(1900, 1, 1)


@dataclass(frozen=True, kw_only=True)
class NewCustomer:
    """What is known of somebody new. An address is a UPRN, or a line typed by hand."""

    name: str
    kind: str = Customer.Kind.PERSON
    email: str = ""
    phone: str = ""
    date_of_birth: date | None = None
    preferred_channel: str = ""
    language: str = "en"
    uprn: str = ""
    address: str = ""
    postcode: str = ""


@transaction.atomic
def create(new: NewCustomer, *, by: Actor, at: datetime, key: str = "") -> Customer:
    """Make a record, always a new one: two people may share an email address or a phone. `key` makes a second click the same one.

    Raises BadInput, NotAllowed.
    """
    permissions.require(by, CHANGE)
    name = _name(new.name)
    _check(new.kind, new.preferred_channel, new.date_of_birth, at=at)
    customer_id = uuid7()
    if key:
        earlier = first_time("customers.create", key=key, by=by, request={"name": name}, result=customer_id)
        if earlier is not None:
            return Customer.objects.get(pk=earlier)
    customer = Customer.objects.create(
        id=customer_id,
        kind=new.kind,
        name=name,
        search_name=folded_name(name),
        date_of_birth=new.date_of_birth,
        preferred_channel=new.preferred_channel,
        language=new.language or "en",
        created_at=at,
    )
    record("created", customer_id, by=by, at=at)
    for value, add in ((new.email, "email"), (new.phone, "phone")):
        if value.strip():
            reaching.add_contact_point(customer_id, kind=add, value=value, by=by, at=at)
    if new.uprn or new.address.strip():
        reaching.add_address(
            customer_id, uprn=new.uprn, line=new.address, postcode=new.postcode, by=by, at=at, from_on=council_date(at)
        )
    else:
        words.put_down([customer_id])
    return customer


@transaction.atomic
def change(
    customer_id: UUID,
    *,
    by: Actor,
    at: datetime,
    name: str | None = None,
    kind: str | None = None,
    date_of_birth: date | None = None,
    preferred_channel: str | None = None,
    language: str | None = None,
    forget_birth: bool = False,
) -> Customer:
    """Change what is given; None leaves it. The ledger keeps which details changed, not what they say. Raises BadInput, NotFound."""
    customer = locked(customer_id, by=by, own=True)
    wanted: dict[str, object] = {}
    if name is not None:
        wanted["name"] = _name(name)
        wanted["search_name"] = folded_name(str(wanted["name"]))
    plain = {"kind": kind, "preferred_channel": preferred_channel, "language": language or None}
    wanted |= {field: value for field, value in plain.items() if value is not None}
    if date_of_birth is not None or forget_birth:
        wanted["date_of_birth"] = date_of_birth
    _check(kind or customer.kind, preferred_channel or "", date_of_birth, at=at)
    changed = [field for field, value in wanted.items() if getattr(customer, field) != value]
    if not changed:
        return customer
    for field in changed:
        setattr(customer, field, wanted[field])
    customer.save(update_fields=changed)
    if "name" in changed:
        words.put_down([customer_id])
    record("changed", customer_id, by=by, at=at, fields=[field for field in changed if field != "search_name"])
    return customer


def _name(typed: str) -> str:
    name = clean_line(typed)
    if not folded_name(name):
        raise BadInput({"name": _("Enter a name")})
    if len(name) > LONGEST_NAME:
        raise BadInput({"name": _("The name must be %(most)d characters or fewer") % {"most": LONGEST_NAME}})
    return name


def _check(kind: str, preferred_channel: str, born: date | None, *, at: datetime) -> None:
    problems: dict[str, str] = {}
    if kind not in Customer.Kind.values:
        problems["kind"] = _("Select person or organisation")
    if preferred_channel and preferred_channel not in Customer.Prefers.values:
        problems["preferred_channel"] = _("Select how they would like to hear from us")
    if born is not None and not OLDEST <= born <= council_date(at):
        problems["date_of_birth"] = _("The date of birth must be in the past")
    if problems:
        raise BadInput(problems)
