"""The register of mailboxes: a purpose, an owner, at least two readers, a reply standard, and how it is fetched."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from townhall.accounts import directory, permissions
from townhall.catalogue import queries as catalogue
from townhall.clocks import operations as clocks
from townhall.core.actors import Actor, ActorKind
from townhall.core.errors import BadInput, NotFound, WrongState
from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.core.time import council_date
from townhall.customers.typed import normalised_email
from townhall.forms.readers import is_email
from townhall.forms.typed import clean_line
from townhall.ledger import operations as ledger
from townhall.mailroom.errors import SingleReader
from townhall.mailroom.models import Mail, Mailbox
from townhall.mailroom.states import BoxState, check_move

MANAGE = "mailboxes.manage"
READERS = 2
LONGEST_STANDARD = 60  # working days
SHORTEST_PERIOD, LONGEST_PERIOD = 7, 366  # days in which every answer says that the mailbox closes
WATCHED_AFTER = timedelta(days=90)  # a closed mailbox is read on for so long, to see what still comes
A_LOOK = timedelta(minutes=5)  # lasts so long
LOOKING = "mailbox.opened"  # the clock
SECRET = re.compile(
    r"MAIL_[A-Z0-9_]+_PASSWORD"
)  # nothing else of the environment may be sent to a server that is named on a page


@dataclass(frozen=True, kw_only=True)
class NewMailbox:
    """`secret` names the environment variable with the password; the password itself is nowhere in Townhall."""

    address: str
    purpose: str
    readers: Collection[UUID]
    login: str
    secret: str
    owner: str = ""  # code of a post
    reply_days: int = 2
    way: str = Mailbox.Way.IMAP.value
    host: str = ""
    port: int = 993
    encrypted: bool = True
    tenant: str = ""
    folder: str = "INBOX"
    afterwards: str = Mailbox.Afterwards.LEAVE.value
    moved_to: str = ""


@transaction.atomic
def open_mailbox(new: NewMailbox, *, by: Actor, at: datetime) -> Mailbox:
    """Watch a mailbox from now on; what it holds already is taken in too. Raises BadInput, SingleReader, NotAllowed."""
    permissions.require(by, MANAGE)
    address = normalised_email(new.address)
    if problems := _problems(new, address):
        raise BadInput(problems)
    if len(set(new.readers)) < READERS:
        raise SingleReader
    try:
        with transaction.atomic():
            mailbox = Mailbox.objects.create(
                id=uuid7(),
                address=address,
                purpose=clean_line(new.purpose)[:500],
                readers=sorted(set(new.readers)),
                owner_post_id=_owner(new.owner),
                reply_days=new.reply_days,
                way=new.way,
                host=clean_line(new.host),
                port=new.port,
                encrypted=new.encrypted,
                tenant=clean_line(new.tenant),
                login=clean_line(new.login),
                secret=clean_line(new.secret),
                folder=clean_line(new.folder) or "INBOX",
                afterwards=new.afterwards,
                moved_to=clean_line(new.moved_to),
                next_fetch_at=at,
                created_at=at,
            )
    except IntegrityError as error:
        raise BadInput({"address": _("That mailbox is watched already")}) from error
    _note("opened", mailbox, by=by, at=at)
    return mailbox


def _problems(new: NewMailbox, address: str) -> dict[str, str]:
    problems: dict[str, str] = {}
    if not is_email(address):
        problems["address"] = _("Enter the address of the mailbox, like waste@example.org")
    problems |= _said_problems(new.purpose, new.reply_days)
    if new.owner and _owner(new.owner) is None:
        problems["owner"] = _("Select who answers for it")
    if new.afterwards == Mailbox.Afterwards.MOVE and not clean_line(new.moved_to):
        problems["moved_to"] = _("Enter the folder that mails are moved to")
    server = ("tenant", new.tenant) if new.way == Mailbox.Way.GRAPH else ("host", new.host)
    for name, value in (server, ("login", new.login), ("secret", new.secret)):
        if not clean_line(value):
            problems[name] = _("Enter how the mailbox is reached")
    if "secret" not in problems and not SECRET.fullmatch(clean_line(new.secret)):
        problems["secret"] = _("Enter a name like MAIL_WASTE_PASSWORD: it begins with MAIL_ and ends with _PASSWORD")
    return problems


def _said_problems(purpose: str, reply_days: int) -> dict[str, str]:
    problems: dict[str, str] = {}
    if not clean_line(purpose):
        problems["purpose"] = _("Enter what people write to it about")
    if not 1 <= reply_days <= LONGEST_STANDARD:
        problems["reply_days"] = _("Enter within how many working days it is answered, such as 2")
    return problems


def _owner(code: str) -> UUID | None:
    try:
        return directory.post(code).id if code else None
    except directory.UnknownCode:
        return None


@transaction.atomic
def change(
    mailbox_id: UUID, *, purpose: str, owner: str, reply_days: int, readers: Collection[UUID], by: Actor, at: datetime
) -> Mailbox:
    """What the register says of it. What came in before keeps its promise. Raises BadInput, SingleReader, NotFound, NotAllowed."""
    mailbox = _locked(mailbox_id, by=by)
    problems = _said_problems(purpose, reply_days)
    if _owner(owner) is None:
        problems["owner"] = _("Select who answers for it")
    if problems:
        raise BadInput(problems)
    if len(set(readers)) < READERS:
        raise SingleReader
    mailbox.purpose, mailbox.owner_post_id = clean_line(purpose)[:500], _owner(owner)
    mailbox.reply_days, mailbox.readers = reply_days, sorted(set(readers))
    mailbox.error = ""  # seen; what is wrong still is said again at the next look
    mailbox.save(update_fields=["purpose", "owner_post", "reply_days", "readers", "error"])
    _note("changed", mailbox, by=by, at=at)
    return mailbox


@transaction.atomic
def begin_closing(mailbox_id: UUID, *, replacement: str, days: int, by: Actor, at: datetime) -> Mailbox:
    """From now on every acknowledgement names the form that does instead. `days`: for so long, before it may be closed.

    Raises BadInput, WrongState, NotFound, NotAllowed.
    """
    mailbox = _locked(mailbox_id, by=by)
    problems: dict[str, str] = {}
    if replacement not in {pack.code for pack in catalogue.services()}:
        problems["replacement"] = _("Select the service whose form does instead")
    if not SHORTEST_PERIOD <= days <= LONGEST_PERIOD:
        problems["days"] = _("Enter for how many days answers say so, from 7 to 366")
    if problems:
        raise BadInput(problems)
    check_move(BoxState(mailbox.state), BoxState.CLOSING)
    mailbox.state, mailbox.replacement, mailbox.closing_at = BoxState.CLOSING, replacement, at
    mailbox.replies_until = council_date(at) + timedelta(days=days)
    mailbox.save(update_fields=["state", "replacement", "closing_at", "replies_until"])
    _note("closing", mailbox, by=by, at=at)
    return mailbox


@transaction.atomic
def close(mailbox_id: UUID, *, by: Actor, at: datetime) -> Mailbox:
    """Its period is over: who still writes is sent to the form. What came in stays, and is answered. Twice is once.

    Raises WrongState before the period is over, or while mails wait for somebody; NotFound, NotAllowed.
    """
    mailbox = _locked(mailbox_id, by=by)
    if mailbox.state == BoxState.CLOSED:
        return mailbox
    check_move(BoxState(mailbox.state), BoxState.CLOSED)
    if mailbox.replies_until is not None and council_date(at) <= mailbox.replies_until:
        raise WrongState(_("It can be closed once the period in which answers say so is over."))
    if Mail.objects.filter(mailbox=mailbox, done__in=(Mail.Done.WAITING, Mail.Done.TRIAGE)).exists():
        raise WrongState(_("Mails in it still wait for somebody to read them."))
    mailbox.state, mailbox.closed_at = BoxState.CLOSED, at
    mailbox.save(update_fields=["state", "closed_at"])
    clocks.stop(LOOKING, about=mailbox.subject, at=at)
    _note("closed", mailbox, by=by, at=at)
    return mailbox


@transaction.atomic
def reopen(mailbox_id: UUID, *, by: Actor, at: datetime) -> Mailbox:
    """It is an ordinary mailbox again. Raises WrongState when it is open, NotFound, NotAllowed."""
    mailbox = _locked(mailbox_id, by=by)
    check_move(BoxState(mailbox.state), BoxState.OPEN)
    mailbox.state, mailbox.closing_at, mailbox.replies_until, mailbox.closed_at = BoxState.OPEN, None, None, None
    mailbox.closing_proposed_at = None
    mailbox.next_fetch_at = at
    fields = ["state", "closing_at", "replies_until", "closed_at", "closing_proposed_at", "next_fetch_at"]
    mailbox.save(update_fields=fields)
    _note("reopened", mailbox, by=by, at=at)
    return mailbox


@transaction.atomic
def looked_into(mailbox_ids: Collection[UUID], *, by: Actor, at: datetime) -> None:
    """Somebody who reads these mailboxes has one of their lists before them: they are not neglected."""
    if by.kind != ActorKind.STAFF or not mailbox_ids:
        return
    lately = Q(last_opened_at__gt=at - A_LOOK, alerted_at__isnull=True)
    boxes = Mailbox.objects.select_for_update().filter(pk__in=mailbox_ids).exclude(lately)
    for mailbox in boxes.order_by("id"):
        mailbox.last_opened_at, mailbox.alerted_at = at, None
        mailbox.save(update_fields=["last_opened_at", "alerted_at"])
        clocks.finish(LOOKING, about=mailbox.subject, at=at)


def _locked(mailbox_id: UUID, *, by: Actor) -> Mailbox:
    permissions.require(by, MANAGE)
    mailbox = Mailbox.objects.select_for_update().filter(pk=mailbox_id).first()
    if mailbox is None:
        raise NotFound
    return mailbox


def _note(verb: str, mailbox: Mailbox, *, by: Actor, at: datetime) -> None:
    ledger.record(f"mailbox.{verb}", about=Subject(kind="mailbox", id=mailbox.pk), by=by, at=at)
