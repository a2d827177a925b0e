"""GOV.UK Notify v2 (standards.md 6.1), for text messages and, where a council wishes, email.

Notify's own template holds only ((body)), and ((subject)) for email: the words are rendered here. Our message's id is the
`reference`, so a receipt finds its message, and an attempt that follows a crash finds out whether the one before got through.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any

from django.conf import settings
from notifications_python_client.errors import APIError
from notifications_python_client.notifications import NotificationsAPIClient

from townhall.notifications.models import Message
from townhall.notifications.providers import Refused, TryLater
from townhall.notifications.states import Channel

TOO_MANY = 429  # by the minute or by the day: standards.md 6.1
UNREACHABLE = 503
LOST_STATUSES = {"permanent-failure", "temporary-failure", "technical-failure"}


class NotifyClient(AbstractContextManager["NotifyClient"]):
    def __init__(self) -> None:
        self._client: Any = NotificationsAPIClient(  # type: ignore[no-untyped-call]
            settings.NOTIFY_API_KEY, base_url=settings.NOTIFY_BASE_URL, timeout=settings.EMAIL_TIMEOUT
        )

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.request_session.close()

    def ready(self) -> None:
        return None

    def send(self, message: Message) -> str:
        try:
            earlier = self._already_there(message) if message.attempts > 1 else ""
            return earlier or str(self._post(message)["id"])
        except APIError as error:
            raise _verdict(error) from error

    def _post(self, message: Message) -> Any:
        reference = str(message.id)
        if message.channel == Channel.TEXT:
            return self._client.send_sms_notification(
                phone_number=message.recipient_address,
                template_id=settings.NOTIFY_TEXT_TEMPLATE,
                personalisation={"body": message.body_text},
                reference=reference,
            )
        unsubscribe = message.unsubscribe_url if message.unsubscribe_url.startswith("https://") else None
        return self._client.send_email_notification(
            email_address=message.recipient_address,
            template_id=settings.NOTIFY_EMAIL_TEMPLATE,
            personalisation={"subject": message.subject_line, "body": message.body_text},
            reference=reference,
            one_click_unsubscribe_url=unsubscribe,
        )

    def _already_there(self, message: Message) -> str:
        """Notify's id of an attempt whose answer never reached us, or ""."""
        found = self._client.get_all_notifications(reference=str(message.id))["notifications"]
        return next((str(one["id"]) for one in found if one["status"] not in LOST_STATUSES), "")


def _verdict(error: APIError) -> TryLater | Refused:
    """Retry 429 and 5xx, not 400 or 403. The client reports a connection that failed as 503."""
    reason = f"{error.status_code} {error.message}"
    if error.status_code == TOO_MANY or error.status_code >= 500:
        return TryLater(reason, everyone=error.status_code in (TOO_MANY, UNREACHABLE))
    return Refused(reason)
