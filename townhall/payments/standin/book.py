"""The pretend provider's memory: payments, refunds, and the messages it still has to send. No card is ever asked for."""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections import deque
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from townhall.core.time import now

LIFE: Final = timedelta(minutes=90)
FINISHED: Final = {"success", "failed", "cancelled", "error"}
# What a payer may press, with the end it makes: status, code, message.
OUTCOMES: Final = {
    "success": ("success", "", ""),
    "decline": ("failed", "P0010", "Payment method rejected"),
    "cancel": ("failed", "P0030", "Payment was cancelled by the user"),
    "expire": ("failed", "P0020", "Payment expired"),
    "error": ("error", "P0050", "Payment provider returned an error"),
}
MESSAGES: Final = ("normal", "slow", "double", "none")
SLOW_SECONDS: Final = 8.0


@dataclass
class Behaviour:
    """How it behaves. Set through the control address."""

    outage: bool = False  # closes every connection without an answer
    busy: int = 0  # how many of the next requests are answered 429
    broken: bool = False  # answers 500 after doing the work
    delay: float = 0.0  # seconds before each answer
    lose_answers: int = 0  # how many of the next answers are cut off after the work is done
    messages: str = "normal"  # one of MESSAGES


@dataclass
class Paid:
    payment_id: str
    token: str  # of the payment page
    amount: int
    reference: str
    description: str
    return_url: str
    created: str
    email: str = ""
    language: str = "en"
    metadata: dict[str, Any] = field(default_factory=dict)
    moto: bool = False
    status: str = "created"
    code: str = ""
    message: str = ""
    refunds: list[dict[str, Any]] = field(default_factory=list)
    settled_on: str = ""

    @property
    def refunded(self) -> int:
        return sum(one["amount"] for one in self.refunds if one["status"] != "error")


@dataclass
class Waiting:
    """A message to send. `due` is in monotonic seconds."""

    body: bytes
    due: float
    tries: int = 0


