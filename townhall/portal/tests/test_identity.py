"""A proved identity from GOV.UK One Login: checked against its DID document, taken once, and only for the same person."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.test import Client
from django.urls import reverse

from townhall.accounts.residents import identity, providers
from townhall.accounts.residents.models import ResidentIdentity
from townhall.customers.accounts.models import AccountLink, Check, Level
from townhall.customers.models import Customer
from townhall.ledger.models import Entry
from townhall.portal.tests.residents import customer_of, make_account, signed_in
from townhall.portal.tests.test_providers import OneLogin, address_in, configure

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore")]
DID = "did:web:identity.example.org"
ISSUER = "https://identity.example.org/"


class Prover:
    """One Login with an identity service beside it, whose key is in a DID document."""

    def __init__(self, one_login: OneLogin) -> None:
        self.one_login = one_login
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.vot, self.kid = "P2", f"{DID}#one"
        jwk = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(self.key.public_key()))
        method = {"id": self.kid, "type": "JsonWebKey", "controller": DID, "publicKeyJwk": jwk}
        one_login.did = {"@context": ["https://www.w3.org/ns/did/v1"], "id": DID, "assertionMethod": [method]}

    def claim(self, *, key: Any = None, header: dict[str, str] | None = None, **more: Any) -> str:
        moment = int(time.time())
        past = {"validUntil": "2020-03-01", "nameParts": [_part("GivenName", "Ada"), _part("FamilyName", "Byron")]}
        present = {
            "nameParts": [_part("GivenName", "Ada"), _part("GivenName", "Jane"), _part("FamilyName", "Lovelace")]
        }
        claims = {
            "iss": ISSUER,
            "sub": "urn:ada",
            "aud": "townhall",
            "iat": moment,
            "nbf": moment,
            "exp": moment + 1_800,
            "vot": self.vot,
            "vc": {"credentialSubject": {"name": [past, present], "birthDate": [{"value": "1990-12-10"}]}},
            **more,
        }
        return jwt.encode(claims, key or self.key, algorithm="ES256", headers={"kid": self.kid, **(header or {})})

    def prove(self, client: Client, claim: str | None, *, next_path: str = "") -> Any:
        """Off from the page that asks, and back with this claim."""
        away = client.post(reverse("portal:provider_identity", args=["example"]), {"next": next_path})
        asked = {key: values[0] for key, values in parse_qs(urlsplit(address_in(away)).query).items()}
        assert json.loads(asked["vtr"]) == ["Cl.Cm.P2"]
        assert identity.CORE in json.loads(asked["claims"])["userinfo"]
        self.one_login.claims = {"sub": "urn:ada", "sid": "s", "vot": "Cl.Cm", "nonce": asked["nonce"]}
        self.one_login.about = {identity.CORE: claim} if claim is not None else {identity.RETURN_CODE: [{"code": "N"}]}
        back = {"state": asked["state"], "code": "a-code"}
        return client.get(reverse("portal:provider_back", args=["example"]), back)


def _part(kind: str, value: str) -> dict[str, str]:
    return {"type": kind, "value": value}


@pytest.fixture(scope="module")
def client_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def prover(settings: Any, tmp_path: Path, client_key: rsa.RSAPrivateKey) -> Iterator[Prover]:
    key = client_key
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (tmp_path / "key.pem").write_bytes(pem)
    one_login = OneLogin(key)
    configure(
        settings,
        tmp_path,
        issuer=one_login.issuer,
        auth="private_key_jwt",
        key_file=str(tmp_path / "key.pem"),
        vtr=["Cl.Cm"],
        is_strong=True,
        identity_vtr=["Cl.Cm.P2"],
        identity_issuer=ISSUER,
        identity_did=DID,
        identity_keys=one_login.issuer + "did.json",
    )
    identity._document.cache_clear()
    yield Prover(one_login)
    one_login.server.shutdown()
    one_login.server.server_close()
    providers.configured.cache_clear()
    identity._document.cache_clear()


@pytest.mark.capability("ACCT-02")
def test_who_somebody_is_is_proved_online_kept_as_name_and_birth_date_only_and_counts_for_services(
    prover: Prover,
) -> None:
    ada = make_account("Ada Lovelace")
    client = signed_in(ada)
    assert "Prove who you are with Example" in client.get(reverse("portal:verify")).content.decode()
    claim = prover.claim()

    assert prover.prove(client, claim, next_path="/account/requests")["Location"] == "/account/requests"

    customer = Customer.objects.get(pk=customer_of(ada))
    check = Check.objects.get(customer=customer)
    assert (check.method, check.level, check.evidence, customer.date_of_birth) == (
        "provider",
        Level.IDENTITY,
        "example",
        date(1990, 12, 10),
    )
    assert AccountLink.objects.get(account=ada).level == Level.IDENTITY
    assert ResidentIdentity.objects.get(account=ada).subject == "urn:ada"
    assert Entry.objects.filter(verb="customer.checked", customer_id=customer.pk).exists()
    kept = " ".join(str(row) for model in (Check, Entry) for row in model.objects.values())
    assert claim.split(".")[1] not in kept
    again = prover.prove(client, claim)
    assert again.status_code == 422, "a claim is taken once"
    assert Check.objects.count() == 1


def test_a_name_that_somebody_had_before_is_theirs(prover: Prover) -> None:
    client = signed_in(make_account("Ada Byron"))

    assert prover.prove(client, prover.claim())["Location"].endswith("said=verified")


WRONG: dict[str, dict[str, Any]] = {
    "another key": {"key": ec.generate_private_key(ec.SECP256R1())},
    "a key of another controller": {"header": {"kid": "did:web:evil.example#one"}},
    "a key that is not in the document": {"header": {"kid": f"{DID}#two"}},
    "no key named": {"header": {"kid": DID}},
    "another issuer": {"iss": "https://identity.evil.example/"},
    "somebody else": {"sub": "urn:mallory"},
    "for another service": {"aud": "another"},
    "over": {"exp": 1_000_000},
    "signed long ago": {"iat": 1_000_000},
    "low confidence": {"vot": "P1"},
    "no confidence": {"vot": "P0"},
    "a level that is not there": {"vot": "P2x"},
    "no name": {"vc": {"credentialSubject": {"birthDate": [{"value": "1990-12-10"}]}}},
    "another family name": {"vc": {"credentialSubject": {"name": [{"nameParts": [_part("FamilyName", "Smith")]}],
                                                       "birthDate": [{"value": "1990-12-10"}]}}},
}  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG)
def test_a_claim_that_does_not_hold_proves_nothing(prover: Prover, wrong: str) -> None:
    client = signed_in(make_account("Ada Lovelace"))

    answer = prover.prove(client, prover.claim(**WRONG[wrong]))

    assert answer.status_code == 422
    assert "Other ways to show who you are" in answer.content.decode()
    assert not Check.objects.exists()
    assert not ResidentIdentity.objects.exists()


def test_unsigned_absent_and_the_claim_of_another_birth_date_prove_nothing(prover: Prover) -> None:
    ada = make_account("Ada Lovelace")
    Customer.objects.filter(pk=customer_of(ada)).update(date_of_birth=date(1980, 1, 1))
    client = signed_in(ada)
    body = jwt.decode(prover.claim(), options={"verify_signature": False})
    unsigned = jwt.encode(body, "", algorithm="none", headers={"kid": prover.kid})

    for claim in (unsigned, None, "", "not.a.token", prover.claim()):
        assert prover.prove(client, claim).status_code == 422
    assert not Check.objects.exists()


def test_the_identity_of_another_account_is_not_taken_for_this_one(prover: Prover) -> None:
    ada, second = make_account("Ada Lovelace"), make_account("Ada Lovelace")
    prover.prove(signed_in(ada), prover.claim())

    answer = prover.prove(signed_in(second), prover.claim(iat=int(time.time()) - 5))

    assert answer.status_code == 422
    assert not Check.objects.filter(customer_id=customer_of(second)).exists()


def test_a_document_of_another_controller_is_not_used(prover: Prover) -> None:
    prover.one_login.did = {**prover.one_login.did, "id": "did:web:evil.example"}
    client = signed_in(make_account("Ada Lovelace"))

    assert prover.prove(client, prover.claim()).status_code == 422


def test_it_is_for_who_is_signed_in_and_where_it_is_switched_on(prover: Prover, settings: Any, tmp_path: Path) -> None:
    path = reverse("portal:provider_identity", args=["example"])
    assert Client().post(path).status_code == 302
    with mock.patch.object(providers, "configured", return_value=()):
        assert signed_in(make_account("Ada Lovelace")).post(path).status_code == 404
