"""Ways in that are closed for a service: none without an equality impact record, another way by name and a review date (CHAN-10, INCL-07).

Exceptions are granted, one customer at a time, by whoever deals with them, and are written down.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django_stubs_ext import StrOrPromise

from townhall.accounts import permissions
from townhall.catalogue import queries as catalogue
from townhall.core.actors import Actor
from townhall.core.db import fetch_all
from townhall.core.errors import NotFound, RuleBroken, WrongState, refuse
from townhall.core.refreshing import Refreshing
from townhall.core.time import council_date
from townhall.customers.models import Customer
from townhall.forms.typed import clean_text
from townhall.inclusion.lines import MANAGE
from townhall.inclusion.models import ChannelException, ChannelRestriction, Way
from townhall.inclusion.states import RestrictionState, check_restriction
from townhall.ledger import operations as ledger

MEET = "needs.meet"
LONGEST = 4000  # characters
_others: dict[str, tuple[StrOrPromise, Sequence[str]]] = {}
_EXCEPTED_NEEDS = """
    SELECT n.need, count(DISTINCT e.customer_id) FROM inclusion_channelexception e
    JOIN customers_accessneed n ON n.customer_id = e.customer_id AND n.ended_at IS NULL
    WHERE e.restriction_id = %s GROUP BY n.need ORDER BY 2 DESC, 1"""


@dataclass(frozen=True, kw_only=True)
class Closed:
    """What people are told of a closed way. `open`: names of the ways that are open, the recommended one first."""

    id: UUID
    service_code: str
    channel: str
    name: str
    reason: str
    alternative: str
    how: str
    open: Sequence[str]


class ChannelClosed(RuleBroken):
    """The service does not take this by that way from this customer."""

    def __init__(self, closed: Closed) -> None:
        self.closed = closed
        words = _("%(reason)s You can use: %(open)s. %(how)s")
        super().__init__(words % {"reason": closed.reason, "open": ", ".join(closed.open), "how": closed.how})


@dataclass(frozen=True, kw_only=True)
class New:
    """A restriction as it is prepared: all but service, way and reason may come later, before it is live."""

    service_code: str
    channel: str
    reason: str
    impact: str = ""
    assessed_on: date | None = None
    alternative: str = ""
    alternative_words: str = ""
    review_on: date | None = None


def has_ways(code: str, name: StrOrPromise, ways: Sequence[str]) -> None:
    """A service outside the catalogue whose ways can be closed."""
    _others[code] = (name, ways)


def services() -> list[tuple[str, str]]:
    """Code and name of everything whose ways can be closed."""
    found = [(pack.code, pack.name) for pack in catalogue.services()]
    return sorted([*found, *((code, str(name)) for code, (name, _ways) in _others.items())], key=lambda one: one[1])


def _load() -> Mapping[tuple[str, str], ChannelRestriction]:
    return {
        (row.service_code, row.channel): row for row in ChannelRestriction.objects.filter(state=RestrictionState.LIVE)
    }


_live = Refreshing(_load)


def closed(service_code: str, channel: str) -> Closed | None:
    """What is said where this way is closed. From the process's memory."""
    row = _live.get().get((service_code, channel))
    return _said(row) if row else None


def closed_ways(*, service_code: str = "", channel: str = "") -> list[Closed]:
    """All closed ways of a service, or all services that are closed by one. From the process's memory."""
    rows = _live.get().values()
    return [_said(row) for row in rows if service_code in ("", row.service_code) and channel in ("", row.channel)]


def _said(row: ChannelRestriction) -> Closed:
    return Closed(
        id=row.pk,
        service_code=row.service_code,
        channel=row.channel,
        name=str(Way(row.channel).label),
        reason=row.reason,
        alternative=row.alternative,
        how=row.alternative_words,
        open=[str(Way(way).label) for way in _open(row.service_code, first=row.alternative)],
    )


def _open(service_code: str, *, first: str) -> list[str]:
    shut = {channel for service, channel in _live.get() if service == service_code}
    ways = _ways_of(service_code)
    return [first, *(way for way in ways if way not in shut and way != first and way in Way.values)]


def _ways_of(service_code: str) -> Sequence[str]:
    if service_code in _others:
        return _others[service_code][1]
    try:
        return [way for way in catalogue.entry(service_code).pack.channels if way != "api"]
    except NotFound:
        return ()


def name_of(service_code: str) -> str:
    return dict(services()).get(service_code, service_code)


def is_excepted(restriction_id: UUID, customer_id: UUID | None, *, at: datetime) -> bool:
    """One query."""
    if customer_id is None:
        return False
    rows = ChannelException.objects.filter(restriction_id=restriction_id, customer_id=customer_id)
    return any(row.until_on is None or row.until_on >= council_date(at) for row in rows)


def check(service_code: str, channel: str, *, customer_id: UUID | None, at: datetime) -> None:
    """Raises ChannelClosed. Nothing is asked of the database unless the way is closed."""
    found = closed(service_code, channel)
    if found is not None and not is_excepted(found.id, customer_id, at=at):
        raise ChannelClosed(found)


