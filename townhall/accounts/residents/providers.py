"""Identity providers that residents may sign in with: GOV.UK One Login, and any other that speaks OpenID Connect.

Somebody is known by the provider's issuer and subject together. An email address never joins two accounts: whoever has an account
signs in to it first, and adds the provider there.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
import yaml
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, transaction

from townhall.accounts.residents import limits, news, registering, steps
from townhall.accounts.residents.errors import StepOver
from townhall.accounts.residents.models import ResidentAccount, ResidentIdentity, ResidentSession, SpentToken
from townhall.accounts.residents.sessions import about, themselves
from townhall.accounts.residents.steps import Purpose
from townhall.ledger.operations import record


class ProviderSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One provider, as the YAML file that OIDC_PROVIDERS names lists it."""

    code: str
    name: str
    issuer: str  # as its discovery document says it, to the letter
    client_id: str
    auth: Literal["client_secret_basic", "client_secret_post", "private_key_jwt"] = "client_secret_basic"
    secret_file: str = ""  # with the client secret
    key_file: str = ""  # with the private key, PEM, for private_key_jwt
    key_id: str = ""
    scope: str = "openid email"
    vtr: tuple[str, ...] = ()  # GOV.UK One Login's vectors of trust, for example Cl.Cm
    identity_vtr: tuple[
        str, ...
    ] = ()  # asked for when somebody proves who they are, for example Cl.Cm.P2; empty: it cannot
    identity_issuer: str = "https://identity.account.gov.uk/"
    identity_did: str = "did:web:identity.account.gov.uk"  # the controller of the keys that sign identities
    identity_keys: str = "https://identity.account.gov.uk/.well-known/did.json"
    algorithms: tuple[str, ...] = ("ES256", "RS256")  # of its ID tokens
    is_strong: bool = False  # it always asks for a second factor
    insecure: bool = False  # http, for a provider on this machine in tests

    def secret(self) -> str:
        return Path(self.secret_file).read_text().strip()

    def private_key(self) -> str:
        return Path(self.key_file).read_text()


@cache
def configured() -> tuple[ProviderSettings, ...]:
    """The providers of the settings' file, in its order. Raises ImproperlyConfigured with what is wrong."""
    path = settings.OIDC_PROVIDERS
    if not path:
        return ()
    try:
        found = msgspec.convert(yaml.safe_load(Path(path).read_text()), tuple[ProviderSettings, ...])
    except (OSError, yaml.YAMLError, msgspec.ValidationError) as error:
        raise ImproperlyConfigured(f"OIDC_PROVIDERS ({path}): {error}") from error
    for one in found:
        if urlsplit(one.issuer).scheme != "https" and not one.insecure:
            raise ImproperlyConfigured(f"OIDC_PROVIDERS: the issuer of {one.code} must begin with https://")
        if urlsplit(one.identity_keys).scheme != "https" and not one.insecure:
            raise ImproperlyConfigured(f"OIDC_PROVIDERS: the identity_keys of {one.code} must begin with https://")
        if any(vector.split(".")[-1] not in ("P1", "P2", "P3") for vector in one.identity_vtr):
            raise ImproperlyConfigured(f"OIDC_PROVIDERS: the identity_vtr of {one.code} must end in P1, P2 or P3")
    return found


def provider(code: str) -> ProviderSettings | None:
    return next((one for one in configured() if one.code == code), None)


def holder(*, issuer: str, subject: str, at: datetime) -> ResidentAccount | None:
    """Whose account this identity signs in to, or None."""
    found = ResidentIdentity.objects.select_related("account").filter(
        issuer=issuer, subject=subject, account__closed_at=None
    )
    identity = found.first()
    if identity is None:
        return None
    ResidentIdentity.objects.filter(pk=identity.pk).update(last_used_at=at)
    return identity.account


