"""What a mail means: an answer to us, something new, or nothing for a person. The row is the job; what cannot be done now is done later."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from townhall.core.actors import PUBLIC
from townhall.core.db import fetch_all, insert
from townhall.core.errors import RuleBroken
from townhall.core.sweeps import each_by_itself
from townhall.mailroom import cases, redirecting
from townhall.mailroom.models import Mail, Original
from townhall.mailroom.operations.mails import Texts, promise_answer
from townhall.mailroom.reading.kinds import Kind
from townhall.mailroom.routing.deciding import propose
from townhall.mailroom.routing.rules import Asked
from townhall.mailroom.states import BoxState
from townhall.notifications import bounces

BATCH = 50
MANY = 5  # cases of one sender within an hour; after them a person looks first, so that two machines cannot go on answering each other
AN_HOUR = timedelta(hours=1)
_UNDECIDED = (("right_service", ""), ("right_reason", ""), ("right_urgency", ""))
_LATELY = """SELECT 1 FROM mailroom_mail
    WHERE from_address = %s AND received_at >= %s AND id <> %s AND case_id IS NOT NULL AND done <> 'more' LIMIT %s"""


def handle(at: datetime) -> int:
    """Act on the mails that wait, oldest first; how many. Raises what the first raised that could not be done, after the others."""
    waiting = Mail.objects.filter(done="").order_by("received_at", "id").values_list("pk", flat=True)
    return each_by_itself(list(waiting[:BATCH]), partial(_act, at=at))


@transaction.atomic
def _act(mail_id: UUID, *, at: datetime) -> int:
    rows = Mail.objects.select_for_update(skip_locked=True, of=("self",)).select_related("mailbox")
    mail = rows.filter(pk=mail_id, done="").first()
    if mail is None:
        return 0
    match mail.kind:
        case Kind.BOUNCE:
            mail.done = Mail.Done.BOUNCE
            bounces.receive(bytes(Original.objects.get(mail=mail).raw), at=at)
        case Kind.AUTO_REPLY:
            mail.done = Mail.Done.AUTOMATIC
        case Kind.LIST:
            mail.done = Mail.Done.LIST
        case _:
            try:
                with transaction.atomic():
                    _answered_by_a_person(mail, at=at)
            except RuleBroken as error:  # such as a card number in it: nothing is kept of it, and a person looks
                mail.case_id, mail.answered_at, mail.done, mail.why = None, None, Mail.Done.TRIAGE, str(error)[:500]
    mail.save(update_fields=["done", "why", "case_id", "answered_at"])
    return 1


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
