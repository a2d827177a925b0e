"""Everything that changes a contact."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from msgspec import Struct, field

from townhall.contacts.coming_back import came_back, mark_earlier
from townhall.contacts.events import ContactEnded, CustomerLinked
from townhall.contacts.models import AvoidableReason, Channel, Contact, Reason
from townhall.core import events
from townhall.core.actors import Actor, ActorKind
from townhall.core.cards import REFUSAL, has_card_number
from townhall.core.db import copy_rows, insert
from townhall.core.errors import BadInput, NotFound, WrongState
from townhall.core.idempotency import first_time
from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.ledger import operations as ledger
from townhall.safety import trained


class Given(Struct, frozen=True, kw_only=True):
    """Who they said they were, as given at the time."""

    name: str = ""
    email: str = ""
    phone: str = ""


def log(
    *,
    channel: str,
    service_code: str,
    reason_code: str,
    given: Given,
    by: Actor,
    at: datetime,
    customer_id: UUID | None = None,
    contact_id: UUID | None = None,
) -> UUID:
    """Record a contact that is over as it happens, such as a web form. A few prepared inserts; nothing is read."""
    contact_id = contact_id or uuid7()
    past = Past(
        id=contact_id,
        channel=channel,
        service_code=service_code,
        reason_code=reason_code,
        at=at,
        given=given,
        customer_id=customer_id,
    )
    insert("contacts_contact", _row(past), always=_OVER)
    if customer_id is not None:
        came_back(contact_id, customer_id, service_code, by=by, at=at)
    return contact_id


class Past(Struct, frozen=True, kw_only=True):
    """A contact that is over. `channel` is the code of one of the council's channels."""

    id: UUID
    channel: str
    service_code: str
    reason_code: str
    at: datetime
    given: Given = field(default_factory=Given)
    customer_id: UUID | None = None
    ended_at: datetime | None = None  # None: as it began


def log_one(past: Past) -> None:
    """Record one contact that is over, such as a call that another system tells of."""
    insert("contacts_contact", _row(past), always=_OVER)


def log_past(contacts: Iterable[Past]) -> int:
    """Record in bulk contacts of the past, as an earlier system kept them; how many."""
    return copy_rows("contacts_contact", ({**_row(past), **dict(_OVER)} for past in contacts))


# Of a contact that was over as it happened.
_OVER = (
    ("site_code", ""),
    ("outcome", Contact.Outcome.REFERRED.value),
    ("avoidable_reason", ""),
    ("notes", ""),
)


def _row(past: Past) -> dict[str, object]:
    return {
        "id": past.id,
        "channel": past.channel,
        "started_at": past.at,
        "ended_at": past.ended_at or past.at,
        "service_code": past.service_code,
        "reason_code": past.reason_code,
        "customer_id": past.customer_id,
        "given_name": past.given.name,
        "given_email": past.given.email,
        "given_phone": past.given.phone,
    }


@transaction.atomic
def start(
    *,
    channel: str,
    by: Actor,
    at: datetime,
    given: Given | None = None,
    customer_id: UUID | None = None,
    service_code: str = "",
    site_code: str = "",
    follows_id: UUID | None = None,
    key: str = "",
) -> Contact:
    """An adviser begins a conversation. With a `key`, pressing twice begins one.

    Raises BadInput for a channel that is not in use, KeyReused for a key of another conversation.
    """
    if not Channel.objects.filter(code=channel, is_active=True).exists():
        raise BadInput({"channel": _("Select how they got in touch")})
    trained.require(by, at=at)
    given = given or Given()
    contact_id = uuid7()
    if key:
        request = (channel, given, str(customer_id or ""))
        if earlier := first_time("contact.start", key=key, by=by, request=request, result=contact_id):
            return Contact.objects.get(pk=earlier)
    contact = Contact.objects.create(
        id=contact_id,
        channel_id=channel,
        started_at=at,
        adviser_id=UUID(by.id) if by.kind is ActorKind.STAFF else None,
        site_code=site_code,
        service_code=service_code,
        customer_id=customer_id,
        given_name=given.name,
        given_email=given.email,
        given_phone=given.phone,
        follows_id=follows_id,
    )
    ledger.record(
        "contact.started", about=_subject(contact.id), by=by, at=at, customer_id=customer_id, data={"channel": channel}
    )
    return contact


