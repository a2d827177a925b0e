"""Telling those who follow a proposal that it moved on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.core import signing

from townhall.core.db import pipelined
from townhall.neighbourhood.models import ProposalFollower
from townhall.notifications import operations as notifications
from townhall.notifications.recipients import Recipient

_SIGNER = signing.Signer(salt="townhall.proposal_follower")


def tell_followers(proposal_ids: Sequence[UUID], *, at: datetime) -> int:
    """One message to each follower of these proposals, as they stand now; how many. Within the transaction that changed them."""
    if not proposal_ids:
        return 0
    followers = ProposalFollower.objects.select_related("proposal").filter(
        proposal__in=proposal_ids, ended_at__isnull=True
    )
    told = 0
    rows = list(followers.order_by("id"))
    with pipelined():
        for one in rows:
            proposal = one.proposal
            stop = stop_link(one.pk)
            notifications.send(
                "proposal/moved",
                to=Recipient(email=one.email, customer_id=one.customer_id),
                about=proposal.subject,
                key=f"proposal-{proposal.pk}-{one.pk}-{at.isoformat()}",
                context={
                    "reference": proposal.reference,
                    "location": proposal.location,
                    "status": proposal.status,
                    "decision": proposal.decision,
                    "link": link_of(proposal.pk),
                    "stop": stop,
                    "unsubscribe_url": stop,
                },
                at=at,
            )
            told += 1
    return told


def link_of(proposal_id: UUID) -> str:
    return f"{settings.PUBLIC_URL}/planning/{proposal_id}"


def stop_link(follower_id: UUID) -> str:
    """Where a follower stops the messages without signing in."""
    return f"{settings.PUBLIC_URL}/planning/stop/{_SIGNER.sign(follower_id.hex)}"


def follower_in(token: str) -> UUID | None:
    """The follower that a link's token names, or None when it was not made by us."""
    try:
        return UUID(_SIGNER.unsign(token))
    except (signing.BadSignature, ValueError):
        return None
