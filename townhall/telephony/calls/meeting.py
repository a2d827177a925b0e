"""A call that was answered is a contact, once: open at the desk of whoever answered, or over when it is told of later."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef

from townhall.accounts.permissions import themselves
from townhall.contacts import operations as contacts
from townhall.contacts.models import Contact
from townhall.contacts.operations import Given, Past
from townhall.core.actors import Actor
from townhall.core.errors import BadInput, NotFound, RuleBroken
from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.customers.permissions import customers_visible_to
from townhall.customers.typed import shown_phone
from townhall.ledger import operations as ledger
from townhall.telephony.calls.folding import Facts, is_over
from townhall.telephony.models import Call
from townhall.telephony.states import OVER

PHONE, AUTOMATED = "phone", "phone_automated"
LIVE = timedelta(hours=2)  # what was answered longer ago is history, and opens on nobody's desk
_REASONS = {"pay": "payment", "status": "progress"}  # of automated calls


def contact_of(
    call: Call, facts: Facts, *, user_id: UUID | None, service_code: str, at: datetime, is_live: bool
) -> UUID | None:
    """The contact that this call is: the one there is, one begun now, or none yet. The call is locked."""
    if call.contact_id is not None:
        _enrich(call.contact_id, facts, service_code)
        return call.contact_id
    if facts.answered_at is None:
        return None
    given = Given(phone=shown_phone(facts.number) if facts.number else "")
    if user_id is not None and not facts.is_automated and is_live and at - facts.answered_at <= LIVE:
        by_hand = _begun_by_hand(user_id, facts)
        if by_hand is not None:
            _enrich(by_hand, facts, service_code)
            return by_hand
        begun = _begun_now(user_id, given, service_code, at=facts.answered_at)
        if begun is not None:
            return begun
    if not is_over(facts):
        return None
    past = Past(
        id=uuid7(),
        channel=AUTOMATED if facts.is_automated else PHONE,
        service_code=service_code,
        reason_code=_REASONS.get(facts.did, ""),
        at=facts.answered_at,
        ended_at=facts.ended_at,
        given=given,
    )
    contacts.log_one(past)
    return past.id


def _begun_now(user_id: UUID, given: Given, service_code: str, *, at: datetime) -> UUID | None:
    """On the desk of whoever answered. None where they may not begin one, as their training lapsed: the call counts when it is over."""
    try:
        return contacts.start(channel=PHONE, given=given, service_code=service_code, by=themselves(user_id), at=at).pk
    except BadInput:
        return None


def _begun_by_hand(user_id: UUID, facts: Facts) -> UUID | None:
    """The conversation that the adviser began while it rang, from the caller's record: theirs, on the phone, and no other call's."""
    own = Contact.objects.filter(
        adviser_id=user_id,
        ended_at__isnull=True,
        channel_id=PHONE,
        started_at__gte=facts.offered_at,
        given_phone__in=[shown_phone(facts.number) if facts.number else "", ""],
    )
    linked = Call.objects.filter(contact_id=OuterRef("pk"))
    return own.filter(~Exists(linked)).order_by("-started_at").values_list("pk", flat=True).first()


def _enrich(contact_id: UUID, facts: Facts, service_code: str) -> None:
    """A conversation that was taken before the platform said whose number and which service it is."""
    contact = Contact.objects.select_for_update().get(pk=contact_id)
    changed = []
    if service_code and not contact.service_code:
        contact.service_code = service_code
        changed.append("service_code")
    if facts.number and not contact.given_phone:
        contact.given_phone = shown_phone(facts.number)
        changed.append("given_phone")
    if contact.adviser_id is None and facts.ended_at and contact.ended_at and facts.ended_at > contact.ended_at:
        contact.ended_at = facts.ended_at
        changed.append("ended_at")
    if changed:
        contact.save(update_fields=changed)


@transaction.atomic
def take_up(call_id: UUID, *, by: Actor, at: datetime, customer_id: UUID | None = None) -> Contact:
    """An adviser takes the call that rings at their phone, or that they have answered: its conversation, the same if there is one.

    Raises NotFound for a call of somebody else's or a customer that `by` may not see, RuleBroken when it is over and nobody answered.
    """
    call = Call.objects.select_for_update().filter(pk=call_id).first()
    if customer_id is not None and not customers_visible_to(by).filter(pk=customer_id).exists():
        raise NotFound
    user_id = UUID(by.id)
    if call is None or user_id not in (call.rings_at_id, call.user_id):
        raise NotFound
    if call.contact_id is not None:
        contact = Contact.objects.get(pk=call.contact_id)
        if contact.adviser_id != user_id and not (contact.adviser_id is None or call.rings_at_id == user_id):
            raise NotFound
        if contact.adviser_id != user_id:  # transferred: a conversation of one's own, after the first
            return _begin(call, by=by, at=at, customer_id=customer_id or contact.customer_id, follows_id=contact.pk)
        if customer_id is not None and contact.customer_id is None and contact.ended_at is None:
            contact = contacts.link_customer(contact.pk, customer_id, by=by, at=at)
        return contact
    if call.state in OVER and call.answered_at is None:
        raise RuleBroken
    return _begin(call, by=by, at=at, customer_id=customer_id, follows_id=None)


def _begin(call: Call, *, by: Actor, at: datetime, customer_id: UUID | None, follows_id: UUID | None) -> Contact:
    given = Given(phone=shown_phone(call.number) if call.number else "")
    made = contacts.start(
        channel=PHONE,
        given=given,
        customer_id=customer_id,
        service_code=call.service_code,
        follows_id=follows_id,
        by=by,
        at=at,
    )
    call.contact, call.customer_id = made, customer_id or call.customer_id
    call.save(update_fields=["contact", "customer"])
    about = Subject(kind="call", id=call.pk)
    ledger.record("call.taken_up", about=about, by=by, at=at, customer_id=customer_id, data={"contact": str(made.pk)})
    return made