@transaction.atomic
def link_customer(contact_id: UUID, customer_id: UUID, *, by: Actor, at: datetime) -> Contact:
    """Say who this contact is with."""
    contact = _open_contact(contact_id, by=by)
    contact.customer_id = customer_id
    contact.save(update_fields=["customer"])
    ledger.record("contact.customer_linked", about=_subject(contact_id), by=by, at=at, customer_id=customer_id)
    events.publish(CustomerLinked(contact_id=contact_id, customer_id=customer_id, by=by, at=at))
    return contact


@dataclass(frozen=True, kw_only=True)
class WrapUp:
    reason_code: str
    outcome: str  # resolved or referred
    avoidable: bool | None  # None: not assessed
    avoidable_reason: str = ""
    anything_else: bool | None = None
    notes: str = ""
    service_code: str = ""


@transaction.atomic
def wrap_up(contact_id: UUID, answers: WrapUp, *, by: Actor, at: datetime) -> Contact | None:
    """End a contact. A yes to "anything else?" starts a further contact with the same customer, which is returned.

    Raises BadInput naming each answer that is missing; WrongState when it was wrapped up before.
    """
    contact = _open_contact(contact_id, by=by)
    problems = _problems(answers)
    if problems:
        raise BadInput(problems)
    contact.ended_at = at
    contact.reason_code = answers.reason_code
    contact.outcome = answers.outcome
    contact.avoidable = answers.avoidable
    contact.avoidable_reason = answers.avoidable_reason if answers.avoidable else ""
    contact.anything_else = answers.anything_else
    contact.notes = answers.notes
    contact.service_code = answers.service_code or contact.service_code
    contact.save()
    ledger.record(
        "contact.wrapped_up",
        about=_subject(contact.id),
        by=by,
        at=at,
        customer_id=contact.customer_id,
        data={
            "reason": contact.reason_code,
            "outcome": contact.outcome,
            "avoidable": contact.avoidable,
            "avoidable_reason": contact.avoidable_reason,
            "service": contact.service_code,
        },
    )
    mark_earlier(contact, by=by, at=at)
    events.publish(ContactEnded(contact_id=contact.id, by=by, at=at))
    if not answers.anything_else:
        return None
    given = Given(name=contact.given_name, email=contact.given_email, phone=contact.given_phone)
    return start(
        channel=contact.channel_id,
        by=by,
        at=at,
        given=given,
        customer_id=contact.customer_id,
        site_code=contact.site_code,
        follows_id=contact.id,
    )


def _problems(answers: WrapUp) -> dict[str, str]:
    problems: dict[str, str] = {}
    if not Reason.objects.filter(code=answers.reason_code, is_active=True).exists():
        problems["reason_code"] = _("Select why they got in touch")
    if answers.outcome not in Contact.Outcome.values:
        problems["outcome"] = _("Select whether it was resolved or referred")
    if answers.avoidable and not AvoidableReason.objects.filter(code=answers.avoidable_reason, is_active=True).exists():
        problems["avoidable_reason"] = _("Select why this contact was avoidable")
    if has_card_number(answers.notes):
        problems["notes"] = str(REFUSAL)
    if answers.anything_else is None:
        problems["anything_else"] = _("Select whether there was anything else")
    return problems


def _open_contact(contact_id: UUID, *, by: Actor) -> Contact:
    contact = Contact.objects.select_for_update().filter(pk=contact_id).first()
    if contact is None or (by.is_staff and str(contact.adviser_id) != by.id):
        raise NotFound
    if contact.ended_at is not None:
        raise WrongState(_("This contact was already wrapped up."))
    return contact


def _subject(contact_id: UUID) -> Subject:
    return Subject(kind="contact", id=contact_id)
