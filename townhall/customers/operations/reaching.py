"""How and where a customer is reached: email addresses, phone numbers, places."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from townhall.core.actors import Actor
from townhall.core.errors import BadInput, NotFound
from townhall.core.time import council_date
from townhall.customers import words
from townhall.customers.accounts import levels
from townhall.customers.errors import AlreadyThere
from townhall.customers.models import ContactPoint, CustomerAddress
from townhall.customers.operations.recording import record
from townhall.customers.permissions import locked
from townhall.customers.typed import normalised_email, normalised_phone
from townhall.forms.typed import clean_line
from townhall.notifications.recipients import email_address
from townhall.places import queries as places
from townhall.places.text import compact_postcode

LONGEST_LINE = 300


@transaction.atomic
def add_contact_point(customer_id: UUID, *, kind: str, value: str, by: Actor, at: datetime) -> ContactPoint:
    """Add an email address or a phone number; one that was ended comes back, to be verified anew. Twice is once. Raises BadInput."""
    locked(customer_id, by=by, own=True)
    typed, normalised = _normalised(kind, value)
    point, made = ContactPoint.objects.get_or_create(
        customer_id=customer_id, kind=kind, normalised=normalised, defaults={"value": typed}
    )
    if not made and point.ended_at is None:
        return point
    if not made:
        point.value, point.ended_at, point.verified_at = typed, None, None
        point.save(update_fields=["value", "ended_at", "verified_at"])
    record("contact_point_added", customer_id, by=by, at=at, kind=kind, point=str(point.pk))
    return point


def _normalised(kind: str, value: str) -> tuple[str, str]:
    typed = clean_line(value)
    if kind == ContactPoint.Kind.EMAIL:
        if not email_address(typed):
            raise BadInput({"email": _("Enter an email address in the correct format, like name@example.com")})
        return typed, normalised_email(typed)
    if kind == ContactPoint.Kind.PHONE:
        normalised = normalised_phone(typed)
        if not normalised:
            raise BadInput({"phone": _("Enter a phone number, like 01632 960 001 or 07700 900 982")})
        return typed, normalised
    raise BadInput({"kind": _("Select email or phone")})


@transaction.atomic
def end_contact_point(point_id: UUID, *, by: Actor, at: datetime) -> ContactPoint:
    """It is not theirs any more. Kept, so that past contacts make sense."""
    point = _point(point_id, by=by, own=True)
    if point.ended_at is None:
        point.ended_at = at
        point.save(update_fields=["ended_at"])
        record("contact_point_ended", point.customer_id, by=by, at=at, point=str(point.pk))
    return point


@transaction.atomic
def verify_contact_point(point_id: UUID, *, by: Actor, at: datetime, how: str = "staff") -> ContactPoint:
    """It was seen to be theirs. `how` is a code: staff (asked and answered), link (a mail's link was opened), code."""
    point = _point(point_id, by=by)
    if point.ended_at is not None:
        raise NotFound
    if point.verified_at is None:
        point.verified_at = at
        point.save(update_fields=["verified_at"])
        record("contact_point_verified", point.customer_id, by=by, at=at, point=str(point.pk), how=how)
    return point


def _point(point_id: UUID, *, by: Actor, own: bool = False) -> ContactPoint:
    """The customer is locked before what belongs to them."""
    customer_id = ContactPoint.objects.filter(pk=point_id).values_list("customer_id", flat=True).first()
    if customer_id is None:
        raise NotFound
    locked(customer_id, by=by, own=own)
    return ContactPoint.objects.select_for_update().get(pk=point_id)


@transaction.atomic
def add_address(
    customer_id: UUID,
    *,
    by: Actor,
    at: datetime,
    uprn: str = "",
    line: str = "",
    postcode: str = "",
    from_on: date | None = None,
    moved: bool = False,
) -> CustomerAddress:
    """Add a place by its UPRN, or in words. `moved`: the present ones become past on that day. Raises BadInput, AlreadyThere."""
    locked(customer_id, by=by, own=True)
    found = places.address(uprn) if uprn else None
    if uprn and found is None:
        raise BadInput({"address": _("We do not know that address. Search for it again")})
    line = found.label if found else clean_line(line)
    if not line:
        raise BadInput({"address": _("Enter an address")})
    if len(line) > LONGEST_LINE:
        raise BadInput({"address": _("The address must be %(most)d characters or fewer") % {"most": LONGEST_LINE}})
    compact = (places.postcode_of(uprn) if found else compact_postcode(postcode)) or ""
    if postcode.strip() and not compact:
        raise BadInput({"postcode": _("Enter a full UK postcode")})
    begins = from_on or council_date(at)
    if moved:
        present = CustomerAddress.objects.filter(customer_id=customer_id, until_on__isnull=True)
        present.exclude(from_on__gt=begins).update(until_on=begins)
        levels.moved(customer_id, by=by, at=at)
    try:
        with transaction.atomic():
            address = CustomerAddress.objects.create(
                customer_id=customer_id,
                uprn=found.code if found else "",
                line=line,
                postcode=compact,
                from_on=from_on,
            )
    except IntegrityError as error:
        raise AlreadyThere(_("This customer already has that address.")) from error
    words.put_down([customer_id])
    record("address_added", customer_id, by=by, at=at, address=str(address.pk), moved=moved)
    return address


@transaction.atomic
def end_address(address_id: UUID, *, until_on: date, by: Actor, at: datetime) -> CustomerAddress:
    """They left. `until_on` is the first day it no longer holds. Raises BadInput for a day before they came."""
    customer_id = CustomerAddress.objects.filter(pk=address_id).values_list("customer_id", flat=True).first()
    if customer_id is None:
        raise NotFound
    locked(customer_id, by=by, own=True)
    address = CustomerAddress.objects.select_for_update().get(pk=address_id)
    if address.from_on and until_on < address.from_on:
        raise BadInput({"until_on": _("They cannot have left before they came")})
    address.until_on = until_on
    address.save(update_fields=["until_on"])
    record("address_ended", customer_id, by=by, at=at, address=str(address.pk), until_on=until_on.isoformat())
    return address
