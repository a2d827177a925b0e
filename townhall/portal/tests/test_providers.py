"""Signing in at an identity provider, proved against a real OpenID Connect server over HTTP."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator
from html import unescape
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import jwt
import pytest
import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import reverse
from oidc_provider_mock import run_server_in_thread

from townhall.accounts.residents import oidc, providers
from townhall.accounts.residents.models import ResidentAccount, ResidentIdentity, ResidentSession
from townhall.core.ids import uuid7
from townhall.portal.tests.residents import code_mailed_to, make_account, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore")]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with run_server_in_thread() as running:
        yield f"http://localhost:{running.server_port}"


def configure(settings: Any, folder: Path, **more: Any) -> None:
    (folder / "secret").write_text("a secret\n")
    one = {"code": "example", "name": "Example", "client_id": "townhall", "secret_file": str(folder / "secret")}
    path = folder / "providers.yaml"
    path.write_text(yaml.safe_dump([{**one, "scope": "openid email profile", "insecure": True, **more}]))
    settings.OIDC_PROVIDERS = str(path)
    for kept in (providers.configured, oidc._discovery, oidc._keys):
        kept.cache_clear()


@pytest.fixture
def example(server: str, settings: Any, tmp_path: Path) -> Iterator[str]:
    configure(settings, tmp_path, issuer=server)
    yield server
    providers.configured.cache_clear()


def be(server: str, subject: str, **claims: object) -> None:
    httpx.put(f"{server}/users/{subject}", json=claims).raise_for_status()


def address_in(away: Any) -> str:
    """Where the page leads that a button to a provider opens: by itself, and by its link where that does not work."""
    page = away.content.decode()
    assert away.status_code == 200, page
    by_itself = re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', page)
    assert by_itself is not None
    assert f'href="{by_itself[1]}"' in page
    return unescape(by_itself[1])


def go(client: Client, subject: str, *, next_path: str = "") -> Any:
    """Off to the provider, in there as `subject`, and back with what it says."""
    away = client.post(reverse("portal:provider", args=["example"]), {"next": next_path})
    there = httpx.post(address_in(away), data={"sub": subject, "action": "authorize"}, follow_redirects=False)
    assert there.status_code in (302, 303), there.text
    back = urlsplit(there.headers["Location"])
    assert back.path == reverse("portal:provider_back", args=["example"])
    return client.get(f"{back.path}?{back.query}")


@pytest.mark.capability("ACCT-01", "ACCT-02")
def test_somebody_new_proves_an_email_address_and_signs_in_by_issuer_and_subject(client: Client, example: str) -> None:
    be(example, "subject-1", email="noor@example.org", name="Noor New")

    first = go(client, "subject-1")
    assert first["Location"] == reverse("portal:provider_email", args=["example"])
    page = client.get(first["Location"])
    assert 'value="noor@example.org"' in page.content.decode()
    assert not ResidentAccount.objects.exists()
    client.post(first["Location"], {"name": "Noor New", "email": "noor@example.org"})
    done = client.post(first["Location"], {"code": code_mailed_to("noor@example.org")})
    assert done["Location"].startswith(reverse("portal:account"))
    identity = ResidentIdentity.objects.get()
    assert (identity.issuer, identity.subject) == (example, "subject-1")

    again = Client()
    assert go(again, "subject-1", next_path="/account/requests")["Location"] == "/account/requests"
    assert again.get("/account/requests").status_code == 200


def test_the_same_email_address_at_a_provider_opens_nobodys_account(client: Client, example: str) -> None:
    make_account(email="sam@example.org")
    be(example, "mallory", email="sam@example.org", email_verified=True, name="Mallory")

    path = go(client, "mallory")["Location"]
    client.post(path, {"name": "Mallory", "email": "sam@example.org"})

    assert client.post(path, {"code": "123456"}).status_code == 422
    assert client.get(reverse("portal:account")).status_code == 302
    assert not ResidentIdentity.objects.exists()


def test_an_identity_is_added_to_the_account_that_is_signed_in_and_to_no_second_one(example: str) -> None:
    sam, kim = make_account(), make_account("Kim")
    be(example, "subject-2")
    assert "identity_added" in go(signed_in(sam), "subject-2")["Location"]
    assert "identity_taken" in go(signed_in(kim), "subject-2")["Location"]

    assert ResidentIdentity.objects.get().account_id == sam.pk


def test_an_answer_with_another_state_or_in_another_browser_signs_nobody_in(example: str) -> None:
    be(example, "subject-3")
    mallory, victim = Client(), Client()
    away = address_in(mallory.post(reverse("portal:provider", args=["example"])))
    there = httpx.post(away, data={"sub": "subject-3", "action": "authorize"}, follow_redirects=False)
    back = urlsplit(there.headers["Location"])

    assert victim.get(f"{back.path}?{back.query}").status_code == 410
    other = {**{key: values[0] for key, values in parse_qs(back.query).items()}, "state": "made-up"}
    assert mallory.get(f"{back.path}?{urlencode(other)}").status_code == 502


def test_the_way_to_the_provider_has_pkce_state_and_nonce(client: Client, example: str) -> None:
    asked = parse_qs(urlsplit(address_in(client.post(reverse("portal:provider", args=["example"])))).query)

    assert asked["code_challenge_method"] == ["S256"]
    assert len(asked["code_challenge"][0]) == 43
    assert len(asked["state"][0]) >= 32
    assert len(asked["nonce"][0]) >= 32
    assert asked["redirect_uri"] == ["http://localhost:8000/account/provider/example/back"]


def test_refusing_at_the_provider_leads_to_a_page_that_says_what_to_do(client: Client, example: str) -> None:
    away = address_in(client.post(reverse("portal:provider", args=["example"])))
    there = httpx.post(away, data={"action": "deny"}, follow_redirects=False)
    back = urlsplit(there.headers["Location"])

    page = client.get(f"{back.path}?{back.query}")

    assert page.status_code == 502
    assert "sign in another way" in page.content.decode()


class OneLogin:
    """What standards say of GOV.UK One Login's token endpoint, as a server: private_key_jwt, ES256, vtr, a User-Agent wanted."""

    def __init__(self, client_key: rsa.RSAPrivateKey) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.client_key = client_key
        self.claims: dict[str, Any] = {}
        self.about: dict[str, Any] = {}  # what userinfo says besides
        self.did: dict[str, Any] = {}
        self.seen: list[dict[str, Any]] = []
        self.jtis: set[str] = set()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_args: Any) -> None:
                return

            def do_GET(self) -> None:
                outer.answer(self, b"")

            def do_POST(self) -> None:
                outer.answer(self, self.rfile.read(int(self.headers["Content-Length"])))

        self.server = HTTPServer(("localhost", 0), Handler)
        self.issuer = f"http://localhost:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, asked: BaseHTTPRequestHandler, body: bytes) -> None:
        found: dict[str, Any]
        if not asked.headers.get("User-Agent", "").startswith("Townhall"):
            asked.send_error(403)
            return
        if asked.path.endswith("openid-configuration"):
            found = {"issuer": self.issuer}
            for name, path in (("authorization", "authorize"), ("token", "token"), ("userinfo", "userinfo")):
                found[f"{name}_endpoint"] = self.issuer + path
            found["jwks_uri"] = self.issuer + "jwks"
        elif asked.path == "/jwks":
            public = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(self.key.public_key()))
            found = {"keys": [{**public, "kid": "one", "use": "sig", "alg": "ES256"}]}
        elif asked.path == "/did.json":
            found = self.did
        elif asked.path == "/token":
            form = {key: values[0] for key, values in parse_qs(body.decode()).items()}
            claims = jwt.decode(
                form["client_assertion"],
                self.client_key.public_key(),
                algorithms=["RS256"],
                audience=self.issuer + "token",
            )
            assert claims["iss"] == claims["sub"] == "townhall"
            assert claims["jti"] not in self.jtis
            assert claims["exp"] - claims["iat"] <= 300
            self.jtis.add(claims["jti"])
            self.seen.append(form)
            found = {"access_token": "t", "token_type": "Bearer", "id_token": self.token()}
        else:
            found = {"sub": self.claims.get("sub"), "email": "ada@example.org", "email_verified": True, **self.about}
        raw = json.dumps(found).encode()
        asked.send_response(200)
        asked.send_header("Content-Type", "application/json")
        asked.end_headers()
        asked.wfile.write(raw)

    def token(self, **more: Any) -> str:
        moment = int(time.time())
        claims = {"iss": self.issuer, "aud": "townhall", "iat": moment, "exp": moment + 120, **self.claims, **more}
        return jwt.encode(claims, self.key, algorithm="ES256", headers={"kid": "one"})


