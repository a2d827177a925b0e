"""Small secrets at rest: sealed with keys drawn from SECRET_KEY (and opened with SECRET_KEY_FALLBACKS after a change)."""

from __future__ import annotations

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.utils.encoding import force_bytes


def sealed(text: str) -> str:
    return _box().encrypt(text.encode()).decode()


def opened(text: str) -> str:
    """Raises cryptography.fernet.InvalidToken when none of our keys sealed it."""
    return _box().decrypt(text.encode()).decode()


def fingerprint(purpose: str, text: str) -> str:
    """A keyed hash: equal for equal texts, and of no use to anybody without our key."""
    return hmac.new(_key(settings.SECRET_KEY, purpose), text.encode(), hashlib.sha256).hexdigest()


def _box() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(_key(key, "accounts.sealing"))) for key in keys])


def _key(secret: str | bytes, purpose: str) -> bytes:
    return hmac.new(force_bytes(secret), purpose.encode(), hashlib.sha256).digest()
