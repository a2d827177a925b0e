"""Mail over SMTP: one connection for a batch, opened when first needed and again when it breaks."""

from __future__ import annotations

import re
import smtplib
import ssl
from types import TracebackType
from typing import Self

from django.conf import settings

from townhall.notifications.mail import as_email, ascii_domain, sender
from townhall.notifications.models import Message
from townhall.notifications.providers import Refused, TryLater

_NO_MAILBOX = re.compile(r"\b5\.1\.[0-9]+\b|\b5\.2\.1\b")  # RFC 3463: no such address; a mailbox that is closed
_MOST_BREAKS = 3  # connections lost in a row before the whole batch waits


class Mailer:
    """A conversation with the mail server of the settings."""

    def __init__(self) -> None:
        self._server: smtplib.SMTP | None = None
        self._breaks = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        server, self._server = self._server, None
        if server is None:
            return
        try:
            server.quit()
        except (smtplib.SMTPException, OSError):
            server.close()

    def ready(self) -> None:
        if self._server is not None and self._server.sock is not None:
            return
        server = smtplib.SMTP(timeout=settings.EMAIL_TIMEOUT)
        try:
            _greet(server)
        except (smtplib.SMTPException, OSError) as error:
            # Even a permanent refusal here says nothing about the messages.
            server.close()
            raise TryLater(_reason(error), everyone=True) from error
        self._server = server

    def send(self, message: Message) -> str:
        self.ready()
        server = self._server
        assert server is not None
        eight_bit = server.has_extn("8bitmime")
        to = ascii_domain(message.recipient_address)
        options = ["BODY=8BITMIME"] if eight_bit else []
        if not to.isascii():
            if not server.has_extn("smtputf8"):
                raise Refused("The mail server does not take this kind of address.")
            options.append("SMTPUTF8")
        mail = as_email(message, eight_bit=eight_bit)
        try:
            server.sendmail(settings.EMAIL_BOUNCES or sender().addr_spec, [to], mail, mail_options=options)
        except smtplib.SMTPRecipientsRefused as error:
            code, answer = next(iter(error.recipients.values()))
            raise _verdict(code, answer, of_address=True) from error
        except smtplib.SMTPSenderRefused as error:
            raise _sender_verdict(error) from error
        except smtplib.SMTPResponseException as error:
            raise _verdict(error.smtp_code, error.smtp_error) from error
        except (smtplib.SMTPException, OSError) as error:
            raise self._broken(error) from error
        self._breaks = 0
        return ""

    def _broken(self, error: Exception) -> TryLater:
        """The conversation broke off, and whether the server kept the message is not known: it goes again under its Message-ID."""
        assert self._server is not None
        self._server.close()
        self._server = None
        self._breaks += 1
        return TryLater(_reason(error), everyone=_was_silent(error) or self._breaks >= _MOST_BREAKS)


def _was_silent(error: Exception) -> bool:
    # smtplib turns a time-out while it waits for an answer into a disconnection.
    return isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError)


def _greet(server: smtplib.SMTP) -> None:
    code, answer = server.connect(settings.EMAIL_HOST, settings.EMAIL_PORT)
    if code != 220:
        raise smtplib.SMTPConnectError(code, answer)
    if settings.EMAIL_USE_TLS:
        server.starttls(context=ssl.create_default_context())
    server.ehlo_or_helo_if_needed()
    if settings.EMAIL_HOST_USER:
        server.login(settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD)


def _verdict(code: int, answer: bytes | str, *, of_address: bool = False) -> TryLater | Refused:
    reason = f"{code} {_plain(answer)}"
    if code < 500:
        return TryLater(reason)
    return Refused(reason, of_address=of_address and bool(_NO_MAILBOX.search(reason)))


def _sender_verdict(error: smtplib.SMTPSenderRefused) -> TryLater | Refused:
    """A refused sender is our own setting, not the recipient, save when the answer is about this message's size."""
    if error.smtp_code == 552:
        return Refused(f"{error.smtp_code} {_plain(error.smtp_error)}")
    return TryLater(f"{error.smtp_code} {_plain(error.smtp_error)}", everyone=True)


def _reason(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_plain(error.smtp_error)}"
    return f"{type(error).__name__}: {error}"


def _plain(answer: bytes | str) -> str:
    return answer.decode(errors="replace") if isinstance(answer, bytes) else answer
