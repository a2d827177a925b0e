"""From the bytes of a mail to what it says. Whatever is broken in it, something is read and nothing raises."""

from __future__ import annotations

import binascii
import email
import hashlib
import mimetypes
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message
from functools import cached_property

from townhall.mailroom.reading import originals, words
from townhall.mailroom.reading.headers import address, addresses, decoded, header, parameter
from townhall.mailroom.reading.kinds import Kind, kind_of, would_acknowledge
from townhall.mailroom.reading.replies import reply_text

DEEPEST = 30  # parts within parts
UNNAMED = "attachment"
UNKNOWN = "application/octet-stream"
UUENCODED = frozenset({"x-uuencode", "uuencode", "uue", "x-uue"})
WINMAIL = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """`content_id` where the HTML shows it in its place."""

    name: str
    content_type: str
    content: bytes
    content_id: str = ""

    @property
    def md5(self) -> str:
        return hashlib.md5(self.content, usedforsecurity=False).hexdigest()


@dataclass(frozen=True)
class Mail:
    """One mail as read. `message` is the parsed original, for headers that have no name here."""

    message: Message
    plain_parts: list[str] = field(default_factory=list)
    html_parts: list[str] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)

    @cached_property
    def sender(self) -> tuple[str, str]:
        """(display name, address); the Sender where there is no From."""
        return address(self.message, "From") if self.message.get("From") else address(self.message, "Sender")

    @property
    def subject(self) -> str:
        return header(self.message, "Subject")

    def to(self, name: str = "To") -> list[str]:
        return list(dict.fromkeys(where for _shown, where in addresses(self.message, name)))

    @cached_property
    def plain_body(self) -> str:
        """The words: as sent where there are any, else those of the HTML."""
        sent = "\n".join(part for part in self.plain_parts if part.strip())
        return sent if sent.strip() else "\n".join(words.plain(part) for part in self.html_parts)

    @cached_property
    def reply_text(self) -> str:
        return reply_text(self.plain_body)

    @cached_property
    def kind(self) -> Kind:
        try:
            return kind_of(self.message, self.plain_body)
        except (UnicodeError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
            return Kind.ORDINARY

    def would_acknowledge(self, *, own: frozenset[str] = frozenset()) -> bool:
        """Whether an acknowledgement may go back. `own`: our addresses in lower case, which get none."""
        try:
            return would_acknowledge(self.message, self.kind, self.sender[1], own=own)
        except (UnicodeError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
            return False


def read(raw: bytes) -> Mail:
    """Read one mail. A line "From …" of an mbox before it is skipped."""
    usual = _usual(raw)
    message = email.message_from_bytes(usual)
    mail = Mail(message)
    for part in _parts(message, 0):
        try:
            _take(part, mail, usual)
        except Exception:  # noqa: BLE001 - whatever is broken in one part, the others are read and this one is not lost
            mail.attachments.append(Attachment(name=UNNAMED, content_type=UNKNOWN, content=_as_it_stands(part)))
    return mail


def _as_it_stands(part: Message) -> bytes:
    try:
        return str(_payload(part)).encode("utf-8", "surrogateescape")
    except (UnicodeError, ValueError):
        return b""


def _payload(part: Message) -> object:
    """The payload as text or parts. The standard library decodes it by the charset that is named, which may be none of text."""
    try:
        return part.get_payload()
    except (UnicodeError, ValueError, LookupError, TypeError):
        plain = Message()
        plain.set_payload(getattr(part, "_payload", ""))
        return plain.get_payload()


def _usual(raw: bytes) -> bytes:
    """Without the line of an mbox, and with the header's commonest faults mended: see `_mended`."""
    started = re.sub(rb"\A\s*(>?From [^\s:][^\n]*\n)?", b"", raw, count=1)
    head, blank, body = re.match(rb"(.*?)(\r?\n\r?\n|\Z)(.*)", started, re.DOTALL).groups()  # type: ignore[union-attr]
    return _mended(head) + blank + body


_FIELD = re.compile(rb"[!-9;-~]+:")
_KNOWN_FIELD = re.compile(
    rb"(from|to|cc|subject|date|message-id|mime-version|content-[a-z-]+|received|reply-to|return-path):", re.IGNORECASE
)


def _mended(head: bytes) -> bytes:
    """No room before the colon of a field, which was once allowed; nothing after the closing quote of a boundary; and a line that is no
    field goes with the one before it while fields follow it: the parser would take it and the rest of the header for the words."""
    head = re.sub(rb"(?m)^([A-Za-z][A-Za-z0-9-]*)[ \t]+:", rb"\1:", head)
    head = re.sub(rb"(boundary=\"[^\"\r\n]+\")[ \t]+[^;\r\n]+", rb"\1", head)
    lines = head.split(b"\n")
    end = next((number for number, line in enumerate(lines) if not line.strip() or line.startswith(b"--")), len(lines))
    last = max((number for number, line in enumerate(lines[:end]) if _KNOWN_FIELD.match(line)), default=0)
    return b"\n".join(
        b" " + line if 0 < number < last and line[:1] not in b" \t" and not _FIELD.match(line) else line
        for number, line in enumerate(lines)
    )


def _parts(part: Message, depth: int) -> Iterator[Message]:
    """Leaves, a mail within the mail as one."""
    if part.is_multipart() and part.get_content_type() != "message/rfc822" and depth < DEEPEST:
        inner_parts = _payload(part)
        for inner in inner_parts if isinstance(inner_parts, list) else []:
            if isinstance(inner, Message):
                yield from _parts(inner, depth + 1)
    else:
        yield part


def _take(part: Message, mail: Mail, raw: bytes) -> None:
    content_type = part.get_content_type()
    name = _name(part)
    disposition = str(part.get("Content-Disposition") or "").strip().casefold()
    is_attached = disposition.startswith("attachment") or bool(name)
    if content_type == "message/rfc822" or (part.is_multipart() and not is_attached):
        mail.attachments.append(
            Attachment(
                name=name or _mail_name(part), content_type=content_type, content=_inner(part, mail.message, raw)
            )
        )
        return
    content = _content(part)
    if content_type in WINMAIL or name.casefold() == "winmail.dat":
        mail.attachments.extend(_unpacked(name, content_type, content))
    elif content_type in ("text/plain", "text/html") and not is_attached:
        text = decoded(content, _charset(part) or _charset_of_html(content_type, content))
        (mail.html_parts if content_type == "text/html" else mail.plain_parts).append(_lines(text))
    elif is_attached or content_type.partition("/")[0] not in ("text", "message", "multipart"):
        shown = str(part.get("Content-ID") or "").strip("<> ")
        found = name or UNNAMED + (mimetypes.guess_extension(content_type) or "")
        mail.attachments.append(Attachment(name=found, content_type=content_type, content=content, content_id=shown))
    elif content_type == "text/calendar" or content_type.startswith("text/"):
        extension = mimetypes.guess_extension(content_type) or ".txt"
        mail.attachments.append(Attachment(name=UNNAMED + extension, content_type=content_type, content=content))
    else:  # a delivery report says what happened in words of its own
        mail.plain_parts.append(_lines(decoded(content, None)))


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")


def _name(part: Message) -> str:
    found = parameter(part, "filename", "Content-Disposition") or parameter(part, "name", "Content-Type")
    if not found and part.get("Content-Location") and not part.get_content_type().startswith("text/"):
        found = header(part, "Content-Location").rpartition("/")[2]
    return re.sub(r"[\x00-\x1f/\\]", "_", found).strip()[:255]


def _mail_name(part: Message) -> str:
    inner = _payload(part)
    subject = header(inner[0], "Subject") if isinstance(inner, list) and inner and isinstance(inner[0], Message) else ""
    plain = re.sub(r"[^\w .-]", "_", subject)[:80]
    return f"{plain or 'message'}.eml"


def _inner(part: Message, message: Message, raw: bytes) -> bytes:
    inner = _payload(part)
    if isinstance(inner, list) and inner and isinstance(inner[0], Message):
        try:
            if content := originals.within(message, raw, part):
                return content
        except (UnicodeError, LookupError, ValueError, TypeError, AttributeError, RecursionError):
            pass  # its boundary cannot be read: as it was understood, then
        try:
            return inner[0].as_bytes()
        except (UnicodeError, LookupError, ValueError, TypeError, AttributeError, KeyError):
            return str(inner[0]).encode("utf-8", "surrogateescape")
    return _content(part)


def _content(part: Message) -> bytes:
    """The bytes, whatever the encoding is called."""
    payload = _payload(part)
    if isinstance(payload, list):
        return "\n".join(str(inner) for inner in payload).encode("utf-8", "surrogateescape")
    encoding = header(part, "Content-Transfer-Encoding").partition(";")[0].strip().casefold()
    if encoding == "base64":
        return _base64(str(payload))
    if encoding in UUENCODED:
        return _uudecoded(str(payload))
    try:
        content = part.get_payload(decode=True)
    except (binascii.Error, ValueError, AssertionError, LookupError, TypeError):
        content = None
    return content if isinstance(content, bytes) else str(payload).encode("utf-8", "surrogateescape")


def _uudecoded(payload: str) -> bytes:
    """The lines between "begin" and "end", as much of each as can be read."""
    content = b""
    for line in payload.partition("begin ")[2].splitlines()[1:]:
        if line.strip() == "end":
            break
        try:
            content += binascii.a2b_uu(line.rstrip("\r") + "\n")
        except binascii.Error:  # some encoders pad a line with more than it says
            many = (((ord(line[:1] or " ") - 32) & 63) * 4 + 5) // 3
            content += binascii.a2b_uu(line[:many] + "\n")
    return content


def _base64(payload: str) -> bytes:
    """As much as can be read: letters that do not belong are left out, and so is an unfinished end."""
    kept = re.sub(r"[^A-Za-z0-9+/]", "", payload.partition("=\n\n")[0] if "=\n\n" in payload else payload)
    kept = kept[: len(kept) - 1] if len(kept) % 4 == 1 else kept
    return binascii.a2b_base64(kept + "=" * (-len(kept) % 4))


def _charset(part: Message) -> str | None:
    try:
        return part.get_content_charset()
    except (UnicodeError, ValueError, LookupError, TypeError):
        return None


def _charset_of_html(content_type: str, content: bytes) -> str | None:
    found = re.search(rb"charset=[\"']?([\w-]+)", content[:2000]) if content_type == "text/html" else None
    return found[1].decode("ascii", "replace") if found else None


def _unpacked(name: str, content_type: str, content: bytes) -> list[Attachment]:
    """What Outlook packed into a winmail.dat; the file itself when it cannot be opened."""
    from tnefparse import TNEF

    whole = Attachment(name=name or "winmail.dat", content_type=content_type, content=content)
    try:
        packed = TNEF(content).attachments
    except Exception:  # noqa: BLE001 - it is somebody else's broken file
        return [whole]
    return [
        Attachment(
            name=str(one.long_filename() or one.name or UNNAMED).strip("\x00"),
            content_type=mimetypes.guess_type(str(one.name))[0] or "application/octet-stream",
            content=bytes(one.data or b""),
        )
        for one in packed
    ] or [whole]
