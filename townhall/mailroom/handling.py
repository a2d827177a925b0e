"""What a mail means: an answer to us, something new, or nothing for a person. The row is the job; what cannot be done now is done later."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from townhall.core.actors import PUBLIC
from townhall.core.sweeps import each_by_itself
from townhall.mailroom import cases
from townhall.mailroom.models import Mail, Original
from townhall.mailroom.reading.kinds import Kind
from townhall.notifications import bounces

BATCH = 50
MANY = 5  # cases of one sender within an hour; after them a person looks first, so that two machines cannot go on answering each other
AN_HOUR = timedelta(hours=1)


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
            _answered_by_a_person(mail, at=at)
    mail.save(update_fields=["done", "why", "case_id"])
    return 1


def _answered_by_a_person(mail: Mail, *, at: datetime) -> None:
    if follower := cases.follower_of(mail):
        mail.case_id, mail.done = cases.add_to(mail, follower, by=PUBLIC, at=at), Mail.Done.MORE
    elif not mail.may_acknowledge:
        mail.done, mail.why = Mail.Done.TRIAGE, _("It comes from nobody who can be answered.")
    elif _has_written_often(mail, at=at):
        mail.done, mail.why = Mail.Done.TRIAGE, _("This sender wrote %(many)d times within an hour.") % {"many": MANY}
    else:
        mail.case_id, mail.done = cases.open_for(mail, by=PUBLIC, at=at), Mail.Done.CASE


def _has_written_often(mail: Mail, *, at: datetime) -> bool:
    lately = Mail.objects.filter(from_address=mail.from_address, received_at__gte=at - AN_HOUR, done=Mail.Done.CASE)
    return lately[:MANY].count() >= MANY
