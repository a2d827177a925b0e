"""The one place that chooses by which channel a message goes, and which may be tried when that fails."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from townhall.notifications import addresses, needs
from townhall.notifications.needs import Reach
from townhall.notifications.recipients import Recipient, reachable
from townhall.notifications.states import Channel


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """ways: channels with their addresses, best first. refused: the way that would have been, when they refused every one."""

    ways: tuple[tuple[Channel, str], ...] = ()
    refused: tuple[Channel, str] | None = None


def choose(
    template: str, to: Recipient, *, channel: str | None, service: str, only: Collection[Channel] | None = None
) -> Chosen:
    """What the caller wants, then what they need, what they said of this service, with this matter, and of all services.

    A way that they cannot use comes in only where there is no other; one that they refused never does. What somebody waits for at a
    screen, and the answer to their own mail, go where they were asked for. only: the channels that can carry it at all.
    """
    if channel == Channel.SCREEN:
        return Chosen()
    reach = needs.of(to.customer_id, service)
    if is_asked_for(template, to.answers):
        reach = Reach(first=reach.first, never=reach.never, postal=reach.postal, large_print=reach.large_print)
    given = channel if channel and channel not in reach.never else reach.first or channel
    liked = tuple(dict.fromkeys([*reach.own, *reach.general]))
    every = reachable(_filled(to, reach, liked), first=given, before=reach.own, after=reach.general)
    every = [way for way in every if only is None or way[0] in only]
    usable = [way for way in every if way[0] not in reach.never] or every
    kept = tuple(way for way in usable if way[0] not in reach.refused)
    return Chosen(ways=kept, refused=usable[0] if usable and not kept else None)


def is_asked_for(template: str, answers: str) -> bool:
    return template.startswith(addresses.ALWAYS) or bool(answers)


def _filled(to: Recipient, reach: Reach, liked: tuple[Channel, ...]) -> Recipient:
    """With the addresses of their record for the ways that they chose; others are used only where the message was given them."""
    email = to.email or (reach.email if Channel.EMAIL in liked else "")
    phone = to.phone or (reach.phone if Channel.TEXT in liked else "")
    return replace(to, email=email, phone=phone, postal=to.postal or reach.postal)
