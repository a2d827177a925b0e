"""Transfers that nobody picks up: back on the operator's list, and then a message with an owner (CHAN-07)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from townhall.accounts import directory
from townhall.accounts.models import User
from townhall.accounts.queries import posts_held
from townhall.contacts import callbacks
from townhall.contacts.callbacks import NewCallBack
from townhall.contacts.models import CallBack
from townhall.core.actors import SYSTEM, Actor
from townhall.core.db import fetch_all
from townhall.core.errors import BadInput, NotFound, WrongState
from townhall.core.subjects import Subject
from townhall.core.sweeps import each_by_itself
from townhall.core.time import council_date
from townhall.ledger import operations as ledger
from townhall.telephony.calls import lines
from townhall.telephony.models import Call
from townhall.telephony.states import OVER

RINGS = timedelta(seconds=30)  # then it is back on the operator's list
MESSAGE_AFTER = timedelta(minutes=3)  # still unanswered: a message with an owner
GRACE = timedelta(seconds=20)  # after a call has ended: a late "answered" may still come
LOOKS_BACK = timedelta(days=2)
_OPEN = """
    SELECT id, external_id, number, queue, state, offered_at, rings_since, ended_at, tried, contact_id, platform, version
    FROM telephony_call
    WHERE call_back_id IS NULL AND tried <> '[]' AND offered_at > %s
      AND (state = 'returned' OR (state = 'transferred' AND rings_since <= %s) OR (state IN ('ended', 'abandoned')))
    ORDER BY offered_at, id LIMIT 200"""
_DUE = """
    SELECT id, platform, queue, tried FROM telephony_call
    WHERE call_back_id IS NULL AND tried <> '[]' AND number <> '' AND offered_at > %s
      AND ((state IN ('returned', 'transferred') AND rings_since <= %s) OR (state IN ('ended', 'abandoned') AND ended_at <= %s))
    ORDER BY offered_at, id LIMIT 1000"""


@dataclass(frozen=True, kw_only=True)
class Returned:
    """A call that came back. `tried`: name and seconds of each who was rung; seconds None while it still rings."""

    id: UUID
    number: str
    queue: str
    is_over: bool
    offered_at: datetime
    since: datetime | None
    tried: Sequence[tuple[str, int | None]]
    contact_id: UUID | None


def operators_list(at: datetime) -> list[Returned]:
    """Calls that nobody picked up after a transfer and of which there is no message yet, the oldest first. Two statements."""
    found = fetch_all(_OPEN, (at - LOOKS_BACK, at - RINGS), binary=True)
    names = _names([(row[10], str(one["to"])) for row in found for one in row[8]])
    return [
        Returned(
            id=row[0],
            number=row[2],
            queue=lines.queue_name(row[3]),
            is_over=row[4] in OVER,
            offered_at=row[5],
            since=row[6],
            tried=[(names.get((row[10], str(one["to"])), str(one["to"])), one["seconds"]) for one in row[8]],
            contact_id=row[9],
        )
        for row in found
    ]


def _names(wanted: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
    users = {key: user for key in set(wanted) if (user := lines.user_of(*key))}
    names = dict(User.objects.filter(pk__in=users.values()).values_list("pk", "name")) if users else {}
    found = {key: names.get(user, key[1]) for key, user in users.items()}
    return found | {key: lines.queue_name(key[1]) for key in wanted if key not in users}


def sweep(at: datetime) -> int:
    """What was not picked up for too long becomes a message with an owner; how many."""
    due = fetch_all(_DUE, (at - LOOKS_BACK, at - MESSAGE_AFTER, at - GRACE), binary=True)
    owned = [call_id for call_id, platform, queue, tried in due if _somebodys(platform, queue, tried)]
    return each_by_itself(owned, partial(_message, at=at))


def _somebodys(platform: str, queue: str, tried: Sequence[dict[str, Any]]) -> bool:
    """Whether it can have an owner at all, from what is remembered: those of nobody stay on the operator's list and hold up none."""
    meant = [str(one["to"]) for one in tried]
    teams = [found.team_id for code in (*meant, queue) if (found := lines.queue(code))]
    return any(lines.user_of(platform, one) for one in meant) or any(teams)


@transaction.atomic
def _message(call_id: UUID, *, at: datetime) -> int:
    call = Call.objects.select_for_update(skip_locked=True).filter(pk=call_id, call_back=None).first()
    owner = owner_of(call, at=at) if call else None
    if call is None or not call.tried or owner is None:
        return 0
    _ask(call, owner, {}, by=SYSTEM, at=at)
    return 1


@transaction.atomic
def take_message(
    call_id: UUID, *, name: str, about: str, by: Actor, at: datetime, phone: str = "", owner_post: UUID | None = None
) -> CallBack:
    """The operator writes down who called and what about. Raises BadInput, NotFound, WrongState when there is a message already."""
    call = Call.objects.select_for_update().filter(pk=call_id).first()
    if call is None:
        raise NotFound
    if call.call_back_id is not None:
        raise WrongState
    owner = owner_post or owner_of(call, at=at)
    if owner is None:
        raise BadInput({"owner": _("Select who calls them back")})
    return _ask(call, owner, {"name": name, "about": about, "phone": phone or call.number}, by=by, at=at)


def _ask(call: Call, owner_post: UUID, words: dict[str, str], *, by: Actor, at: datetime) -> CallBack:
    given: dict[str, Any] = {"phone": call.number, **words}
    new = NewCallBack(
        **given,
        service_code=call.service_code,
        owner_post_id=owner_post,
        contact_id=call.contact_id,
        customer_id=call.customer_id,
        source=CallBack.Source.TRANSFER,
        key=f"call-{call.pk}",
    )
    call.call_back = callbacks.ask(new, by=by, at=at)
    call.save(update_fields=["call_back"])
    about = Subject(kind="call", id=call.pk)
    ledger.record("call.became_message", about=about, by=by, at=at, data={"call_back": str(call.call_back_id)})
    return call.call_back


def owner_of(call: Call | None, *, at: datetime) -> UUID | None:
    """The post that the call was meant for: of whoever was rung, else the manager of the queue's team."""
    if call is None:
        return None
    meant = [str(one["to"]) for one in reversed(call.tried)]
    for one in meant:
        user_id = lines.user_of(call.platform, one)
        held = (
            [post for post in posts_held(user_id, on=council_date(at)) if post.from_on <= council_date(at)]
            if user_id
            else []
        )
        if held:
            return held[0].post_id
    for code in (*meant, call.queue):
        queue = lines.queue(code)
        manager = directory.manager_of(queue.team_id) if queue and queue.team_id else None
        if manager is not None:
            return manager.id
    return None
