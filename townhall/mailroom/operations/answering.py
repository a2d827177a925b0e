"""What somebody who read a mail does with it: answer it, take a second matter out of it, or put it with the case it belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from townhall.cases.models import OPEN_STATES, Case, CaseContact, Follower, Note
from townhall.cases.operations.adding import LONGEST
from townhall.cases.operations.deciding import add_note
from townhall.cases.operations.joining import merge as join_cases
from townhall.cases.states import State
from townhall.catalogue import queries as catalogue
from townhall.core.actors import SYSTEM, Actor, ActorKind
from townhall.core.cards import refuse_card_numbers
from townhall.core.errors import BadInput, RuleBroken, WrongState
from townhall.core.ids import uuid7
from townhall.core.references import parse_reference
from townhall.core.subjects import Subject
from townhall.core.time import LONDON
from townhall.knowledge import giving_out
from townhall.ledger import operations as ledger
from townhall.mailroom import cases
from townhall.mailroom.models import Answer, Mail, Mailbox, Part
from townhall.mailroom.operations.mails import locked_mail, was_answered
from townhall.mailroom.reply_check import Asked, Finding, findings
from townhall.notifications import operations as notifications
from townhall.notifications.enclosing import Enclosure, enclose
from townhall.notifications.recipients import Recipient, email_address

LONGEST_REPLY = 20_000  # characters
LONGEST_QUOTED = 10_000
OF_A_CUSTOMER = 200  # references that count as the customer's own


class LookAgain(RuleBroken):
    """The check found something; the same again with `sure` goes out."""

    user_message = _("Look at the reply again before it goes.")

    def __init__(self, found: Sequence[Finding]) -> None:
        super().__init__()
        self.found = list(found)


@dataclass(frozen=True, kw_only=True)
class NewReply:
    """`key`: of the page it was written on, so that twice is once. `sure`: what the check finds has been seen."""

    words: str
    key: str
    signature: str = ""
    enclosures: Sequence[Enclosure] = ()
    sure: bool = False


@transaction.atomic
def reply(mail_id: UUID, new: NewReply, *, by: Actor, at: datetime) -> Answer:
    """Answer a mail by mail, below what it says: in its thread, from and back to its mailbox; its promise is kept.

    Raises BadInput without words, with a card number or with files too large to send, LookAgain for what the check finds, WrongState
    when nobody can be answered, NotFound, NotAllowed.
    """
    mail = locked_mail(mail_id, by=by)
    earlier = Answer.objects.filter(key=new.key).first()
    if earlier is not None:
        return earlier
    words = new.words.strip()
    if not words:
        raise BadInput({"words": _("Enter your reply")})
    if len(words) > LONGEST_REPLY:
        raise BadInput({"words": _("Your reply must be %(most)d characters or fewer") % {"most": LONGEST_REPLY}})
    refuse_card_numbers(words=words)
    if not email_address(mail.from_address) or mail.kind != "ordinary":
        raise WrongState(_("This mail comes from nobody who can be answered."))
    found = [*findings(words, asked_by(mail), files=len(new.enclosures)), *_personal(words, at=at)]
    if found and not new.sure:
        raise LookAgain(found)
    answer_id = uuid7()
    message_id = notifications.send(
        "mail/reply",
        to=Recipient(
            name=mail.from_name,
            email=mail.from_address,
            answers=cases.thread_of(mail),
            reply_to=mail.mailbox.address,
            customer_id=_customer_of(mail),
        ),
        about=Subject(kind="mail", id=mail.pk),
        key=f"mail-reply-{answer_id}",
        context={"heading": _heading(mail.subject), "words": whole_text(mail, words, new.signature)},
        channel="email",
        at=at,
        case_id=mail.case_id,
    )
    if message_id is not None:
        enclose(message_id, new.enclosures)
    answer = Answer.objects.create(
        id=answer_id,
        mail=mail,
        message_id=message_id,
        key=new.key,
        words=words,
        warned_of=[one.code for one in found],
        by_id=UUID(by.id) if by.kind == ActorKind.STAFF else None,
        at=at,
    )
    giving_out.record(
        words,
        about=Subject(kind="mail_answer", id=answer_id),
        by=by,
        at=at,
        case_id=mail.case_id,
        customer_id=_customer_of(mail),
    )
    _dealt_with(mail, at=at)
    data: dict[str, object] = {"warned_of": answer.warned_of, "files": len(new.enclosures)}
    _note("answered", mail, by=by, at=at, **data)
    return answer


def _personal(words: str, *, at: datetime) -> list[Finding]:
    """What the public should write to is a shared mailbox; an officer's own address is given out on purpose or not at all."""
    own = giving_out.warned_of(words, at=at)
    return [Finding(code="personal_address", words=giving_out.warning(one)) for one in own]


def asked_by(mail: Mail) -> Asked:
    """What the check needs to know of the mail that is answered. Three queries."""
    own_case = Case.objects.filter(pk=mail.case_id) if mail.case_id else Case.objects.none()
    customer_id = _customer_of(mail)
    followed = Follower.objects.filter(email__iexact=mail.from_address).values_list("case__reference", flat=True)
    own = Case.objects.filter(customer_id=customer_id) if customer_id else Case.objects.none()
    return Asked(
        words=mail.new_words,
        sender=mail.from_address,
        name=mail.from_name,
        references={
            *own_case.values_list("reference", flat=True),
            *own.values_list("reference", flat=True)[:OF_A_CUSTOMER],
            *followed[:OF_A_CUSTOMER],
        },
        own_addresses={
            *Mailbox.objects.values_list("address", flat=True),
            settings.COUNCIL_EMAIL.casefold(),
            settings.DEFAULT_FROM_EMAIL.casefold(),
        },
    )


