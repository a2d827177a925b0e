"""What is known of whom a form is for, so that nothing we hold already is typed again (`forms.known.SOURCES`)."""

from __future__ import annotations

from typing import Any

from townhall.core.time import now
from townhall.customers.accounts.models import Level
from townhall.customers.known import known, numbers_known
from townhall.portal.account.web import Me
from townhall.standing.queries import numbers_of


def known_of_me(who: Me) -> dict[str, Any]:
    """From the account: the record that they act for. Of somebody they help, their own email address is not that person's."""
    acting = who.acting
    email = "" if who.is_helping else who.person.email
    return known(
        name=acting.name,
        email=email,
        phone=acting.phone,
        uprn=acting.uprn,
        line=acting.address,
        postcode=acting.postcode,
        more={"customer.language": acting.language, **_numbers(who)},
    )


def _numbers(who: Me) -> dict[str, str]:
    """Of bills and accounts, for somebody whose address is proved, and of their own only. One query."""
    if who.is_helping or who.acting.level < Level.ADDRESS:
        return {}
    found = numbers_of(who.acting.customer_id, at=now())
    return numbers_known({kind: values[0] for kind, values in found.items()})
