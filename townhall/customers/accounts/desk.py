"""Staff open an account with a customer at a desk or on the phone; the customer completes it from their own mailbox.

The mail's link opens nothing by itself: it also asks for the code that the member of staff gives them there and then, so a mistyped
address shows nobody another's record.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from townhall.accounts.residents import limits, passwords, registering, steps
from townhall.accounts.residents.errors import StepOver
from townhall.accounts.residents.models import ResidentAccount
from townhall.accounts.residents.steps import Purpose
from townhall.core.actors import Actor
from townhall.core.db import fetch_all
from townhall.core.errors import BadInput
from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.customers.operations.recording import record
from townhall.customers.permissions import locked
from townhall.notifications import operations as notifications
from townhall.notifications.recipients import Recipient

LASTS = timedelta(days=7)

_TAKE_UP = """
    SELECT date_trunc('month', opened_at AT TIME ZONE 'Europe/London')::date AS month, opened, count(*)
    FROM accounts_residentaccount WHERE opened_at >= %s AND opened_at < %s GROUP BY 1, 2 ORDER BY 1 DESC, 2"""


@transaction.atomic
def open_for(customer_id: UUID, email: str, *, by: Actor, at: datetime) -> str:
    """Mail the customer a link; the code to give them, shown this once. Raises BadInput, NotAllowed, TooManyAttempts."""
    customer = locked(customer_id, by=by)
    email = registering.clean_email(email)
    if ResidentAccount.objects.filter(email=email, closed_at=None).exists():
        problem = _("There is an account with this email address. Ask them to sign in and show who they are there")
        raise BadInput({"email": problem})
    limits.count((limits.MAIL, email), at=at)
    data = {"customer": str(customer_id), "name": customer.name, "staff": by.id}
    token, code = steps.begin_told(Purpose.DESK, email=email, data=data, lasts=LASTS, at=at)
    record("account_offered", customer_id, by=by, at=at)
    notifications.send(
        "account/desk",
        to=Recipient(name=customer.name, email=email),
        about=Subject(kind="account_step", id=uuid7()),
        key=f"account-desk-{steps.token_hash(token)}",
        context={"link": f"{settings.PUBLIC_URL}/account/opened-for-you/{token}", "days": LASTS.days},
        at=at,
        channel="email",
    )
    return code


def complete(token: str, typed: str, password: str, *, at: datetime) -> ResidentAccount:
    """The customer brings the code and chooses a password: the account opens their record. Raises BadInput, StepOver, WrongCode."""
    step = steps.running(token, Purpose.DESK, at=at)
    passwords.check(password, email=step.email, name=step.data["name"])
    step = steps.try_code(token, typed, Purpose.DESK, at=at)
    kept = passwords.hashed(password)
    with transaction.atomic():
        steps.finish(step, at=at)
        if not step.data.get("customer"):
            raise StepOver
        return registering.open_account(
            email=step.email,
            name=step.data["name"],
            password=kept,
            opened=ResidentAccount.Opened.DESK,
            opened_by=UUID(step.data["staff"]),
            customer_id=UUID(step.data["customer"]),
            at=at,
        )


def take_up(*, since: datetime, until: datetime) -> Sequence[tuple[object, str, int]]:
    """How many accounts were opened in each month, and how: (first of the month, self / desk / form / provider, count). One query."""
    return fetch_all(_TAKE_UP, (since, until))
