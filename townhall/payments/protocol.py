"""What every way of taking money can do, whoever is behind it. None of this is called inside a transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from townhall.payments.states import PaymentState, RefundState


class ProviderDown(Exception):
    """It is not there, is busy, or did not answer in time. Whether it did something is not known."""


class ProviderRefused(Exception):
    """It will not do this, however often we ask. The message is for the log, never for the payer."""


class UnknownThere(ProviderRefused):
    """It does not know this payment."""


class BadSignature(Exception):
    """A message that was not signed with our secret."""


class UnreadableMessage(ValueError):
    """A signed message that we cannot make sense of."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is to be paid. `reference` is at most 255 characters and no web address; `return_url` holds our own token."""

    amount_pence: int
    reference: str
    description: str
    return_url: str
    email: str = ""
    language: str = "en"
    metadata: dict[str, str] | None = None  # at most 15 words of at most 100 characters


@dataclass(frozen=True, kw_only=True)
class Created:
    """`next_url`: where the payer goes; empty when the payer is with the provider already (a phone line)."""

    provider_id: str
    next_url: str


@dataclass(frozen=True, kw_only=True)
class Found:
    """How a payment stands with the provider. `code`: why it was not taken."""

    provider_id: str
    reference: str
    state: PaymentState
    code: str
    amount_pence: int
    refunded_pence: int = 0
    refundable_pence: int = 0
    settled_on: date | None = None
    created_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class FoundRefund:
    provider_id: str
    amount_pence: int
    state: RefundState


@dataclass(frozen=True, kw_only=True)
class Message:
    """What a signed message says: something happened to this payment. What, is asked of the provider."""

    message_id: str
    event_type: str
    provider_id: str


class Provider(Protocol):
    def create(self, order: Order) -> Created:
        """Raises ProviderDown, ProviderRefused."""

    def status(self, provider_id: str) -> Found:
        """Raises ProviderDown, UnknownThere."""

    def cancel(self, provider_id: str) -> None:
        """Nothing happens when it is over already. Raises ProviderDown, ProviderRefused."""

    def refund(self, provider_id: str, *, amount_pence: int, available_pence: int) -> FoundRefund:
        """Raises ProviderDown, ProviderRefused; the latter when not exactly `available_pence` could be refunded before."""

    def refunds(self, provider_id: str) -> list[FoundRefund]:
        """Raises ProviderDown, UnknownThere."""

    def listed(self, *, since: datetime, until: datetime) -> Iterator[Found]:
        """Every payment begun since <= moment < until, for reconciliation only. Raises ProviderDown."""

    def read_message(self, body: bytes, *, signature: str) -> Message:
        """Raises BadSignature before anything is read, UnreadableMessage."""


_makers: dict[str, Callable[[], Provider]] = {}


def register(code: str, make: Callable[[], Provider]) -> None:
    _makers[code] = make


def provider(code: str) -> Provider:
    """Raises KeyError when this council has no such way of taking money."""
    return _makers[code]()


def known(code: str) -> bool:
    return code in _makers
