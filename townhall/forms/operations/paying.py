"""A fee that is taken in the middle of a form: owed under its draft, paid once, and given back when nothing comes of the form.

A charge is locked before the draft, as the payment that is heard of does, so that nothing waits for one another in a circle.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from townhall.catalogue import queries as catalogue
from townhall.core.actors import SYSTEM, Actor
from townhall.core.db import execute, fetch_all
from townhall.core.money import Pence
from townhall.core.subjects import Subject
from townhall.core.time import council_date
from townhall.forms import engine, queries
from townhall.forms.engine import Flow, Path
from townhall.forms.errors import NotFinished
from townhall.forms.questions import Payment as PaymentQuestion
from townhall.payments import operations as payments
from townhall.payments.events import ChargePaid
from townhall.payments.models import Charge, Payment
from townhall.payments.states import REFUNDS_UNDER_WAY, ChargeState, PaymentState

SOURCE = "form-draft"
FREE = "free"  # the answer where there is nothing to pay
TEST = "test"  # and in a test, where nothing is paid
BATCH = 100


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How the fee of one question stands. `open`: the charge that is to be paid now, or none yet."""

    pence: Pence  # what these answers cost
    paid: Pence
    open: Charge | None
    receipts: Sequence[str]

    @property
    def left(self) -> Pence:
        return Pence(max(self.pence - self.paid, 0))


def standing(
    draft_id: UUID, flow: Flow, question: PaymentQuestion, answers: Mapping[str, Any], *, today: date | None
) -> Standing:
    """Two queries. `answers` as typed."""
    clean = engine.path(flow, answers, today=today).answers
    charges = list(_charges(draft_id, question.code))
    taken = _taken(charges)
    return Standing(
        pence=engine.to_pay(flow, question, clean),
        paid=Pence(_kept(taken)),
        open=next((one for one in charges if one.state == ChargeState.OPEN), None),
        receipts=[one.receipt_number for one in taken],
    )


@transaction.atomic
def owe_on_the_way(token: str, code: str, *, by: Actor, at: datetime, email: str = "") -> Charge | None:
    """What is still to be paid for this question of a draft, as one charge; None when nothing is, and the question is answered then.

    Asked for twice it is one charge. When the answers have changed what it costs, only the rest is owed. Raises DraftGone.
    """
    draft = queries.draft(token, at=at)
    flow = queries.flow(draft.form_code, version=draft.form_version)
    question = _question(flow, code)
    charges = list(_charges(draft.pk, code).select_for_update())
    now = standing(draft.pk, flow, question, draft.answers, today=council_date(at))
    if not now.left:
        paid = next((one for one in charges if one.state == ChargeState.PAID), None)
        _answer(draft.pk, code, str(paid.pk) if paid else FREE)
        return None
    for charge in charges:
        if charge.state == ChargeState.OPEN:
            if charge.amount_pence == now.left:
                return charge
            payments.cancel_charge(charge.pk, by=by, at=at)
    pack = catalogue.entry(flow.form.service).pack
    return payments.owe(
        payments.Owed(
            kind=payments.kind_of_service(pack.code, pack.name),
            reference=f"F{draft.pk.hex[-10:].upper()}{len(charges) + 1}",
            description=question.label[:300],
            amount_pence=now.left,
            source=SOURCE,
            key=f"{draft.pk}:{code}:{len(charges)}",
            payer_email=email,
            customer_id=draft.on_behalf_of or draft.customer_id,
            subject=Subject(kind="draft", id=draft.pk),
        ),
        by=by,
        at=at,
    )


def heard_paid(event: ChargePaid) -> None:
    """A fee on the way is paid: its question is answered, wherever the payer is now. In the transaction of the payment."""
    if event.subject_kind != "draft" or event.subject_id is None:
        return
    charge = Charge.objects.get(pk=event.charge_id)
    if charge.source == SOURCE:
        _answer(event.subject_id, _code(charge), str(charge.pk))


def require_paid(flow: Flow, way: Path, draft_id: UUID | None, *, at: datetime) -> None:
    """Raises NotFinished, with the step, when a fee on the way is not paid in full: an answer alone proves nothing."""
    for step in way.steps:
        page = engine.page_of(flow, step)
        for question in page.questions if page else ():
            if not isinstance(question, PaymentQuestion) or question.code not in way.answers:
                continue
            owed = engine.to_pay(flow, question, way.answers)
            paid = _taken(list(_charges(draft_id, question.code))) if draft_id and owed else []
            if owed > _kept(paid):
                raise NotFinished(step=str(step))


