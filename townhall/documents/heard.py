"""What other apps announce that leaves somebody with a document, in the transaction that made it so."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.utils import translation
from django.utils.translation import gettext as _

from townhall.core.actors import SYSTEM
from townhall.core.errors import NotFound
from townhall.core.money import Pence
from townhall.core.subjects import Subject
from townhall.documents.models import Kind
from townhall.documents.operations import keep_document, language_of
from townhall.documents.summaries import summary_of
from townhall.documents.wording import worded
from townhall.forms import queries as forms
from townhall.payments.events import ChargePaid, ChargePosted
from townhall.payments.models import Charge, Payment


def charge_posted(event: ChargePosted) -> None:
    """A bill, where somebody we know has to pay by a day. What is paid at once, as the fee of a form, gives a receipt only."""
    if event.customer_id is None:
        return
    charge = Charge.objects.select_related("kind").get(pk=event.charge_id)
    if charge.due_on is None:
        return
    language = language_of(event.customer_id)
    with translation.override(language):
        title = _("Bill: %(what)s") % {"what": charge.description}
    keep_document(
        customer_id=event.customer_id,
        kind=Kind.BILL,
        title=title,
        about=charge.subject,
        key=f"bill-{charge.pk}",
        html=worded(
            "bill",
            {
                "charge": charge,
                "full": Pence(charge.amount_pence),
                "lower": Pence(charge.amount_pence - charge.discount_pence),
                "path": f"/pay/{charge.pk}",
            },
            language=language,
        ),
        reference=charge.reference,
        language=language,
        by=SYSTEM,
        at=event.at,
    )


def charge_paid(event: ChargePaid) -> None:
    """A receipt for who paid, or whose bill it was."""
    payment = Payment.objects.select_related("charge__kind").get(pk=event.payment_id)
    customer_id = payment.customer_id or payment.charge.customer_id
    if customer_id is None:
        return
    language = language_of(customer_id)
    with translation.override(language):
        title = _("Receipt: %(what)s") % {"what": payment.charge.description}
    context = {"payment": payment, "charge": payment.charge, "amount": Pence(payment.amount_pence), "paid_at": event.at}
    keep_document(
        customer_id=customer_id,
        kind=Kind.STATEMENT,
        title=title,
        about=payment.subject,
        key=f"receipt-{payment.pk}",
        html=worded("receipt", context, language=language),
        reference=payment.charge.reference,
        language=language,
        by=SYSTEM,
        at=event.at,
    )


def form_sent(submission_id: UUID, *, customer_id: UUID, reference: str, at: datetime) -> None:
    """What somebody said in a form, question by question, as they saw it before they sent it."""
    try:
        sent = forms.submission(submission_id)
    except NotFound:
        return
    language = language_of(customer_id)
    sheet = summary_of(sent, reference=reference, sent_at=at, language=language)
    keep_document(
        customer_id=customer_id,
        kind=Kind.SUMMARY,
        title=sheet.title,
        about=Subject(kind="submission", id=submission_id),
        key=f"submission-{submission_id}",
        html=sheet.body,
        reference=reference,
        language=language,
        by=SYSTEM,
        at=at,
    )
