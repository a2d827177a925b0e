"""Signatures as in the Standard Webhooks specification 1.0, both ways: HMAC-SHA256 over id, timestamp and the raw body.

Headers: `webhook-id`, `webhook-timestamp` (Unix seconds), `webhook-signature` (`v1,` and base64, several divided by spaces).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
from datetime import UTC, datetime, timedelta

from django.conf import settings

WINDOW = timedelta(minutes=5)  # a message signed longer ago, or further in the future, is refused
_PREFIX = "whsec_"


def secret_of(code: str, *, secret_name: str = "", version: int = 1) -> bytes:
    """A connector's secret: what the environment variable `secret_name` holds, else one derived from SECRET_KEY.

    A derived secret is stored nowhere. Raises KeyError when the variable is not set.
    """
    if secret_name:
        return secret_from_text(os.environ[secret_name])
    words = f"townhall connector {version} {code}"
    return hmac.digest(settings.SECRET_KEY.encode(), words.encode(), "sha256")


def secret_from_text(text: str) -> bytes:
    """`whsec_` and base64, as others show it, or any text."""
    if text.startswith(_PREFIX):
        try:
            return base64.b64decode(text.removeprefix(_PREFIX), validate=True)
        except binascii.Error:
            return text.encode()
    return text.encode()


def secret_as_text(secret: bytes) -> str:
    """As to be typed into the other system."""
    return _PREFIX + base64.b64encode(secret).decode()


def signature(secret: bytes, *, message_id: str, timestamp: int, body: bytes) -> str:
    signed = b".".join((message_id.encode(), str(timestamp).encode(), body))
    return "v1," + base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()


def headers(secret: bytes, *, message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    timestamp = int(at.timestamp())
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(secret, message_id=message_id, timestamp=timestamp, body=body),
    }


def is_right(secret: bytes, *, message_id: str, timestamp: str, given: str, body: bytes) -> bool:
    """Whether one of the signatures given is ours. Each is compared in a time that tells nothing of ours."""
    if not _is_moment(timestamp):
        return False
    wanted = signature(secret, message_id=message_id, timestamp=int(timestamp), body=body).encode()
    return any(hmac.compare_digest(wanted, one.encode()) for one in given.split(" ")[:10])


def is_fresh(timestamp: str, *, at: datetime) -> bool:
    return _is_moment(timestamp) and abs(at - datetime.fromtimestamp(int(timestamp), UTC)) <= WINDOW


def _is_moment(timestamp: str) -> bool:
    return timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 11 and int(timestamp) < 253_402_300_800
