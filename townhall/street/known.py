"""A contact about something the council has already announced: kept with the incident, and told when it is over (CASE-14)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from townhall.cases import operations as cases
from townhall.contacts import operations as contacts
from townhall.contacts.operations import Given
from townhall.core.actors import Actor
from townhall.core.errors import NotFound
from townhall.core.idempotency import first_time
from townhall.core.ids import uuid7
from townhall.neighbourhood import operations as neighbourhood
from townhall.neighbourhood.models import Incident, Subscription
from townhall.neighbourhood.queries import incidents_about
from townhall.notifications.recipients import Recipient, email_address
from townhall.places.place import Place


def known_here(service_code: str, *, place: Place | None, at: datetime) -> list[Incident]:
    """Running incidents of this service at a place, newest first. One statement when there are none."""
    return incidents_about(service_code, place=place, at=at) if place is not None else []


@transaction.atomic
def mean_incident(
    incident_id: UUID,
    *,
    service_code: str,
    place: Place,
    who: Recipient,
    channel: str,
    key: str,
    by: Actor,
    at: datetime,
    contact_id: UUID | None = None,
) -> Subscription | None:
    """ "This is what I mean": the contact is kept with the incident, no case is made, and they are told when it is over.

    contact_id: the adviser's conversation; without one this is a contact of its own, once for each `key`.
    None: an adviser took it from somebody without email, who cannot be told. Raises NotFound when it is not running there (any more),
    BadInput without an address that mail can reach.
    """
    incident = next((one for one in known_here(service_code, place=place, at=at) if one.pk == incident_id), None)
    if incident is None:
        raise NotFound(_("This is over already."))
    subscription = None
    if contact_id is None or email_address(who.email):
        scope, code = ("address", place.uprn) if place.uprn else (incident.scope, incident.scope_code)
        subscription = neighbourhood.subscribe(
            who, scope=scope, scope_code=code, service_code=service_code, by=by, at=at
        )
    kept = contact_id or _log(incident_id, service_code, who=who, channel=channel, key=key, by=by, at=at)
    if kept is not None:
        cases.attach_to_incident(incident_id, contact_id=kept, by=by, at=at)
    return subscription


def _log(
    incident_id: UUID, service_code: str, *, who: Recipient, channel: str, key: str, by: Actor, at: datetime
) -> UUID | None:
    """The contact, or None when it was logged before."""
    contact_id = uuid7()
    request = [str(incident_id), who.email]
    if first_time(
        "street.mean_incident", key=f"{key}-{incident_id}-{who.email}", by=by, request=request, result=contact_id
    ):
        return None
    return contacts.log(
        channel=channel,
        service_code=service_code,
        reason_code="report",
        given=Given(name=who.name, email=who.email, phone=who.phone),
        by=by,
        at=at,
        customer_id=who.customer_id,
        contact_id=contact_id,
    )
