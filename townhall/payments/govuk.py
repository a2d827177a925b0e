"""GOV.UK Pay, by its published API (publicapi v1). The pretend provider of the demo and the counter terminals speak the same."""

from __future__ import annotations

import hashlib
import hmac
import random
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Final
from urllib.parse import quote, urlencode

import msgspec

from townhall.connectors.calling import Answer, NoAnswer, NoConnection, call
from townhall.payments.protocol import (
    BadSignature,
    Created,
    Found,
    FoundRefund,
    Message,
    Order,
    ProviderDown,
    ProviderRefused,
    UnknownThere,
    UnreadableMessage,
)
from townhall.payments.states import PaymentState, RefundState

TRIES: Final = 3  # of a request that the provider was too busy for
FIRST_WAIT: Final = 0.5  # seconds; twice as long each time
PAGE: Final = 500  # the most that a search gives at once

# What the provider says, and what it is to us. A state that we do not know is one that is not over.
_STATES: Final[Mapping[str, PaymentState]] = {
    "created": PaymentState.CREATED,
    "started": PaymentState.STARTED,
    "submitted": PaymentState.SUBMITTED,
    "capturable": PaymentState.SUBMITTED,
    "success": PaymentState.SUCCESS,
    "failed": PaymentState.FAILED,
    "cancelled": PaymentState.CANCELLED,
    "error": PaymentState.ERROR,
}
_REFUND_STATES: Final[Mapping[str, RefundState]] = {
    "submitted": RefundState.SUBMITTED,
    "success": RefundState.SUCCESS,
    "error": RefundState.ERROR,
}
USER_CANCELLED: Final = "P0030"  # comes as "failed", and is a cancellation to us


@dataclass(frozen=True, kw_only=True)
class GovukPay:
    """`base_url` ends before /v1."""

    base_url: str
    api_key: str = field(repr=False)
    webhook_secret: str = field(default="", repr=False)
    is_moto: bool = False  # the payer is not at the keyboard

    def create(self, order: Order) -> Created:
        body: dict[str, Any] = {
            "amount": order.amount_pence,
            "reference": order.reference[:255],
            "description": order.description[:255],
            "return_url": order.return_url,
            "language": "cy" if order.language == "cy" else "en",
        }
        if order.email:
            body["email"] = order.email
        if order.metadata:
            body["metadata"] = {key[:30]: value[:100] for key, value in list(order.metadata.items())[:15]}
        if self.is_moto:
            body["moto"] = True
        made = self._asked("POST", "/v1/payments", body)
        links = _of(made, "_links", dict)
        next_url = links.get("next_url")
        return Created(provider_id=_of(made, "payment_id", str), next_url=_of(next_url or {}, "href", str))

    def status(self, provider_id: str) -> Found:
        return _found(self._asked("GET", f"/v1/payments/{_part(provider_id)}"))

    def cancel(self, provider_id: str) -> None:
        answer = self._call("POST", f"/v1/payments/{_part(provider_id)}/cancel")
        if answer.status not in (204, 400, 409):  # 400 and 409: it is over already
            _raise(answer)

    def refund(self, provider_id: str, *, amount_pence: int, available_pence: int) -> FoundRefund:
        body = {"amount": amount_pence, "refund_amount_available": available_pence}
        return _refund(self._asked("POST", f"/v1/payments/{_part(provider_id)}/refunds", body))

    def refunds(self, provider_id: str) -> list[FoundRefund]:
        answer = self._asked("GET", f"/v1/payments/{_part(provider_id)}/refunds")
        return [_refund(one) for one in _of(_of(answer, "_embedded", dict), "refunds", list)]

    def listed(self, *, since: datetime, until: datetime) -> Iterator[Found]:
        page = 1
        while True:
            query = {"from_date": _moment(since), "to_date": _moment(until), "page": page, "display_size": PAGE}
            answer = self._asked("GET", f"/v1/payments?{urlencode(query)}")
            results = _of(answer, "results", list)
            yield from (_found(one) for one in results)
            if page * PAGE >= int(answer.get("total") or 0) or not results:
                return
            page += 1

    def read_message(self, body: bytes, *, signature: str) -> Message:
        wanted = hmac.new(self.webhook_secret.encode(), body, hashlib.sha256).hexdigest()
        if not self.webhook_secret or not hmac.compare_digest(wanted.encode(), signature.strip().lower().encode()):
            raise BadSignature
        try:
            said = msgspec.json.decode(body)
            # Its documentation calls the message's id by both names.
            message_id = said.get("webhook_message_id") or said["id"]
            return Message(
                message_id=str(message_id), event_type=str(said["event_type"]), provider_id=str(said["resource_id"])
            )
        except (msgspec.DecodeError, AttributeError, KeyError, TypeError) as error:
            raise UnreadableMessage(str(error)) from error

    def _asked(self, method: str, path: str, body: object | None = None) -> dict[str, Any]:
        answer = self._call(method, path, body)
        if answer.status not in (200, 201, 202):
            _raise(answer)
        try:
            decoded = msgspec.json.decode(answer.body)
        except msgspec.DecodeError as error:
            raise ProviderDown("The answer is not JSON.") from error
        if not isinstance(decoded, dict):
            raise ProviderDown("The answer is not an object.")
        return decoded

    def _call(self, method: str, path: str, body: object | None = None) -> Answer:
        """One request, sent again a little later while the provider is too busy for it."""
        headers = {"Authorization": f"Bearer {self.api_key}", "Accept": "application/json"}
        content = b"" if body is None else msgspec.json.encode(body)
        if content:
            headers["Content-Type"] = "application/json"
        for tried in range(TRIES):
            try:
                answer = call(method, f"{self.base_url}{path}", headers=headers, body=content)
            except (NoConnection, NoAnswer) as error:
                raise ProviderDown(str(error)) from error
            if answer.status != 429 or tried == TRIES - 1:
                break
            time.sleep(FIRST_WAIT * 2**tried * random.uniform(1, 1.3))
        return answer


