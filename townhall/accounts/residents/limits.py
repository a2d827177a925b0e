"""How often something may be tried in a quarter of an hour. An account is what is broken into; an address may be a whole library."""

from __future__ import annotations

from datetime import datetime

from townhall.accounts import throttle
from townhall.accounts.errors import TooManyAttempts
from townhall.accounts.throttle import Limit

SIGN_IN = Limit(what="resident.sign_in.account", most=10)
SIGN_IN_ADDRESS = Limit(what="resident.sign_in.address", most=50)
CODE = Limit(what="resident.code.account", most=5)
CODE_ADDRESS = Limit(what="resident.code.address", most=50)
MAIL = Limit(what="resident.mail.account", most=5)  # codes sent to one mailbox
MAIL_ADDRESS = Limit(what="resident.mail.address", most=40)  # codes asked for from one address
PROOF = Limit(what="resident.proof.account", most=5)  # tries at matching a record


def count(*limits: tuple[Limit, str], at: datetime) -> None:
    """Count one attempt against each. Raises TooManyAttempts when one of them is used up."""
    waits = [throttle.wait(limit, whom, at) for limit, whom in limits]
    if left := max(waits):
        raise TooManyAttempts(left)


def it_was_them(account: tuple[Limit, str], address: tuple[Limit, str]) -> None:
    throttle.forget(*account)
    throttle.give_back(*address)
