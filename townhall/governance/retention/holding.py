"""Keeping what would be removed: because of a claim, a complaint, an inquiry or a request for it."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from townhall.accounts import permissions
from townhall.cases.models import Case
from townhall.core import turns
from townhall.core.actors import Actor
from townhall.core.errors import BadInput, NotFound
from townhall.core.time import council_date
from townhall.customers.merging.aliases import standing
from townhall.customers.models import Customer
from townhall.forms.typed import clean_line
from townhall.governance.models import Hold
from townhall.governance.retention.rules import LONGEST, MANAGE
from townhall.ledger import operations as ledger

ONE_AT_A_TIME = 7_202_601  # an advisory lock: holding something and removing it never pass each other


def take_turn() -> None:
    """Wait until no batch is being removed and nothing is being held, until this transaction ends."""
    turns.take_turn(ONE_AT_A_TIME)


@transaction.atomic
def hold(
    *,
    why: str,
    by: Actor,
    at: datetime,
    customer_id: UUID | None = None,
    case_id: UUID | None = None,
    until_on: date | None = None,
) -> Hold:
    """Nothing about this customer, or else of this case, is removed until the day after `until_on`, or until it is ended.

    A record that was merged into another holds the one that stands. Raises NotAllowed, NotFound, BadInput.
    """
    permissions.require(by, MANAGE)
    why = clean_line(why)[:LONGEST]
    problems: dict[str, str] = {}
    if not why:
        problems["why"] = _("Enter why it is held")
    if until_on is not None and until_on < council_date(at):
        problems["until"] = _("The date must not be in the past")
    if problems:
        raise BadInput(problems)
    if customer_id is not None:
        customer_id = standing(customer_id) or customer_id
    is_there = (
        Customer.objects.filter(pk=customer_id).exists()
        if customer_id is not None
        else case_id is not None and Case.objects.filter(pk=case_id).exists()
    )
    if not is_there:
        raise NotFound
    take_turn()
    made = Hold.objects.create(
        customer_id=customer_id,
        case_id=None if customer_id else case_id,
        why=why,
        until_on=until_on,
        made_by=UUID(by.id),
        made_at=at,
    )
    ledger.record(
        "retention.held", about=made.subject, by=by, at=at, customer_id=made.customer_id, case_id=made.case_id
    )
    return made


@transaction.atomic
def end_hold(hold_id: UUID, *, by: Actor, at: datetime) -> Hold:
    """It may be removed again when its time has come. Twice is once. Raises NotAllowed, NotFound."""
    permissions.require(by, MANAGE)
    take_turn()
    row = Hold.objects.select_for_update().filter(pk=hold_id).first()
    if row is None:
        raise NotFound
    if row.ended_at is None:
        row.ended_at, row.ended_by = at, UUID(by.id)
        row.save(update_fields=["ended_at", "ended_by"])
        ledger.record(
            "retention.released", about=row.subject, by=by, at=at, customer_id=row.customer_id, case_id=row.case_id
        )
    return row


def holds() -> QuerySet[Hold]:
    """Those not ended by anybody, newest first."""
    return Hold.objects.filter(ended_at=None).select_related("customer", "case").order_by("-made_at", "-id")
