"""Which apps have a part of the customer's page."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from townhall.customers.accounts import links
from townhall.payments import queries as payments
from townhall.payments.queries import PaymentLine
from townhall.workspace.panels import Panel, register


def connect() -> None:
    register(Panel(template="workspace/desk/account_panel.html", capability="customers.see", load=_account))
    register(Panel(template="workspace/money/panel.html", capability="payments.see", load=_money))


def _money(customer_id: UUID, at: datetime) -> list[PaymentLine]:
    return payments.of_customer(customer_id)


def _account(customer_id: UUID, at: datetime) -> tuple[UUID, object]:
    return customer_id, links.accounts_of(customer_id)
