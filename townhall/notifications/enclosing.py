"""Files that go with a mail that somebody on the staff wrote."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from uuid import UUID

from django.utils.translation import gettext as _

from townhall.core.errors import BadInput
from townhall.notifications.models import Enclosed

MOST_BYTES = 15_000_000  # together: above it many mail servers refuse


@dataclass(frozen=True, kw_only=True)
class Enclosure:
    """Clean already: of a kind we keep, looked at by whoever took it in."""

    name: str
    content_type: str
    content: bytes


def enclose(message_id: UUID, files: Sequence[Enclosure]) -> None:
    """In the transaction that made the message. Raises BadInput under "files" when they are too large together."""
    if sum(len(one.content) for one in files) > MOST_BYTES:
        problem = _("Files that go with a mail must be %(most)d MB or less together") % {
            "most": MOST_BYTES // 1_000_000
        }
        raise BadInput({"files": problem})
    Enclosed.objects.bulk_create(
        Enclosed(
            message_id=message_id, place=place, name=one.name[:200], content_type=one.content_type, content=one.content
        )
        for place, one in enumerate(files)
    )


def with_files(mail: bytes, files: Sequence[Enclosed]) -> bytes:
    """The same mail with the files below its words."""
    read = message_from_bytes(mail, policy=SMTP)
    assert isinstance(read, EmailMessage)
    read.make_mixed()
    for one in files:
        main, _slash, sub = one.content_type.partition("/")
        read.add_attachment(bytes(one.content), maintype=main, subtype=sub or "octet-stream", filename=one.name)
    return read.as_bytes()
