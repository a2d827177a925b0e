"""A mail that is a complaint, or another record of an app beside this one: made by one press, with the mail kept to it.

Whoever keeps such records registers how one is made (`config/converting.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from townhall.core.actors import Actor
from townhall.core.errors import NotFound, WrongState
from townhall.core.subjects import Subject
from townhall.mailroom import cases
from townhall.mailroom.models import Mail, Route
from townhall.mailroom.models.mails import TO_DECIDE
from townhall.mailroom.operations.mails import locked_mail, note, was_answered


@dataclass(frozen=True, kw_only=True)
class Found:
    """What of a mail a record is made of. `customer_id`: whose address it is, when it is one customer's alone."""

    mail: Mail
    service: str  # that it was routed to or is proposed for; "" for none
    customer_id: UUID | None
    thread: str


Maker = Callable[[Found, str, Actor, datetime], Subject]
_makers: list[Maker] = []


def made_by(maker: Maker) -> None:
    """`maker(found, kind, by, at)` makes the record in the caller's transaction, once for one mail, and answers the sender."""
    _makers[:] = [maker]


@transaction.atomic
def turn_into(mail_id: UUID, *, kind: str, by: Actor, at: datetime) -> Subject:
    """What it became; twice is once. A case that it has goes on beside it.

    Raises NotFound, NotAllowed, WrongState for a mail that nobody need answer or that was filed, and what the maker raises.
    """
    mail = locked_mail(mail_id, by=by)
    if not _makers:
        raise NotFound
    if mail.case_id is None and mail.done not in (*TO_DECIDE, Mail.Done.COMPLAINT):
        raise WrongState(_("Somebody has dealt with this mail already."))
    known = cases.customers_at(mail.from_address)
    route = Route.objects.filter(mail=mail).first()
    found = Found(
        mail=mail,
        service=(route.right_service or route.service_code) if route else "",
        customer_id=known[0] if len(known) == 1 else None,
        thread=cases.thread_of(mail),
    )
    made = _makers[0](found, kind, by, at)
    if mail.case_id is None and mail.done != Mail.Done.COMPLAINT:
        mail.done = Mail.Done.COMPLAINT
        mail.save(update_fields=["done"])
        was_answered(Mail.objects.filter(pk=mail.pk), at=at)  # its own promise begins, and the sender was told of it
        cases.keep_files(mail, None, about=made, by=by, at=at)
    note("became_complaint", mail, by=by, at=at)
    return made
