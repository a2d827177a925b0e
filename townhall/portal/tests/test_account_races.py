"""Eight at once with one code: one gets through."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import connection

from townhall.accounts import codes
from townhall.accounts.residents import registering, second_factor, signing_in, steps
from townhall.accounts.residents.models import ResidentAccount, ResidentAuthenticator, ResidentStep
from townhall.accounts.residents.steps import Purpose
from townhall.core.errors import RuleBroken
from townhall.core.sealing import sealed
from townhall.core.time import now
from townhall.portal.tests.residents import PASSWORD, code_mailed_to, make_account

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def at_once(what: Callable[[], object], *, times: int = 8) -> int:
    """How many of so many threads got through."""
    through: list[object] = []
    gate = threading.Barrier(times)

    def run() -> None:
        gate.wait()
        try:
            through.append(what())
        except RuleBroken:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(through)


def test_one_mailed_code_opens_one_account() -> None:
    token = registering.register(
        name="Noor", email="noor@example.org", password=PASSWORD, address="203.0.113.9", at=now()
    )
    code = code_mailed_to("noor@example.org")

    assert at_once(lambda: registering.confirm(token, code, at=now())) == 1
    assert ResidentAccount.objects.count() == 1


def test_eight_wrong_codes_at_once_are_five_tries() -> None:
    token = steps.begin(Purpose.RECOVER, email="sam@example.org", has_code=True, at=now())

    at_once(lambda: steps.try_code(token, "x", Purpose.RECOVER, at=now()))

    assert ResidentStep.objects.get().tries == steps.MOST_TRIES


def test_one_code_of_an_app_signs_in_once() -> None:
    account = make_account(email="sam@example.org")
    ResidentAuthenticator.objects.create(account=account, secret=sealed(SECRET), confirmed_at=now())
    assert second_factor.is_on(account.pk)
    code = codes.code_at(SECRET, codes.step_at(now().timestamp()))
    tokens = iter([signing_in.second_step(account.pk, is_shared=False, next_path="", at=now()) or "" for _ in range(4)])
    lock = threading.Lock()

    def sign_in() -> object:
        with lock:
            token = next(tokens)
        return signing_in.show_code(token, code, address="203.0.113.9", at=now())

    assert at_once(sign_in, times=4) == 1
