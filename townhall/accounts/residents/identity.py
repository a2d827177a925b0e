"""A proved identity, as GOV.UK One Login tells it: a signed claim beside the sign-in, checked with the keys of its DID document.

The claim itself is never kept: only that it was proved, the name and the date of birth. No general resolver of DIDs is used: the one
document that the settings name is read, and a key of another controller is refused.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

import jwt
import structlog
from django.utils.translation import gettext_lazy as _

from townhall.accounts.residents import oidc
from townhall.accounts.residents.oidc import LEEWAY, ProviderFailed
from townhall.accounts.residents.providers import ProviderSettings
from townhall.core.errors import RuleBroken

log = structlog.get_logger(__name__)
CORE = "https://vocab.account.gov.uk/v1/coreIdentityJWT"
RETURN_CODE = "https://vocab.account.gov.uk/v1/returnCode"
LEVELS = ("P0", "P1", "P2", "P3", "P4")  # of confidence, the least first
OLDEST = 30 * 60  # seconds since it was signed
CLAIMS = json.dumps({"userinfo": {CORE: {"essential": True}, RETURN_CODE: None}})


class NotProven(RuleBroken):
    """Signed in there, and who they are was not proved to the level that we ask for."""

    user_message = _("Your identity could not be proved in this way. You can show it to us in person instead.")


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Who somebody was proved to be. `names`: the present one first, then earlier ones, given names before family names."""

    names: Sequence[str]
    family_names: frozenset[str]
    born_on: date
    key: str  # of this claim, to take it once
    expires_at: datetime


def proved(provider: ProviderSettings, userinfo: Mapping[str, Any], *, subject: str) -> Identity:
    """The identity in a userinfo answer. Raises NotProven when there is none or it is weaker, ProviderFailed when it does not hold."""
    token = userinfo.get(CORE)
    if not isinstance(token, str) or not token:
        log.info("oidc.identity_absent", provider=provider.code, codes=str(userinfo.get(RETURN_CODE, ""))[:60])
        raise NotProven
    claims = _checked(provider, token)
    if claims["sub"] != subject:
        raise ProviderFailed
    if _rank(claims.get("vot")) < min(
        _rank(part) for vector in provider.identity_vtr for part in vector.split(".")[-1:]
    ):
        raise NotProven
    try:
        about = claims["vc"]["credentialSubject"]
        names = [_name(one) for one in sorted(about["name"], key=lambda one: bool(one.get("validUntil")))]
        born_on = date.fromisoformat(about["birthDate"][0]["value"])
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        log.warning("oidc.identity_unreadable", provider=provider.code, reason=type(error).__name__)
        raise ProviderFailed from error
    return Identity(
        names=[whole for whole, _family in names if whole],
        family_names=frozenset(family for _whole, family in names if family),
        born_on=born_on,
        key=hashlib.sha256(token.encode()).hexdigest(),
        expires_at=datetime.fromtimestamp(float(claims["exp"]), UTC),
    )


def _checked(provider: ProviderSettings, token: str) -> dict[str, Any]:
    try:
        header = jwt.get_unverified_header(token)
        key = _key_of(provider, str(header.get("kid", "")))
        claims = jwt.decode(
            token,
            key,
            algorithms=["ES256"],
            issuer=provider.identity_issuer,
            leeway=LEEWAY,
            options={"require": ["exp", "iat", "sub", "vot"], "verify_aud": False},
        )
    except (jwt.PyJWTError, ValueError) as error:
        log.warning("oidc.identity_refused", provider=provider.code, reason=type(error).__name__)
        raise ProviderFailed from error
    audience = claims.get("aud", provider.client_id)
    if provider.client_id not in (audience if isinstance(audience, list) else [audience]):
        raise ProviderFailed
    if time.time() - float(claims["iat"]) > OLDEST + LEEWAY:
        raise ProviderFailed
    assert isinstance(claims, dict)
    return claims


def _key_of(provider: ProviderSettings, kid: str) -> jwt.PyJWK:
    """The key that signed it: of the one controller that we know, and in its document among those that may assert."""
    controller, _sign, name = kid.partition("#")
    if controller != provider.identity_did or not name:
        raise jwt.InvalidKeyError("another controller")
    for slot in (oidc.now_slot(), oidc.now_slot() + 1):  # read again once, when the key is new
        document = _document(provider, slot)
        if document.get("id") != provider.identity_did:
            raise jwt.InvalidKeyError("another document")
        for method in document.get("assertionMethod") or []:
            if isinstance(method, dict) and method.get("id") == kid and method.get("controller") == controller:
                return jwt.PyJWK.from_dict(method["publicKeyJwk"], algorithm="ES256")
    raise jwt.InvalidKeyError("no such key")


@lru_cache(maxsize=20)
def _document(provider: ProviderSettings, slot: int) -> dict[str, Any]:
    return oidc.read_json(provider, provider.identity_keys)


def _rank(level: object) -> int:
    return LEVELS.index(str(level)) if level in LEVELS else -1


def _name(one: Mapping[str, Any]) -> tuple[str, str]:
    """A name as given, and its family names."""
    parts = [(str(part.get("type", "")), str(part.get("value", "")).strip()) for part in one["nameParts"]]
    family = " ".join(value for kind, value in parts if kind == "FamilyName" and value)
    return " ".join(value for _kind, value in parts if value)[:200], family[:200]
