"""What is known of whom a form is for, so that nothing we hold already is typed again (`forms.known.SOURCES`)."""

from __future__ import annotations

from typing import Any

from townhall.customers.known import known
from townhall.portal.account.web import Me


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
        more={"customer.language": acting.language},
    )
