"""Contacts about something that the council has already announced: kept with the incident, and no case is made."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from townhall.cases.models import IncidentContact
from townhall.core.actors import Actor
from townhall.core.errors import NotFound
from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.ledger import operations as ledger
from townhall.neighbourhood.models import Incident


@transaction.atomic
def attach_to_incident(incident_id: UUID, *, contact_id: UUID, by: Actor, at: datetime) -> IncidentContact:
    """Keep a contact with the incident it was about. The same contact twice is once. Raises NotFound."""
    if not Incident.objects.filter(pk=incident_id).exists():
        raise NotFound
    attached, made = IncidentContact.objects.get_or_create(
        incident_id=incident_id, contact_id=contact_id, defaults={"id": uuid7(), "at": at}
    )
    if made:
        about = Subject(kind="incident", id=incident_id)
        ledger.record("incident.contact", about=about, by=by, at=at, data={"contact": str(contact_id)})
    return attached
