"""Made-up charges, and payers who press the buttons of the pretend provider."""

from __future__ import annotations

import itertools
import urllib.parse
import urllib.request
from datetime import UTC, datetime
from typing import Any

from townhall.core.actors import PUBLIC, SYSTEM, Actor, ActorKind
from townhall.core.money import Pence
from townhall.payments import operations
from townhall.payments.models import Charge, Payment
from townhall.payments.operations import Owed
from townhall.payments.seeds import seed_reference_data

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
API_KEY, WEBHOOK_SECRET = "a key", "a secret of the webhooks"
FINANCE = Actor(kind=ActorKind.STAFF, id="5c0f1d3e-0000-4000-8000-00000000000f", roles=frozenset({"finance"}))
SENIOR = Actor(kind=ActorKind.STAFF, id="5c0f1d3e-0000-4000-8000-00000000000e", roles=frozenset({"senior_manager"}))
ADVISER = Actor(kind=ActorKind.STAFF, id="5c0f1d3e-0000-4000-8000-00000000000d", roles=frozenset({"adviser"}))
_numbers = itertools.count(1)


def make_charge(*, at: datetime = NOON, **fields: Any) -> Charge:
    seed_reference_data()
    number = next(_numbers)
    usual: dict[str, Any] = {
        "kind": "council-tax",
        "reference": f"7000{number:05d}",
        "description": "March instalment",
        "amount_pence": Pence(12_050),
        "source": "test",
        "key": f"charge-{number}",
    }
    return operations.owe(Owed(**{**usual, **fields}), by=SYSTEM, at=at)


def make_payment(*, at: datetime = NOON, email: str = "", charge: Charge | None = None, **fields: Any) -> Payment:
    """One that the provider knows and nobody has finished."""
    owed = charge or make_charge(at=at, **fields)
    return operations.start(owed.pk, by=PUBLIC, at=at, email=email)


def press(next_url: str, button: str) -> str:
    """The payer is on the provider's page and presses a button ("success:normal"); where the browser is sent then."""
    with urllib.request.urlopen(next_url) as answer:
        assert answer.status == 200
    data = urllib.parse.urlencode({"do": button}).encode()
    opener = urllib.request.build_opener(_Stay)
    answer = opener.open(urllib.request.Request(next_url, data=data))
    return str(answer.headers.get("Location") or "")


class _Stay(urllib.request.HTTPRedirectHandler):
    def http_error_303(self, req: Any, fp: Any, code: Any, msg: Any, headers: Any) -> Any:
        return fp
