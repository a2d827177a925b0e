"""A message as an email (RFC 5322): text and HTML, with headers that nobody's name can break."""

from __future__ import annotations

from email.errors import MessageError
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime, parseaddr

from django.conf import settings

from townhall.notifications.html import as_document
from townhall.notifications.models import Message
from townhall.notifications.providers import Refused

_LONGEST_LINE = 998  # bytes: RFC 5322


class _AsItIs(UnstructuredHeader, BaseHeader):
    """A header that may not be folded or encoded, because programs read it."""

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


_headers = HeaderRegistry()
for _name in ("message-id", "list-unsubscribe"):
    _headers.map_to_type(_name, _AsItIs)
_POLICY = SMTP.clone(cte_type="8bit", header_factory=_headers)


def sender() -> Address:
    """Who mail comes from, under the council's name unless the setting gives another."""
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return Address(name or settings.COUNCIL_NAME, addr_spec=address)


def ascii_domain(address: str) -> str:
    """The address with its domain as the mail system knows it. Raises Refused when it has no such form."""
    local, _, domain = address.rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError as error:
        raise Refused("The domain of the address cannot exist.") from error


def as_email(message: Message, *, eight_bit: bool = True) -> EmailMessage:
    """The mail to send; the same each time it is made, so that a repeat is recognised as one.

    eight_bit: whether the server takes 8BITMIME. Raises Refused when the address cannot be written in a header.
    """
    address = ascii_domain(message.recipient_address)
    mail = EmailMessage(policy=_POLICY if address.isascii() else _POLICY.clone(utf8=True))
    try:
        mail["To"] = Address(message.recipient_name, *_halves(address))
    except (ValueError, IndexError, MessageError) as error:
        raise Refused("The address cannot be used.") from error
    mail["From"] = sender()
    if settings.EMAIL_REPLY_TO:
        mail["Reply-To"] = settings.EMAIL_REPLY_TO
    mail["Subject"] = message.subject_line
    mail["Date"] = format_datetime(message.created_at)
    mail["Message-ID"] = message.message_id
    mail["Auto-Submitted"] = "auto-generated"
    if message.unsubscribe_url:
        mail["List-Unsubscribe"] = f"<{message.unsubscribe_url}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058
    html = as_document(message.body_text, title=message.subject_line)
    mail.set_content(message.body_text, cte=_encoding(message.body_text, eight_bit=eight_bit))
    mail.add_alternative(html, subtype="html", cte=_encoding(html, eight_bit=eight_bit))
    mail.set_boundary(f"=_{message.id.hex}")  # not a random one: a repeat is the same to the byte
    return mail


def _halves(address: str) -> tuple[str, str]:
    local, _, domain = address.rpartition("@")
    return local, domain


def _encoding(text: str, *, eight_bit: bool) -> str:
    fits = all(len(line.encode()) <= _LONGEST_LINE for line in text.split("\n"))
    return "8bit" if eight_bit and fits else "quoted-printable"
