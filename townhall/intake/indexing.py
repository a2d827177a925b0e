"""Saying whose a piece of post is, and which case it belongs to; and taking back what was misfiled.

What is indexed together, such as a letter with its enclosures, is one contact, by the channel and on the day that it came.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from uuid import UUID

import psycopg
from django.db import transaction
from django.utils.translation import gettext as _

from townhall.accounts.permissions import require
from townhall.cases.access import cases_visible_to
from townhall.cases.models import OPEN_STATES, Case, CaseContact, Note
from townhall.cases.operations.deciding import add_note
from townhall.cases.operations.opening import NewCase, open_case, was_reference_taken
from townhall.catalogue import queries as catalogue
from townhall.clocks import operations as clocks
from townhall.contacts import operations as contacts
from townhall.contacts.coming_back import came_back
from townhall.contacts.models import Contact, Reason
from townhall.contacts.operations import Past
from townhall.core.actors import Actor
from townhall.core.cards import refuse_card_numbers
from townhall.core.errors import BadInput, NotFound, WrongState
from townhall.core.ids import uuid7
from townhall.core.time import LONDON, council_date
from townhall.customers import queries as customers
from townhall.customers.models import Customer
from townhall.documents import papers
from townhall.intake.arriving import CLOCK, refuse_day
from townhall.intake.models import By, Piece
from townhall.intake.permissions import INDEX
from townhall.intake.states import PieceState, check_piece
from townhall.ledger import operations as ledger
from townhall.notifications.recipients import Recipient
from townhall.places.place import Place, Source
from townhall.ui.words import long_date

LONGEST = 500
MOST = 50  # pieces indexed in one go


@dataclass(frozen=True, kw_only=True)
class To:
    """Where it belongs. A case that there is already, or a new one of a service; neither: to the customer alone.

    words: what a new case is about.
    """

    customer_id: UUID | None = None
    case_id: UUID | None = None
    service_code: str = ""
    reason_code: str = "request"
    opens_case: bool = False
    words: str = ""


@transaction.atomic
def index(piece_ids: Sequence[UUID], to: To, *, by: Actor, at: datetime) -> list[Piece]:
    """Index them together. Raises NotAllowed, NotFound, BadInput, WrongState when somebody was quicker."""
    require(by, INDEX)
    pieces = _locked(piece_ids)
    for piece in pieces:
        check_piece(piece.state, PieceState.INDEXED)
    customer, case = _whose(to), _case(to, by=by)
    _refuse(to, customer, pieces)
    customer_id = customer.pk if customer else case.customer_id if case else None
    service = case.service_code if case else to.service_code
    contact_id = _contact(pieces, to, customer, service=service, customer_id=customer_id, by=by, at=at)
    if case is not None:
        _join(case, pieces, contact_id, by=by, at=at)
        case_id: UUID | None = case.pk
    else:
        case_id = _open(to, pieces, customer, contact_id, by=by, at=at) if to.opens_case else None
    for piece in pieces:
        _file(piece, customer_id=customer_id, case_id=case_id, contact_id=contact_id, by=by, at=at)
    return pieces


def _locked(piece_ids: Sequence[UUID]) -> list[Piece]:
    wanted = list(dict.fromkeys(piece_ids))
    if not wanted or len(wanted) > MOST:
        raise BadInput({"piece": _("Select what you want to index, up to %(most)d in one go") % {"most": MOST}})
    found = list(Piece.objects.select_for_update(of=("self",)).filter(pk__in=wanted).order_by("pk"))
    if len(found) != len(wanted):
        raise NotFound
    return sorted(found, key=lambda one: (one.received_at, one.pk))


def _whose(to: To) -> Customer | None:
    if to.customer_id is None:
        return None
    found = Customer.objects.filter(pk=to.customer_id).first()
    if found is None:
        raise NotFound
    return found.merged_into or found if found.merged_into_id else found


def _case(to: To, *, by: Actor) -> Case | None:
    """Locked, and only one that `by` may see."""
    if to.case_id is None:
        return None
    seen = cases_visible_to(by).filter(pk=to.case_id).values("pk")
    found = Case.objects.select_for_update(of=("self",)).filter(pk__in=seen).first()
    if found is None:
        raise NotFound
    return found


def _refuse(to: To, customer: Customer | None, pieces: Sequence[Piece]) -> None:
    problems = {}
    if len({one.channel for one in pieces}) > 1:
        problems["also"] = _("Index together only what came by the same channel")
    if customer is None and to.case_id is None:
        problems["customer"] = _("Say whose it is, or which case it belongs to")
    if not Reason.objects.filter(code=to.reason_code, is_active=True).exists():
        problems["reason"] = _("Select why they wrote")
    if to.service_code and catalogue.unknown((to.service_code,)):
        problems["service"] = _("Select a service")
    if to.opens_case and to.case_id is None:
        if not to.service_code:
            problems["service"] = _("Select the service that the new case is for")
        if not to.words.strip() or len(to.words) > LONGEST:
            problems["words"] = _("Enter what they want, in up to %(most)d characters") % {"most": LONGEST}
    if problems:
        raise BadInput(problems)
    refuse_card_numbers(words=to.words)


def _contact(
    pieces: Sequence[Piece],
    to: To,
    customer: Customer | None,
    *,
    service: str,
    customer_id: UUID | None,
    by: Actor,
    at: datetime,
) -> UUID:
    """What came counts as one contact; something that was indexed before keeps the one that it had, as it is known now."""
    held = next((one.contact_id for one in pieces if one.contact_id), None)
    first = pieces[0]
    past = Past(
        id=held or uuid7(),
        channel=first.channel,
        service_code=service,
        reason_code=to.reason_code,
        at=first.received_at,
        given=contacts.Given(name=customer.name if customer else first.sender),
        customer_id=customer_id,
    )
    if held is None:
        contacts.log_one(past)
    else:
        Contact.objects.filter(pk=held).update(
            channel_id=past.channel,
            started_at=past.at,
            ended_at=past.at,
            customer_id=customer_id,
            given_name=past.given.name,
            service_code=service,
            reason_code=to.reason_code,
        )
    if customer_id is not None:
        came_back(past.id, customer_id, service, by=by, at=at, started_at=past.at)
    return past.id


def _join(case: Case, pieces: Sequence[Piece], contact_id: UUID, *, by: Actor, at: datetime) -> None:
    """More to a case: whoever does the work reads of it among its notes. What is over only gets the documents."""
    CaseContact.objects.get_or_create(
        case=case, contact_id=contact_id, kind=CaseContact.Kind.MORE, defaults={"id": uuid7(), "at": at}
    )
    channel = By(pieces[0].channel).label
    came = long_date(council_date(pieces[0].received_at))
    words = _("%(channel)s that came on %(day)s was added. It is among the documents of this case.")
    kind = Note.Kind.REPLY if case.state in OPEN_STATES else Note.Kind.STAFF
    add_note(case, kind, words % {"channel": channel, "day": came}, by=by, at=at)


def _open(
    to: To, pieces: Sequence[Piece], customer: Customer | None, contact_id: UUID, *, by: Actor, at: datetime
) -> UUID:
    assert customer is not None  # `_refuse` saw to it
    points = customers.reached_by(customer.pk)
    email, phone = points.get("email"), points.get("phone")
    pack = catalogue.entry(to.service_code).pack
    new = NewCase(
        pack=pack,
        place=Place(source=Source.WORDS),
        reporter=Recipient(
            name=customer.name,
            email=email.value if email else "",
            phone=phone.value if phone else "",
            customer_id=customer.pk,
        ),
        channel=pieces[0].channel,
        contact_id=contact_id,
        description=to.words.strip(),
        is_public=False,
        is_question=bool(pack.form),
        is_taken=True,  # it lies here already
    )
    try:
        with transaction.atomic():
            return open_case(new, by=by, at=at).case_id
    except psycopg.errors.UniqueViolation as error:
        if not was_reference_taken(error):
            raise
        return open_case(new, by=by, at=at).case_id


def _file(
    piece: Piece, *, customer_id: UUID | None, case_id: UUID | None, contact_id: UUID, by: Actor, at: datetime
) -> None:
    if piece.paper_id is not None:
        papers.link(piece.paper_id, customer_id=customer_id, case_id=case_id, by=by, at=at)
    piece.state, piece.ended_at, piece.ended_by = PieceState.INDEXED, at, by.id
    piece.customer_id, piece.case_id, piece.contact_id = customer_id, case_id, contact_id
    piece.save()
    clocks.finish(CLOCK, about=piece.subject, at=at)
    data: dict[str, object] = {"channel": piece.channel}
    ledger.record(
        "post.indexed", about=piece.subject, by=by, at=at, case_id=case_id, customer_id=customer_id, data=data
    )


@transaction.atomic
def take_back(piece_id: UUID, *, why: str, by: Actor, at: datetime) -> Piece:
    """It was misfiled, or set aside by mistake: nobody finds it there any more, and it waits to be indexed again.

    The document leaves the customer and the case, and so does the contact where nothing else of it stays there. A case that was opened
    for it stays open, and is somebody's to end. Raises NotAllowed, NotFound, BadInput, WrongState.
    """
    require(by, INDEX)
    [piece] = _locked([piece_id])
    check_piece(piece.state, PieceState.WAITING)
    reason = " ".join(why.split())[:LONGEST]
    if not reason:
        raise BadInput({"why": _("Enter what was wrong")})
    customer_id, case_id, contact_id = piece.customer_id, piece.case_id, piece.contact_id
    if case_id is not None and not cases_visible_to(by).filter(pk=case_id).exists():
        raise NotFound
    piece.state, piece.customer, piece.case_id, piece.why = PieceState.WAITING, None, None, reason
    piece.ended_at, piece.ended_by = None, ""
    whose: dict[str, Any] = {"customer_id": customer_id, "case_id": case_id}
    others = Piece.objects.filter(**whose, state=PieceState.INDEXED).exclude(pk=piece.pk)
    if piece.paper_id is not None and not others.filter(paper_id=piece.paper_id).exists():
        papers.unlink(piece.paper_id, customer_id=customer_id, case_id=case_id, by=by, at=at)
    if contact_id is not None and _stays(contact_id):
        piece.contact_id = None  # it counts anew when it is indexed
    elif contact_id is not None:
        CaseContact.objects.filter(contact_id=contact_id).delete()
        Contact.objects.filter(pk=contact_id).update(customer_id=None, given_name="", repeats_id=None)
    piece.save()
    clocks.start(CLOCK, about=piece.subject, at=at)
    ledger.record("post.taken_back", about=piece.subject, by=by, at=at, case_id=case_id, customer_id=customer_id)
    return piece


def _stays(contact_id: UUID) -> bool:
    """Whether something else holds the contact where it is: another document of the same letter, or a case that it opened."""
    opened = CaseContact.objects.filter(contact_id=contact_id, kind=CaseContact.Kind.ORIGIN).exists()
    return opened or Piece.objects.filter(contact_id=contact_id, state=PieceState.INDEXED).count() > 1


@transaction.atomic
def set_aside(piece_id: UUID, *, why: str, by: Actor, at: datetime) -> Piece:
    """It is nobody's, such as an advertisement. It can be taken back. Raises NotAllowed, NotFound, BadInput, WrongState."""
    require(by, INDEX)
    [piece] = _locked([piece_id])
    check_piece(piece.state, PieceState.SET_ASIDE)
    reason = " ".join(why.split())[:LONGEST]
    if not reason:
        raise BadInput({"why": _("Enter why it needs no indexing")})
    piece.state, piece.ended_at, piece.ended_by, piece.why = PieceState.SET_ASIDE, at, by.id, reason
    piece.save(update_fields=["state", "ended_at", "ended_by", "why"])
    clocks.stop(CLOCK, about=piece.subject, at=at)
    ledger.record("post.set_aside", about=piece.subject, by=by, at=at)
    return piece


@transaction.atomic
def correct(
    piece_id: UUID, *, channel: str, received_on: str, title: str, sender: str, by: Actor, at: datetime
) -> Piece:
    """Say otherwise how and when it came, before it is indexed. Raises NotAllowed, NotFound, BadInput, WrongState."""
    require(by, INDEX)
    [piece] = _locked([piece_id])
    if piece.state != PieceState.WAITING:
        raise WrongState
    try:
        day = datetime.combine(datetime.fromisoformat(received_on).date(), time(), LONDON)
    except ValueError:
        raise BadInput({"received_on": _("Enter the day it was received")}) from None
    refuse_day(day, at=at)
    if channel not in By.values or (channel == By.SOCIAL) != (piece.channel == By.SOCIAL):
        raise BadInput({"channel": _("Select how it came")})
    refuse_card_numbers(title=title, sender=sender)
    same_day = council_date(piece.received_at) == day.date()
    piece.channel, piece.received_at = channel, piece.received_at if same_day else day
    piece.title, piece.sender = " ".join(title.split())[:200], " ".join(sender.split())[:200]
    piece.save(update_fields=["channel", "received_at", "title", "sender"])
    ledger.record("post.corrected", about=piece.subject, by=by, at=at, data={"channel": channel})
    return piece
