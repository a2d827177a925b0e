"""A calendar of bin collections that somebody's own calendar program reads: its address is a signature, and says nothing of the place."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.core import signing
from django.db import transaction

from townhall.core.actors import Actor
from townhall.customers.accounts.models import Feed
from townhall.customers.operations.recording import record
from townhall.customers.permissions import locked

_SIGNER = signing.Signer(salt="townhall.feed", sep=".")


@transaction.atomic
def feed_for(customer_id: UUID, uprn: str, *, by: Actor, at: datetime) -> Feed:
    """The calendar of a customer at an address, made when there is none."""
    locked(customer_id, by=by, own=True)
    found, made = Feed.objects.get_or_create(
        customer_id=customer_id, uprn=uprn, ended_at=None, defaults={"made_at": at}
    )
    if made:
        record("feed_made", customer_id, by=by, at=at, feed=str(found.pk))
    return found


@transaction.atomic
def end_feeds(customer_id: UUID, *, by: Actor, at: datetime) -> int:
    """Every calendar address given out so far stops working; how many."""
    locked(customer_id, by=by, own=True)
    ended = Feed.objects.filter(customer_id=customer_id, ended_at=None).update(ended_at=at)
    if ended:
        record("feeds_ended", customer_id, by=by, at=at, feeds=ended)
    return ended


def feed_of(customer_id: UUID, uprn: str) -> Feed | None:
    return Feed.objects.filter(customer_id=customer_id, uprn=uprn, ended_at=None).first()


def token_of(feed: Feed) -> str:
    return _SIGNER.sign(feed.pk.hex)


def feed_in(token: str) -> Feed | None:
    """The calendar that an address names, while it lasts. One query; none for a token that is not ours."""
    try:
        feed_id = UUID(_SIGNER.unsign(token))
    except (signing.BadSignature, ValueError):
        return None
    return Feed.objects.filter(pk=feed_id, ended_at=None).first()
