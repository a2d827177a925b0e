"""Staff say whose request a case is that was made without an account, and take that back when it was wrong."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from townhall.accounts.permissions import require
from townhall.cases.models import Case, Follower
from townhall.cases.operations.locking import locked, record
from townhall.core.actors import Actor
from townhall.core.errors import BadInput, NotAllowed, NotFound, WrongState
from townhall.customers.merging.aliases import standing
from townhall.customers.models import Customer
from townhall.customers.permissions import SEE, customers_visible_to
from townhall.ledger.models import Entry

LINK: Final = "cases.open"  # whoever may open a case for a customer may say whose one is
LINKED, UNLINKED = "case.customer_linked", "case.customer_unlinked"
_BY_STAFF = frozenset({LINKED, "case.customer_known"})
_WHOSE = (*_BY_STAFF, UNLINKED, "case.claimed")
NOT_THEIRS: Final[Mapping[str, StrOrPromise]] = {
    "wrong_record": _("The wrong record was chosen"),
    "they_say": _("They say that it is not theirs"),
    "reporter_says": _("Whoever reported it says that it is somebody else’s"),
}


@transaction.atomic
def link_customer(case_id: UUID, customer_id: UUID, *, by: Actor, at: datetime) -> Case:
    """Put the case, and following it as its reporter, among a customer's requests. The same customer twice is once.

    A record that was merged stands for the one it was merged into. Raises NotFound for a case or a customer that `by` may not see,
    NotAllowed, WrongState when it is another customer's.
    """
    case = _locked(case_id, by=by)
    customer = _customer(customer_id, by=by)
    if case.customer_id == customer.pk:
        return case
    if case.customer_id is not None:
        raise WrongState(_("This request is on somebody else’s record. Take it off that record first."))
    case.customer_id = customer.pk
    case.save(update_fields=["customer"])
    _reporters(case).filter(customer_id=None).update(customer_id=customer.pk)
    record(case, LINKED, by=by, at=at)
    return case


@transaction.atomic
def unlink_customer(case_id: UUID, customer_id: UUID, *, reason: str, by: Actor, at: datetime) -> Case:
    """Take the case off the record of `customer_id` again: only what staff linked. Nothing happens when it is on none.

    Raises NotFound, NotAllowed, BadInput without a reason of NOT_THEIRS, WrongState when it is another customer's by now, or the
    customer made it or claimed it themselves.
    """
    case = _locked(case_id, by=by)
    if reason not in NOT_THEIRS:
        raise BadInput({"reason": _("Select why it is not theirs")})
    if case.customer_id is None:
        return case
    if case.customer_id != standing(customer_id):
        raise WrongState
    if not was_linked_by_staff(case):
        raise WrongState(_("They made this request themselves, or it was opened for them: it stays on their record."))
    record(case, UNLINKED, by=by, at=at, reason=reason)
    _reporters(case).filter(customer_id=case.customer_id).update(customer_id=None)
    case.customer_id = None
    case.save(update_fields=["customer"])
    return case


def was_linked_by_staff(case: Case) -> bool:
    """Whether whose it is was last said by staff, after it was opened. One query."""
    said = Entry.objects.filter(case_id=case.pk, verb__in=_WHOSE).order_by("-at", "-id")
    return said.values_list("verb", flat=True).first() in _BY_STAFF


def _locked(case_id: UUID, *, by: Actor) -> Case:
    if not by.is_staff:
        raise NotAllowed
    require(by, SEE)
    return locked(case_id, by=by, to=LINK)


def _customer(customer_id: UUID, *, by: Actor) -> Customer:
    """Locked against being merged meanwhile."""
    stands = standing(customer_id)
    visible = customers_visible_to(by).select_for_update(no_key=True)
    found = visible.filter(pk=stands).first() if stands else None
    if found is None:
        raise NotFound
    return found


def _reporters(case: Case) -> QuerySet[Follower]:
    """Whoever reported it, also where the report was joined to another."""
    return Follower.objects.filter(original_case_id=case.pk, is_reporter=True, ended_at=None)
