"""A provider's signed messages: taken once, answered at once. What they are about is looked at by the worker."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from townhall.payments import protocol
from townhall.payments.models import Payment, Refund, WebhookEvent
from townhall.payments.states import REFUNDS_UNDER_WAY, UNFINISHED


def receive(provider_code: str, body: bytes, *, signature: str, at: datetime) -> bool:
    """Keep a message and have its payment looked at; False when it had come before.

    Nothing in the message is believed but which payment it is about: messages come late, twice and in any order.
    Raises KeyError for a provider that we do not have, BadSignature, UnreadableMessage.
    """
    said = protocol.provider(provider_code).read_message(body, signature=signature)
    if "\0" in said.message_id + said.event_type + said.provider_id:
        raise protocol.UnreadableMessage("A NUL cannot be kept.")
    with transaction.atomic():
        _event, is_new = WebhookEvent.objects.get_or_create(
            provider=provider_code,
            message_id=said.message_id[:200],
            defaults={
                "event_type": said.event_type[:100],
                "provider_id": said.provider_id[:200],
                "received_at": at,
            },
        )
        if is_new:
            theirs = {"provider": provider_code, "provider_id": said.provider_id}
            Payment.objects.filter(**theirs, state__in=UNFINISHED).update(next_look_at=at)
            payments = Payment.objects.filter(**theirs).values("pk")
            Refund.objects.filter(payment__in=payments, state__in=REFUNDS_UNDER_WAY).update(next_look_at=at)
    return is_new
