"""A real SMTP server for the tests, which can be told to misbehave."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from pytest_django import Settings


@dataclass
class Post:
    """What the server was given, and how it answers. An answer is None to take the mail, or what to say instead."""

    mails: list[EmailMessage] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    envelopes: list[Envelope] = field(default_factory=list)
    connections: int = 0
    on_recipient: Callable[[str], str | None] = lambda _address: None
    on_data: Callable[[EmailMessage], str | None] = lambda _mail: None
    hang_up_after_data: bool = False
    delay: float = 0
    eight_bit: bool = True

    @property
    def message_ids(self) -> list[str]:
        return [mail["Message-ID"] for mail in self.mails]

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self.connections += 1
        return [line for line in responses if self.eight_bit or "8BITMIME" not in line]

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if answer := self.on_recipient(address):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=default)
        assert isinstance(mail, EmailMessage)
        if answer := self.on_data(mail):
            return answer
        await asyncio.sleep(self.delay)
        self.mails.append(mail)
        self.raw.append(envelope.content)
        self.envelopes.append(envelope)
        if self.hang_up_after_data:
            transport: Any = server.transport
            transport.abort()
        return "250 OK"


@contextmanager
def post_office(settings: Settings, **how: Any) -> Iterator[Post]:
    """A running server, with the settings pointing to it."""
    post = Post(**how)
    port = free_port()
    controller = Controller(post, hostname="127.0.0.1", port=port, enable_SMTPUTF8=True)
    controller.start()
    try:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        yield post
    finally:
        controller.stop()


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
        assert isinstance(port, int)
        return port
