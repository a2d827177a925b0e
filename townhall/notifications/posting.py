"""Letters that the council prints itself: what waits to be printed, what to be posted, and who did it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from townhall.accounts import permissions
from townhall.core.actors import Actor
from townhall.core.db import execute
from townhall.core.errors import BadInput, NotFound
from townhall.core.subjects import Subject
from townhall.core.time import aware
from townhall.ledger import operations as ledger
from townhall.notifications.models import Message
from townhall.notifications.states import Channel, State

POST: Final = "letters.write"
STEPS: Final = ("printed", "posted")
_ROW = """INSERT INTO notifications_letter (message_id, postage, status) SELECT unnest(%s::uuid[]), 'second', ''
    ON CONFLICT DO NOTHING"""
_PRINTED = """UPDATE notifications_letter SET printed_at = %s, printed_by = %s WHERE message_id = ANY(%s) AND printed_at IS NULL"""
_POSTED = """UPDATE notifications_letter SET posted_at = %s, posted_by = %s WHERE message_id = ANY(%s) AND posted_at IS NULL"""


def waiting() -> QuerySet[Message]:
    """Printed in the house and not posted yet, the oldest first."""
    rows = Message.objects.filter(channel=Channel.LETTER, state=State.SENT)
    not_posted = Q(letter__isnull=True) | Q(letter__posted_at__isnull=True, letter__status="", letter__look_at=None)
    return rows.filter(not_posted).select_related("letter").defer("letter__pdf").order_by("sent_at", "id")


def letter(message_id: UUID) -> Message:
    """One letter, to be printed. Raises NotFound."""
    found = Message.objects.filter(pk=message_id, channel=Channel.LETTER).first()
    if found is None:
        raise NotFound
    return found


def _is_printed(message: Message) -> bool:
    letter = getattr(message, "letter", None)
    return letter is not None and letter.printed_at is not None


@transaction.atomic
def mark(ids: Collection[UUID], step: str, *, by: Actor, at: datetime) -> int:
    """They were printed, or given to the post; how many of them waited for it. Posted is printed too. Raises NotAllowed, BadInput."""
    permissions.require(by, POST)
    if step not in STEPS or not ids:
        raise BadInput({"letter": _("Select at least one letter")})
    list(Message.objects.select_for_update().filter(pk__in=ids).order_by("id").values_list("pk"))
    found = [one for one in waiting().filter(pk__in=ids) if step == "posted" or not _is_printed(one)]
    keys = [one.pk for one in found]
    execute(_ROW, (keys,))
    done = execute(_PRINTED, (aware(at), by.id, keys))
    if step == "posted":
        done = execute(_POSTED, (aware(at), by.id, keys))
    for one in found:
        about = Subject(kind="message", id=one.pk)
        ledger.record(f"letter.{step}", about=about, by=by, at=at, case_id=one.case_id, customer_id=one.customer_id)
    return done
