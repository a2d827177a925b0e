"""Signing in with an email address and a password, then with a second factor where there is one."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from townhall.accounts.errors import NotSignedIn
from townhall.accounts.residents import limits, passwords, second_factor, sessions, steps
from townhall.accounts.residents.models import ResidentAccount, ResidentStep
from townhall.accounts.residents.steps import Purpose
from townhall.core.actors import PUBLIC
from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.ledger.operations import record


def show_password(email: str, password: str, *, address: str, at: datetime) -> ResidentAccount:
    """Whose password this is. Takes as long for an unknown email. Raises TooManyAttempts, NotSignedIn."""
    email = email.strip().lower()
    limits.count((limits.SIGN_IN, email), (limits.SIGN_IN_ADDRESS, address), at=at)
    account = ResidentAccount.objects.filter(email=email, closed_at=None).first() if email else None
    if not passwords.is_right(password, account.password if account else None) or account is None:
        about = sessions.about(account.pk) if account else Subject(kind="account", id=uuid7())
        record("account.password_refused", about=about, by=PUBLIC, at=at)
        raise NotSignedIn
    limits.it_was_them((limits.SIGN_IN, email), (limits.SIGN_IN_ADDRESS, address))
    return account


def second_step(account_id: UUID, *, is_shared: bool, next_path: str, at: datetime) -> str | None:
    """The token of the step for a code, when this account has a second factor; None when the password was enough."""
    if not second_factor.is_on(account_id):
        return None
    data = {"shared": is_shared, "next": next_path}
    return steps.begin(Purpose.SECOND_FACTOR, account_id=account_id, data=data, at=at)


def show_code(token: str, typed: str, *, address: str, at: datetime) -> ResidentStep:
    """The second factor of who began this step. Raises StepOver, TooManyAttempts, WrongCode."""
    step = steps.running(token, Purpose.SECOND_FACTOR, at=at)
    assert step.account_id is not None
    second_factor.check(step.account_id, typed, address=address, at=at)
    steps.finish(step, at=at)
    return step
