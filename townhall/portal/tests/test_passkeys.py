from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from townhall.accounts.residents.models import Passkey, ResidentAccount, ResidentAuthenticator, ResidentSession
from townhall.core.sealing import sealed
from townhall.core.time import now
from townhall.notifications.models import Message
from townhall.portal.tests.authenticator import Authenticator
from townhall.portal.tests.residents import make_account, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _here(settings: Any) -> None:
    assert settings.PUBLIC_URL == "http://localhost:8000"


def add(account: ResidentAccount, device: Authenticator) -> Any:
    client = signed_in(account)
    options = client.post(reverse("portal:passkey_adding")).json()
    made = json.dumps(device.create(options))
    return client.post(reverse("portal:passkey_add"), {"name": "My phone", "credential": made})


def use(client: Client, device: Authenticator, **more: str) -> Any:
    options = client.post(reverse("portal:passkey_options")).json()
    return client.post(reverse("portal:passkey_sign_in"), {"credential": json.dumps(device.get(options)), **more})


@pytest.mark.capability("ACCT-01", "ACCT-02")
def test_a_passkey_is_added_and_signs_in_as_both_factors(client: Client) -> None:
    account, device = make_account(), Authenticator()
    ResidentAuthenticator.objects.create(account=account, secret=sealed("JBSWY3DPEHPK3PXP"), confirmed_at=now())
    added = add(account, device)
    assert added.status_code == 200, added.content

    answer = use(client, device, next=reverse("portal:account_security"))

    assert answer.json() == {"next": reverse("portal:account_security")}
    page = client.get(reverse("portal:account_security"))
    assert "My phone" in page.content.decode()
    session = ResidentSession.objects.latest("started_at")
    assert (session.how, session.is_strong) == ("passkey", True)
    assert Message.objects.get(template="account/news").subject_line == "A passkey was added"


@pytest.mark.parametrize(
    "device",
    [
        Authenticator(origin="https://evil.example"),
        Authenticator(host="evil.example"),
        Authenticator(verifies=False),
    ],
    ids=["another origin", "another site", "nobody verified"],
)
def test_a_passkey_of_elsewhere_or_of_anybody_is_not_added(device: Authenticator) -> None:
    assert add(make_account(), device).status_code == 422
    assert not Passkey.objects.exists()


def test_another_sites_page_cannot_pass_on_an_answer(client: Client) -> None:
    device = Authenticator()
    add(make_account(), device)
    device.origin = "https://evil.example"

    assert use(client, device).status_code == 422
    assert client.get(reverse("portal:account")).status_code == 302


def test_an_answer_works_once_and_only_to_its_own_challenge(client: Client) -> None:
    device = Authenticator()
    add(make_account(), device)
    options = client.post(reverse("portal:passkey_options")).json()
    answer = {"credential": json.dumps(device.get(options))}
    assert client.post(reverse("portal:passkey_sign_in"), answer).status_code == 200

    thief = Client()
    thief.post(reverse("portal:passkey_options"))
    assert thief.post(reverse("portal:passkey_sign_in"), answer).status_code == 422


def test_a_copied_key_whose_count_goes_back_is_refused(client: Client) -> None:
    device = Authenticator()
    add(make_account(), device)
    device.count = 9
    assert use(client, device).status_code == 200
    device.count = 3

    assert use(Client(), device).status_code == 422


@pytest.mark.parametrize("text", ["", "null", "[]", "{}", '{"id": 1}', "{" * 2000, '{"rawId": "AA", "response": {}}'])
def test_odd_answers_are_refused_and_nothing_breaks(client: Client, text: str) -> None:
    client.post(reverse("portal:passkey_options"))

    assert client.post(reverse("portal:passkey_sign_in"), {"credential": text}).status_code == 422


def test_a_removed_passkey_opens_nothing_and_anothers_cannot_be_removed(client: Client) -> None:
    sam, kim, device = make_account(), make_account("Kim"), Authenticator()
    add(sam, device)
    key = Passkey.objects.get()

    signed_in(kim).post(reverse("portal:passkey_end", args=[key.pk]))
    assert use(client, device).status_code == 200
    signed_in(sam).post(reverse("portal:passkey_end", args=[key.pk]))

    assert use(Client(), device).status_code == 422
