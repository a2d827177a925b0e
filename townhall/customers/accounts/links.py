"""Which customers' records an account opens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from townhall.core.actors import Actor, ActorKind
from townhall.core.db import fetch_all
from townhall.core.time import council_date
from townhall.customers.accounts.models import AccountLink, Level
from townhall.customers.operations.recording import record

_LINKS = """
    SELECT l.id, l.customer_id, l.role, c.name, c.kind, l.level, l.level_until, c.preferred_channel, c.language,
      coalesce((SELECT array_agg(r.role) FROM customers_customerrole r WHERE r.customer_id = c.id AND r.ended_at IS NULL), '{}'),
      a.id, a.uprn, a.line, a.postcode,
      (SELECT p.value FROM customers_contactpoint p WHERE p.customer_id = c.id AND p.kind = 'phone' AND p.ended_at IS NULL
       ORDER BY p.verified_at DESC NULLS LAST, p.id DESC LIMIT 1)
    FROM customers_accountlink l JOIN customers_customer c ON c.id = l.customer_id
    LEFT JOIN LATERAL (SELECT * FROM customers_customeraddress d WHERE d.customer_id = c.id
      AND (d.until_on IS NULL OR d.until_on > %s) AND (d.from_on IS NULL OR d.from_on <= %s)
      ORDER BY (d.uprn <> '') DESC, d.from_on DESC NULLS LAST, d.id DESC LIMIT 1) a ON true
    WHERE l.account_id = %s AND l.ended_at IS NULL ORDER BY l.since, l.id"""


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A record that an account opens, with what every page of the account needs of it."""

    link_id: UUID
    customer_id: UUID
    role: str
    name: str
    is_organisation: bool
    level: Level
    preferred_channel: str
    language: str
    capacities: frozenset[str]  # customer roles: resident, leaseholder, employee …
    address_id: UUID | None
    uprn: str
    address: str
    postcode: str
    phone: str

    @property
    def is_own(self) -> bool:
        """Theirs to change: a helper acts, and changes nothing about the person."""
        return self.role != AccountLink.Role.HELPER

    @property
    def actor(self) -> Actor:
        return Actor(kind=ActorKind.CUSTOMER, id=str(self.customer_id))


def opened_by(account_id: UUID, *, at: datetime) -> Sequence[Opened]:
    """The records an account opens, its own first. One statement."""
    today = council_date(at)
    return [_opened(row, today) for row in fetch_all(_LINKS, (today, today, account_id))]


def _opened(row: tuple[object, ...], today: date) -> Opened:
    link_id, customer_id, role, name, kind, level, until, channel, language, roles = row[:10]
    address_id, uprn, line, postcode, phone = row[10:]
    assert isinstance(link_id, UUID)
    assert isinstance(customer_id, UUID)
    assert isinstance(roles, list)
    assert until is None or isinstance(until, date)
    assert isinstance(level, int)
    assert address_id is None or isinstance(address_id, UUID)
    return Opened(
        link_id=link_id,
        customer_id=customer_id,
        role=str(role),
        name=str(name),
        is_organisation=kind == "organisation",
        level=level_on(level, until, today),
        preferred_channel=str(channel),
        language=str(language),
        capacities=frozenset(str(one) for one in roles),
        address_id=address_id,
        uprn=str(uprn or ""),
        address=str(line or ""),
        postcode=str(postcode or ""),
        phone=str(phone or ""),
    )


def level_on(level: int, until: date | None, today: date) -> Level:
    """What is left of a level on a date: when the check behind it is over, the email address is still verified."""
    return Level(level) if until is None or today <= until else Level(min(level, Level.EMAIL))


@transaction.atomic
def link(
    account_id: UUID, customer_id: UUID, *, role: str, by: Actor, at: datetime, level: Level = Level.EMAIL
) -> AccountLink:
    """Open a customer's record to an account. Twice is once."""
    made, is_new = AccountLink.objects.get_or_create(
        account_id=account_id,
        customer_id=customer_id,
        ended_at=None,
        defaults={"role": role, "since": at, "level": level},
    )
    if is_new:
        record("account_linked", customer_id, by=by, at=at, account=str(account_id), role=str(role))
    return made


@transaction.atomic
def unlink(link_id: UUID, *, because: str, by: Actor, at: datetime) -> bool:
    """The account does not open that record any more, from its next request on."""
    row = AccountLink.objects.select_for_update().filter(pk=link_id, ended_at=None).first()
    if row is None:
        return False
    row.ended_at, row.ended_because = at, because
    row.save(update_fields=["ended_at", "ended_because"])
    record(
        "account_unlinked", row.customer_id, by=by, at=at, account=str(row.account_id), role=row.role, because=because
    )
    return True


def own_customer(account_id: UUID) -> UUID | None:
    """The record that is the account's owner's own. One query."""
    own = AccountLink.objects.filter(account_id=account_id, role=AccountLink.Role.SELF, ended_at=None)
    return own.order_by("since").values_list("customer_id", flat=True).first()


_ACCOUNTS = """SELECT a.id, a.name, a.email, l.role, l.level, l.level_until
    FROM customers_accountlink l JOIN accounts_residentaccount a ON a.id = l.account_id
    WHERE l.customer_id = %s AND l.ended_at IS NULL ORDER BY l.since"""


def accounts_of(customer_id: UUID) -> list[tuple[UUID, str, str, str, int, date | None]]:
    """For staff: the accounts that open this record, as (account, name, email, role, level, its last day). On each page of a customer."""
    rows = fetch_all(_ACCOUNTS, (customer_id,), binary=True)
    return [(key, name, email, role, level, until) for key, name, email, role, level, until in rows]
