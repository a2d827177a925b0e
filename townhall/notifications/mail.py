"""A message as an email (RFC 5322): text and HTML, with headers that nobody's name can break.

Names and subjects go through Python's email package; the rest is written out here, which takes half the time.
"""

from __future__ import annotations

import base64
from email.errors import MessageError
from email.headerregistry import Address
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from functools import lru_cache

from django.conf import settings

from townhall.notifications.enclosing import with_files
from townhall.notifications.html import as_document
from townhall.notifications.models import Enclosed, Message
from townhall.notifications.providers import Refused

BY_HAND = frozenset(
    {"mail/reply", "written/email", "written/letter"}
)  # what somebody on the staff wrote: no answer of a machine (RFC 3834)
_LONGEST_LINE = 998  # bytes: RFC 5322
_UTF8 = SMTP.clone(utf8=True)  # for addresses in other scripts: RFC 6532


@lru_cache(maxsize=8)
def _sender(setting: str, council: str) -> Address:
    name, address = parseaddr(setting)
    return Address(name or council, addr_spec=address)


def sender() -> Address:
    """Who mail comes from, under the council's name unless the setting gives another."""
    return _sender(settings.DEFAULT_FROM_EMAIL, settings.COUNCIL_NAME)


def ascii_domain(address: str) -> str:
    """The address with its domain as the mail system knows it. Raises Refused when it has no such form."""
    local, _, domain = address.rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError as error:
        raise Refused("The domain of the address cannot exist.") from error


def as_email(message: Message, *, eight_bit: bool = True) -> bytes:
    """The mail to send; the same to the byte each time it is made, so that a repeat is recognised as one.

    eight_bit: whether the server takes 8BITMIME. Raises Refused when the address cannot be written in a header.
    """
    boundary = f"=_{message.id.hex}"
    html = as_document(message.body_text, title=message.subject_line)
    mail = b"".join(
        [
            "".join(_head(message)).encode(),
            f'Content-Type: multipart/alternative; boundary="{boundary}"\r\n\r\n'.encode(),
            f"--{boundary}\r\n".encode(),
            _part("plain", message.body_text, eight_bit=eight_bit),
            f"\r\n--{boundary}\r\n".encode(),
            _part("html", html, eight_bit=eight_bit),
            f"\r\n--{boundary}--\r\n".encode(),
        ]
    )
    files = list(Enclosed.objects.filter(message=message).order_by("place")) if message.template in BY_HAND else []
    return with_files(mail, files) if files else mail


def _head(message: Message) -> list[str]:
    unsubscribe = (
        # RFC 8058. The address has no spaces and fits one line (`operations.send`).
        f"List-Unsubscribe: <{message.unsubscribe_url}>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
        if message.unsubscribe_url
        else ""
    )
    return [
        _to(message),
        _header("From", str(sender())),
        _header("Reply-To", reply_to) if (reply_to := message.reply_to or settings.EMAIL_REPLY_TO) else "",
        _folded("Subject", message.subject_line),
        f"Date: {format_datetime(message.created_at)}\r\n",
        f"Message-ID: {message.message_id}\r\n",
        _thread(message),
        _submitted(message),
        unsubscribe,
        "MIME-Version: 1.0\r\n",
    ]


def _thread(message: Message) -> str:
    """In-Reply-To and References (RFC 5322, 3.6.4), so that it stands below what it answers."""
    before = message.answers.split()
    if not before:
        return ""
    return f"In-Reply-To: {before[-1]}\r\nReferences: " + "\r\n ".join(before) + "\r\n"


def _submitted(message: Message) -> str:
    if message.template in BY_HAND:
        return ""
    return f"Auto-Submitted: auto-{'replied' if message.answers else 'generated'}\r\n"


def _to(message: Message) -> str:
    local, _, domain = ascii_domain(message.recipient_address).rpartition("@")
    try:
        return _folded("To", Address(message.recipient_name, local, domain))
    except (ValueError, IndexError, MessageError) as error:
        raise Refused("The address cannot be used.") from error


def _folded(name: str, value: str | Address) -> str:
    """One header, encoded and folded. Raises ValueError for a value with a line end."""
    policy = SMTP if isinstance(value, str) or value.username.isascii() else _UTF8
    _, header = policy.header_store_parse(name, value)
    return str(header.fold(policy=policy))


_header = lru_cache(maxsize=8)(_folded)  # for headers that are the same in every mail


def _part(kind: str, text: str, *, eight_bit: bool) -> bytes:
    body = text.replace("\n", "\r\n").encode()
    if eight_bit and all(len(line) <= _LONGEST_LINE for line in body.split(b"\r\n")):
        encoding = b"8bit"
    else:
        encoding, body = b"base64", base64.encodebytes(body).replace(b"\n", b"\r\n")
    head = b'Content-Type: text/%s; charset="utf-8"\r\nContent-Transfer-Encoding: %s\r\n\r\n'
    return head % (kind.encode(), encoding) + body
