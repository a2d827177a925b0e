"""Taking a comment, compliment, complaint or Member's enquiry by any way in: dated on arrival, with an owner and a first date at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from townhall.accounts.permissions import require
from townhall.cases.models import Case
from townhall.catalogue import queries as catalogue
from townhall.clocks import operations as clocks
from townhall.complaints import owning, procedures
from townhall.complaints.models import Complaint
from townhall.complaints.seeds import ACKNOWLEDGE, ENQUIRY
from townhall.complaints.telling import tell
from townhall.contacts import operations as contacts
from townhall.contacts.models import Channel
from townhall.contacts.operations import Given
from townhall.core.actors import Actor, ActorKind
from townhall.core.cards import REFUSAL, has_card_number
from townhall.core.errors import KeyReused, NotFound, refuse
from townhall.core.idempotency import first_time
from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.core.time import council_date
from townhall.customers.merging import standing
from townhall.files import operations as files
from townhall.forms.typed import clean_line, clean_text
from townhall.ledger import operations as ledger
from townhall.notifications.recipients import email_address, phone_number

RECORD = "complaints.record"
LONGEST = 10_000  # characters
LONGEST_AGO = timedelta(days=3_650)  # that one arrived before it is written down; longer is a year that was mistyped
KINDS = Complaint.Kind


@dataclass(frozen=True, kw_only=True)
class New:
    """What somebody said. Two with one `source` are one record; `id` is given where files were kept under it before."""

    kind: str
    words: str
    channel: str
    service_code: str = ""
    wanted: str = ""
    name: str = ""
    email: str = ""
    phone: str = ""
    behalf_of: str = ""
    customer_id: UUID | None = None
    case_id: UUID | None = None  # the request that it is about: work on it goes on
    contact_id: UUID | None = None  # the conversation in which it was said, logged by itself
    source: Subject | None = None
    received_at: datetime | None = None  # when not just now
    is_logged: bool = False  # that they got in touch is written down already
    answers: str = ""  # Message-IDs of the mail that it came as, and where an answer to ours goes
    reply_to: str = ""
    id: UUID | None = None
    file_ids: Sequence[UUID] = ()


@transaction.atomic
def receive(new: New, *, by: Actor, at: datetime) -> Complaint:
    """Take it. By staff for any service, also another's. The same source again gives the first one.

    Raises NotAllowed, BadInput, NotFound for a case or customer that is not there.
    """
    if by.is_staff:
        require(by, RECORD)
    check(new, by=by, at=at)
    if earlier := _earlier(new, by=by):
        return earlier
    received_at = new.received_at or at
    procedure = procedures.in_force(council_date(received_at))
    customer_id = standing(new.customer_id) if new.customer_id else None
    case = Case.objects.filter(pk=new.case_id).first() if new.case_id else None
    service = new.service_code or (case.service_code if case else "")
    keeping = owning.keeping_of(service, procedure, on=council_date(at))
    made = Complaint(
        id=new.id or uuid7(),
        kind=new.kind,
        procedure=procedure,
        service_code=service,
        team_id=keeping.team_id,
        channel=new.channel,
        words=clean_text(new.words).strip(),
        wanted=clean_text(new.wanted).strip(),
        name=clean_line(new.name),
        email=email_address(new.email),
        phone=clean_line(new.phone),
        behalf_of=clean_line(new.behalf_of),
        customer_id=customer_id,
        case=case,
        source_kind=new.source.kind if new.source else "",
        source_id=new.source.id if new.source else None,
        received_at=received_at,
        logged_at=at,
        logged_by=UUID(by.id) if by.is_staff else None,
        keeper_post_id=keeping.post_id,
        owner_id=keeping.owner_id,
    )
    made.due_on = start_clock(made, received_at)
    made.save(force_insert=True)
    if new.file_ids:
        files.attach(list(new.file_ids), about=made.subject, case_id=None, draft_id=made.pk)
    _log_contact(made, new, by=by, at=at)
    note("received", made, by=by, at=at, at_first=made.received_at.isoformat())
    tell("received", made, at=at, answers=new.answers, reply_to=new.reply_to)
    owning.tell_owner(made, at=at, why="given" if made.owner_id else "unowned")
    return made


def start_clock(complaint: Complaint, at: datetime) -> date | None:
    """The first promise of a kind of record: comments and compliments have none."""
    if complaint.kind == KINDS.ENQUIRY:
        days, kind = complaint.procedure.enquiry_days, ENQUIRY
    elif complaint.kind == KINDS.COMPLAINT:
        days, kind = procedures.rule(complaint.procedure_id, 1).acknowledge_days, ACKNOWLEDGE
    else:
        return None
    return clocks.start(kind, about=complaint.subject, at=at, calendar=complaint.procedure.calendar, days=days)


def check(new: New, *, by: Actor, at: datetime) -> None:
    """Raises BadInput for what is missing, too long or cannot be; NotFound. For a door that keeps files first."""
    words = clean_text(new.words).strip()
    is_own = by.kind in (ActorKind.PUBLIC, ActorKind.CUSTOMER)
    found = {
        "kind": "" if new.kind in KINDS.values else _("Select what it is"),
        "words": _words(words),
        "wanted": _long(new.wanted) or (str(REFUSAL) if has_card_number(new.wanted) else ""),
        "service": "" if not new.service_code or is_service(new.service_code) else _("Select a service"),
        "channel": "" if Channel.objects.filter(pk=new.channel).exists() else _("Select how it came in"),
        "received": _received(new.received_at or at, at=at),
        "email": _("Enter an email address in the correct format, like name@example.com")
        if new.email.strip() and not email_address(new.email)
        else "",
        "phone": _("Enter a phone number, like 020 7946 0000")
        if new.phone.strip() and not phone_number(new.phone)
        else "",
    }
    if is_own and new.kind == KINDS.COMPLAINT and not (new.email.strip() or new.phone.strip() or new.customer_id):
        found["email"] = _("Enter an email address or a phone number, so that we can answer you")
    refuse(found)
    if new.case_id and not Case.objects.filter(pk=new.case_id).exists():
        raise NotFound
    if new.customer_id and standing(new.customer_id) is None:
        raise NotFound


def _received(moment: datetime, *, at: datetime) -> str:
    if moment > at:
        return _("The day it came in must not be in the future")
    return "" if moment >= at - LONGEST_AGO else _("Enter the day it came in, with the whole year")


def _words(words: str) -> str:
    if not words:
        return _("Say what it is about")
    return str(REFUSAL) if has_card_number(words) else _long(words)


def _long(words: str) -> str:
    return _("Use %(most)s characters or fewer") % {"most": f"{LONGEST:,}"} if len(words) > LONGEST else ""


def is_service(code: str) -> bool:
    """Whether the catalogue has it, live or not."""
    return any(pack.code == code for pack in catalogue.services(live_only=False))


def _earlier(new: New, *, by: Actor) -> Complaint | None:
    """The record of the same source, or of the same form sent twice. Raises KeyReused for an id that was used for other words."""
    if new.source is not None:
        return Complaint.objects.filter(source_kind=new.source.kind, source_id=new.source.id).first()
    if new.id is None:
        return None
    given = [new.kind, new.words, new.wanted, new.name, new.email, new.phone, new.service_code, str(new.customer_id)]
    made = first_time("complaint.receive", key=str(new.id), by=by, request=given, result=new.id)
    if made is None and Complaint.objects.filter(pk=new.id).exists():
        raise KeyReused  # it was sent before somebody signed in or out
    return Complaint.objects.get(pk=made) if made else None


_REASONS = {KINDS.COMPLAINT: "dissatisfied", KINDS.ENQUIRY: "information"}


def _log_contact(made: Complaint, new: New, *, by: Actor, at: datetime) -> None:
    """That somebody got in touch counts once: not again where a conversation or an answer to a survey is it already."""
    if new.is_logged or new.contact_id is not None:
        return
    contacts.log(
        channel=made.channel,
        service_code=made.service_code,
        reason_code=_REASONS.get(KINDS(made.kind), "other"),
        given=Given(name=made.name, email=made.email, phone=made.phone),
        by=by,
        at=at,
        customer_id=made.customer_id,
    )


def note(verb: str, complaint: Complaint, *, by: Actor, at: datetime, **data: object) -> None:
    """In the ledger, in the caller's transaction. `on` is what lists call it."""
    ledger.record(
        f"complaint.{_verb(verb, complaint)}",
        about=complaint.subject,
        by=by,
        at=at,
        case_id=complaint.case_id,
        customer_id=complaint.customer_id,
        data={
            "on": complaint.reference,
            "service": complaint.service_code,
            "channel": complaint.channel,
            "kind": complaint.kind,
            **data,
        },
    )


def _verb(verb: str, complaint: Complaint) -> str:
    return verb if verb != "received" or complaint.kind == KINDS.COMPLAINT else f"{complaint.kind}_received"
