"""Passkeys (WebAuthn): adding one, and signing in with one. The device checks who holds it, so a passkey is both factors at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from townhall.accounts.residents import limits, news, steps
from townhall.accounts.residents.models import Passkey, ResidentAccount
from townhall.accounts.residents.sessions import about, themselves
from townhall.accounts.residents.steps import Purpose
from townhall.core.errors import NotFound, RuleBroken
from townhall.ledger.operations import record

MOST = 20  # of one account
LONGEST_NAME = 60


class PasskeyRefused(RuleBroken):
    user_message = _("This passkey did not work. Try again, or sign in with your password.")


@cache
def _server() -> Fido2Server:
    host = urlsplit(settings.PUBLIC_URL).hostname or "localhost"
    entity = PublicKeyCredentialRpEntity(id=host, name=settings.COUNCIL_NAME)
    return Fido2Server(entity, verify_origin=lambda origin: origin == settings.PUBLIC_URL)


def passkeys_of(account_id: UUID) -> list[Passkey]:
    return list(Passkey.objects.filter(account_id=account_id).order_by("made_at")[:MOST])


def begin_adding(account: ResidentAccount, *, at: datetime) -> tuple[str, dict[str, Any]]:
    """The token of the step, and what the browser's `navigator.credentials.create` needs, as JSON values."""
    user = PublicKeyCredentialUserEntity(id=account.pk.bytes, name=account.email, display_name=account.name)
    options, state = _server().register_begin(
        user,
        [_data(one) for one in passkeys_of(account.pk)],
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    token = steps.begin(Purpose.PASSKEY, account_id=account.pk, data={"state": state, "adds": True}, at=at)
    return token, dict(options)["publicKey"]


def add(token: str, answer: Mapping[str, Any], *, account_id: UUID, name: str, at: datetime) -> Passkey:
    """Keep what the browser made. Raises StepOver, PasskeyRefused."""
    step = steps.running(token, Purpose.PASSKEY, at=at)
    if step.account_id != account_id or not step.data.get("adds"):
        raise PasskeyRefused
    try:
        made = _server().register_complete(step.data["state"], RegistrationResponse.from_dict(answer))
    except Exception as error:
        raise PasskeyRefused from error
    data = made.credential_data
    if data is None or Passkey.objects.filter(account_id=account_id).count() >= MOST:
        raise PasskeyRefused
    with transaction.atomic():
        steps.finish(step, at=at)
        try:
            with transaction.atomic():
                kept = Passkey.objects.create(
                    account_id=account_id,
                    credential_id=data.credential_id,
                    credential=bytes(data),
                    sign_count=made.counter,
                    name=name[:LONGEST_NAME],
                    made_at=at,
                )
        except IntegrityError as error:
            raise PasskeyRefused from error
        record("account.passkey_added", about=about(account_id), by=themselves(account_id), at=at)
        news.tell(account_id, "passkey_added", at=at)
    return kept


@transaction.atomic
def remove(passkey_id: UUID, *, account_id: UUID, at: datetime) -> None:
    """Raises NotFound for another account's."""
    if not Passkey.objects.filter(pk=passkey_id, account_id=account_id).delete()[0]:
        raise NotFound
    record("account.passkey_removed", about=about(account_id), by=themselves(account_id), at=at)
    news.tell(account_id, "passkey_removed", at=at)


def begin_signing_in(*, at: datetime) -> tuple[str, dict[str, Any]]:
    """The token of the step, and what `navigator.credentials.get` needs. It names no account: the device knows whose it is."""
    options, state = _server().authenticate_begin(user_verification=UserVerificationRequirement.REQUIRED)
    token = steps.begin(Purpose.PASSKEY, data={"state": state}, at=at)
    return token, dict(options)["publicKey"]


def sign_in(token: str, answer: Mapping[str, Any], *, address: str, at: datetime) -> ResidentAccount:
    """Whose passkey signed. Raises StepOver, TooManyAttempts, PasskeyRefused."""
    limits.count((limits.SIGN_IN_ADDRESS, address), at=at)
    step = steps.running(token, Purpose.PASSKEY, at=at)
    try:
        given = AuthenticationResponse.from_dict(answer)
        kept = Passkey.objects.select_related("account").get(credential_id=given.raw_id, account__closed_at=None)
        _server().authenticate_complete(step.data["state"], [_data(kept)], given)
        counter = given.response.authenticator_data.counter
        holder = given.response.user_handle
    except Exception as error:
        raise PasskeyRefused from error
    if holder is not None and holder != kept.account_id.bytes:
        raise PasskeyRefused
    if counter and counter <= kept.sign_count:  # a copy of the key is about
        record("account.passkey_refused", about=about(kept.account_id), by=themselves(kept.account_id), at=at)
        raise PasskeyRefused
    with transaction.atomic():
        steps.finish(step, at=at)
        Passkey.objects.filter(pk=kept.pk).update(sign_count=counter, last_used_at=at)
    return kept.account


def _data(kept: Passkey) -> AttestedCredentialData:
    return AttestedCredentialData(bytes(kept.credential))
