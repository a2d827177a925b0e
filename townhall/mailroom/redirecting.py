"""What becomes of mail to a closed mailbox: whoever writes is told of the form that does instead, once a day."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from townhall.catalogue import queries as catalogue
from townhall.core.time import council_date
from townhall.mailroom.cases import thread_of
from townhall.mailroom.models import Mail
from townhall.notifications import operations as notifications
from townhall.notifications.recipients import Recipient


def send_on(mail: Mail, *, at: datetime) -> None:
    """In the caller's transaction."""
    box = mail.mailbox
    pack = catalogue.service(box.replacement)
    notifications.send(
        "mail/closed",
        to=Recipient(name=mail.from_name, email=mail.from_address, answers=thread_of(mail)),
        about=mail.subject_row,
        key=f"mail-closed-{box.pk}-{mail.from_address}-{council_date(at).isoformat()}",
        context={
            "mailbox": box.address,
            "asked": mail.subject,
            "form": pack.name,
            "link": f"{settings.PUBLIC_URL}/services/{pack.code}",
            "phone": settings.COUNCIL_PHONE,
        },
        at=at,
    )
