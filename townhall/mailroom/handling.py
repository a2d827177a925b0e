"""What a mail means: an answer to us, something new, or nothing for a person. The row is the job; what cannot be done now is done later."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

import psycopg
import structlog
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from townhall.core.actors import PUBLIC
from townhall.core.db import execute, fetch_all, insert
from townhall.core.errors import RuleBroken
from townhall.core.sweeps import each_by_itself
from townhall.mailroom import cases, redirecting
from townhall.mailroom.models import Mail, Mailbox, Original
from townhall.mailroom.operations.mails import Texts, promise_answer
from townhall.mailroom.reading.kinds import Kind
from townhall.mailroom.routing.deciding import propose
from townhall.mailroom.routing.rules import Asked
from townhall.mailroom.states import BoxState
from townhall.notifications import bounces

BATCH = 50
MANY = 5  # cases of one sender within an hour; after them a person looks first, so that two machines cannot go on answering each other
AN_HOUR = timedelta(hours=1)
TRIES = 4  # before a mail that cannot be acted on is for a person
FIRST_WAIT = timedelta(minutes=1)  # until it is tried again; then twice as long each time
log = structlog.get_logger(__name__)
_UNDECIDED = (("right_service", ""), ("right_reason", ""), ("right_urgency", ""))
_LOCK = "SELECT 1 FROM mailroom_mail WHERE id = %s AND done = '' FOR UPDATE SKIP LOCKED"
_FAILED = "UPDATE mailroom_mail SET failures = %s, try_at = %s WHERE id = %s AND done = ''"
_DONE = "UPDATE mailroom_mail SET done = %s, why = %s, case_id = %s, answered_at = %s WHERE id = %s"
_LATELY = """SELECT 1 FROM mailroom_mail
    WHERE from_address = %s AND received_at >= %s AND id <> %s AND case_id IS NOT NULL AND done <> 'more' LIMIT %s"""


def handle(at: datetime) -> int:
    """Act on the mails that wait, oldest first; how many. Raises what the first raised that could not be done, after the others."""
    rows = Mail.objects.filter(Q(try_at=None) | Q(try_at__lte=at), done="").order_by("received_at", "id")
    waiting = list(rows[:BATCH])
    boxes = Mailbox.objects.in_bulk({mail.mailbox_id for mail in waiting})
    for mail in waiting:
        mail.mailbox = boxes[mail.mailbox_id]
    return each_by_itself(waiting, partial(_act, at=at))


def _act(mail: Mail, *, at: datetime) -> int:
    """In a transaction of its own. What failed is tried again later, behind the others, and in the end set aside for a person."""
    try:
        return _acted_on(mail, at=at)
    except RuleBroken as error:  # such as a card number in it: nothing is kept of it, and a person looks
        return _set_aside(mail, str(error))
    except (OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError):
        raise  # the database was away: the mail is as good as it was
    except Exception:
        _failed(mail, at=at)
        raise


@transaction.atomic
def _acted_on(mail: Mail, *, at: datetime) -> int:
    if not fetch_all(_LOCK, (mail.pk,)):
        return 0  # another worker has it
    match mail.kind:
        case Kind.BOUNCE:
            mail.done = Mail.Done.BOUNCE
            bounces.receive(bytes(Original.objects.get(mail=mail).raw), at=at)
        case Kind.AUTO_REPLY:
            mail.done = Mail.Done.AUTOMATIC
        case Kind.LIST:
            mail.done = Mail.Done.LIST
        case _:
            _answered_by_a_person(mail, at=at)
    execute(_DONE, (mail.done, mail.why, mail.case_id, mail.answered_at, mail.pk))
    return 1


@transaction.atomic
def _set_aside(mail: Mail, why: str) -> int:
    if not fetch_all(_LOCK, (mail.pk,)):
        return 0
    execute(_DONE, (Mail.Done.TRIAGE, why[:500], None, None, mail.pk))
    return 1


@transaction.atomic
def _failed(mail: Mail, *, at: datetime) -> None:
    failures = mail.failures + 1
    log.warning("mailroom.failed", mail_id=str(mail.pk), failures=failures)
    execute(_FAILED, (failures, at + FIRST_WAIT * 2**mail.failures, mail.pk))
    if failures >= TRIES and _set_aside(mail, _("It could not be dealt with by itself. Read it, and deal with it.")):
        promise_answer(mail, at=at)  # the owner of its mailbox is told when nobody does


def _answered_by_a_person(mail: Mail, *, at: datetime) -> None:
    if follower := cases.follower_of(mail):
        mail.case_id, mail.done = cases.add_to(mail, follower, by=PUBLIC, at=at), Mail.Done.MORE
        promise_answer(mail, at=at)
    elif not mail.may_acknowledge:
        mail.done, mail.why = Mail.Done.TRIAGE, _("It comes from nobody who can be answered.")
    elif mail.mailbox.state == BoxState.CLOSED:
        redirecting.send_on(mail, at=at)
        mail.done, mail.answered_at = Mail.Done.REDIRECTED, at
    elif _has_written_often(mail, at=at):
        mail.done, mail.why = Mail.Done.TRIAGE, _("This sender wrote %(many)d times within an hour.") % {"many": MANY}
    else:
        _open_case(mail, at=at)


def _open_case(mail: Mail, *, at: datetime) -> None:
    """Its sender has a reference, an owner and a date at once. While nobody is sure whose it is, the front desk has it."""
    found = propose(_asked(mail))
    mail.case_id = cases.open_for(mail, service=found.service if found.is_sure else "", by=PUBLIC, at=at)
    insert(
        "mailroom_route",
        {
            "mail_id": mail.pk,
            "made_by": found.made_by.value,
            "rule_id": found.rule_id,
            "version": found.version,
            "service_code": found.service,
            "reason_code": found.reason,
            "urgency": str(found.urgency),
            "confidence": found.confidence,
            "words": Texts(one[:60] for one in found.words),
            "is_sure": found.is_sure,
            "there_at": at if found.is_sure else None,
        },
        always=_UNDECIDED,
    )
    if found.is_sure:
        mail.done = Mail.Done.CASE
    else:
        mail.done, mail.why = Mail.Done.TRIAGE, _("It is not sure which service it is for.")
    promise_answer(mail, at=at)


def _asked(mail: Mail) -> Asked:
    return Asked(subject=mail.subject, words=mail.new_words, sender=mail.from_address, mailbox_id=mail.mailbox_id)


def _has_written_often(mail: Mail, *, at: datetime) -> bool:
    return len(fetch_all(_LATELY, (mail.from_address, at - AN_HOUR, mail.pk, MANY))) >= MANY
