"""Contacts that were for a partner: counted against it, and left in its queue when it is to ring or write."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from townhall.accounts.permissions import require
from townhall.contacts import operations as contacts
from townhall.contacts import queries as words_of
from townhall.contacts.operations import Given
from townhall.core.actors import Actor
from townhall.core.cards import refuse_card_numbers
from townhall.core.errors import NotFound, WrongState, refuse
from townhall.core.idempotency import first_time
from townhall.core.ids import uuid7
from townhall.ledger import operations as ledger
from townhall.partners import bodies
from townhall.partners.models import LoggedContact
from townhall.partners.passing import REFER, require_queue


@dataclass(frozen=True, kw_only=True)
class Logged:
    """What was said. left: it is to be left for the partner, which whoever it is about agreed to."""

    channel: str
    words: str
    name: str = ""
    reach: str = ""
    left: bool = False
    agreed: bool = False


@transaction.atomic
def log(partner_id: UUID, said: Logged, *, by: Actor, at: datetime, key: str = "") -> LoggedContact:
    """Raises NotAllowed, NotFound, BadInput."""
    require(by, REFER)
    partner = bodies.one(partner_id)
    refuse(
        {
            "channel": "" if said.channel in words_of.words().channels else _("Select how they got in touch"),
            "words": "" if 0 < len(said.words.strip()) <= 1_000 else _("Enter what it was about"),
            "reach": _("Enter how the partner can reach them")
            if said.left and not said.reach.strip()
            else (_("Enter a shorter text") if len(said.reach) > 200 or len(said.name) > 200 else ""),
            "agreed": _("Ask whether the partner may have their name and number")
            if said.left and not said.agreed
            else "",
        }
    )
    refuse_card_numbers(words=said.words, name=said.name, reach=said.reach)
    contact_id = uuid7()
    if key:
        earlier = first_time("partner.log", key=key, by=by, request=(str(partner_id), said.words), result=contact_id)
        if earlier:
            return LoggedContact.objects.get(contact_id=earlier)
    contacts.log(
        channel=said.channel,
        service_code="",
        reason_code="other",
        given=Given(),  # who they are is the partner's to keep, and here only while they wait
        by=by,
        at=at,
        contact_id=contact_id,
    )
    row = LoggedContact.objects.create(
        partner=partner,
        contact_id=contact_id,
        name=said.name.strip() if said.left else "",
        reach=said.reach.strip() if said.left else "",
        words=said.words.strip() if said.left else "",
        at=at,
        logged_by=by.id,
        waits=said.left,
    )
    data: dict[str, object] = {"partner": partner.team.code, "left": said.left}
    ledger.record("partner_contact.logged", about=row.subject, by=by, at=at, data=data)
    return row


@transaction.atomic
def dealt(row_id: UUID, *, by: Actor, at: datetime) -> LoggedContact:
    """The partner got back to them; what they said goes, and the contact stays counted. Twice by one person is once.

    Raises NotAllowed, NotFound, WrongState.
    """
    row = (
        LoggedContact.objects.select_for_update(of=("self",)).select_related("partner__team").filter(pk=row_id).first()
    )
    if row is None:
        raise NotFound
    require_queue(row.partner, by)
    if not row.waits and row.dealt_by == by.id:
        return row
    if not row.waits:
        raise WrongState
    row.waits, row.dealt_at, row.dealt_by = False, at, by.id
    row.name = row.reach = row.words = ""
    row.save()
    ledger.record("partner_contact.dealt", about=row.subject, by=by, at=at)
    return row
