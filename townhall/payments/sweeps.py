"""The worker's rounds: payments and refunds whose time has come are asked about. A claim is committed before the provider is called."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from townhall.payments.models import Payment, Refund
from townhall.payments.operations import look_now, send_refund

BATCH = 20
# How long until the next look, by how many there were. The provider ends a payment 90 minutes after it began.
_WAITS = (*(timedelta(minutes=minutes) for minutes in (2, 5, 15, 30, 45)), timedelta(hours=6))


def look(at: datetime) -> int:
    """Payments that nobody came back from, or that a message is about; how many were asked about."""
    with transaction.atomic():
        due = list(
            Payment.objects.select_for_update(skip_locked=True)
            .filter(next_look_at__lte=at)
            .order_by("next_look_at")[:BATCH]
        )
        for payment in due:
            payment.next_look_at = at + _WAITS[min(payment.looks, len(_WAITS) - 1)]
            payment.looks += 1
            payment.save(update_fields=["next_look_at", "looks"])
    for payment in due:
        look_now(payment.pk, at=at)
    return len(due)


def refund(at: datetime) -> int:
    """Refunds to send, or to ask about; how many."""
    with transaction.atomic():
        due = list(
            Refund.objects.select_for_update(skip_locked=True)
            .filter(next_look_at__lte=at)
            .order_by("next_look_at")[:BATCH]
        )
        for one in due:
            one.next_look_at = at + timedelta(minutes=2)
            one.looks += 1
            one.save(update_fields=["next_look_at", "looks"])
    for one in due:
        send_refund(one.pk, at=at)
    return len(due)
