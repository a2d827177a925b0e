"""An address that wants to hear of ledger entries. Nothing comes back but whether it took them."""

from __future__ import annotations

from datetime import datetime

from townhall.connectors import signing
from townhall.connectors.adapters.answers import not_taken
from townhall.connectors.addresses import ForbiddenAddress, NoSuchHost
from townhall.connectors.calling import NoAnswer, NoConnection, call
from townhall.connectors.protocol import (
    Item,
    LookUpFailed,
    Outcome,
    Outgoing,
    Refused,
    Settings,
    StatusEvent,
    Taken,
    Trouble,
    Unreachable,
    UnreadableEvent,
)
from townhall.core.db import dump_json


class WebhookAdapter:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def submit(self, delivery: Outgoing, *, at: datetime) -> Outcome:
        body = dump_json(delivery.payload).encode()
        # The ledger entry's id: the same in every attempt and every replay, so the receiver can tell a repeat.
        headers = signing.headers(self._settings.secret, message_id=str(delivery.payload["id"]), at=at, body=body)
        headers |= {"Content-Type": "application/json", "Idempotency-Key": str(delivery.id)}
        try:
            answer = call("POST", self._settings.base_url, headers=headers, body=body, public_only=True)
        except (NoConnection, NoSuchHost) as error:
            return Unreachable(str(error))
        except ForbiddenAddress as error:
            return Refused(str(error))
        except NoAnswer as error:
            return Trouble(str(error))
        return Taken() if 200 <= answer.status < 300 else not_taken(answer)

    def look_up(self, external_id: str, *, at: datetime) -> Item | None:
        raise LookUpFailed("A webhook cannot be asked.")

    def open_items(self, *, at: datetime) -> list[Item]:
        raise LookUpFailed("A webhook cannot be asked.")

    def read_event(self, body: object) -> StatusEvent:
        raise UnreadableEvent("A webhook tells us nothing.")

    def is_well(self, *, at: datetime) -> bool:
        return True
