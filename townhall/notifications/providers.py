"""What carries messages out of the house: a mail server, GOV.UK Notify, the demo's phone. Chosen in the settings."""

from __future__ import annotations

from contextlib import AbstractContextManager
from types import TracebackType
from typing import Protocol

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from townhall.notifications.models import Message
from townhall.notifications.states import Channel


class TryLater(Exception):
    """Not now. `everyone`: the provider itself is in trouble, so other messages should wait as well."""

    def __init__(self, reason: str, *, everyone: bool = False) -> None:
        super().__init__(reason)
        self.everyone = everyone


class Refused(Exception):
    """Never: this message cannot be delivered to this address. `of_address`: nothing can."""

    def __init__(self, reason: str, *, of_address: bool = False) -> None:
        super().__init__(reason)
        self.of_address = of_address


class Provider(Protocol):
    """One batch's conversation with a provider: opened, used for many messages, closed."""

    def ready(self) -> None:
        """Connect where need be. Raises TryLater."""

    def send(self, message: Message) -> str:
        """Hand over one message and return the provider's id for it ("" when it has none). Raises TryLater or Refused."""


class TextProvider(Provider, Protocol):
    """A provider of text messages."""


class Inbox(AbstractContextManager["Inbox"]):
    """The account inbox, for a message that was held: it is there once it is marked."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def ready(self) -> None:
        return None

    def send(self, message: Message) -> str:
        return ""


def opened(channel: Channel) -> AbstractContextManager[Provider]:
    """The provider that the settings name for `channel`."""
    if channel is Channel.TEXT:
        return _text_provider()
    if channel is Channel.INBOX:
        return Inbox()
    if channel is Channel.LETTER and settings.LETTER_PROVIDER != "notify":
        from townhall.notifications.letters import Post

        return Post()
    if channel is Channel.LETTER or settings.EMAIL_PROVIDER == "notify":
        from townhall.notifications.notify import NotifyClient

        return NotifyClient()
    if settings.EMAIL_PROVIDER == "graph":
        from townhall.notifications.graph import GraphMailer

        return GraphMailer()
    from townhall.notifications.smtp import Mailer

    return Mailer()


def _text_provider() -> AbstractContextManager[TextProvider]:
    if settings.TEXT_PROVIDER == "notify":
        from townhall.notifications.notify import NotifyClient

        return NotifyClient()
    if settings.TEXT_PROVIDER == "demo":
        from townhall.notifications.demo_phone import DemoPhone

        return DemoPhone()
    raise ImproperlyConfigured(f"TEXT_PROVIDER must be notify, demo or empty, not {settings.TEXT_PROVIDER!r}")
