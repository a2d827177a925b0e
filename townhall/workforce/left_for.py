"""What is left for one person, by whatever way it came: voicemail, missed calls, fax, texts. Told once by the system that took it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec
from django.db import transaction
from django.utils.translation import gettext as _

from townhall.accounts.models import User
from townhall.accounts.queries import with_email
from townhall.connectors.events import AnnouncementReceived
from townhall.connectors.protocol import UnreadableEvent
from townhall.core.actors import Actor, ActorKind
from townhall.core.cards import without_card_numbers
from townhall.core.errors import BadInput, NotFound
from townhall.core.time import aware
from townhall.ledger import operations as ledger
from townhall.workforce.models import LeftFor
from townhall.workforce.states import LEFT_NEXT, LeftState, check

ANSWERED_IN: Final = timedelta(hours=24)
ANNOUNCEMENT: Final = "message.left"  # the kind of message that brings one from another system


@dataclass(frozen=True, kw_only=True)
class New:
    """key: of the system that tells, so that telling twice is once."""

    key: str
    kind: str
    to_email: str  # the member of staff's
    sender: str
    number: str = ""
    words: str = ""
    left_at: datetime


@transaction.atomic
def arrive(new: New, *, by: Actor, at: datetime) -> LeftFor:
    """Something was left for somebody. Raises BadInput."""
    known = LeftFor.objects.filter(key=new.key).first()
    if known is not None:
        return known
    user = with_email(new.to_email)
    problems = {}
    if user is None:
        problems["to"] = _("Nobody on the staff has this email address")
    if new.kind not in LeftFor.Kind.values:
        problems["kind"] = _("This is not a kind of message")
    if not new.sender.strip() or not new.key.strip():
        problems["sender"] = _("Enter who it is from, and the key of the message")
    if new.left_at > at + timedelta(minutes=5):
        problems["left_at"] = _("It cannot have been left in the future")
    if problems:
        raise BadInput(problems)
    assert user is not None
    row, made = LeftFor.objects.get_or_create(
        key=new.key,
        defaults={
            "user": user,
            "kind": new.kind,
            "sender": new.sender.strip()[:200],
            "number": new.number.strip()[:40],
            "words": without_card_numbers(new.words).strip()[:4000],
            "left_at": new.left_at,
            "due_at": new.left_at + ANSWERED_IN,
        },
    )
    if made:
        ledger.record(
            "left_for.arrived", about=row.subject, by=by, at=at, data={"kind": new.kind, "user": str(user.pk)}
        )
    return row


@transaction.atomic
def done(row_id: UUID, *, outcome: str, by: Actor, at: datetime) -> LeftFor:
    """Whoever it was left for did it, and how. Raises NotFound, WrongState, BadInput."""
    row = LeftFor.objects.select_for_update().filter(pk=row_id, user_id=by.id).first()
    if row is None:
        raise NotFound
    if not outcome.strip():
        raise BadInput({"outcome": _("Enter what you did")})
    check(LEFT_NEXT, LeftState(row.state), LeftState.DONE)
    row.state, row.outcome, row.ended_at = LeftState.DONE, outcome.strip()[:500], at
    row.save(update_fields=["state", "outcome", "ended_at"])
    ledger.record("left_for.done", about=row.subject, by=by, at=at)
    return row


@transaction.atomic
def pass_on(row_id: UUID, *, to: UUID, by: Actor, at: datetime) -> LeftFor:
    """It is somebody else's, with the same due time. Raises NotFound, WrongState, BadInput."""
    row = LeftFor.objects.select_for_update().filter(pk=row_id, user_id=by.id, state=LeftState.OPEN).first()
    if row is None:
        raise NotFound
    if not User.objects.filter(pk=to, is_active=True).exists() or str(to) == by.id:
        raise BadInput({"to": _("Select somebody else")})
    row.user_id = to
    row.save(update_fields=["user_id"])
    ledger.record("left_for.passed_on", about=row.subject, by=by, at=at, data={"user": str(to)})
    return row


class _Message(msgspec.Struct):
    """Something left for a member of staff, as a phone or messaging system tells it, under `message`."""

    kind: str
    to: str  # the member of staff's email address
    sender: str
    left_at: datetime
    number: str = ""
    words: str = ""


def read(body: Mapping[str, Any]) -> _Message:
    """Such a message as it was sent. Raises UnreadableEvent."""
    try:
        return msgspec.convert(body.get("message"), type=_Message)
    except msgspec.ValidationError as error:
        raise UnreadableEvent(f"`message`: {error}") from error


def announced(event: AnnouncementReceived) -> None:
    """A signed message of another system: a voicemail, a missed call, a fax or a text for one person; or something else."""
    if event.kind != ANNOUNCEMENT:
        return
    told = read(event.data)
    new = New(
        key=f"{event.source}:{event.event_id}",
        kind=told.kind,
        to_email=told.to,
        sender=told.sender,
        number=told.number,
        words=told.words,
        left_at=aware(told.left_at),
    )
    arrive(new, by=Actor(kind=ActorKind.CONNECTOR, id=event.source), at=event.at)


def open_for(user_id: UUID | str, *, limit: int) -> list[LeftFor]:
    """The soonest due first. One query."""
    return list(LeftFor.objects.filter(user_id=user_id, state=LeftState.OPEN).order_by("due_at", "pk")[:limit])
