"""What a form costs: owed from the moment it is sent, paid on the way out of it or later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from townhall.cases.models import Case
from townhall.cases.operations.locking import record
from townhall.catalogue.pack import ServicePack
from townhall.core.actors import SYSTEM, Actor
from townhall.core.money import Pence
from townhall.core.subjects import Subject
from townhall.forms import engine
from townhall.forms.engine import Due, Flow
from townhall.forms.operations import paying as on_the_way
from townhall.notifications.recipients import Recipient
from townhall.payments import operations as payments
from townhall.payments.events import ChargePaid

SOURCE = "forms"


class Pricing(Protocol):
    """What the answers of a service's form cost. `case_id` once they are sent."""

    def __call__(self, answers: Mapping[str, Any], /, *, case_id: UUID | None, at: datetime) -> Sequence[Due]: ...


_priced: dict[str, Pricing] = {}


def price_by(service_code: str, pricing: Pricing) -> None:
    """The fee of this service is found by a higher app and not by its form: `config/subscriptions.py` says which."""
    _priced[service_code] = pricing


def due(flow: Flow, answers: Mapping[str, Any], *, at: datetime, case_id: UUID | None = None) -> Sequence[Due]:
    """What these answers cost, line by line."""
    pricing = _priced.get(flow.form.service)
    return pricing(answers, case_id=case_id, at=at) if pricing else engine.fees(flow, answers)


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
    lines = due(flow, answers, at=at, case_id=case_id)
    total = sum(one.pence for one in lines) - on_the_way.paid_on_the_way(flow, answers)
    if total <= 0:
        return None
    charge = payments.owe(
        payments.Owed(
            kind=payments.kind_of_service(pack.code, pack.name),
            reference=reference,
            description=", ".join(dict.fromkeys(one.words for one in lines))[:300],
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


def settle(draft_id: UUID | None, flow: Flow, answers: Mapping[str, Any], case: Case, *, at: datetime) -> None:
    """What was paid on the way belongs to the case from now on."""
    if draft_id is None:
        return
    paid = on_the_way.settle(draft_id, flow, answers, now_about=case.subject, customer_id=case.customer_id, at=at)
    for charge in paid:
        record(case, "case.fee_paid", by=SYSTEM, at=at, charge=str(charge.pk))


def heard_paid(event: ChargePaid) -> None:
    """The history of the case says that it was paid. Called inside the transaction that wrote the payment down."""
    if event.subject_kind != "case" or event.subject_id is None:
        return
    case = Case.objects.filter(pk=event.subject_id).first()
    if case is not None:
        record(case, "case.fee_paid", by=SYSTEM, at=event.at, charge=str(event.charge_id))
