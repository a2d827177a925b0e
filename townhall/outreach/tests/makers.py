"""People who plan, people who are reached, and what is planned for them."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from townhall.accounts.models import Role, User
from townhall.accounts.queries import actor_for
from townhall.accounts.residents import passwords, registering
from townhall.accounts.tests.makers import make_user
from townhall.contacts.seeds import seed_reference_data as seed_contacts
from townhall.core.actors import SYSTEM, Actor, ActorKind
from townhall.core.time import now
from townhall.customers import operations as customers
from townhall.customers.accounts import consents
from townhall.customers.accounts.links import own_customer
from townhall.customers.operations import NewCustomer
from townhall.outreach import nudges, nudging, sessions
from townhall.outreach.models import Nudge, Session
from townhall.outreach.nudges import Written

_numbers = itertools.count(1)


def staff(role: Role, *, at: datetime | None = None) -> Actor:
    user: User = make_user(roles=(role,))
    return actor_for(user, at=at or now())


def make_customer(name: str = "Pat Offline", *, email: str = "", at: datetime | None = None) -> UUID:
    """Somebody on record without an account."""
    return customers.create(NewCustomer(name=name, email=email), by=SYSTEM, at=at or now()).pk


def make_reader(email: str = "", *, agrees: bool = True, at: datetime | None = None) -> UUID:
    """The customer of an account, who agreed to news by mail."""
    moment = at or now()
    account = registering.open_account(
        email=email or f"reader{next(_numbers)}@example.org",
        name="Noor Reader",
        password=passwords.hashed("seven green lanterns"),
        kind="resident",
        organisation="",
        at=moment,
    )
    customer = own_customer(account.pk)
    assert customer is not None
    if agrees:
        by = Actor(kind=ActorKind.CUSTOMER, id=str(customer))
        version = consents.wordings()["newsletter"].version
        consents.give(customer, "newsletter", version=version, channel="web", by=by, at=moment)
    return customer


def make_nudge(code: str = "quicker", *, by: Actor, at: datetime | None = None, **more: Any) -> Nudge:
    given = {
        "words": "It is quicker with an account:",
        "leads_to": "/account/register",
        "places": ["acknowledgement", "script", "letter"],
    }
    row = nudges.write(Written(code=code, **{**given, **more}), by=by, at=at or now())
    nudges.begin(row.pk, by=by, at=at or now())
    nudging.forget()
    return row


def make_session(*, by: Actor, places: int = 2, at: datetime | None = None, in_hours: int = 72) -> Session:
    begins = (at or now()) + timedelta(hours=in_hours)
    plan = sessions.Plan(
        kind="masterclass",
        title="Your account, step by step",
        where="Central library",
        starts_at=begins,
        ends_at=begins + timedelta(hours=1),
        places=places,
    )
    return sessions.plan(plan, by=by, at=at or now())


def ready() -> None:
    seed_contacts()
