"""The second factor of a member of staff: putting it in place, using it, and losing it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction

from townhall.accounts import codes, permissions, sessions, throttle
from townhall.accounts.errors import CodeUsed, TooManyAttempts, WrongCode
from townhall.accounts.models import Authenticator, RecoveryCode, User
from townhall.core.actors import Actor
from townhall.core.errors import WrongState
from townhall.core.sealing import opened, sealed
from townhall.core.subjects import Subject
from townhall.ledger.operations import record


@dataclass(frozen=True, kw_only=True)
class Enrolment:
    """What somebody needs to add us to their app."""

    secret: str
    picture: str  # SVG

    @property
    def secret_in_groups(self) -> str:
        return codes.spaced(self.secret)


def is_enrolled(user_id: UUID) -> bool:
    return Authenticator.objects.filter(user_id=user_id, confirmed_at__isnull=False).exists()


def codes_left(user_id: UUID) -> int:
    """How many recovery codes have not been used."""
    return RecoveryCode.objects.filter(user_id=user_id, used_at=None).count()


@transaction.atomic
def begin(user_id: UUID) -> Enrolment:
    """The key for somebody's app; the same one until it is confirmed. Raises WrongState when an app is in place."""
    user = User.objects.select_for_update().get(pk=user_id)
    kept = Authenticator.objects.filter(user=user).first()
    if kept is not None and kept.confirmed_at is not None:
        raise WrongState
    if kept is None:
        kept = Authenticator.objects.create(user=user, secret=sealed(codes.new_secret()))
    secret = opened(kept.secret)
    address = codes.address_of(secret, account=user.email, issuer=settings.COUNCIL_NAME)
    return Enrolment(secret=secret, picture=codes.picture_of(address))


@transaction.atomic
def confirm(user_id: UUID, typed: str, *, by: Actor, at: datetime) -> list[str]:
    """Put the app in place by its first right code. The recovery codes, to be shown this once.

    Raises WrongCode, or WrongState when an app is in place already.
    """
    kept = Authenticator.objects.select_for_update().get(user_id=user_id)
    if kept.confirmed_at is not None:
        raise WrongState
    step = codes.step_of(opened(kept.secret), codes.plain(typed), now_step=codes.step_at(at.timestamp()))
    if step is None:
        raise WrongCode
    kept.confirmed_at, kept.last_step = at, step
    kept.save(update_fields=["confirmed_at", "last_step"])
    record("staff.second_factor_set", about=_person(user_id), by=by, at=at)
    return _fresh_recovery_codes(user_id, by=by, at=at)


@transaction.atomic
def renew_recovery_codes(user_id: UUID, *, by: Actor, at: datetime) -> list[str]:
    """New recovery codes; the old ones stop working."""
    User.objects.select_for_update().get(pk=user_id)
    return _fresh_recovery_codes(user_id, by=by, at=at)


def check(user_id: UUID, typed: str, *, address: str, at: datetime) -> None:
    """Accept a code of the app or a recovery code, once. Raises TooManyAttempts, CodeUsed or WrongCode."""
    account_wait = throttle.wait(throttle.CODE, str(user_id), at)
    if left := max(account_wait, throttle.wait(throttle.CODE_ADDRESS, address, at)):
        raise TooManyAttempts(left)
    text = codes.plain(typed)
    by = permissions.themselves(user_id)
    try:
        if len(text) == codes.DIGITS and text.isdecimal():
            _use_app_code(user_id, text, at=at)
        else:
            _use_recovery_code(user_id, text, by=by, at=at)
    except WrongCode:
        record("staff.code_refused", about=_person(user_id), by=by, at=at)
        raise
    throttle.forget(throttle.CODE, str(user_id))
    throttle.give_back(throttle.CODE_ADDRESS, address)


def _use_app_code(user_id: UUID, text: str, *, at: datetime) -> None:
    kept = Authenticator.objects.filter(user_id=user_id, confirmed_at__isnull=False).first()
    step = None if kept is None else codes.step_of(opened(kept.secret), text, now_step=codes.step_at(at.timestamp()))
    if step is None:
        raise WrongCode
    # Of several at once with the same code, the statement lets one through.
    if not Authenticator.objects.filter(user_id=user_id, last_step__lt=step).update(last_step=step):
        raise CodeUsed


def _use_recovery_code(user_id: UUID, text: str, *, by: Actor, at: datetime) -> None:
    number, secret = text[:2], text[2:]
    if not (number.isascii() and number.isdecimal()):
        raise WrongCode
    kept = RecoveryCode.objects.filter(user_id=user_id, number=int(number), used_at=None).first()
    if kept is None or not check_password(secret, kept.hash):
        raise WrongCode
    with transaction.atomic():
        if not RecoveryCode.objects.filter(pk=kept.pk, used_at=None).update(used_at=at):
            raise CodeUsed
        data: dict[str, object] = {"number": kept.number}
        record("staff.recovery_code_used", about=_person(user_id), by=by, at=at, data=data)


@transaction.atomic
def take_away(user_id: UUID, *, by: Actor, at: datetime) -> None:
    """An administrator takes a lost phone out of use: its owner sets up a new one at the next sign-in. Ends their sessions."""
    permissions.require(by, "people.administer")
    User.objects.select_for_update().get(pk=user_id)
    Authenticator.objects.filter(user_id=user_id).delete()
    RecoveryCode.objects.filter(user_id=user_id).delete()
    record("staff.second_factor_removed", about=_person(user_id), by=by, at=at)
    sessions.end_all(user_id, because="second_factor", by=by, at=at)


def _fresh_recovery_codes(user_id: UUID, *, by: Actor, at: datetime) -> list[str]:
    made = codes.new_recovery_codes()
    RecoveryCode.objects.filter(user_id=user_id).delete()
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user_id=user_id, number=number, hash=make_password(codes.plain(code)[2:]))
        for number, code in enumerate(made, start=1)
    )
    record("staff.recovery_codes_made", about=_person(user_id), by=by, at=at)
    return made


def _person(user_id: UUID) -> Subject:
    return Subject(kind="user", id=user_id)