def paid_on_the_way(flow: Flow, answers: Mapping[str, Any]) -> Pence:
    """Of the form's own fees, what a question on the way has taken: it is not owed again at the end. `answers` are clean."""
    taken = 0
    for question in flow.form.questions():
        if isinstance(question, PaymentQuestion) and question.pence is None and question.rule is None:
            taken += engine.to_pay(flow, question, answers) if answers.get(question.code) else 0
    return Pence(taken)


def settle(
    draft_id: UUID,
    flow: Flow,
    answers: Mapping[str, Any],
    *,
    now_about: Subject,
    customer_id: UUID | None,
    at: datetime,
) -> list[Charge]:
    """The form was sent: its fees belong to what it became, and what was paid too much goes back. In the sending's transaction."""
    rows = Charge.objects.select_for_update().filter(source=SOURCE, subject_kind="draft", subject_id=draft_id)
    charges = list(rows.order_by("id"))
    for code in dict.fromkeys(_code(charge) for charge in charges):
        theirs = [one for one in charges if _code(one) == code]
        question = _question(flow, code)
        owed = engine.to_pay(flow, question, answers) if answers.get(code) else 0
        _give_back(theirs, keep=owed, reason="Paid more on the way than the form cost", at=at)
    for charge in charges:
        if charge.state == ChargeState.OPEN:
            payments.cancel_charge(charge.pk, by=SYSTEM, at=at)
    rows.update(subject_kind=now_about.kind, subject_id=now_about.id, customer_id=customer_id)
    return [one for one in charges if one.state == ChargeState.PAID]


_LEFT = """
    SELECT c.id FROM payments_charge c LEFT JOIN forms_draft d ON d.id = c.subject_id
    WHERE c.source = 'form-draft' AND c.subject_kind = 'draft' AND c.state IN ('open', 'paid')
      AND (d.id IS NULL OR (d.expires_at <= %s AND d.result_id IS NULL))
      AND (c.state = 'open' OR EXISTS (SELECT 1 FROM payments_payment p WHERE p.charge_id = c.id AND p.state = 'success'
             AND p.refunded_pence < p.amount_pence
             AND NOT EXISTS (SELECT 1 FROM payments_refund r WHERE r.payment_id = p.id AND r.state <> 'success')))
    ORDER BY c.id LIMIT %s"""


def give_back(at: datetime) -> int:
    """Sweep: what was paid in forms that were never sent goes back, once their time is over; how many charges.

    A refund that the provider refuses is not tried again: it is among the refunds that finance sees.
    """
    found = [row[0] for row in fetch_all(_LEFT, (at, BATCH))]
    for charge_id in found:
        with transaction.atomic():
            charge = payments.lock(charge_id)
            if charge.state == ChargeState.OPEN:
                payments.cancel_charge(charge.pk, by=SYSTEM, at=at)
            else:
                _give_back([charge], keep=0, reason="The form it was for was not sent", at=at)
    return len(found)


def _give_back(charges: Sequence[Charge], *, keep: int, reason: str, at: datetime) -> None:
    """Ask for what is above `keep` to be given back, of the newest payments first."""
    taken = _taken(charges)
    above = _kept(taken) - keep
    for payment in reversed(taken):
        part = min(above, payment.amount_pence - payment.refunded_pence)
        if part > 0 and not payment.refunds.filter(state__in=REFUNDS_UNDER_WAY).exists():
            payments.request_refund(payment.pk, amount_pence=Pence(part), reason=reason, by=SYSTEM, at=at)
            above -= part


def _taken(charges: Sequence[Charge]) -> list[Payment]:
    """The payments that paid these charges, the first one first. One query."""
    rows = Payment.objects.filter(charge__in=[one.pk for one in charges], state=PaymentState.SUCCESS, is_surplus=False)
    return list(rows.order_by("id"))


def _kept(taken: Sequence[Payment]) -> int:
    """Pence of these payments that did not go back."""
    return sum(one.amount_pence - one.refunded_pence for one in taken)


def _code(charge: Charge) -> str:
    """Of the question that it pays: `owe_on_the_way` made its key."""
    return charge.source_key.split(":")[1]


def _charges(draft_id: UUID, code: str) -> QuerySet[Charge]:
    rows = Charge.objects.filter(subject_kind="draft", subject_id=draft_id, source=SOURCE)
    return rows.filter(source_key__startswith=f"{draft_id}:{code}:").order_by("id")


def _question(flow: Flow, code: str) -> PaymentQuestion:
    found = next(one for one in flow.form.questions() if one.code == code)
    assert isinstance(found, PaymentQuestion)
    return found


def _answer(draft_id: UUID, code: str, value: str) -> None:
    execute(
        "UPDATE forms_draft SET answers = answers || jsonb_build_object(%s::text, %s::text) WHERE id = %s AND result_id IS NULL",
        (code, value, draft_id),
    )
