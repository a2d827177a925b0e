"""What a phone platform sends: signed messages, each with the whole of one call, for `make bench`."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from secrets import token_hex

from bench import home, wire
from bench.council import Council
from bench.load import Wanted

MESSAGES = 6_000
_SECRET = "from townhall.connectors import signing; print(signing.secret_of('phones').hex())"
_CONNECTOR = """
    INSERT INTO connectors_connector
        (id, code, name, kind, base_url, secret_name, secret_version, is_enabled, last_error, failures, created_at)
    VALUES (gen_random_uuid(), 'phones', 'Phones', 'phone', '', '', 1, true, '', 0, now()) ON CONFLICT DO NOTHING"""


def events(council: Council) -> Wanted:
    """Signed now: they are good for five minutes."""
    from townhall.connectors.signing import signature

    with council.connect("townhall_admin") as admin:
        admin.execute(_CONNECTOR)
    told = home.must(council.folder, "manage", "shell", "--no-imports", "-c", _SECRET, **council.env)
    secret = bytes.fromhex(told.strip().splitlines()[-1])
    at, run = datetime.now(UTC), token_hex(4)
    requests = []
    for number in range(MESSAGES):
        name, start = f"{run}-{number}", at - timedelta(seconds=number % 1_800)
        body = json.dumps({"kind": "call.events", "events": _call(name, start)}).encode()
        stamp = int(at.timestamp())
        signed = {
            "webhook_id": name,
            "webhook_timestamp": str(stamp),
            "webhook_signature": signature(secret, message_id=name, timestamp=stamp, body=body),
        }
        requests.append((wire.post_json("/connectors/phones/events", body, host="localhost", **signed), b"received"))
    return Wanted(requests, status=200, again=False)


def _call(name: str, start: datetime) -> list[dict[str, object]]:
    def event(kind: str, seconds: int, **more: object) -> dict[str, object]:
        return {"call": name, "event": kind, "at": (start + timedelta(seconds=seconds)).isoformat(), **more}

    return [
        event("offered", 0, queue="main", number="01632 960123"),
        event("queued", 0, queue="main"),
        event("offered", 12, agent="2041"),
        event("answered", 17, agent="2041", wait=17),
        event("ended", 257, agent="2041", handling=240),
    ]