@pytest.fixture
def one_login(settings: Any, tmp_path: Path) -> Iterator[OneLogin]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (tmp_path / "key.pem").write_bytes(pem)
    made = OneLogin(key)
    configure(
        settings,
        tmp_path,
        issuer=made.issuer,
        auth="private_key_jwt",
        key_file=str(tmp_path / "key.pem"),
        key_id="k1",
        vtr=["Cl.Cm"],
        is_strong=True,
    )
    yield made
    made.server.shutdown()
    made.server.server_close()
    providers.configured.cache_clear()


def come_back(client: Client, one_login: OneLogin, **claims: Any) -> Any:
    away = address_in(client.post(reverse("portal:provider", args=["example"])))
    asked = {key: values[0] for key, values in parse_qs(urlsplit(away).query).items()}
    assert json.loads(asked["vtr"]) == ["Cl.Cm"]
    one_login.claims = {"sub": "urn:ada", "sid": "s1", "vot": "Cl.Cm", "nonce": asked["nonce"], **claims}
    return client.get(reverse("portal:provider_back", args=["example"]), {"state": asked["state"], "code": "a-code"})


def linked(one_login: OneLogin) -> ResidentAccount:
    account = make_account("Ada")
    providers.link(
        account.pk, provider_code="example", issuer=one_login.issuer, subject="urn:ada", at=account.opened_at
    )
    return account


