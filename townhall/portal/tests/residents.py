"""Residents with accounts, for tests."""

from __future__ import annotations

import itertools
import re
from uuid import UUID

from django.test import Client
from django.urls import reverse

from townhall.accounts.residents import passwords, registering, sessions, web
from townhall.accounts.residents.models import ResidentAccount
from townhall.core.time import now
from townhall.customers.accounts.links import own_customer
from townhall.notifications.models import Message

PASSWORD = "seven green lanterns"
_numbers = itertools.count(1)


def make_account(
    name: str = "Sam Resident", *, email: str = "", kind: str = "resident", organisation: str = ""
) -> ResidentAccount:
    """An account with its own new customer, whose password is PASSWORD."""
    return registering.open_account(
        email=email or f"resident{next(_numbers)}@example.org",
        name=name,
        password=passwords.hashed(PASSWORD),
        kind=kind,
        organisation=organisation,
        at=now(),
    )


def customer_of(account: ResidentAccount) -> UUID:
    found = own_customer(account.pk)
    assert found is not None
    return found


def signed_in(account: ResidentAccount, *, shared: bool = False) -> Client:
    """A browser with a running session of this account (how it comes about is shown in test_entering)."""
    client = Client()
    client.cookies[web.SESSION] = sessions.start(account.pk, browser="Test", how="password", at=now(), is_shared=shared)
    return client


def code_mailed_to(email: str) -> str:
    """The code in the newest mail to this address."""
    mail = Message.objects.filter(recipient_address=email, template="account/code").latest("created_at")
    found = re.search(r"\*\*(\d{6})\*\*", mail.body_text)
    assert found is not None
    return found[1]


def register(client: Client, *, email: str = "new@example.org", name: str = "Noor New", **more: str) -> None:
    """As far as the page that asks for the code."""
    given = {"name": name, "email": email, "password": PASSWORD, "kind": "resident", **more}
    answer = client.post(reverse("portal:register"), given)
    assert answer.status_code == 302, answer.content.decode()
    assert answer["Location"] == reverse("portal:code")
