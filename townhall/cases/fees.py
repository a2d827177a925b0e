"""What a form costs: owed from the moment it is sent, paid on the way out of it or later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from townhall.cases.models import Case
from townhall.cases.operations.locking import record
from townhall.catalogue.pack import ServicePack
from townhall.core.actors import SYSTEM, Actor
from townhall.core.money import Pence
from townhall.core.subjects import Subject
from townhall.forms import engine
from townhall.forms.engine import Flow
from townhall.notifications.recipients import Recipient
from townhall.payments import operations as payments
from townhall.payments.events import ChargePaid

SOURCE = "forms"


def owe(
    flow: Flow,
    answers: Mapping[str, Any],
    pack: ServicePack,
    *,
    case_id: UUID,
    reference: str,
    sender: Recipient,
    by: Actor,
    at: datetime,
) -> UUID | None:
    """Post what these answers cost, as one charge under the case's reference; its id, or None when it is free."""
    due: Sequence[Any] = engine.fees(flow, answers)
    total = sum(one.pence for one in due)
    if total <= 0:
        return None
    charge = payments.owe(
        payments.Owed(
            kind=payments.kind_of_service(pack.code, pack.name),
            reference=reference,
            description=", ".join(dict.fromkeys(one.words for one in due))[:300],
            amount_pence=Pence(total),
            source=SOURCE,
            key=str(case_id),
            payer_name=sender.name,
            payer_email=sender.email,
            customer_id=sender.customer_id,
            subject=Subject(kind="case", id=case_id),
        ),
        by=by,
        at=at,
    )
    return charge.pk


def heard_paid(event: ChargePaid) -> None:
    """The history of the case says that it was paid. Called inside the transaction that wrote the payment down."""
    if event.subject_kind != "case" or event.subject_id is None:
        return
    case = Case.objects.filter(pk=event.subject_id).first()
    if case is not None:
        record(case, "case.fee_paid", by=SYSTEM, at=event.at, charge=str(event.charge_id))
