"""The two steps into the house: a password, then a code. Only after both is there a session."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.contrib.auth import authenticate

from townhall.accounts import permissions, second_factor, sessions, throttle
from townhall.accounts.errors import NotSignedIn, TooManyAttempts
from townhall.accounts.models import StaffSession, User
from townhall.core.actors import PUBLIC
from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.ledger.operations import record


def show_password(email: str, password: str, *, address: str, at: datetime) -> User:
    """The first step: whose password this is. Raises TooManyAttempts or NotSignedIn; takes as long for an unknown email."""
    email = email.strip().lower()
    account_wait = throttle.wait(throttle.SIGN_IN, email, at)
    if left := max(account_wait, throttle.wait(throttle.SIGN_IN_ADDRESS, address, at)):
        raise TooManyAttempts(left)
    user = authenticate(username=email, password=password)
    if not isinstance(user, User):
        record("staff.password_refused", about=_tried(email), by=PUBLIC, at=at)
        raise NotSignedIn
    throttle.forget(throttle.SIGN_IN, email)
    throttle.give_back(throttle.SIGN_IN_ADDRESS, address)
    return user


def show_code(user_id: UUID, typed: str, *, address: str, browser: str, at: datetime) -> StaffSession:
    """The second step: the code, and with it the session. Raises TooManyAttempts, WrongCode or NotSignedIn."""
    if not User.objects.filter(pk=user_id, is_active=True).exists():
        raise NotSignedIn
    second_factor.check(user_id, typed, address=address, at=at)
    return sessions.start(user_id, browser=browser, at=at, by=permissions.themselves(user_id))


def _tried(email: str) -> Subject:
    """Whose account was tried; of an email that nobody has, no trace is kept but that there was an attempt."""
    known = User.objects.filter(email=email).values_list("pk", flat=True).first()
    return Subject(kind="user", id=known) if known else Subject(kind="sign_in", id=uuid7())
