"""OpenID Connect, as a relying party: authorization code with PKCE, ID tokens checked, back-channel logout.

Nothing here touches the database, and it is called outside transactions: it speaks with the provider.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

import httpx
import jwt
import structlog
from django.utils.translation import gettext_lazy as _

from townhall.accounts.residents.providers import ProviderSettings
from townhall.core.errors import RuleBroken

log = structlog.get_logger(__name__)
TIMEOUT = httpx.Timeout(10.0)
LEEWAY = 30  # seconds by which clocks may differ
USER_AGENT = "Townhall"  # One Login refuses whoever says nothing
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
_KEPT_SECONDS = 600


class ProviderFailed(RuleBroken):
    """The provider could not be reached, or what it said does not hold. Nobody is signed in."""

    user_message = _("We could not sign you in this way just now. Try again, or sign in another way.")


@dataclass(frozen=True, kw_only=True)
class Begun:
    """Where the browser goes, and what is kept until it comes back."""

    address: str
    kept: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Proved:
    """Who the provider says it is."""

    issuer: str
    subject: str
    session: str  # the provider's own, for its logout
    email: str
    email_is_verified: bool
    name: str
    about: Mapping[str, Any] = field(default_factory=dict, repr=False)  # everything it said; never kept


@dataclass(frozen=True, kw_only=True)
class LoggedOut:
    issuer: str
    subject: str
    session: str
    jti: str
    expires_at: datetime


def begin(
    provider: ProviderSettings, *, back: str, language: str = "en", vtr: Sequence[str] = (), claims: str = ""
) -> Begun:
    """Raises ProviderFailed when its discovery document cannot be read. `vtr`, `claims`: in place of what signing in asks for."""
    verifier = secrets.token_urlsafe(48)
    kept = {"state": secrets.token_urlsafe(24), "nonce": secrets.token_urlsafe(24), "verifier": verifier}
    digest = hashlib.sha256(verifier.encode()).digest()
    asked = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": back,
        "scope": provider.scope,
        "state": kept["state"],
        "nonce": kept["nonce"],
        "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
        "code_challenge_method": "S256",
        "ui_locales": language,
    }
    if wanted := vtr or provider.vtr:
        asked["vtr"] = json.dumps(list(wanted))
    if claims:
        asked["claims"] = claims
    return Begun(address=f"{_endpoint(provider, 'authorization_endpoint')}?{urlencode(asked)}", kept=kept)


def finish(provider: ProviderSettings, given: Mapping[str, str], kept: Mapping[str, str], *, back: str) -> Proved:
    """What the browser brought back, made into who it is. Raises ProviderFailed."""
    state = given.get("state", "")
    if not secrets.compare_digest(state.encode(errors="replace"), kept["state"].encode()):
        raise ProviderFailed
    if "error" in given or not given.get("code"):
        log.info("oidc.refused", provider=provider.code, error=given.get("error", "")[:60])
        raise ProviderFailed
    if given.get("iss") and given["iss"] != provider.issuer:  # RFC 9207: an answer of another provider
        raise ProviderFailed
    tokens = _tokens(provider, given["code"], verifier=kept["verifier"], back=back)
    claims = _checked(provider, str(tokens.get("id_token", "")), required=["exp", "iat", "iss", "aud", "sub"])
    if claims.get("nonce") != kept["nonce"] or not _trusted_enough(provider, claims):
        raise ProviderFailed
    about = {**claims, **_userinfo(provider, str(tokens.get("access_token", "")), subject=str(claims["sub"]))}
    return Proved(
        issuer=provider.issuer,
        subject=str(claims["sub"]),
        session=str(claims.get("sid", "")),
        email=str(about.get("email", ""))[:254],
        email_is_verified=about.get("email_verified") is True,
        name=str(about.get("name", ""))[:200],
        about=about,
    )


def read_logout(provider: ProviderSettings, token: str) -> LoggedOut:
    """A back-channel logout token, checked. Raises ProviderFailed."""
    claims = _checked(provider, token, required=["iat", "iss", "aud", "jti"])
    events = claims.get("events")
    known = isinstance(events, dict) and LOGOUT_EVENT in events
    if not known or "nonce" in claims or not claims.get("sub"):
        raise ProviderFailed
    if abs(time.time() - float(claims["iat"])) > 300:
        raise ProviderFailed
    return LoggedOut(
        issuer=provider.issuer,
        subject=str(claims["sub"]),
        session=str(claims.get("sid", "")),
        jti=str(claims["jti"])[:200],
        expires_at=datetime.fromtimestamp(float(claims.get("exp", time.time() + 600)), UTC),
    )


def _trusted_enough(provider: ProviderSettings, claims: Mapping[str, Any]) -> bool:
    """GOV.UK One Login says in `vot` how sure it was: one of the credential levels that we asked for."""
    if not provider.vtr:
        return True
    said = set(str(claims.get("vot", "")).split("."))
    return any({part for part in asked.split(".") if part.startswith("C")} <= said for asked in provider.vtr)


def _tokens(provider: ProviderSettings, code: str, *, verifier: str, back: str) -> dict[str, Any]:
    where = _endpoint(provider, "token_endpoint")
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": verifier}
    login: httpx.BasicAuth | None = None
    if provider.auth == "private_key_jwt":
        form |= {"client_assertion_type": ASSERTION_TYPE, "client_assertion": _assertion(provider, where)}
    elif provider.auth == "client_secret_post":
        form |= {"client_id": provider.client_id, "client_secret": provider.secret()}
    else:
        login = httpx.BasicAuth(provider.client_id, provider.secret())
    return _said(provider, "POST", where, data=form, auth=login)


def _assertion(provider: ProviderSettings, audience: str) -> str:
    """RFC 7523: signed by our key, for this provider, once, for five minutes."""
    moment = int(time.time())
    claims = {
        "iss": provider.client_id,
        "sub": provider.client_id,
        "aud": audience,
        "jti": secrets.token_urlsafe(24),
        "iat": moment,
        "exp": moment + 300,
    }
    headers = {"kid": provider.key_id} if provider.key_id else None
    key = provider.private_key()
    algorithm = "ES256" if "EC PRIVATE" in key else "RS256"
    return jwt.encode(claims, key, algorithm=algorithm, headers=headers)


def _userinfo(provider: ProviderSettings, token: str, *, subject: str) -> dict[str, Any]:
    where = _discovery(provider, now_slot()).get("userinfo_endpoint")
    if not where or not token:
        return {}
    found = _said(provider, "GET", str(where), headers={"Authorization": f"Bearer {token}"})
    if found.get("sub") != subject:  # OpenID Connect Core 5.3.2: never another's
        raise ProviderFailed
    return found


def _checked(provider: ProviderSettings, token: str, *, required: list[str]) -> dict[str, Any]:
    try:
        key = _key_of(provider, token)
        claims = jwt.decode(
            token,
            key,
            algorithms=list(provider.algorithms),
            audience=provider.client_id,
            issuer=provider.issuer,
            leeway=LEEWAY,
            options={"require": required},
        )
    except (jwt.PyJWTError, ValueError) as error:
        log.warning("oidc.token_refused", provider=provider.code, reason=type(error).__name__)
        raise ProviderFailed from error
    audience = claims["aud"]
    if isinstance(audience, list) and len(audience) > 1 and claims.get("azp") != provider.client_id:
        raise ProviderFailed
    assert isinstance(claims, dict)
    return claims


def _key_of(provider: ProviderSettings, token: str) -> jwt.PyJWK:
    """The provider's key that signed this, read again once when it is not among those we know."""
    wanted = jwt.get_unverified_header(token).get("kid")
    for slot in (now_slot(), now_slot() + 1):
        keys = jwt.PyJWKSet.from_dict(_keys(provider, slot)).keys
        found = [key for key in keys if key.key_id == wanted or (wanted is None and len(keys) == 1)]
        if found:
            return found[0]
    raise jwt.InvalidKeyError("no such key")


