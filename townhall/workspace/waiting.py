"""The one list of waiting work of all channels, offered by skill, and what waits for one person.

Sources are registered in `config/waiting.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from townhall.accounts.permissions import may
from townhall.core.actors import Actor
from townhall.core.errors import RuleBroken
from townhall.core.time import council_date
from townhall.workforce import gates, presence, queries
from townhall.workforce.gates import KnownGate

MOST = 50  # of each source


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """One piece of waiting work. skill: the module that it asks for beside its source's own; "" for none."""

    id: UUID
    source: str
    title: str  # "Missed bin, TH-7K3M-92QX", "Mail: Where is my permit?"
    since: datetime
    link: str  # where it is worked on
    due: datetime | None = None
    urgent: bool = False
    detail: str = ""
    skill: str = ""
    kind: StrOrPromise = ""  # in "My tasks": what it is, where its source has several


@dataclass(frozen=True, kw_only=True)
class Source:
    """A kind of waiting work.

    skills: modules that it asks for by itself; a council may choose another for `work.<code>`.
    load: what waits for anybody, the soonest due first, at most `limit`, only what `actor` may do. One query.
    take: makes it the actor's, or says no by a RuleBroken when somebody else has it or it is over; it locks with SKIP LOCKED, so that
    nobody waits for another's click. mine: what is this person's already. Sources with no `take` are listed and opened by their link.
    """

    code: str
    title: StrOrPromise
    capability: str
    load: Callable[[Actor, datetime, int], Sequence[Waiting]]
    skills: frozenset[str] = frozenset()
    take: Callable[[UUID, Actor, datetime], object] | None = None
    mine: Callable[[Actor, datetime, int], Sequence[Waiting]] | None = None


@dataclass(frozen=True, kw_only=True)
class Offer:
    """What waits for this person, and what they are not offered for want of training."""

    items: list[Waiting]
    withheld: dict[str, int] = field(default_factory=dict)  # module: how many
    has_more: bool = False  # of some kind more wait than are shown


@dataclass(frozen=True, kw_only=True)
class Mine:
    item: Waiting
    title: StrOrPromise  # of its source, or its own kind


_sources: dict[str, Source] = {}


def register(source: Source) -> None:
    _sources[source.code] = source
    gates.register(
        KnownGate(
            code=f"work.{source.code}",
            title=format_lazy(_("Waiting work: {kind}"), kind=source.title),
            module=", ".join(sorted(source.skills)),
        )
    )


def sources() -> list[Source]:
    return list(_sources.values())


def offered(by: Actor, *, at: datetime, only: str = "") -> Offer:
    """Waiting work of all channels that `by` may do and is trained for: urgent first, then the soonest due, then the oldest."""
    held = queries.skills_of_actor(by, council_date(at))
    items: list[Waiting] = []
    withheld: dict[str, int] = {}
    has_more = False
    for source in _sources.values():
        if (only and source.code != only) or not may(by, source.capability).allowed:
            continue
        found = source.load(by, at, MOST)
        has_more = has_more or len(found) >= MOST
        for one in found:
            missing = _asked(source, one) - held
            if missing:
                withheld |= {module: withheld.get(module, 0) + 1 for module in missing}
            else:
                items.append(one)
    return Offer(items=sorted(items, key=_order), withheld=withheld, has_more=has_more)


def skills_for(item: Waiting) -> list[str]:
    """Codes of the modules by which it is offered."""
    return sorted(_asked(_sources[item.source], item))


def _asked(source: Source, item: Waiting) -> frozenset[str]:
    own = gates.modules_of(f"work.{source.code}", source.skills)
    return own | ({item.skill} if item.skill else frozenset())


def _order(item: Waiting) -> tuple[bool, datetime, datetime]:
    return not item.urgent, item.due or item.since, item.since


def next_for(by: Actor, *, at: datetime, only: str = "") -> Waiting | None:
    """Take the first that nobody else has; None when nothing waits that `by` is trained for. Two people never get the same."""
    for item in offered(by, at=at, only=only).items:
        if take(item, by=by, at=at):
            return item
    return None


def take(item: Waiting, *, by: Actor, at: datetime) -> bool:
    """Make it this person's; False when somebody else was quicker. Work without an owner of its own is opened and no more."""
    source = _sources[item.source]
    if source.take is None:
        return True
    try:
        with transaction.atomic():
            source.take(item.id, by, at)
            presence.note_taken(
                source=source.code, item_id=item.id, module=", ".join(skills_for(item)), since=item.since, by=by, at=at
            )
    except RuleBroken:
        return False
    return True


def tasks_of(by: Actor, *, at: datetime) -> list[Mine]:
    """Everything that is this person's to do, from every source, the soonest due first."""
    found = [
        Mine(item=one, title=one.kind or source.title)
        for source in _sources.values()
        if source.mine is not None
        for one in source.mine(by, at, MOST)
    ]
    return sorted(found, key=lambda one: _order(one.item))
