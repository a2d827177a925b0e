"""Where staff are at work, as they say themselves; and what they took, so that work done anywhere counts the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Avg, Count
from django.utils.translation import gettext as _

from townhall.core.actors import Actor
from townhall.core.errors import BadInput, NotAllowed
from townhall.core.subjects import Subject
from townhall.ledger import operations as ledger
from townhall.workforce.models import Presence, Taken
from townhall.workforce.models.presence import Where

LONGEST_AWAY = timedelta(days=366)


@transaction.atomic
def set_presence(where: str, *, by: Actor, at: datetime, until_at: datetime | None = None) -> Presence:
    """Say where one is; nobody says it for another. until_at: of being away. Raises NotAllowed, BadInput."""
    if not by.is_staff:
        raise NotAllowed
    if where not in Where.values:
        raise BadInput({"where": _("Select where you are")})
    if where == Where.AWAY and (until_at is None or not at < until_at <= at + LONGEST_AWAY):
        raise BadInput({"until_on": _("Enter until when you are away: today or later, within a year")})
    until = until_at if where == Where.AWAY else None
    values = {"where": where, "until_at": until, "since_at": at}
    row, _made = Presence.objects.update_or_create(user_id=UUID(by.id), defaults=values)
    data: dict[str, object] = {"where": where}
    if until:
        data["until"] = until.isoformat()
    ledger.record("presence.set", about=Subject(kind="user", id=UUID(by.id)), by=by, at=at, data=data)
    return row


def presence_of(user_id: UUID | str, *, at: datetime) -> Presence | None:
    """What they said last; None when they said nothing, or were away until a time that has passed. One query."""
    row = Presence.objects.filter(user_id=user_id).first()
    return None if row is None or (row.until_at and row.until_at <= at) else row


def presences(user_ids: list[UUID], *, at: datetime) -> dict[UUID, Presence]:
    """Of those who said something that still holds. One query."""
    rows = Presence.objects.filter(user_id__in=user_ids)
    return {row.user_id: row for row in rows if row.until_at is None or row.until_at > at}


def note_taken(*, source: str, item_id: UUID, module: str, since: datetime, by: Actor, at: datetime) -> None:
    """Somebody took a piece of waiting work; where they said they were goes with it. Inside the caller's transaction."""
    here = presence_of(by.id, at=at)
    Taken.objects.create(
        user_id=UUID(by.id),
        source=source,
        item_id=item_id,
        module=module,
        where=here.where if here else Where.OFFICE,
        at=at,
        waited_seconds=max(0, int((at - since).total_seconds())),
    )


@dataclass(frozen=True, kw_only=True)
class TakenLine:
    where: str  # in words
    people: int
    taken: int
    minutes_waited: float  # on average


def taken_by_place(*, since: datetime) -> list[TakenLine]:
    """Work taken since then, by where people were: the same count and the same measure for all. One query."""
    rows = Taken.objects.filter(at__gte=since).values("where").order_by("where")
    found = rows.annotate(taken=Count("pk"), people=Count("user", distinct=True), waited=Avg("waited_seconds"))
    return [
        TakenLine(
            where=str(Where(row["where"]).label),
            people=row["people"],
            taken=row["taken"],
            minutes_waited=float(row["waited"] or 0) / 60,
        )
        for row in found
    ]
