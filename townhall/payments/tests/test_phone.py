"""The automated phone line pays through the same interface, by the API (PAY-02, PAY-04)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from townhall.accounts.tests.makers import make_key
from townhall.core.actors import SYSTEM
from townhall.core.time import now
from townhall.payments import operations, sweeps
from townhall.payments.models import Charge, Income, Method, Payment
from townhall.payments.standin import PretendProvider
from townhall.payments.tests.makers import make_charge, make_payment

BASE = "/api/v1/payments"


@pytest.fixture
def line(transactional_db: None) -> Client:
    return Client(headers={"Authorization": f"Bearer {make_key('payments.phone')}"})


def post(line: Client, path: str, **body: Any) -> Any:
    return line.post(f"{BASE}{path}", data=body, content_type="application/json")


@pytest.mark.capability("PAY-04")
def test_a_caller_pays_by_reference(line: Client) -> None:
    charge = make_charge(reference="AL10000009", kind="penalty-notice")

    owed = line.get(f"{BASE}/owed", {"reference": "al 1000 0009"}).json()
    begun = post(line, "/calls", charge=owed[0]["id"]).json()
    again = post(line, "/calls", charge=owed[0]["id"]).json()
    told = post(line, f"/calls/{begun['id']}/outcome", outcome="success")
    told_twice = post(line, f"/calls/{begun['id']}/outcome", outcome="failed")

    assert (owed[0]["owed_pence"], owed[0]["state"]) == (12_050, "open")
    assert begun["id"] == again["id"]
    assert (told.status_code, told.json()["state"], told_twice.json()["state"]) == (200, "success", "success")
    assert Charge.objects.get(pk=charge.pk).state == "paid"
    assert Income.objects.get().method == "phone"
    assert line.get(f"{BASE}/owed", {"reference": "AL10000009"}).json()[0]["state"] == "paid"


def test_no_name_is_told_and_a_key_is_needed(line: Client) -> None:
    make_charge(reference="70001", payer_name="Nadia Examplewood", payer_email="nadia@example.org")

    said = line.get(f"{BASE}/owed", {"reference": "70001"}).content.decode()

    assert "Nadia" not in said
    assert "nadia@" not in said
    assert Client().get(f"{BASE}/owed", {"reference": "70001"}).status_code == 401


def test_a_call_that_was_cut_off_ends_by_itself(line: Client) -> None:
    payment = operations.start(make_charge().pk, method=Method.PHONE, by=SYSTEM, at=now())

    sweeps.look(now() + timedelta(minutes=6))
    assert Payment.objects.get(pk=payment.pk).state == "created"
    sweeps.look(now() + timedelta(minutes=40))
    assert Payment.objects.get(pk=payment.pk).state == "failed"


def test_only_calls_are_told_of_here(line: Client, provider: PretendProvider) -> None:
    payment = make_payment()

    assert post(line, f"/calls/{payment.pk}/outcome", outcome="success").status_code == 404
    assert Payment.objects.get().state == "created"


def test_paid_already_is_said(line: Client) -> None:
    charge = make_charge()
    begun = post(line, "/calls", charge=str(charge.pk)).json()
    post(line, f"/calls/{begun['id']}/outcome", outcome="success")

    assert post(line, "/calls", charge=str(charge.pk)).status_code == 409


def test_a_repeat_under_the_same_key_is_answered_as_the_first(line: Client) -> None:
    charge = make_charge()
    key: dict[str, Any] = {"headers": {"Idempotency-Key": "call-1"}, "content_type": "application/json"}
    begun = [line.post(f"{BASE}/calls", {"charge": str(charge.pk)}, **key).json() for _ in range(2)]
    path = f"{BASE}/calls/{begun[0]['id']}/outcome"
    key["headers"] = {"Idempotency-Key": "outcome-1"}
    told = [line.post(path, {"outcome": "success"}, **key).json() for _ in range(2)]

    assert begun[0]["id"] == begun[1]["id"]
    assert [one["state"] for one in told] == ["success", "success"]
    assert Payment.objects.count() == 1
