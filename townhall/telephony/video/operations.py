"""Everything that changes telepresence: where it is on, and each session."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from townhall.accounts import permissions
from townhall.catalogue import queries as catalogue
from townhall.contacts import operations as contacts
from townhall.core.actors import Actor
from townhall.core.errors import BadInput, NotFound
from townhall.core.ids import uuid7
from townhall.core.subjects import Subject, coded
from townhall.customers.permissions import customers_visible_to
from townhall.ledger import operations as ledger
from townhall.places.models import Site
from townhall.telephony.calls.lines import MANAGE
from townhall.telephony.models import VideoPlace, VideoSession
from townhall.telephony.video import rooms

CHANNEL = "telepresence"
MAY = "contacts.log"


@transaction.atomic
def set_place(site_code: str, *, services: Sequence[str], is_on: bool, by: Actor, at: datetime) -> VideoPlace:
    """Switch a place and its services on or off. Raises BadInput, NotAllowed."""
    permissions.require(by, MANAGE)
    known = {pack.code for pack in catalogue.services()}
    problems: dict[str, str] = {}
    if not Site.objects.filter(pk=site_code).exists():
        problems["site"] = _("Select a place")
    if not set(services) <= known or (is_on and not services):
        problems["services"] = _("Select the services that answer there")
    if problems:
        raise BadInput(problems)
    values = {"services": sorted(set(services)), "is_on": is_on}
    made, _new = VideoPlace.objects.update_or_create(site_id=site_code, defaults=values)
    data: dict[str, object] = {"site": site_code, "services": made.services, "is_on": is_on}
    ledger.record("video.place_set", about=coded("video_place", site_code), by=by, at=at, data=data)
    return made


@transaction.atomic
def start(
    site_code: str, service_code: str, *, by: Actor, at: datetime, customer_id: UUID | None = None
) -> VideoSession:
    """Begin a session: a conversation on the adviser's desk and a room to meet in. Raises BadInput where it is not switched on."""
    permissions.require(by, MAY)
    place = VideoPlace.objects.filter(pk=site_code, is_on=True).first()
    if place is None or service_code not in place.services:
        raise BadInput({"where": _("Telepresence is not switched on for this service at this place")})
    if customer_id is not None and not customers_visible_to(by).filter(pk=customer_id).exists():
        raise NotFound
    contact = contacts.start(
        channel=CHANNEL, service_code=service_code, site_code=site_code, customer_id=customer_id, by=by, at=at
    )
    session_id = uuid7()
    made = VideoSession.objects.create(
        id=session_id,
        site_id=site_code,
        service_code=service_code,
        adviser_id=UUID(by.id),
        contact=contact,
        customer_id=customer_id,
        room=rooms.room_of(session_id),
        started_at=at,
    )
    data: dict[str, object] = {"site": site_code, "service": service_code}
    about = Subject(kind="video_session", id=session_id)
    ledger.record("video.started", about=about, by=by, at=at, customer_id=customer_id, data=data)
    return made


@transaction.atomic
def end(session_id: UUID, *, by: Actor, at: datetime) -> VideoSession:
    """The adviser rings off; twice is once. Raises NotFound for another's."""
    found = VideoSession.objects.select_for_update().filter(pk=session_id, adviser_id=UUID(by.id)).first()
    if found is None:
        raise NotFound
    if found.ended_at is None:
        found.ended_at = max(at, found.started_at)
        found.save(update_fields=["ended_at"])
        about = Subject(kind="video_session", id=session_id)
        ledger.record("video.ended", about=about, by=by, at=at, customer_id=found.customer_id)
    return found
