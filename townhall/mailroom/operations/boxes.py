"""The register of mailboxes: a purpose, at least two readers, and how it is fetched."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from townhall.accounts import permissions
from townhall.core.actors import Actor
from townhall.core.errors import BadInput, NotFound
from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.customers.typed import normalised_email
from townhall.forms.readers import is_email
from townhall.forms.typed import clean_line
from townhall.ledger import operations as ledger
from townhall.mailroom.errors import SingleReader
from townhall.mailroom.models import Mailbox

MANAGE = "mailboxes.manage"
READERS = 2
SECRET = re.compile(
    r"MAIL_[A-Z0-9_]+_PASSWORD"
)  # nothing else of the environment may be sent to a server that is named on a page


@dataclass(frozen=True, kw_only=True)
class NewMailbox:
    """`secret` names the environment variable with the password; the password itself is nowhere in Townhall."""

    address: str
    purpose: str
    readers: Collection[UUID]
    host: str
    login: str
    secret: str
    port: int = 993
    encrypted: bool = True
    folder: str = "INBOX"


@transaction.atomic
def open_mailbox(new: NewMailbox, *, by: Actor, at: datetime) -> Mailbox:
    """Watch a mailbox from now on; what it holds already is taken in too. Raises BadInput, SingleReader, NotAllowed."""
    permissions.require(by, MANAGE)
    address = normalised_email(new.address)
    problems: dict[str, str] = {}
    if not is_email(address):
        problems["address"] = _("Enter the address of the mailbox, like waste@example.org")
    if not clean_line(new.purpose):
        problems["purpose"] = _("Enter what people write to it about")
    for name, value in (("host", new.host), ("login", new.login), ("secret", new.secret)):
        if not clean_line(value):
            problems[name] = _("Enter how the mailbox is reached")
    if "secret" not in problems and not SECRET.fullmatch(clean_line(new.secret)):
        problems["secret"] = _("Enter a name like MAIL_WASTE_PASSWORD: it begins with MAIL_ and ends with _PASSWORD")
    if problems:
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
                host=clean_line(new.host),
                port=new.port,
                encrypted=new.encrypted,
                login=clean_line(new.login),
                secret=clean_line(new.secret),
                folder=clean_line(new.folder) or "INBOX",
                next_fetch_at=at,
                created_at=at,
            )
    except IntegrityError as error:
        raise BadInput({"address": _("That mailbox is watched already")}) from error
    _note("opened", mailbox, by=by, at=at)
    return mailbox


@transaction.atomic
def change_readers(mailbox_id: UUID, readers: Collection[UUID], *, by: Actor, at: datetime) -> Mailbox:
    """Raises SingleReader, NotFound, NotAllowed."""
    mailbox = _locked(mailbox_id, by=by)
    if len(set(readers)) < READERS:
        raise SingleReader
    mailbox.readers = sorted(set(readers))
    mailbox.save(update_fields=["readers"])
    _note("readers_changed", mailbox, by=by, at=at)
    return mailbox


@transaction.atomic
def close(mailbox_id: UUID, *, by: Actor, at: datetime) -> Mailbox:
    """It is read no more; what came in stays. Twice is once. Raises NotFound, NotAllowed."""
    mailbox = _locked(mailbox_id, by=by)
    if mailbox.state != Mailbox.State.CLOSED:
        mailbox.state = Mailbox.State.CLOSED
        mailbox.save(update_fields=["state"])
        _note("closed", mailbox, by=by, at=at)
    return mailbox


def _locked(mailbox_id: UUID, *, by: Actor) -> Mailbox:
    permissions.require(by, MANAGE)
    mailbox = Mailbox.objects.select_for_update().filter(pk=mailbox_id).first()
    if mailbox is None:
        raise NotFound
    return mailbox


def _note(verb: str, mailbox: Mailbox, *, by: Actor, at: datetime) -> None:
    ledger.record(f"mailbox.{verb}", about=Subject(kind="mailbox", id=mailbox.pk), by=by, at=at)
