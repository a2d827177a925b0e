"""Taking a mail in, and what somebody who read it does with it."""

from __future__ import annotations

import hashlib
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from townhall.clocks import operations as clocks
from townhall.core.actors import Actor, ActorKind
from townhall.core.db import insert, insert_unless_there
from townhall.core.errors import BadInput, NotFound, WrongState
from townhall.core.ids import uuid7
from townhall.core.refreshing import Refreshing
from townhall.core.subjects import Subject
from townhall.forms.typed import clean_line
from townhall.ledger import operations as ledger
from townhall.mailroom import cases
from townhall.mailroom.models import Mail, Mailbox
from townhall.mailroom.models.mails import TO_DECIDE
from townhall.mailroom.operations.boxes import looked_into
from townhall.mailroom.permissions import readable_by
from townhall.mailroom.reading.headers import header
from townhall.mailroom.reading.parsing import read

LONGEST_WORDS = 100_000  # characters of a body that are kept beside the original
MOST_REFERENCES = 20
REPLY = "mail.reply"  # the clock


class Texts(list[str]):
    """An array for PostgreSQL, where a plain list would become JSON."""


_own_addresses = Refreshing(lambda: frozenset(Mailbox.objects.values_list("address", flat=True)))


@transaction.atomic
def take_in(raw: bytes, mailbox: Mailbox, *, at: datetime) -> bool:
    """Keep a mail, byte for byte and as read; False when it was taken in before."""
    mail = read(raw)
    shown, sender = mail.sender
    references = [*header(mail.message, "In-Reply-To").split(), *reversed(header(mail.message, "References").split())]
    mail_id = uuid7()
    is_new = insert_unless_there(
        "mailroom_mail",
        {
            "id": mail_id,
            "mailbox_id": mailbox.pk,
            "digest": hashlib.sha256(raw).hexdigest(),
            "message_id": _text(header(mail.message, "Message-ID"), 500),
            "refers_to": Texts([_text(one, 500) for one in dict.fromkeys(references)][:MOST_REFERENCES]),
            "from_address": _text(sender.casefold(), 254),
            "from_name": _text(shown, 200),
            "subject": _text(mail.subject, 500),
            "kind": mail.kind.value,
            "may_acknowledge": mail.would_acknowledge(own=_own_addresses.get()),
            "words": _text(mail.plain_body, LONGEST_WORDS),
            "new_words": _text(mail.reply_text, LONGEST_WORDS),
            "attachments": len(mail.attachments),
            "received_at": at,
            "done": Mail.Done.WAITING.value,
            "why": "",
        },
    )
    if is_new:
        insert("mailroom_original", {"mail_id": mail_id, "raw": raw})
    return is_new


def _text(words: str, longest: int) -> str:
    """What PostgreSQL and UTF-8 can hold of it."""
    return words.replace("\x00", "").encode("utf-8", "replace").decode()[:longest]


@transaction.atomic
def open_case(mail_id: UUID, *, by: Actor, at: datetime) -> UUID:
    """Somebody read it, and it is for a service to answer. Twice is once. Raises NotFound, WrongState, NotAllowed."""
    mail = locked_mail(mail_id, by=by)
    if mail.case_id is None:
        _check_waits(mail)
        mail.case_id, mail.done = cases.open_for(mail, by=by, at=at), Mail.Done.CASE
        mail.save(update_fields=["case_id", "done"])
        promise_answer(mail, at=at)
        note("opened_case", mail, by=by, at=at)
    assert mail.case_id is not None
    return mail.case_id


@transaction.atomic
def file_away(mail_id: UUID, *, why: str, by: Actor, at: datetime) -> Mail:
    """Somebody read it, and nobody need answer. Raises BadInput without a reason, WrongState when it has a case."""
    mail = locked_mail(mail_id, by=by)
    reason = clean_line(why)[:500]
    if not reason:
        raise BadInput({"why": _("Enter why it needs no answer")})
    _check_waits(mail)
    if mail.case_id is not None:
        raise WrongState(_("It has a case: answer it, or decline the case with its reason."))
    mail.done, mail.why, mail.answered_at = Mail.Done.FILED, reason, at
    mail.save(update_fields=["done", "why", "answered_at"])
    note("filed", mail, by=by, at=at)
    return mail


def _check_waits(mail: Mail) -> None:
    if mail.done not in TO_DECIDE:
        raise WrongState(_("Somebody has dealt with this mail already."))


@transaction.atomic
def read_by_somebody(mail_id: UUID, *, by: Actor, at: datetime) -> None:
    """It was opened by one of its readers: it is unread no more, and its mailbox is looked into."""
    if by.kind != ActorKind.STAFF:
        return
    Mail.objects.filter(pk=mail_id, opened_at__isnull=True).update(opened_at=at)
    looked_into(list(Mail.objects.filter(pk=mail_id).values_list("mailbox_id", flat=True)), by=by, at=at)


def promise_answer(mail: Mail, *, at: datetime) -> None:
    """The mailbox's reply standard begins, in the caller's transaction; and when nobody looks into the mailbox its owner is told."""
    clocks.start(REPLY, about=mail.subject_row, at=at, case_id=mail.case_id, days=mail.mailbox.reply_days)


def was_answered(mails: QuerySet[Mail], *, at: datetime) -> int:
    """Somebody answered these, or they needed no answer; how many that was. In the caller's transaction."""
    waiting = list(mails.filter(answered_at__isnull=True).select_for_update(of=("self",)).order_by("id")[:100])
    for mail in waiting:
        mail.answered_at = at
        mail.save(update_fields=["answered_at"])
        clocks.finish(REPLY, about=mail.subject_row, at=at)
    return len(waiting)


def locked_mail(mail_id: UUID, *, by: Actor) -> Mail:
    """Raises NotFound when they do not read its mailbox."""
    mail = readable_by(by).select_for_update(of=("self",)).filter(pk=mail_id).first()
    if mail is None:
        raise NotFound
    return mail


def note(verb: str, mail: Mail, *, by: Actor, at: datetime) -> None:
    """In the ledger."""
    ledger.record(f"mail.{verb}", about=Subject(kind="mail", id=mail.pk), by=by, at=at, case_id=mail.case_id)
