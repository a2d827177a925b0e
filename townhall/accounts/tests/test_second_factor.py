"""Codes of the app and recovery codes: each is taken once, whoever comes first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection

from townhall.accounts import codes, demo, second_factor, sessions, throttle
from townhall.accounts.errors import CodeUsed, TooManyAttempts, WrongCode
from townhall.accounts.models import Authenticator, RecoveryCode, Role, User
from townhall.accounts.queries import actor_for
from townhall.accounts.tests.makers import SECRET, code_now, make_user
from townhall.core.actors import SYSTEM
from townhall.core.errors import NotAllowed, WrongState
from townhall.ledger.models import Entry

AT = datetime(2026, 3, 2, 9, 0, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    # RFC 6238, appendix B, cut to six digits
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (2000000000, "279037"), (20000000000, "353130")],
)
def test_codes_are_those_of_the_standard(seconds: int, expected: str) -> None:
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # "12345678901234567890"

    assert codes.code_at(secret, codes.step_at(seconds)) == expected


def test_a_code_of_the_step_before_or_after_is_taken_and_no_other() -> None:
    steps = {step: codes.step_of(SECRET, codes.code_at(SECRET, 1_000 + step), now_step=1_000) for step in range(-3, 4)}

    assert steps == {-3: None, -2: None, -1: 999, 0: 1_000, 1: 1_001, 2: None, 3: None}


@pytest.mark.django_db
def test_a_code_is_taken_once_and_then_none_before_it() -> None:
    user = make_user(enrolled=True)
    _check(user, code_now(AT), at=AT)

    with pytest.raises(CodeUsed):
        _check(user, code_now(AT), at=AT)
    with pytest.raises(CodeUsed):
        _check(user, code_now(AT, step=-1), at=AT)
    _check(user, code_now(AT, step=1), at=AT)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "typed", ["", "12345", "1234567", "000000", "٠٠٠٠٠٠", "99-aaaa-bbbb-cccc", "²²-aaaa", "😀", "abc"]
)
def test_other_codes_are_refused(typed: str) -> None:
    user = make_user(enrolled=True)

    with pytest.raises(WrongCode):
        _check(user, typed, at=AT)

    assert Entry.objects.filter(verb="staff.code_refused", subject_id=user.pk).count() == 1


@pytest.mark.django_db
def test_an_app_that_was_not_confirmed_does_not_count() -> None:
    user = make_user(enrolled=True)
    Authenticator.objects.update(confirmed_at=None)

    with pytest.raises(WrongCode):
        _check(user, code_now(AT), at=AT)


@pytest.mark.django_db
def test_a_recovery_code_works_once_however_it_is_typed_and_is_kept_as_a_hash() -> None:
    user = make_user()
    made = _enrol(user)
    kept = " ".join(RecoveryCode.objects.values_list("hash", flat=True))
    assert len(made) == 10
    assert not any(codes.plain(code)[2:] in kept for code in made)

    _check(user, f"  {made[2].upper().replace('-', ' ')} ", at=AT)

    with pytest.raises(WrongCode):
        _check(user, made[2], at=AT)
    assert second_factor.codes_left(user.pk) == 9
    _check(user, made[3], at=AT)


@pytest.mark.django_db
def test_new_recovery_codes_put_the_old_ones_out_of_use() -> None:
    user = make_user()
    old = _enrol(user)
    second_factor.renew_recovery_codes(user.pk, by=actor_for(user, AT), at=AT)

    with pytest.raises(WrongCode):
        _check(user, old[0], at=AT)


@pytest.mark.django_db
def test_five_tries_and_then_a_wait_that_ends_by_itself() -> None:
    user = make_user(enrolled=True)
    for _attempt in range(5):
        with pytest.raises(WrongCode):
            _check(user, "000000", at=AT)

    with pytest.raises(TooManyAttempts) as refusal:
        _check(user, code_now(AT), at=AT)
    assert refusal.value.left == throttle.WINDOW
    _check(user, code_now(AT + throttle.WINDOW), at=AT + throttle.WINDOW)


@pytest.mark.django_db
def test_an_app_in_place_is_not_shown_or_replaced_by_whoever_has_the_password() -> None:
    user = make_user(enrolled=True)

    with pytest.raises(WrongState):
        second_factor.begin(user.pk)


@pytest.mark.django_db
def test_an_administrator_takes_a_lost_phone_away_and_nobody_else_does() -> None:
    user, administrator = make_user(enrolled=True), make_user(roles=(Role.ADMINISTRATOR,))
    session = sessions.start(user.pk, browser="", at=AT, by=SYSTEM)
    with pytest.raises(NotAllowed):
        second_factor.take_away(user.pk, by=actor_for(make_user(roles=(Role.TEAM_MANAGER,)), AT), at=AT)

    second_factor.take_away(user.pk, by=actor_for(administrator, AT), at=AT)

    assert not second_factor.is_enrolled(user.pk)
    assert sessions.running(session.pk, AT) is None


@pytest.mark.django_db
def test_the_demo_shows_codes_that_work_and_nowhere_else_are_any_shown(settings: object) -> None:
    user = make_user(enrolled=True)
    assert demo.people_with_codes(AT) == []
    settings.DEMO = True  # type: ignore[attr-defined]

    for _entry in range(2):
        (shown,) = demo.people_with_codes(AT)
        _check(user, shown.code, at=AT)


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_use_one_recovery_code_and_one_gets_in() -> None:
    user = make_user()
    code = _enrol(user)[0]

    outcomes = _at_once(8, lambda: second_factor._use_recovery_code(user.pk, codes.plain(code), by=SYSTEM, at=AT))

    assert outcomes.count(None) == 1, outcomes
    assert all(isinstance(outcome, WrongCode) for outcome in outcomes if outcome is not None)
    assert Entry.objects.filter(verb="staff.recovery_code_used", subject_id=user.pk).count() == 1


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_use_one_app_code_and_one_gets_in() -> None:
    user = make_user(enrolled=True)

    outcomes = _at_once(8, lambda: second_factor._use_app_code(user.pk, code_now(AT), at=AT))

    assert outcomes.count(None) == 1, outcomes
    assert sum(isinstance(outcome, CodeUsed) for outcome in outcomes) == 7


@pytest.mark.django_db(transaction=True)
def test_twenty_guesses_at_once_are_counted_one_by_one() -> None:
    user = make_user(enrolled=True)

    outcomes = _at_once(20, lambda: _check(user, "000000", at=AT))

    assert sum(isinstance(outcome, WrongCode) for outcome in outcomes) == 5
    assert sum(isinstance(outcome, TooManyAttempts) for outcome in outcomes) == 15


@pytest.mark.django_db
def test_the_key_is_sealed_and_opens_after_the_secret_key_has_changed(settings: object) -> None:
    user = make_user(enrolled=True)
    assert SECRET not in Authenticator.objects.get(user=user).secret
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]  # type: ignore[attr-defined]
    settings.SECRET_KEY = "another key altogether"  # type: ignore[attr-defined]

    _check(user, code_now(AT), at=AT)


def _enrol(user: User) -> list[str]:
    secret = second_factor.begin(user.pk).secret
    before = AT - timedelta(minutes=5)
    code = codes.code_at(secret, codes.step_at(before.timestamp()))
    return second_factor.confirm(user.pk, code, by=actor_for(user, before), at=before)


def _check(user: User, typed: str, *, at: datetime) -> None:
    second_factor.check(user.pk, typed, address="192.0.2.1", at=at)


def _at_once(number: int, do: Callable[[], object]) -> list[object]:
    """Run `do` in as many threads together; for each, None or what it raised."""
    barrier = Barrier(number)
    outcomes: list[object] = []

    def run() -> None:
        try:
            connection.ensure_connection()
            barrier.wait()
            do()
            outcomes.append(None)
        except Exception as error:  # noqa: BLE001 - every outcome is looked at
            outcomes.append(error)
        finally:
            connection.close()

    threads = [Thread(target=run) for _number in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes
