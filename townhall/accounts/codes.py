"""Codes for the second factor: those of an app (TOTP, RFC 6238, six digits, 30 seconds), and recovery codes on paper."""

from __future__ import annotations

import base64
import secrets
from io import BytesIO
from urllib.parse import quote, urlencode

import qrcode
import qrcode.image.svg
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

STEP_SECONDS = 30
DIGITS = 6
SECRET_BYTES = 20
RECOVERY_CODES = 10
_ALPHABET = "23456789abcdefghjkmnpqrstvwxyz"  # nothing that looks like something else
_RECOVERY_LENGTH = 12  # characters; 58 bits


def new_secret() -> str:
    """The app's key, as its owner may type it: base32 in capitals."""
    return base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()


def step_at(moment: float) -> int:
    """The number of the 30-second step, from seconds since 1970."""
    return int(moment) // STEP_SECONDS


def code_at(secret: str, step: int) -> str:
    """The six digits that the app shows during a step."""
    # SHA-1 is what authenticator apps take; as an HMAC it is sound.
    app = TOTP(base64.b32decode(secret), DIGITS, SHA1(), STEP_SECONDS)  # noqa: S303
    return app.generate(step * STEP_SECONDS).decode()


def step_of(secret: str, typed: str, *, now_step: int) -> int | None:
    """The step this code belongs to: the present one, the one before or the one after. None when it is of none of them."""
    steps = (now_step, now_step - 1, now_step + 1)
    matching = [step for step in steps if secrets.compare_digest(code_at(secret, step).encode(), typed.encode())]
    return matching[0] if matching else None


def address_of(secret: str, *, account: str, issuer: str) -> str:
    """The otpauth:// address that a QR code carries to the app."""
    label = quote(f"{issuer}:{account}", safe="")
    return f"otpauth://totp/{label}?{urlencode({'secret': secret, 'issuer': issuer}, quote_via=quote)}"


def picture_of(address: str) -> str:
    """A QR code as an SVG element, to stand in a page."""
    made = qrcode.make(address, image_factory=qrcode.image.svg.SvgPathImage, box_size=14, border=4)
    out = BytesIO()
    made.save(out)
    text = out.getvalue().decode()
    return text[text.index("<svg") :]


def spaced(secret: str) -> str:
    """The key in groups of four, easier to copy by hand."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))


def plain(typed: str) -> str:
    """What was typed, without the spaces and dashes that help to read it."""
    return "".join(character for character in typed.lower() if character.isalnum())


def new_recovery_codes() -> list[str]:
    """Codes such as `03-kq7m-2wxa-99fd`. The number in front says which one it is; the rest is random."""
    return [f"{number:02d}-{_groups()}" for number in range(1, RECOVERY_CODES + 1)]


def _groups() -> str:
    text = "".join(secrets.choice(_ALPHABET) for _ in range(_RECOVERY_LENGTH))
    return "-".join(text[start : start + 4] for start in range(0, _RECOVERY_LENGTH, 4))
