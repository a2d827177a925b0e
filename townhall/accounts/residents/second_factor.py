"""A resident's second factor: an authenticator app with recovery codes. A matter of choice, until a service asks for it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction

from townhall.accounts import codes
from townhall.accounts.residents import limits, news
from townhall.accounts.residents.errors import WrongCode
from townhall.accounts.residents.models import ResidentAccount, ResidentAuthenticator, ResidentRecoveryCode
from townhall.accounts.residents.sessions import about, themselves
from townhall.accounts.second_factor import Enrolment
from townhall.core.actors import Actor
from townhall.core.errors import WrongState
from townhall.core.sealing import opened, sealed
from townhall.ledger.operations import record


def is_on(account_id: UUID) -> bool:
    return ResidentAuthenticator.objects.filter(account_id=account_id, confirmed_at__isnull=False).exists()


def codes_left(account_id: UUID) -> int:
    return ResidentRecoveryCode.objects.filter(account_id=account_id, used_at=None).count()


@transaction.atomic
def begin(account_id: UUID) -> Enrolment:
    """The key for their app; the same one until it is confirmed. Raises WrongState when an app is in place."""
    account = ResidentAccount.objects.select_for_update().get(pk=account_id)
    kept = ResidentAuthenticator.objects.filter(account=account).first()
    if kept is not None and kept.confirmed_at is not None:
        raise WrongState
    if kept is None:
        kept = ResidentAuthenticator.objects.create(account=account, secret=sealed(codes.new_secret()))
    secret = opened(kept.secret)
    address = codes.address_of(secret, account=account.email, issuer=settings.COUNCIL_NAME)
    return Enrolment(secret=secret, picture=codes.picture_of(address))


@transaction.atomic
def confirm(account_id: UUID, typed: str, *, at: datetime) -> list[str]:
    """Put the app in place by its first right code; the recovery codes, shown this once. Raises WrongCode, WrongState."""
    kept = ResidentAuthenticator.objects.select_for_update().filter(account_id=account_id).first()
    if kept is None or kept.confirmed_at is not None:
        raise WrongState
    step = codes.step_of(opened(kept.secret), codes.plain(typed), now_step=codes.step_at(at.timestamp()))
    if step is None:
        raise WrongCode
    kept.confirmed_at, kept.last_step = at, step
    kept.save(update_fields=["confirmed_at", "last_step"])
    record("account.second_factor_set", about=about(account_id), by=themselves(account_id), at=at)
    news.tell(account_id, "second_factor_on", at=at)
    return _fresh_codes(account_id, at=at)


@transaction.atomic
def renew_codes(account_id: UUID, *, at: datetime) -> list[str]:
    """New recovery codes; the old ones stop working. Raises WrongState without a second factor."""
    ResidentAccount.objects.select_for_update().get(pk=account_id)
    if not is_on(account_id):
        raise WrongState
    news.tell(account_id, "recovery_codes", at=at)
    return _fresh_codes(account_id, at=at)


@transaction.atomic
def take_away(account_id: UUID, *, by: Actor, at: datetime) -> None:
    """Its owner switches it off, or staff who have seen proof of who they are take a lost phone out of use."""
    ResidentAccount.objects.select_for_update().get(pk=account_id)
    if ResidentAuthenticator.objects.filter(account_id=account_id).delete()[0]:
        ResidentRecoveryCode.objects.filter(account_id=account_id).delete()
        record("account.second_factor_removed", about=about(account_id), by=by, at=at)
        news.tell(account_id, "second_factor_off", at=at)


def check(account_id: UUID, typed: str, *, address: str, at: datetime) -> None:
    """Take a code of the app, or a recovery code, once. Raises TooManyAttempts, WrongCode."""
    limits.count((limits.CODE, str(account_id)), (limits.CODE_ADDRESS, address), at=at)
    text = codes.plain(typed)[:40]
    is_app = len(text) == codes.DIGITS and text.isascii() and text.isdecimal()
    right = _use_app(account_id, text, at=at) if is_app else _use_recovery(account_id, text, at=at)
    if not right:
        record("account.code_refused", about=about(account_id), by=themselves(account_id), at=at)
        raise WrongCode
    limits.it_was_them((limits.CODE, str(account_id)), (limits.CODE_ADDRESS, address))


def _use_app(account_id: UUID, text: str, *, at: datetime) -> bool:
    kept = ResidentAuthenticator.objects.filter(account_id=account_id, confirmed_at__isnull=False).first()
    step = None if kept is None else codes.step_of(opened(kept.secret), text, now_step=codes.step_at(at.timestamp()))
    if step is None:
        return False
    # Of several at once with the same code, the statement lets one through.
    used = ResidentAuthenticator.objects.filter(account_id=account_id, last_step__lt=step).update(last_step=step)
    return bool(used)


def _use_recovery(account_id: UUID, text: str, *, at: datetime) -> bool:
    number, secret = text[:2], text[2:]
    if not (number.isascii() and number.isdecimal()):
        return False
    kept = ResidentRecoveryCode.objects.filter(account_id=account_id, number=int(number), used_at=None).first()
    if kept is None or not check_password(secret, kept.hash):
        return False
    with transaction.atomic():
        if not ResidentRecoveryCode.objects.filter(pk=kept.pk, used_at=None).update(used_at=at):
            return False
        record("account.recovery_code_used", about=about(account_id), by=themselves(account_id), at=at)
        news.tell(account_id, "recovery_code_used", at=at)
    return True


def _fresh_codes(account_id: UUID, *, at: datetime) -> list[str]:
    made = codes.new_recovery_codes()
    ResidentRecoveryCode.objects.filter(account_id=account_id).delete()
    ResidentRecoveryCode.objects.bulk_create(
        ResidentRecoveryCode(account_id=account_id, number=number, hash=make_password(codes.plain(code)[2:]))
        for number, code in enumerate(made, start=1)
    )
    record("account.recovery_codes_made", about=about(account_id), by=themselves(account_id), at=at)
    return made
