"""What the checks that somebody passed come to."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from townhall.core.actors import Actor
from townhall.core.time import council_date
from townhall.customers.accounts.models import AccountLink, AddressCode, Check, Level
from townhall.customers.operations.recording import record


def checks_of(customer_id: UUID, *, at: datetime) -> list[Check]:
    """The checks that count now, the strongest first. One query."""
    rows = Check.objects.filter(customer_id=customer_id, ended_at=None, until_on__gte=council_date(at))
    return list(rows.order_by("-level", "-until_on"))


def settle(customer_id: UUID, *, at: datetime) -> None:
    """Put the strongest check that counts on every account that opens this record as its own."""
    best = next(iter(checks_of(customer_id, at=at)), None)
    own = AccountLink.objects.filter(customer_id=customer_id, ended_at=None).exclude(role=AccountLink.Role.HELPER)
    own.update(level=best.level if best else Level.EMAIL, level_until=best.until_on if best else None)


def moved(customer_id: UUID, *, by: Actor, at: datetime) -> None:
    """They moved: what proved the earlier address proves nothing of the new one, nor does a code on its way there."""
    ended = Check.objects.filter(customer_id=customer_id, level=Level.ADDRESS, ended_at=None).update(ended_at=at)
    AddressCode.objects.filter(customer_id=customer_id, ended_at=None).update(ended_at=at)
    if ended:
        record("checks_ended", customer_id, by=by, at=at, because="moved")
        settle(customer_id, at=at)
