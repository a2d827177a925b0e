"""What is begun in one browser and ended by a code: registering, recovering, a new email address, a second factor.

A step belongs to the browser that began it (a random token in a cookie) and to one purpose; its code is six figures, taken once,
within ten minutes, in at most five tries. Codes and tokens are kept as keyed hashes.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from django.db.models import F

from townhall.accounts.codes import plain
from townhall.accounts.events import CodeMade
from townhall.accounts.residents.errors import StepOver, WrongCode
from townhall.accounts.residents.models import ResidentStep
from townhall.core.events import publish
from townhall.core.ids import uuid7
from townhall.core.sealing import fingerprint

LASTS = timedelta(minutes=10)
MOST_TRIES = 5
TIDIED_AT_ONCE = 1_000


class Purpose(StrEnum):
    REGISTER = "register"
    RECOVER = "recover"
    NEW_PASSWORD = "new_password"  # noqa: S105 - the recovery code was right: a password may be chosen
    CHANGE_EMAIL = "change_email"
    SECOND_FACTOR = "second_factor"
    PASSKEY = "passkey"
    PROVIDER = "provider"
    PROVIDER_EMAIL = "provider_email"
    DESK = "desk"  # an account opened by staff, to be taken over by its owner


def new_token() -> str:
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def begin(
    purpose: Purpose,
    *,
    at: datetime,
    account_id: UUID | None = None,
    email: str = "",
    name: str = "",
    data: Mapping[str, object] | None = None,
    mails_code: bool = False,
    has_code: bool = False,
    lasts: timedelta = LASTS,
) -> str:
    """Begin a step; the token for this browser's cookie. `mails_code`: also make a code, and have it mailed to `email`.

    has_code: a code is made and nobody is told it, where there is nobody to tell.
    """
    token, step_id = new_token(), uuid7()
    code = _new_code() if mails_code or has_code else ""
    ResidentStep.objects.create(
        id=step_id,
        token_hash=token_hash(token),
        purpose=purpose,
        account_id=account_id,
        email=email,
        code_hash=_code_hash(step_id, code) if code else "",
        data=dict(data or {}),
        expires_at=at + lasts,
    )
    if mails_code:
        publish(CodeMade(step_id=step_id, purpose=purpose, email=email, name=name, code=code, at=at))
    return token


def begin_told(
    purpose: Purpose, *, email: str, data: Mapping[str, object], lasts: timedelta, at: datetime
) -> tuple[str, str]:
    """A step whose code is told to somebody face to face: its token and its code."""
    token, step_id, code = new_token(), uuid7(), _new_code()
    ResidentStep.objects.create(
        id=step_id,
        token_hash=token_hash(token),
        purpose=purpose,
        email=email,
        code_hash=_code_hash(step_id, code),
        data=dict(data),
        expires_at=at + lasts,
    )
    return token, code


def running(token: str, *purposes: Purpose, at: datetime) -> ResidentStep:
    """The step behind a browser's token. Raises StepOver."""
    step = (
        ResidentStep.objects.filter(
            token_hash=token_hash(token), purpose__in=purposes, done_at=None, expires_at__gt=at, tries__lt=MOST_TRIES
        )
        .select_related("account")
        .first()
        if token
        else None
    )
    if step is None:
        raise StepOver
    return step


def try_code(token: str, typed: str, *purposes: Purpose, at: datetime) -> ResidentStep:
    """The step, when this is its code. A try is counted before it is looked at. Raises StepOver, WrongCode.

    Call it outside the transaction that then begins with `finish`: a refusal must not take the count back.
    """
    step = running(token, *purposes, at=at)
    counted = ResidentStep.objects.filter(pk=step.pk, done_at=None, tries__lt=MOST_TRIES).update(tries=F("tries") + 1)
    if not counted:
        raise StepOver
    given = _code_hash(step.pk, plain(typed)[:20])
    if not step.code_hash or not secrets.compare_digest(given, step.code_hash):
        raise WrongCode
    return step


def finish(step: ResidentStep, *, at: datetime) -> None:
    """It is used up. Of several at once one gets through; the others raise StepOver."""
    if not ResidentStep.objects.filter(pk=step.pk, done_at=None).update(done_at=at):
        raise StepOver


def tidy(at: datetime) -> int:
    """Sweep: remove steps that are over."""
    old = ResidentStep.objects.filter(expires_at__lt=at - LASTS).values_list("pk", flat=True)[:TIDIED_AT_ONCE]
    return ResidentStep.objects.filter(pk__in=list(old)).delete()[0]


def _code_hash(step_id: UUID, code: str) -> str:
    return fingerprint("resident.code", f"{step_id}:{code}")


def _new_code() -> str:
    return f"{secrets.randbelow(1_000_000):06d}"