def _raise(answer: Answer) -> None:
    if answer.status == 404:
        raise UnknownThere("It does not know this payment.")
    code = ""
    try:
        said = msgspec.json.decode(answer.body)
        code = str(said.get("code", "")) if isinstance(said, dict) else ""
    except msgspec.DecodeError:
        pass
    if answer.status == 429 or answer.status >= 500:
        raise ProviderDown(f"HTTP {answer.status} {code}")
    raise ProviderRefused(f"HTTP {answer.status} {code}")


def _of(found: Any, name: str, kind: type[Any]) -> Any:
    """A part of an answer, which has to be there and of this kind. Parts that we do not know are passed over."""
    part = found.get(name) if isinstance(found, dict) else None
    if not isinstance(part, kind):
        raise ProviderDown(f"The answer has no {name}.")
    return part


def _found(said: dict[str, Any]) -> Found:
    state = _of(said, "state", dict)
    status, code = _of(state, "status", str), str(state.get("code") or "")
    ours = _STATES.get(status, PaymentState.SUBMITTED)
    if code == USER_CANCELLED:
        ours = PaymentState.CANCELLED
    refunds = said.get("refund_summary") or {}
    settled = (said.get("settlement_summary") or {}).get("settled_date")
    return Found(
        provider_id=_of(said, "payment_id", str),
        reference=str(said.get("reference") or ""),
        state=ours,
        code=code,
        amount_pence=_of(said, "amount", int),
        refunded_pence=int(refunds.get("amount_submitted") or 0),
        refundable_pence=int(refunds.get("amount_available") or 0),
        settled_on=date.fromisoformat(settled) if isinstance(settled, str) else None,
        created_at=_read_moment(said.get("created_date")),
    )


def _refund(said: Any) -> FoundRefund:
    return FoundRefund(
        provider_id=_of(said, "refund_id", str),
        amount_pence=_of(said, "amount", int),
        state=_REFUND_STATES.get(_of(said, "status", str), RefundState.SUBMITTED),
    )


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _read_moment(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None


def _part(provider_id: str) -> str:
    return quote(provider_id, safe="")
