"""The automated phone line. The payer is with it already: it asks us what is owed, takes the card itself and tells us what came of it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import datetime

from townhall.payments.models import Payment
from townhall.payments.protocol import (
    BadSignature,
    Created,
    Found,
    FoundRefund,
    Message,
    Order,
    ProviderRefused,
    UnknownThere,
)
from townhall.payments.states import PaymentState

CODE = "phone"


class PhoneLine:
    """What it told us is all that is known of its payments; its own list comes with its settlement file."""

    def create(self, order: Order) -> Created:
        return Created(provider_id=f"phone-{secrets.token_hex(12)}", next_url="")

    def status(self, provider_id: str) -> Found:
        row = Payment.objects.filter(provider=CODE, provider_id=provider_id).first()
        if row is None:
            raise UnknownThere
        return Found(
            provider_id=provider_id,
            reference=row.charge.reference,
            state=PaymentState(row.state),
            code=row.code,
            amount_pence=row.amount_pence,
            refunded_pence=row.refunded_pence,
            refundable_pence=0,
        )

    def cancel(self, provider_id: str) -> None:
        """The line hangs up by itself."""

    def refund(self, provider_id: str, *, amount_pence: int, available_pence: int) -> FoundRefund:
        raise ProviderRefused("A payment by phone is given back by the finance team, by bank transfer.")

    def refunds(self, provider_id: str) -> list[FoundRefund]:
        return []

    def listed(self, *, since: datetime, until: datetime) -> Iterator[Found]:
        rows = Payment.objects.filter(provider=CODE, created_at__gte=since, created_at__lt=until).exclude(
            provider_id=""
        )
        yield from (self.status(row.provider_id) for row in rows)

    def read_message(self, body: bytes, *, signature: str) -> Message:
        raise BadSignature  # it speaks through the API, with a key