@transaction.atomic
def link(account_id: UUID, *, provider_code: str, issuer: str, subject: str, at: datetime) -> bool:
    """Let this identity sign in to the account. False when it is another account's."""
    try:
        with transaction.atomic():
            ResidentIdentity.objects.create(
                account_id=account_id,
                provider=provider_code,
                issuer=issuer,
                subject=subject,
                linked_at=at,
                last_used_at=at,
            )
    except IntegrityError:
        return ResidentIdentity.objects.filter(issuer=issuer, subject=subject, account_id=account_id).exists()
    data: dict[str, object] = {"provider": provider_code}
    record("account.identity_added", about=about(account_id), by=themselves(account_id), at=at, data=data)
    news.tell(account_id, "identity_added", at=at)
    return True


def spend(*, issuer: str, key: str, expires_at: datetime) -> bool:
    """Take a signed claim once: False when it was taken before. In the transaction that acts on it."""
    return SpentToken.objects.get_or_create(key=f"{issuer} {key}", defaults={"expires_at": expires_at})[1]


@transaction.atomic
def unlink(identity_id: UUID, *, account_id: UUID, at: datetime) -> bool:
    """Take an identity away, unless it is the only way in. False for another account's."""
    account = ResidentAccount.objects.select_for_update().get(pk=account_id)
    rest = ResidentIdentity.objects.filter(account_id=account_id).exclude(pk=identity_id)
    if not account.password and not rest.exists() and not account.passkeys.exists():
        return False
    if not ResidentIdentity.objects.filter(pk=identity_id, account_id=account_id).delete()[0]:
        return False
    record("account.identity_removed", about=about(account_id), by=themselves(account_id), at=at)
    news.tell(account_id, "identity_removed", at=at)
    return True


def ask_email(
    *, provider_code: str, issuer: str, subject: str, name: str, email: str, address: str, at: datetime
) -> str:
    """Somebody new came by a provider: mail a code to the address they gave, as when registering. The token of the step."""
    email = registering.clean_email(email)
    limits.count((limits.MAIL, email), (limits.MAIL_ADDRESS, address), at=at)
    data = {"provider": provider_code, "issuer": issuer, "subject": subject, "name": name}
    with transaction.atomic():
        if registering.tell_if_known(email, at=at):
            return steps.begin(Purpose.PROVIDER_EMAIL, email=email, has_code=True, at=at)
        return steps.begin(Purpose.PROVIDER_EMAIL, email=email, name=name, data=data, mails_code=True, at=at)


def confirm_email(token: str, typed: str, *, at: datetime) -> ResidentAccount:
    """The code was right: open an account that this identity signs in to. Raises StepOver, WrongCode."""
    step = steps.try_code(token, typed, Purpose.PROVIDER_EMAIL, at=at)
    if not step.data:
        raise StepOver
    with transaction.atomic():
        steps.finish(step, at=at)
        opened = ResidentAccount.Opened.PROVIDER
        account = registering.open_account(email=step.email, name=step.data["name"], opened=opened, at=at)
        ours = {"issuer": step.data["issuer"], "subject": step.data["subject"]}
        if not link(account.pk, provider_code=step.data["provider"], at=at, **ours):
            raise StepOver
    return account


@transaction.atomic
def logged_out(*, issuer: str, subject: str, session: str, jti: str, expires_at: datetime, at: datetime) -> int:
    """The provider says that somebody signed out there: their sessions that came by it end. Once for each token; how many ended."""
    made = SpentToken.objects.get_or_create(key=f"{issuer} {jti}", defaults={"expires_at": expires_at})[1]
    identity = ResidentIdentity.objects.filter(issuer=issuer, subject=subject).first() if made else None
    if identity is None:
        return 0
    running = ResidentSession.objects.filter(account_id=identity.account_id, ended_at=None, how=identity.provider)
    if session:
        running = running.filter(provider_session=session)
    ended = running.update(ended_at=at, ended_because="provider")
    if ended:
        data: dict[str, object] = {"sessions": ended, "because": "provider"}
        account_id = identity.account_id
        record("account.sessions_ended", about=about(account_id), by=themselves(account_id), at=at, data=data)
    return ended