class Book:
    """Safe to use from many threads. With a `path` it remembers across starts."""

    def __init__(self, path: Path | None = None) -> None:
        self.behaviour = Behaviour()
        self.lock = threading.RLock()
        self.payments: dict[str, Paid] = {}
        self.waiting: deque[Waiting] = deque()
        self.requests: list[tuple[str, str]] = []  # method and path, in the order in which they came
        self._path = path
        if path is not None and path.exists():
            with suppress(ValueError, TypeError, KeyError):
                self.payments = {one["payment_id"]: Paid(**one) for one in json.loads(path.read_text())}

    def create(self, asked: dict[str, Any]) -> Paid:
        with self.lock:
            made = Paid(
                payment_id=secrets.token_hex(13),
                token=secrets.token_urlsafe(16),
                amount=asked["amount"],
                reference=asked["reference"],
                description=asked["description"],
                return_url=asked["return_url"],
                created=_moment(now()),
                email=str(asked.get("email", "")),
                language=str(asked.get("language", "en")),
                metadata=dict(asked.get("metadata") or {}),
                moto=bool(asked.get("moto", False)),
            )
            self.payments[made.payment_id] = made
            self._keep()
            return made

    def get(self, payment_id: str) -> Paid | None:
        with self.lock:
            found = self.payments.get(payment_id)
            if found and found.status not in FINISHED and now() - datetime.fromisoformat(found.created) > LIFE:
                self.end(found, "expire")
            return found

    def by_token(self, token: str) -> Paid | None:
        with self.lock:
            found = next((one for one in self.payments.values() if one.token == token), None)
            return self.get(found.payment_id) if found else None

    def open(self, paid: Paid) -> None:
        """The payer is on the payment page."""
        with self.lock:
            if paid.status == "created":
                paid.status = "started"
                self._keep()

    def end(self, paid: Paid, outcome: str, *, message: str = "") -> None:
        """Something came of it. Nothing happens when it is over already."""
        with self.lock:
            if paid.status in FINISHED:
                return
            paid.status, paid.code, paid.message = OUTCOMES[outcome]
            if paid.status == "success":
                paid.settled_on = (now() + timedelta(days=2)).date().isoformat()
                self._tell(paid, "card_payment_succeeded", message or self.behaviour.messages)
            self._keep()

    def cancel(self, paid: Paid) -> bool:
        """By the service. False when it is over."""
        with self.lock:
            if paid.status in FINISHED:
                return False
            paid.status, paid.code, paid.message = "cancelled", "P0040", "Payment was cancelled by the service"
            self._keep()
            return True

    def refund(self, paid: Paid, amount: int) -> dict[str, Any]:
        with self.lock:
            made = {
                "refund_id": secrets.token_hex(13),
                "created_date": _moment(now()),
                "amount": amount,
                "status": "submitted",
            }
            paid.refunds.append(made)
            self._keep()
            answer = dict(made)
            made["status"] = "success"  # as it is found when it is asked about
            self._tell(paid, "card_payment_refunded", self.behaviour.messages)
            return answer

    def plant(self, **changed: Any) -> Paid:
        """A payment that Townhall does not know of, for reconciliation to find."""
        made = self.create(
            {"amount": 1234, "reference": "PLANTED", "description": "Planted", "return_url": "https://example.org/"}
        )
        with self.lock:
            made.status = "success"
            for name, value in changed.items():
                setattr(made, name, value)
            self._keep()
        return made

    def search(self, *, since: datetime, until: datetime) -> list[Paid]:
        """Begun since <= moment < until, the newest first, as the provider lists them."""
        with self.lock:
            found = [one for one in self.payments.values() if since <= datetime.fromisoformat(one.created) < until]
            return sorted(found, key=lambda one: one.created, reverse=True)

    def change(self, wanted: dict[str, Any]) -> Behaviour:
        """Raises ValueError for something that it cannot be."""
        with self.lock:
            known = {one.name for one in fields(Behaviour)}
            if not set(wanted) <= known or wanted.get("messages", "normal") not in MESSAGES:
                raise ValueError(f"not something it can be: {wanted}")
            for name, value in wanted.items():
                setattr(self.behaviour, name, type(getattr(self.behaviour, name))(value))
            return self.behaviour

    def take(self, name: str) -> bool:
        """One of a number of things that are to go wrong; whether there was one left."""
        with self.lock:
            left = getattr(self.behaviour, name)
            if left:
                setattr(self.behaviour, name, left - 1)
            return bool(left)

    def due_message(self) -> Waiting | None:
        with self.lock:
            for one in self.waiting:
                if one.due <= time.monotonic():
                    self.waiting.remove(one)
                    return one
            return None

    def put_back(self, one: Waiting) -> None:
        with self.lock:
            one.tries += 1
            one.due = time.monotonic() + min(0.2 * 2**one.tries, 30.0)
            self.waiting.append(one)

    def _tell(self, paid: Paid, event: str, how: str) -> None:
        if how == "none":
            return
        body = {
            "webhook_message_id": secrets.token_hex(13),
            "api_version": 1,
            "created_date": _moment(now()),
            "resource_id": paid.payment_id,
            "resource_type": "payment",
            "event_type": event,
            "resource": {"payment_id": paid.payment_id, "amount": paid.amount, "reference": paid.reference},
        }
        wait = SLOW_SECONDS if how == "slow" else 0.0
        message = Waiting(body=json.dumps(body).encode(), due=time.monotonic() + wait)
        self.waiting.append(message)
        if how == "double":
            self.waiting.append(Waiting(body=message.body, due=message.due))

    def _keep(self) -> None:
        if self._path is not None:
            fresh = self._path.with_suffix(".new")
            fresh.write_text(json.dumps([asdict(one) for one in list(self.payments.values())[-5_000:]]))
            fresh.replace(self._path)


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
