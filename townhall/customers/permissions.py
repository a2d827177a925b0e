"""Which customers an actor may see. Every page and operation about customers starts from here."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from townhall.accounts import permissions
from townhall.core.actors import Actor, ActorKind
from townhall.core.errors import NotFound
from townhall.customers.models import Customer

SEE = "customers.see"
CHANGE = "customers.change"


def customers_visible_to(by: Actor) -> QuerySet[Customer]:
    """Staff whose posts allow it see every customer; a customer sees their own record; everybody else sees none."""
    customers = Customer.objects.filter(merged_into__isnull=True)
    if by.kind is ActorKind.CUSTOMER:
        return customers.filter(pk=by.id)
    return customers if permissions.may(by, SEE).allowed else customers.none()


def locked(customer_id: UUID, *, by: Actor, own: bool = False) -> Customer:
    """The record as it is now, locked until the transaction ends. Raises NotAllowed, or NotFound for what `by` may not see.

    own: customers may change this of their own record.
    """
    if not (own and by.kind is ActorKind.CUSTOMER):
        permissions.require(by, CHANGE)
    found = customers_visible_to(by).select_for_update().filter(pk=customer_id).first()
    if found is None:
        raise NotFound
    return found