@transaction.atomic
def prepare(new: New, *, by: Actor, at: datetime, restriction_id: UUID | None = None) -> ChannelRestriction:
    """Write a restriction down, or change one that is not live yet. Raises NotAllowed, BadInput, NotFound, WrongState."""
    permissions.require(by, MANAGE)
    row = _locked(restriction_id) if restriction_id else ChannelRestriction(made_by=UUID(by.id), made_at=at)
    if row.state != RestrictionState.DRAFT:
        raise WrongState
    found = {
        "service": "" if new.service_code in dict(services()) else _("Select a service"),
        "channel": "" if new.channel in Way.values else _("Select the way that is to be closed"),
        "reason": "" if clean_text(new.reason).strip() else _("Give the reason, as the public will read it"),
        "alternative": ""
        if new.alternative in ("", *Way.values) and new.alternative != new.channel
        else _("Select another way than the one that is to be closed"),
    }
    refuse(found)
    row.service_code, row.channel = new.service_code, new.channel
    row.reason, row.impact = _cut(new.reason), _cut(new.impact)
    row.alternative, row.alternative_words = new.alternative, _cut(new.alternative_words)
    row.assessed_on, row.review_on = new.assessed_on, new.review_on
    row.save()
    ledger.record("restriction.prepared", about=row.subject, by=by, at=at, data=_data(row))
    return row


@transaction.atomic
def go_live(restriction_id: UUID, *, by: Actor, at: datetime) -> None:
    """Close the way. Raises NotAllowed, NotFound, WrongState, and BadInput for each thing it cannot be closed without."""
    permissions.require(by, MANAGE)
    row = _locked(restriction_id)
    check_restriction(row.state, RestrictionState.LIVE)
    today, live = council_date(at), _live.fresh()
    theirs = [one for (service, _channel), one in live.items() if service == row.service_code]
    found = {
        "impact": "" if row.impact else _("Write the equality impact record first"),
        "assessed_on": "" if row.assessed_on and row.assessed_on <= today else _("Say when the impact was assessed"),
        "alternative": "" if row.alternative else _("Name another way first"),
        "alternative_words": "" if row.alternative_words else _("Say how the other way is used"),
        "review_on": "" if row.review_on and row.review_on > today else _("Set a day to come for the review"),
    }
    if any(one.channel == row.alternative for one in theirs):
        found["alternative"] = _("That way is closed for this service too: name one that is open")
    if any(one.alternative == row.channel for one in theirs):
        found["channel"] = _("This is the way that another closure of this service sends people to")
    if any(one.channel == row.channel for one in theirs):
        found["channel"] = _("This way is closed for this service already")
    refuse(found)
    row.state, row.live_at = RestrictionState.LIVE, at
    row.save(update_fields=["state", "live_at"])
    ledger.record("restriction.live", about=row.subject, by=by, at=at, data=_data(row))
    _changed()


@transaction.atomic
def end(restriction_id: UUID, *, by: Actor, at: datetime) -> None:
    """Open the way again, or drop what was prepared. Raises NotAllowed, NotFound, WrongState."""
    permissions.require(by, MANAGE)
    row = _locked(restriction_id)
    check_restriction(row.state, RestrictionState.ENDED)
    row.state, row.ended_at = RestrictionState.ENDED, at
    row.save(update_fields=["state", "ended_at"])
    ledger.record("restriction.ended", about=row.subject, by=by, at=at, data=_data(row))
    _changed()


@transaction.atomic
def grant(
    restriction_id: UUID,
    *,
    customer_id: UUID,
    why: str,
    contact_id: UUID | None = None,
    until_on: date | None = None,
    by: Actor,
    at: datetime,
) -> ChannelException:
    """Keep a closed way open to one customer; granted again, it is the same. Raises NotAllowed, NotFound, WrongState, BadInput."""
    permissions.require(by, MEET)
    row = _locked(restriction_id)
    if row.state != RestrictionState.LIVE:
        raise WrongState
    if not Customer.objects.filter(pk=customer_id).exists():
        raise NotFound
    today = council_date(at)
    refuse(
        {
            "why": "" if clean_text(why).strip() else _("Say why they cannot use the ways that are open"),
            "until_on": "" if until_on is None or until_on >= today else _("This day is past"),
        }
    )
    for one in row.exceptions.filter(customer_id=customer_id):
        if one.until_on is None or one.until_on >= today:
            return one
    made = ChannelException.objects.create(
        restriction=row,
        customer_id=customer_id,
        contact_id=contact_id,
        why=_cut(why),
        until_on=until_on,
        granted_by=UUID(by.id),
        granted_at=at,
    )
    data = {**_data(row), "exception": str(made.pk)}
    ledger.record("restriction.excepted", about=row.subject, by=by, at=at, customer_id=customer_id, data=data)
    return made


def needs_of_excepted(restriction_id: UUID) -> list[tuple[str, int]]:
    """How many of those excepted have which need. One query."""
    return [(need, count) for need, count in fetch_all(_EXCEPTED_NEEDS, [restriction_id])]


def _locked(restriction_id: UUID) -> ChannelRestriction:
    found = ChannelRestriction.objects.select_for_update().filter(pk=restriction_id).first()
    if found is None:
        raise NotFound
    return found


def _cut(words: str) -> str:
    return clean_text(words).strip()[:LONGEST]


def _data(row: ChannelRestriction) -> dict[str, object]:
    return {"service": row.service_code, "way": row.channel, "instead": row.alternative}


def _changed() -> None:
    _live.forget()
    transaction.on_commit(_live.forget)
