"""Signed messages of the provider: double, slow, forged and about nothing we know."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from townhall.payments import sweeps
from townhall.payments.models import Income, Payment, WebhookEvent
from townhall.payments.standin import PretendProvider
from townhall.payments.tests.makers import NOON, WEBHOOK_SECRET, make_payment, press

NUL = json.dumps({"id": "\0", "event_type": "x", "resource_id": "\0"}).encode()


def signed(body: bytes, secret: str = WEBHOOK_SECRET) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def send(client: Client, body: bytes, signature: str) -> int:
    return client.post(
        "/payments/messages/pay", data=body, content_type="application/json", headers={"Pay-Signature": signature}
    ).status_code


def message(payment: Payment, **changed: Any) -> bytes:
    said = {
        "webhook_message_id": "m-1",
        "event_type": "card_payment_succeeded",
        "resource_id": payment.provider_id,
        "resource_type": "payment",
    }
    return json.dumps({**said, **changed}).encode()


@pytest.mark.capability("PAY-04")
def test_a_signed_message_has_the_payment_looked_at_once(provider: PretendProvider, client: Client) -> None:
    payment = make_payment()
    press(payment.next_url, "lost:none")
    body = message(payment)

    assert send(client, body, signed(body)) == 200
    assert send(client, body, signed(body)) == 200

    assert WebhookEvent.objects.count() == 1
    assert sweeps.look(WebhookEvent.objects.get().received_at) == 1
    assert Payment.objects.get().state == "success"
    assert Income.objects.get().payments == 1


@pytest.mark.capability("PAY-04")
def test_what_a_message_says_of_the_outcome_is_not_believed(provider: PretendProvider, client: Client) -> None:
    payment = make_payment()
    body = message(payment)

    assert send(client, body, signed(body)) == 200
    sweeps.look(WebhookEvent.objects.get().received_at)

    assert Payment.objects.get().state == "created"


def test_who_does_not_know_the_secret_is_not_heard(provider: PretendProvider, client: Client) -> None:
    body = message(make_payment())

    assert send(client, body, signed(body, "another")) == 401
    assert send(client, body, "") == 401
    assert send(client, body + b" ", signed(body)) == 401
    assert not WebhookEvent.objects.exists()


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"\xff\xfe", b'{"id": "1", "event_type": "x"}', b"null", NUL])
def test_signed_nonsense_is_refused_quietly(provider: PretendProvider, client: Client, body: bytes) -> None:
    assert send(client, body, signed(body)) == 400


def test_no_secret_means_no_messages(provider: PretendProvider, client: Client, settings: Any) -> None:
    settings.PAY_WEBHOOK_SECRET = ""
    body = message(make_payment())

    assert send(client, body, signed(body, "")) == 401


def test_a_message_about_nothing_we_know_and_either_name_of_its_id(provider: PretendProvider, client: Client) -> None:
    body = json.dumps({"id": "m-9", "event_type": "new_kind", "resource_id": "unknown", "more": 1}).encode()

    assert send(client, body, signed(body)) == 200
    assert WebhookEvent.objects.get().message_id == "m-9"


@pytest.mark.capability("PAY-04")
@pytest.mark.parametrize("how", ["normal", "double", "slow"])
def test_the_providers_own_messages_arrive(
    provider: PretendProvider, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr("townhall.payments.standin.book.SLOW_SECONDS", 1.0)
    provider.tell_url = f"{live_server.url}/payments/messages/{{code}}"
    payment = make_payment(at=NOON)

    press(payment.next_url, f"lost:{how}")
    if how == "slow":  # the worker's round is there first
        sweeps.look(NOON + timedelta(minutes=6))

    until = time.monotonic() + 15
    while provider.book.waiting or not WebhookEvent.objects.exists():
        assert time.monotonic() < until
        time.sleep(0.05)
    sweeps.look(WebhookEvent.objects.get().received_at)
    assert Payment.objects.get().state == "success"
    assert Income.objects.get().payments == 1
