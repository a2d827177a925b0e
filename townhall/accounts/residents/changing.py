"""Changing how somebody signs in: a forgotten or new password, another email address, closing the account."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from townhall.accounts.events import AccountClosed, AccountEmailChanged, AccountNews
from townhall.accounts.residents import limits, news, passwords, sessions, steps
from townhall.accounts.residents.errors import StepOver
from townhall.accounts.residents.models import (
    Passkey,
    ResidentAccount,
    ResidentAuthenticator,
    ResidentIdentity,
    ResidentRecoveryCode,
    ResidentStep,
)
from townhall.accounts.residents.registering import clean_email
from townhall.accounts.residents.sessions import about, themselves
from townhall.accounts.residents.steps import Purpose
from townhall.core.errors import BadInput
from townhall.core.events import publish
from townhall.ledger.operations import record


def forgot(email: str, *, address: str, at: datetime) -> str:
    """Ask for a code by mail; the token of the step, whether or not there is an account. Raises BadInput, TooManyAttempts."""
    email = clean_email(email)
    limits.count((limits.MAIL, email), (limits.MAIL_ADDRESS, address), at=at)
    with transaction.atomic():
        account = ResidentAccount.objects.filter(email=email, closed_at=None).first()
        if account is None:
            return steps.begin(Purpose.RECOVER, at=at, email=email, has_code=True)
        return steps.begin(
            Purpose.RECOVER, at=at, account_id=account.pk, email=email, name=account.name, mails_code=True
        )


def code_shown(token: str, typed: str, *, at: datetime) -> str:
    """The code was right: the token of the step in which a password is chosen. Raises StepOver, WrongCode."""
    step = steps.try_code(token, typed, Purpose.RECOVER, at=at)
    if step.account_id is None:
        raise StepOver
    with transaction.atomic():
        steps.finish(step, at=at)
        return steps.begin(Purpose.NEW_PASSWORD, account_id=step.account_id, email=step.email, at=at)


@transaction.atomic
def choose_password(token: str, password: str, *, at: datetime) -> ResidentAccount:
    """A new password after a code; every session ends. A second factor stays as it is. Raises BadInput, StepOver."""
    step = steps.running(token, Purpose.NEW_PASSWORD, at=at)
    assert step.account_id is not None
    account = _locked(step.account_id)
    if account.email != step.email:  # it moved to another mailbox since the code was sent
        raise StepOver
    passwords.check(password, email=account.email, name=account.name)
    steps.finish(step, at=at)
    _set(account, password, because="recovered", at=at)
    return account


def change_password(account_id: UUID, *, present: str, new: str, keep: UUID, at: datetime) -> None:
    """Every other session ends. Raises BadInput under `present` or `password`, TooManyAttempts."""
    account = ResidentAccount.objects.get(pk=account_id)
    limits.count((limits.SIGN_IN, account.email), at=at)
    if account.password and not passwords.is_right(present, account.password):
        record("account.password_refused", about=about(account_id), by=themselves(account_id), at=at)
        raise BadInput({"present": _("Your present password is not right")})
    passwords.check(new, email=account.email, name=account.name)
    with transaction.atomic():
        _set(_locked(account_id), new, because="changed", at=at, keep=keep)


def _set(account: ResidentAccount, password: str, *, because: str, at: datetime, keep: UUID | None = None) -> None:
    account.password = passwords.hashed(password)
    account.save(update_fields=["password"])
    data: dict[str, object] = {"because": because}
    record("account.password_set", about=about(account.pk), by=themselves(account.pk), at=at, data=data)
    sessions.end_all(account.pk, because="password", at=at, keep=keep)
    _drop_steps(account.pk, at=at)
    news.tell(account.pk, "password", at=at)


def ask_new_email(account_id: UUID, email: str, *, address: str, at: datetime) -> str:
    """Mail a code to the new address; the token of the step, the same whether or not another account has it. Raises BadInput."""
    email = clean_email(email)
    account = ResidentAccount.objects.get(pk=account_id)
    if email == account.email:
        raise BadInput({"email": _("This is your email address already")})
    limits.count((limits.MAIL, email), (limits.MAIL_ADDRESS, address), at=at)
    with transaction.atomic():
        other = ResidentAccount.objects.filter(email=email, closed_at=None).first()
        if other is None:
            return steps.begin(
                Purpose.CHANGE_EMAIL, account_id=account_id, email=email, name=account.name, mails_code=True, at=at
            )
        publish(AccountNews(account_id=other.pk, email=other.email, name=other.name, what="already", at=at))
        return steps.begin(Purpose.CHANGE_EMAIL, account_id=account_id, email=email, has_code=True, at=at)


def change_email(account_id: UUID, token: str, typed: str, *, keep: UUID, at: datetime) -> None:
    """The code of the new mailbox was right. The old one is told; every other session ends. Raises StepOver, WrongCode."""
    step = steps.try_code(token, typed, Purpose.CHANGE_EMAIL, at=at)
    if step.account_id != account_id:
        raise StepOver
    with transaction.atomic():
        steps.finish(step, at=at)
        _move(account_id, step, keep=keep, at=at)


def _move(account_id: UUID, step: ResidentStep, *, keep: UUID, at: datetime) -> None:
    account = _locked(account_id)
    was = account.email
    news.tell(account_id, "email_changed", at=at)  # to the old mailbox
    account.email = step.email
    try:
        with transaction.atomic():
            account.save(update_fields=["email"])
    except IntegrityError as error:
        raise StepOver from error
    record("account.email_changed", about=about(account_id), by=themselves(account_id), at=at)
    sessions.end_all(account_id, because="email", at=at, keep=keep)
    _drop_steps(account_id, at=at)
    publish(AccountEmailChanged(account_id=account_id, was=was, email=step.email, at=at))


@transaction.atomic
def close(account_id: UUID, *, at: datetime) -> None:
    """Its owner is done with it: nothing to sign in with is left, and no name. What the council did for them stays on record."""
    account = _locked(account_id)
    news.tell(account_id, "closed", at=at)
    sessions.end_all(account_id, because="closed", at=at)
    for kept in (Passkey, ResidentAuthenticator, ResidentRecoveryCode, ResidentIdentity, ResidentStep):
        kept._default_manager.filter(account_id=account_id).delete()
    account.email = account.name = account.password = ""
    account.closed_at = at
    account.save()
    record("account.closed", about=about(account_id), by=themselves(account_id), at=at)
    publish(AccountClosed(account_id=account_id, at=at))


def _drop_steps(account_id: UUID, *, at: datetime) -> None:
    """What was begun before stops here: no code in an old mail opens anything any more."""
    ResidentStep.objects.filter(account_id=account_id, done_at=None).update(done_at=at)


def _locked(account_id: UUID) -> ResidentAccount:
    found = ResidentAccount.objects.select_for_update().filter(pk=account_id, closed_at=None).first()
    if found is None:
        raise StepOver
    return found
