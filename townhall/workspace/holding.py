"""Holding what has no owner of its own, such as a mail to be read: whoever takes it has it for some hours, and nobody else is given it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from townhall.core.actors import Actor
from townhall.core.db import fetch_one
from townhall.core.errors import WrongState
from townhall.workforce.models import Taken

HOLD: Final = timedelta(hours=4)  # then it is offered again


def held(source: str, *, at: datetime) -> dict[UUID, UUID]:
    """What is held just now: item and who has it, the last who took it. One query."""
    rows = Taken.objects.filter(source=source, at__gt=at - HOLD).order_by("at").values_list("item_id", "user_id")
    return dict(rows)


def free(items: Collection[UUID], source: str, *, at: datetime) -> set[UUID]:
    return set(items) - held(source, at=at).keys()


def takers_of(items: Collection[UUID], source: str) -> dict[UUID, str]:
    """Who took each of these last, by their id as an actor. One query."""
    rows = Taken.objects.filter(source=source, item_id__in=list(items)).order_by("at").values_list("item_id", "user_id")
    return {item: str(user) for item, user in rows}


def taker(source: str, statement: str) -> Callable[[UUID, Actor, datetime], object]:
    """A `take` that locks one row by `statement`, a constant of ours that asks for it by id FOR UPDATE SKIP LOCKED.

    It says no (WrongState) when somebody else is taking it, has it, or it is no longer waiting. The row stays locked until who took it is
    written down (`waiting.take`), so of two at once one has it.
    """

    def take(item_id: UUID, by: Actor, at: datetime) -> object:
        if fetch_one(statement, (item_id,)) is None:
            raise WrongState
        if held(source, at=at).get(item_id, UUID(by.id)) != UUID(by.id):
            raise WrongState
        return item_id

    return take


def locks(statement: str) -> Callable[[UUID], None]:
    """Locks one row or says no at once (WrongState), for work that has an owner of its own."""

    def lock(item_id: UUID) -> None:
        if fetch_one(statement, (item_id,)) is None:
            raise WrongState

    return lock
