"""GOV.UK Notify v2 (standards.md 6.1): text messages and letters and, where a council wishes, email.

Notify's own templates hold only ((body)), and ((subject)) for email and letters: the words are rendered here. Our message's id is the
`reference`, so a receipt finds its message, and an attempt that follows a crash finds out whether the one before got through.
"""

from __future__ import annotations

import io
import re
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any

from django.conf import settings
from notifications_python_client.errors import APIError
from notifications_python_client.notifications import NotificationsAPIClient

from townhall.notifications.models import Letter, Message
from townhall.notifications.providers import Refused, TryLater
from townhall.notifications.states import Channel

TOO_MANY = 429  # by the minute or by the day: standards.md 6.1
UNREACHABLE = 503
LOST_STATUSES = {
    "permanent-failure",
    "temporary-failure",
    "technical-failure",
    "validation-failed",
    "virus-scan-failed",
}
ADDRESS_LINES = 7
_POSTCODE = re.compile(r"(?i)[A-Z]{1,2}[0-9][A-Z0-9]?\s*[0-9][A-Z]{2}")


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

    def status_of(self, provider_id: str) -> str:
        """How far Notify says a message is. Raises TryLater or Refused (when it knows it no more)."""
        try:
            return str(self._client.get_notification_by_id(provider_id)["status"])
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
        if message.channel == Channel.LETTER:
            return self._post_letter(message)
        unsubscribe = message.unsubscribe_url if message.unsubscribe_url.startswith("https://") else None
        return self._client.send_email_notification(
            email_address=message.recipient_address,
            template_id=settings.NOTIFY_EMAIL_TEMPLATE,
            personalisation={"subject": message.subject_line, "body": message.body_text},
            reference=reference,
            one_click_unsubscribe_url=unsubscribe,
        )

    def _post_letter(self, message: Message) -> Any:
        """As it was printed for us, with its postage; otherwise Notify prints our words."""
        letter = Letter.objects.filter(pk=message.pk).first()
        if letter is not None and letter.pdf is not None:
            return self._client.send_precompiled_letter_notification(
                reference=str(message.id), pdf_file=io.BytesIO(bytes(letter.pdf)), postage=letter.postage
            )
        return self._client.send_letter_notification(
            template_id=settings.NOTIFY_LETTER_TEMPLATE,
            personalisation={**address_lines(message), "subject": message.subject_line, "body": message.body_text},
            reference=str(message.id),
        )

    def _already_there(self, message: Message) -> str:
        """Notify's id of an attempt whose answer never reached us, or ""."""
        found = self._client.get_all_notifications(reference=str(message.id))["notifications"]
        return next((str(one["id"]) for one in found if one["status"] not in LOST_STATUSES), "")


def address_lines(message: Message) -> dict[str, str]:
    """The name and the address as Notify takes them: three to seven lines, the postcode the last. Raises Refused for fewer."""
    address = message.recipient_address
    postcode = _POSTCODE.findall(address)
    street = address.replace(postcode[-1], "") if postcode else address
    lines = [part.strip() for part in (message.recipient_name, *street.split(","), *postcode[-1:]) if part.strip()]
    if len(lines) < 3:
        raise Refused("The address of a letter needs a name, a street and a postcode.", of_address=False)
    if len(lines) > ADDRESS_LINES:
        kept = ADDRESS_LINES - 2
        lines = [*lines[:kept], ", ".join(lines[kept:-1]), lines[-1]]
    return {f"address_line_{number}": line for number, line in enumerate(lines, start=1)}


def _verdict(error: APIError) -> TryLater | Refused:
    """Retry 429 and 5xx, not 400 or 403. The client reports a connection that failed as 503."""
    reason = f"{error.status_code} {error.message}"
    if error.status_code == TOO_MANY or error.status_code >= 500:
        return TryLater(reason, everyone=error.status_code in (TOO_MANY, UNREACHABLE))
    return Refused(reason)
