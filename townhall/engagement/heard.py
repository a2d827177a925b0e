"""What became known, as items to tell of. An item is told once, whoever publishes it and however often."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.conf import settings

from townhall.cases.events import FollowersTold
from townhall.core.db import fetch_all, insert_unless_there, json
from townhall.core.ids import uuid7
from townhall.core.time import council_date
from townhall.engagement.models import AlertItem
from townhall.neighbourhood.events import EventsAppeared, IncidentPosted, NewEvent, NewProposal, ProposalsAppeared
from townhall.neighbourhood.models import Proposal, Round
from townhall.payments.owed import reference_key
from townhall.places.text import folded
from townhall.ui.words import long_date

NEWS = timedelta(days=28)  # an application received before that is none
SOON = timedelta(days=60)  # an event after that is told of by nobody yet
_WANT = """SELECT DISTINCT customer_id FROM engagement_alertsubscription
    WHERE customer_id = ANY(%s) AND topic = %s AND confirmed_at IS NOT NULL AND ended_at IS NULL"""


def proposals_appeared(event: ProposalsAppeared) -> None:
    """New applications. The same reference again, however it is written, is the same item."""
    if event.kind != Proposal.Kind.PLANNING:
        return
    for one in event.proposals:
        if one.easting is None or one.northing is None or not _is_news(one, at=event.at):
            continue
        data = {
            "reference": one.reference,
            "description": one.description,
            "location": one.location,
            "link": f"{settings.PUBLIC_URL}/planning/{one.id}",
            "words": one.reference,
        }
        key = reference_key(one.reference)
        keep("planning", key, source=event.source, data=data, at=event.at, spot=(one.easting, one.northing))


def _is_news(one: NewProposal, *, at: datetime) -> bool:
    """Not what a first import brings of years ago."""
    return one.is_open and (one.received_on is None or council_date(at) - one.received_on <= NEWS)


def incident_posted(event: IncidentPosted) -> None:
    """Bins that the crew could not empty, or a round that does not come. Announced anew in the same words it is the same."""
    if not Round.objects.filter(service_code=event.service_code).exists():
        return
    data = {
        "incident": str(event.incident_id),
        "round": event.round_code,
        "title": event.title,
        "message": event.message,
        "reason": event.reason,
        "words": event.title,
        "link": f"{settings.PUBLIC_URL}/near-me",
    }
    year = council_date(event.starts_at).year  # the words name the day
    key = f"{event.scope}:{event.scope_code}:{event.round_code}:{folded(event.title)}:{year}"
    keep("missed-bin", key, source=event.source, data=data, at=event.at, scope=event.scope, code=event.scope_code)


def events_appeared(event: EventsAppeared) -> None:
    """Of one that comes again and again, such as a market, the first of each month."""
    for one in event.events:
        if one.easting is None or one.northing is None or not event.at < one.starts_at < event.at + SOON:
            continue
        data = {
            "title": one.title,
            "description": one.description[:600],
            "location": one.location,
            "starts_at": one.starts_at.isoformat(),
            "link": f"{settings.PUBLIC_URL}/events/{one.id}",
            "words": f"{one.title}, {long_date(one.starts_at)}",
        }
        source, spot = event.source, (one.easting, one.northing)
        keep("events", _key_of(one), source=source, data=data, at=event.at, spot=spot)


def _key_of(one: NewEvent) -> str:
    return f"{folded(one.title)}:{folded(one.location)}:{council_date(one.starts_at):%Y-%m}"


def followers_told(event: FollowersTold) -> None:
    """News of a case, for those of its customers who asked to hear of it besides."""
    wanting = {row[0] for row in fetch_all(_WANT, (list(event.messages), "requests"))}
    for customer_id, message_key in event.messages.items():
        if customer_id not in wanting:
            continue
        data = {
            "reference": event.reference,
            "service": event.service,
            "link": f"{settings.PUBLIC_URL}/r/{event.reference}",
            "words": event.reference,
            "message": message_key,
        }
        code = str(customer_id)
        keep("requests", message_key, source="cases", data=data, at=event.from_at, scope="customer", code=code)


def keep(
    topic: str,
    key: str,
    *,
    source: str,
    data: Mapping[str, object],
    at: datetime,
    spot: tuple[int, int] | None = None,
    scope: str = AlertItem.Scope.EVERYBODY,
    code: str = "",
) -> None:
    """Something to tell of from `at` on: to those around a `spot`, or to those whom its scope touches."""
    row = {
        "id": uuid7(),
        "topic": topic,
        "key": key,
        "source": source,
        "data": json(dict(data)),
        "easting": spot[0] if spot else None,
        "northing": spot[1] if spot else None,
        "scope": "" if spot else str(scope),
        "scope_code": code,
        "found_at": at,
        "told_at": None,
        "told": 0,
    }
    insert_unless_there("engagement_alertitem", row)
