"""What a customer is to the council and to others: roles, numbers, representatives."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from townhall.core.actors import Actor
from townhall.core.errors import BadInput, NotFound
from townhall.core.time import council_date
from townhall.customers.errors import NumberTaken
from townhall.customers.models import Customer, CustomerNumber, CustomerRole, Link
from townhall.customers.operations.recording import record
from townhall.customers.permissions import customers_visible_to, locked
from townhall.customers.typed import normalised_number
from townhall.forms.typed import clean_line

LONGEST = 300


@transaction.atomic
def add_role(customer_id: UUID, *, role: str, detail: str = "", by: Actor, at: datetime) -> CustomerRole:
    """Twice is once. Raises BadInput."""
    locked(customer_id, by=by)
    if role not in CustomerRole.Role.values:
        raise BadInput({"role": _("Select a role")})
    found, made = CustomerRole.objects.get_or_create(
        customer_id=customer_id, role=role, detail=clean_line(detail)[:LONGEST], ended_at=None
    )
    if made:
        record("role_added", customer_id, by=by, at=at, role=role)
    return found


@transaction.atomic
def end_role(role_id: UUID, *, by: Actor, at: datetime) -> CustomerRole:
    role = CustomerRole.objects.filter(pk=role_id).first()
    if role is None:
        raise NotFound
    locked(role.customer_id, by=by)
    role.refresh_from_db()
    if role.ended_at is None:
        role.ended_at = at
        role.save(update_fields=["ended_at"])
        record("role_ended", role.customer_id, by=by, at=at, role=role.role)
    return role


@transaction.atomic
def add_number(customer_id: UUID, *, kind: str, value: str, by: Actor, at: datetime) -> CustomerNumber:
    """A number another system knows them by. Twice is once. Raises BadInput; NumberTaken when it is another customer's."""
    locked(customer_id, by=by)
    typed, normalised = clean_line(value)[:LONGEST], normalised_number(value)
    if kind not in CustomerNumber.Kind.values:
        raise BadInput({"kind": _("Select what kind of number it is")})
    if not normalised:
        raise BadInput({"number": _("Enter the number")})
    try:
        with transaction.atomic():
            number = CustomerNumber.objects.create(
                customer_id=customer_id, kind=kind, value=typed, normalised=normalised
            )
    except IntegrityError as error:
        held = CustomerNumber.objects.get(kind=kind, normalised=normalised)
        if held.customer_id != customer_id:
            raise NumberTaken(held.customer_id) from error
        return held
    record("number_added", customer_id, by=by, at=at, kind=kind, number=str(number.pk))
    return number


@transaction.atomic
def remove_number(number_id: UUID, *, by: Actor, at: datetime) -> None:
    """It was never theirs, or is nobody's now: it may be given to another."""
    number = CustomerNumber.objects.filter(pk=number_id).first()
    if number is None:
        raise NotFound
    locked(number.customer_id, by=by)
    if number.delete()[0]:
        record("number_removed", number.customer_id, by=by, at=at, kind=number.kind, number=str(number_id))


@transaction.atomic
def link(
    customer_id: UUID, representative_id: UUID, *, relation: str, evidence: str = "", by: Actor, at: datetime
) -> Link:
    """Somebody acts for a customer, or is a contact at an organisation. Twice is once.

    Raises BadInput without evidence of authority, or for a contact at a person. Customers are locked in primary-key order.
    """
    for one in sorted((customer_id, representative_id)):
        locked(one, by=by)
    customer = Customer.objects.get(pk=customer_id)
    evidence = clean_line(evidence)[:LONGEST]
    problems: dict[str, str] = {}
    if relation not in Link.Relation.values:
        problems["relation"] = _("Select how they act for the customer")
    elif relation == Link.Relation.CONTACT_AT and customer.kind != Customer.Kind.ORGANISATION:
        problems["relation"] = _("Only an organisation has contacts")
    elif relation != Link.Relation.CONTACT_AT and not evidence:
        problems["evidence"] = _("Enter the evidence of authority, such as a letter and the date it was seen")
    if customer_id == representative_id:
        problems["representative"] = _("Nobody represents themselves")
    if problems:
        raise BadInput(problems)
    made, is_new = Link.objects.get_or_create(
        customer_id=customer_id,
        representative_id=representative_id,
        relation=relation,
        until_on=None,
        defaults={"evidence": evidence, "from_on": council_date(at)},
    )
    if is_new:
        record("represented", customer_id, by=by, at=at, representative=str(representative_id), relation=relation)
    return made


@transaction.atomic
def end_link(link_id: UUID, *, by: Actor, at: datetime, until_on: date | None = None) -> Link:
    found = Link.objects.filter(pk=link_id).first()
    if found is None or not customers_visible_to(by).filter(pk=found.customer_id).exists():
        raise NotFound
    locked(found.customer_id, by=by)
    found.refresh_from_db()
    if found.until_on is None:
        found.until_on = until_on or council_date(at)
        found.save(update_fields=["until_on"])
        record("representation_ended", found.customer_id, by=by, at=at, representative=str(found.representative_id))
    return found