@pytest.mark.capability("ACCT-02")
def test_one_login_signs_in_with_our_signed_assertion_and_a_checked_token(client: Client, one_login: OneLogin) -> None:
    account = linked(one_login)

    assert come_back(client, one_login)["Location"] == reverse("portal:account")

    session = ResidentSession.objects.get(account=account)
    assert (session.how, session.is_strong, session.provider_session) == ("example", True, "s1")
    assert one_login.seen[0]["code_verifier"]
    assert "client_secret" not in one_login.seen[0]


@pytest.mark.parametrize(
    "wrong",
    [
        {"nonce": "another"},
        {"aud": "somebody-else"},
        {"iss": "https://evil.example/"},
        {"exp": 1_000_000},
        {"vot": "Cl"},
        {"aud": ["townhall", "another"], "azp": "another"},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_token_that_does_not_hold_signs_nobody_in(client: Client, one_login: OneLogin, wrong: dict[str, Any]) -> None:
    linked(one_login)

    assert come_back(client, one_login, **wrong).status_code == 502
    assert not ResidentSession.objects.exists()


def test_a_token_signed_by_another_key_or_by_none_signs_nobody_in(client: Client, one_login: OneLogin) -> None:
    linked(one_login)
    with mock.patch.object(one_login, "token", return_value=jwt.encode({"sub": "urn:ada"}, "", algorithm="none")):
        assert come_back(client, one_login).status_code == 502
    with mock.patch.object(one_login, "key", ec.generate_private_key(ec.SECP256R1())):
        signed_by_another = one_login.token(sub="urn:ada")
    with mock.patch.object(one_login, "token", return_value=signed_by_another):
        assert come_back(client, one_login).status_code == 502
    assert not ResidentSession.objects.exists()


def logout_token(one_login: OneLogin, **more: Any) -> str:
    one_login.claims = {"sub": "urn:ada"}
    return one_login.token(**{"jti": str(uuid7()), "events": {oidc.LOGOUT_EVENT: {}}, **more})


def test_signing_out_there_ends_the_sessions_here_once(client: Client, one_login: OneLogin) -> None:
    account = linked(one_login)
    come_back(client, one_login)
    own = signed_in(account)  # by password, which the provider knows nothing of
    path = reverse("portal:provider_logout", args=["example"])
    token = logout_token(one_login)

    assert Client(enforce_csrf_checks=True).post(path, {"logout_token": token}).status_code == 200

    assert client.get(reverse("portal:account")).status_code == 302
    assert own.get(reverse("portal:account")).status_code == 200
    come_back(client, one_login)
    assert Client().post(path, {"logout_token": token}).status_code == 200
    assert client.get(reverse("portal:account")).status_code == 200, "an old token ends nothing again"


@pytest.mark.parametrize(
    "wrong",
    [{"events": {}}, {"nonce": "x"}, {"sub": ""}, {"iat": 1_000_000}, {"aud": "another"}],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_logout_token_that_does_not_hold_ends_nothing(
    client: Client, one_login: OneLogin, wrong: dict[str, Any]
) -> None:
    linked(one_login)
    come_back(client, one_login)
    path = reverse("portal:provider_logout", args=["example"])

    assert Client().post(path, {"logout_token": logout_token(one_login, **wrong)}).status_code == 400
    assert client.get(reverse("portal:account")).status_code == 200


def test_a_provider_that_is_not_there_is_said_and_a_wrong_file_stops_the_start(
    client: Client, settings: Any, tmp_path: Path
) -> None:
    configure(settings, tmp_path, issuer="http://localhost:9")
    assert client.post(reverse("portal:provider", args=["example"])).status_code == 502
    assert client.post(reverse("portal:provider", args=["other"])).status_code == 404
    configure(settings, tmp_path, issuer="http://id.example.org", insecure=False)
    with pytest.raises(ImproperlyConfigured, match="https"):
        providers.configured()
    providers.configured.cache_clear()
