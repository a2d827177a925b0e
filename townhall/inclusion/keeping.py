"""Sign-language video and text relay by site, and the rooms that people are seen in: kept by managers, used at the desk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from townhall.accounts import permissions
from townhall.core.actors import Actor
from townhall.core.db import fetch_all
from townhall.core.errors import NotFound, refuse
from townhall.core.subjects import Subject
from townhall.core.time import aware
from townhall.customers.models import AccessNeed
from townhall.forms.typed import clean_line
from townhall.inclusion.applying import OF_ROOMS
from townhall.inclusion.lines import MANAGE
from townhall.inclusion.models import Relay, RelayUse, Room
from townhall.ledger import operations as ledger
from townhall.places.models import Site

YEAR = timedelta(days=365)
_USED = """
    SELECT r.id, (SELECT count(*) FROM inclusion_relayuse u WHERE u.relay_id = r.id AND u.at >= %(since)s)
    FROM inclusion_relay r WHERE r.ended_on IS NULL"""
_INTERPRETED = """
    SELECT language, count(*), count(connected_at),
      percentile_cont(0.95) WITHIN GROUP (ORDER BY extract(epoch FROM connected_at - asked_at)),
      count(*) FILTER (WHERE connected_at - asked_at <= interval '90 seconds'), coalesce(sum(cost_pence), 0)
    FROM inclusion_interpretercall WHERE asked_at >= %(since)s GROUP BY language ORDER BY 2 DESC, 1"""


@transaction.atomic
def open_relay(
    kind: str, *, site_code: str, link: str, live_on: date, promoted_on: date | None = None, by: Actor, at: datetime
) -> Relay:
    """A channel begins at a site, or everywhere; one that is there is changed. Raises NotAllowed, BadInput."""
    permissions.require(by, MANAGE)
    site = Site.objects.filter(pk=site_code).first() if site_code else None
    address = clean_line(link)[:500]
    found = {
        "kind": "" if kind in Relay.Kind.values else _("Select sign-language video or text relay"),
        "site": _("Select a site of the list") if site_code and site is None else "",
        "link": ""
        if kind != Relay.Kind.BSL or address.startswith("https://")
        else _("Enter a link that begins with https://"),
        "promoted_on": _("This is before it begins") if promoted_on and promoted_on < live_on else "",
    }
    refuse(found)
    values = {"link": address, "live_on": live_on, "promoted_on": promoted_on}
    made, _new = Relay.objects.update_or_create(kind=kind, site=site, ended_on=None, defaults=values)
    _record("relay.opened", made, by=by, at=at, kind=kind, site=site_code)
    return made


@transaction.atomic
def end_relay(relay_id: UUID, *, on: date, by: Actor, at: datetime) -> None:
    """Raises NotAllowed, NotFound."""
    permissions.require(by, MANAGE)
    found = Relay.objects.select_for_update(of=("self",)).filter(pk=relay_id, ended_on=None).first()
    if found is None:
        raise NotFound
    found.ended_on = on
    found.save(update_fields=["ended_on"])
    _record("relay.ended", found, by=by, at=at)


def use(relay_id: UUID, *, contact_id: UUID | None, at: datetime) -> Relay:
    """Called up at a desk: counted, and its link given. Raises NotFound."""
    found = Relay.objects.filter(pk=relay_id, ended_on=None).first()
    if found is None:
        raise NotFound
    RelayUse.objects.create(relay=found, contact_id=contact_id, at=at)
    return found


def used(*, at: datetime) -> dict[UUID, int]:
    """How often each was called up at a desk in twelve months. One query."""
    return dict(fetch_all(_USED, {"since": aware(at) - YEAR}))


@dataclass(frozen=True, kw_only=True)
class Interpreted:
    """Telephone interpreters of one language in twelve months."""

    language: str
    asked: int
    connected: int
    seconds: int | None  # within which 95 in 100 were on the line
    in_time: int  # within 90 seconds (AV H1)
    pence: int


def interpreted(*, at: datetime) -> list[Interpreted]:
    """The languages most asked for first. One query."""
    rows = fetch_all(_INTERPRETED, {"since": aware(at) - YEAR})
    return [
        Interpreted(
            language=row[0],
            asked=row[1],
            connected=row[2],
            seconds=None if row[3] is None else round(row[3]),
            in_time=row[4],
            pence=int(row[5]),
        )
        for row in rows
    ]


@transaction.atomic
def keep_room(*, site_code: str, name: str, meets: Sequence[str], by: Actor, at: datetime) -> Room:
    """Raises NotAllowed, BadInput."""
    permissions.require(by, MANAGE)
    site = Site.objects.filter(pk=site_code).first()
    found = {
        "site": "" if site else _("Select a site"),
        "name": "" if clean_line(name) else _("Say which room"),
        "meets": "" if set(meets) <= {need.value for need in OF_ROOMS} else _("Select from the list"),
    }
    refuse(found)
    made, _new = Room.objects.update_or_create(
        site=site, name=clean_line(name)[:100], defaults={"meets": sorted(meets)}
    )
    about = Subject(kind="room", id=made.pk)
    ledger.record("room.kept", about=about, by=by, at=at, data={"site": site_code, "meets": sorted(meets)})
    return made


@transaction.atomic
def drop_room(room_id: UUID, *, by: Actor, at: datetime) -> None:
    """Raises NotAllowed, NotFound."""
    permissions.require(by, MANAGE)
    if not Room.objects.filter(pk=room_id).delete()[0]:
        raise NotFound
    ledger.record("room.dropped", about=Subject(kind="room", id=room_id), by=by, at=at)


def room_needs() -> list[tuple[str, str]]:
    return [(need.value, str(AccessNeed.Need(need).label)) for need in OF_ROOMS]


def _record(verb: str, relay: Relay, *, by: Actor, at: datetime, **data: object) -> None:
    ledger.record(verb, about=Subject(kind="relay", id=relay.pk), by=by, at=at, data=data)