def now_slot() -> int:
    return int(time.time()) // _KEPT_SECONDS * 2


@lru_cache(maxsize=20)
def _discovery(provider: ProviderSettings, slot: int) -> dict[str, Any]:
    found = _said(provider, "GET", f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration")
    if found.get("issuer") != provider.issuer:
        raise ProviderFailed
    return found


@lru_cache(maxsize=40)
def _keys(provider: ProviderSettings, slot: int) -> dict[str, Any]:
    return _said(provider, "GET", _endpoint(provider, "jwks_uri"))


def _endpoint(provider: ProviderSettings, name: str) -> str:
    where = str(_discovery(provider, now_slot()).get(name, ""))
    if not where.startswith("https://") and not (provider.insecure and where.startswith("http://")):
        raise ProviderFailed
    return where


def read_json(provider: ProviderSettings, where: str) -> dict[str, Any]:
    """A public document of the provider's. Raises ProviderFailed."""
    return _said(provider, "GET", where)


def _said(provider: ProviderSettings, method: str, where: str, **more: Any) -> dict[str, Any]:
    """A JSON object of the provider's. Raises ProviderFailed for anything else."""
    headers = {"User-Agent": USER_AGENT, "Accept": "application/json", **more.pop("headers", {})}
    try:
        with httpx.Client(timeout=TIMEOUT, follow_redirects=False) as client:
            answer = client.request(method, where, headers=headers, **more)
        answer.raise_for_status()
        found = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        log.warning("oidc.failed", provider=provider.code, reason=type(error).__name__)
        raise ProviderFailed from error
    if not isinstance(found, dict):
        raise ProviderFailed
    return found
