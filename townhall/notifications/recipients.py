"""Who a message is for, and the channels that can reach them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings

from townhall.notifications.states import Channel

# Loose on purpose: only the mail server knows. It keeps out what could break a header or reach a second mailbox.
_EMAIL = re.compile(r"[^\s@<>,;:\"()\[\]\\\x00-\x20\x7f]+@[^\s@<>,;:\"()\[\]\\\x00-\x20\x7f]+")
_PHONE_NOISE = re.compile(r"[\s().\-‐–]")
_PHONE = re.compile(r"\+?[0-9]{7,15}")
_EXTENSION = re.compile(r"(?i)\s*(?:x|ext)\.?\s*\d+$")
_EMAIL_LONGEST = 254  # RFC 5321


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """The recipient as given at the time. `prefers` is a Channel, or None when they did not say."""

    name: str = ""
    email: str = ""
    phone: str = ""
    customer_id: UUID | None = None
    prefers: str | None = None
    postal: str = ""  # an address on one line, for a letter that was asked for
    has_account: bool | None = None  # None: it was not asked
    answers: str = ""  # the Message-IDs of the mail that is answered and of those before it, the nearest last
    reply_to: str = ""  # where an answer to the mail goes, when not to the usual address


def email_address(typed: str) -> str:
    """The address to send to, or "" when mail cannot go there."""
    address = typed.strip()
    return address if len(address) <= _EMAIL_LONGEST and _EMAIL.fullmatch(address) else ""


def phone_number(typed: str) -> str:
    """The number to text, without spaces and brackets, or "" when it cannot be one."""
    number = _PHONE_NOISE.sub("", typed)
    return number if _PHONE.fullmatch(number) else ""


def full_number(typed: str) -> str:
    """+44 and the number, or + and another country's; "" when it cannot be a phone number. An extension is left out."""
    plain = _EXTENSION.split(typed.strip())[0]
    digits = re.sub(r"\D", "", plain.replace("(0)", ""))
    if plain.startswith("+"):
        full = digits
    elif digits.startswith("00"):
        full = digits[2:]
    elif digits.startswith("0"):
        full = "44" + digits[1:]
    else:
        return ""
    return f"+{full}" if 9 <= len(full) <= 15 else ""


def reachable(
    to: Recipient, *, first: str | None = None, before: Sequence[Channel] = (), after: Sequence[Channel] = ()
) -> list[tuple[Channel, str]]:
    """Channels that reach `to`, best first, each with its address: the caller's choice, the preference, then email, then text.

    before, after: what they like before and after what they said with this matter. The account inbox counts only when asked for: not
    every customer has an account, and every message is shown there anyway. So does a letter, which costs money and days.
    """
    addresses: dict[Channel, str] = {}
    if address := email_address(to.email):
        addresses[Channel.EMAIL] = address
    if settings.TEXT_PROVIDER and (number := phone_number(to.phone)):
        addresses[Channel.TEXT] = number
    wanted = [Channel(choice) for choice in (first, *before, to.prefers, *after) if choice]
    if to.customer_id and Channel.INBOX in wanted:
        addresses[Channel.INBOX] = ""
    if settings.LETTER_PROVIDER and to.postal and Channel.LETTER in wanted:
        addresses[Channel.LETTER] = " ".join(to.postal.split())[:300]
    order = dict.fromkeys([*wanted, Channel.EMAIL, Channel.TEXT])
    return [(channel, addresses[channel]) for channel in order if channel in addresses]