def whole_text(mail: Mail, words: str, signature: str) -> str:
    """The reply with its signature, above what it answers."""
    when = mail.received_at.astimezone(LONDON)
    wrote = _("On %(date)s at %(time)s, %(name)s wrote:") % {
        "date": f"{when.day} {when:%B %Y}",
        "time": f"{when:%H:%M}",
        "name": mail.from_name or mail.from_address,
    }
    quoted = "\n".join(f"> {line}" for line in mail.new_words.strip()[:LONGEST_QUOTED].split("\n"))
    return "\n\n".join(part for part in (words, signature.strip(), f"{wrote}\n{quoted}") if part)


def _heading(subject: str) -> str:
    return subject if subject.casefold().startswith("re:") else f"Re: {subject or _('your email')}"


def _customer_of(mail: Mail) -> UUID | None:
    if mail.case_id is None:
        return None
    found = Follower.objects.filter(case_id=mail.case_id, email__iexact=mail.from_address, ended_at__isnull=True)
    return found.values_list("customer_id", flat=True).first()


def _dealt_with(mail: Mail, *, at: datetime) -> None:
    was_answered(Mail.objects.filter(pk=mail.pk), at=at)
    mail.answered_at = mail.answered_at or at
    if mail.opened_at is None:
        mail.opened_at = at
        mail.save(update_fields=["opened_at"])


@transaction.atomic
def split(mail_id: UUID, *, words: str, service: str, by: Actor, at: datetime) -> Part:
    """A second matter of the same mail becomes a case of its own, of which its sender is told. The same words twice are once.

    Raises BadInput, WrongState, NotFound.
    """
    mail = locked_mail(mail_id, by=by)
    said = words.strip()[: cases.LONGEST_QUESTION]
    problems: dict[str, str] = {}
    if not said:
        problems["words"] = _("Enter the words that are about the other matter")
    if service not in {pack.code for pack in catalogue.services()}:
        problems["service"] = _("Select the service that it is for")
    if problems:
        raise BadInput(problems)
    if mail.case_id is None:
        raise WrongState(_("Open a case for this mail first."))
    earlier = Part.objects.filter(mail=mail, words=said).first()
    if earlier is not None:
        return earlier
    number = Part.objects.filter(mail=mail).count() + 1
    case_id = cases.open_part(mail, said, number=number, service=service, by=by, at=at)
    part = Part.objects.create(id=uuid7(), mail=mail, case_id=case_id, words=said, by_id=UUID(by.id), at=at)
    _note("split", mail, by=by, at=at, service=service, other=str(case_id))
    return part


@transaction.atomic
def put_with(mail_id: UUID, *, reference: str, by: Actor, at: datetime) -> Case:
    """It belongs to another case of the same sender: its words stand there, and a case that was made of it is joined to that one.

    Raises BadInput when there is no such open case that its sender follows, or when its own is being dealt with.
    """
    mail = locked_mail(mail_id, by=by)
    named = parse_reference(reference)
    into = Case.objects.filter(reference=named, state__in=OPEN_STATES).first() if named else None
    follower = cases.follower_in(into.pk, mail) if into is not None else None
    if into is None or follower is None:
        raise BadInput({"reference": _("Enter the reference of an open case of the same customer")})
    if into.pk == mail.case_id:
        raise BadInput({"reference": _("It is with that case already")})
    if mail.case_id is None:
        cases.add_to(mail, follower, by=by, at=at)
    else:
        _join(mail, into, by=by, at=at)
    mail.case_id, mail.done, mail.why = into.pk, Mail.Done.MORE, ""
    mail.save(update_fields=["case_id", "done", "why"])
    _note("put_with_case", mail, by=by, at=at)
    return into


def _join(mail: Mail, into: Case, *, by: Actor, at: datetime) -> None:
    """The reader decided, which the mail's own entry says; joining cases of forms is the system's."""
    assert mail.case_id is not None
    own = Case.objects.select_for_update().get(pk=mail.case_id)
    if own.state != State.AWAITING_DECISION:
        raise BadInput({"reference": _("A team is dealing with the case of this mail already. Join the cases there.")})
    contact = CaseContact.objects.filter(case=own).order_by("at").first()
    join_cases(own.pk, into_id=into.pk, by=SYSTEM, at=at)
    if contact is not None:
        CaseContact.objects.create(
            id=uuid7(), case=into, contact_id=contact.contact_id, kind=CaseContact.Kind.MORE, at=at
        )
    add_note(into, Note.Kind.REPLY, (mail.new_words.strip() or mail.subject or "…")[:LONGEST], by=by, at=at)
    cases.keep_files(mail, into.pk, by=by, at=at)


def _note(verb: str, mail: Mail, *, by: Actor, at: datetime, **data: object) -> None:
    about = Subject(kind="mail", id=mail.pk)
    ledger.record(f"mail.{verb}", about=about, by=by, at=at, case_id=mail.case_id, data=data or None)
