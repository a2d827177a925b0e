"""Mail through Microsoft 365: sent as MIME from the mailbox of EMAIL_FROM, and kept there among what was sent."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from django.conf import settings

from townhall.connectors.graph import Application, Graph, GraphFailed, Throttled
from townhall.notifications.mail import as_email, sender
from townhall.notifications.models import Message
from townhall.notifications.providers import Refused, TryLater

_REFUSED = ("400 ", "413 ")  # the mail itself is wrong or too large; anything else is our settings or theirs


class GraphMailer:
    """One batch's conversation."""

    def __init__(self) -> None:
        application = Application(
            tenant=settings.GRAPH_TENANT, client_id=settings.GRAPH_CLIENT_ID, secret=settings.GRAPH_CLIENT_SECRET
        )
        self._graph = Graph(application, sender().addr_spec)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._graph.close()

    def ready(self) -> None:
        return None

    def send(self, message: Message) -> str:
        try:
            self._graph.send(as_email(message, eight_bit=False))
        except Throttled as error:
            raise TryLater(str(error), everyone=True) from error
        except GraphFailed as error:
            if str(error).startswith(_REFUSED):
                raise Refused(str(error)) from error
            raise TryLater(str(error), everyone=True) from error
        return ""
