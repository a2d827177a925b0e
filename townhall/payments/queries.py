"""What other code may read of charges and payments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from townhall.accounts import sites
from townhall.core.actors import Actor
from townhall.core.db import fetch_all
from townhall.core.ids import as_uuid
from townhall.core.money import Pence
from townhall.core.paging import Page, page_of, read_cursor
from townhall.core.subjects import Subject
from townhall.payments.models import Charge, ChargeKind, Method, Payment
from townhall.payments.owed import has_discount, owed_pence, reference_key
from townhall.payments.states import ChargeState, PaymentState

PAGE = 25
MOST_FOUND = 20
# Whether there is anything for `of_customer` to read: for a page that asks this of many things in one statement.
OF_CUSTOMER = """(EXISTS (SELECT FROM payments_charge WHERE customer_id = %(customer)s)
    OR EXISTS (SELECT FROM payments_payment WHERE customer_id = %(customer)s))"""


@dataclass(frozen=True, kw_only=True)
class ToPay:
    """A charge as its payer sees it: no name and no address."""

    id: UUID
    kind_code: str
    kind: str
    reference: str
    description: str
    state: ChargeState
    owed_pence: Pence  # at the moment that was asked about
    full_pence: Pence
    discount_until: date | None  # while there is a discount
    due_on: date | None


@dataclass(frozen=True, kw_only=True)
class PaymentLine:
    """A payment, or a charge without one, as a line of a list."""

    charge_id: UUID
    payment_id: UUID | None
    kind: str
    reference: str
    description: str
    charge_state: ChargeState
    state: PaymentState | None
    method: str
    pence: Pence
    refunded_pence: Pence
    at: datetime
    due_on: date | None
    service: str = ""  # what it is paid for, of the catalogue

    @property
    def state_words(self) -> str:
        return str(self.charge_state.label if self.state is None else self.state.label)

    @property
    def method_words(self) -> str:
        return str(Method(self.method).label) if self.method else ""


def kinds() -> list[ChargeKind]:
    """What can be paid for, in the council's order. One query."""
    return list(ChargeKind.objects.filter(is_active=True).order_by("order", "name"))


def to_pay(charge_id: UUID, *, at: datetime) -> ToPay | None:
    """One query."""
    charge = Charge.objects.select_related("kind").filter(pk=charge_id).first()
    return _to_pay(charge, at=at) if charge else None


def about(subject: Subject, *, at: datetime) -> list[ToPay]:
    """What is or was to be paid for one thing. One query."""
    rows = Charge.objects.select_related("kind").filter(subject_kind=subject.kind, subject_id=subject.id)
    return [_to_pay(row, at=at) for row in rows.order_by("created_at", "id")]


def receipts_about(subject: Subject) -> list[tuple[str, str]]:
    """What was paid for one thing: the reference, and the token of its receipt's page. For whoever may see them. One query."""
    paid = Payment.objects.filter(
        charge__subject_kind=subject.kind, charge__subject_id=subject.id, state=PaymentState.SUCCESS
    )
    return list(paid.order_by("id").values_list("charge__reference", "token"))


def find(reference: str, *, at: datetime, kind: str = "") -> list[ToPay]:
    """Charges with this reference: those to pay first, then the others by date. At most MOST_FOUND. One query."""
    key = reference_key(reference)
    if len(key) < 3:
        return []
    rows = Charge.objects.select_related("kind").filter(reference_key=key)
    if kind:
        rows = rows.filter(kind_id=kind)
    found = [_to_pay(row, at=at) for row in rows.order_by("-created_at", "id")[:MOST_FOUND]]
    return sorted(found, key=lambda one: one.state is not ChargeState.OPEN)


def _to_pay(charge: Charge, *, at: datetime) -> ToPay:
    discounted = has_discount(charge, at=at)
    return ToPay(
        id=charge.pk,
        kind_code=charge.kind_id,
        kind=charge.kind.name,
        reference=charge.reference,
        description=charge.description,
        state=ChargeState(charge.state),
        owed_pence=owed_pence(charge, at=at),
        full_pence=Pence(charge.amount_pence),
        discount_until=charge.discount_until if discounted else None,
        due_on=charge.due_on,
    )


def by_token(token: str) -> Payment | None:
    """The payment whose return page this is, with its charge. One query."""
    if not token.isascii() or not token.isprintable():
        return None
    return Payment.objects.select_related("charge__kind").filter(token=token).first()


_OF_CUSTOMER = """
    SELECT c.id, p.id, k.name, c.reference, c.description, c.state, p.state, coalesce(p.method, ''),
      coalesce(p.amount_pence, c.amount_pence), coalesce(p.refunded_pence, 0),
      coalesce(p.finished_at, p.created_at, c.created_at) AS at, c.due_on, k.service_code
    FROM payments_charge c JOIN payments_chargekind k ON k.code = c.kind_id
    LEFT JOIN LATERAL (SELECT * FROM payments_payment WHERE charge_id = c.id
      ORDER BY (state = 'success') DESC, id DESC LIMIT 1) p ON true
    WHERE c.id IN (SELECT id FROM payments_charge WHERE customer_id = ANY(%s)
                   UNION SELECT charge_id FROM payments_payment WHERE customer_id = ANY(%s))
    ORDER BY (c.state IN ('open', 'held')) DESC, at DESC, c.id LIMIT %s"""


def of_customer(customer_id: UUID, *, also: Sequence[UUID] = (), limit: int = 20) -> list[PaymentLine]:
    """What a customer owes, then what they paid, the newest first. One query. `also`: records that were merged into this one."""
    ids = list({customer_id, *also})
    return [_line(row) for row in fetch_all(_OF_CUSTOMER, (ids, ids, limit))]


def _line(row: tuple[Any, ...]) -> PaymentLine:
    return PaymentLine(
        charge_id=row[0],
        payment_id=row[1],
        kind=row[2],
        reference=row[3],
        description=row[4],
        charge_state=ChargeState(row[5]),
        state=PaymentState(row[6]) if row[6] else None,
        method=row[7],
        pence=Pence(row[8]),
        refunded_pence=Pence(row[9]),
        at=row[10],
        due_on=row[11],
        service=row[12],
    )


def visible_to(by: Actor) -> QuerySet[Payment]:
    """Those of the sites at which `by` works (accounts.sites); whether they may see any is asked at the door."""
    return sites.only(Payment.objects.select_related("charge__kind"), by, "payments.see", column="site_code")


def payments(*, by: Actor, reference: str = "", after: str = "", size: int = PAGE) -> Page[Payment]:
    """Payments that `by` sees, the newest first; of one reference, or all. One query."""
    rows = visible_to(by).order_by("-id")
    if key := reference_key(reference):
        rows = rows.filter(charge__reference_key=key)
    values = read_cursor(after, length=1) if after else None
    if values and (last := as_uuid(values[0])):
        rows = rows.filter(pk__lt=last)
    return page_of(list(rows[: size + 1]), size=size, key=lambda one: (one.pk,))
