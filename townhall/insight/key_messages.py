"""Key messages (KNOW-11): what every visitor should know now. Written by one, approved by another, shown between two dates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from townhall.accounts.permissions import require
from townhall.core.actors import Actor
from townhall.core.errors import BadInput, NotFound, WrongState
from townhall.core.refreshing import Refreshing
from townhall.core.time import council_date
from townhall.insight.models import KeyMessage
from townhall.ledger import operations as ledger
from townhall.ui.paths import is_ours

WRITE: Final = "messages.write"
APPROVE: Final = "messages.approve"
LONGEST: Final = 200  # characters
MOST: Final = 3  # shown at once: the newest
State = KeyMessage.State


@dataclass(frozen=True, kw_only=True)
class Written:
    words: str
    link: str  # a path of this site, or empty
    link_words: str
    from_on: date | None
    until_on: date | None


@dataclass(frozen=True, kw_only=True)
class Shown:
    words: str
    link: str
    link_words: str
    from_on: date
    until_on: date


@transaction.atomic
def write(written: Written, *, by: Actor, at: datetime, message_id: UUID | None = None) -> KeyMessage:
    """A message, or other words for one, which then need approval again. Raises NotAllowed, NotFound, BadInput, WrongState."""
    require(by, WRITE)
    _refuse(written, today=council_date(at))
    message = KeyMessage() if message_id is None else _locked(message_id, State.DRAFT, State.APPROVED)
    assert written.from_on is not None
    assert written.until_on is not None
    message.words, message.link, message.link_words = written.words, written.link, written.link_words
    message.from_on, message.until_on, message.state = written.from_on, written.until_on, State.DRAFT
    message.written_by, message.written_at, message.approved_by, message.approved_at = by.id, at, "", None
    message.save()
    ledger.record("key_message.written", about=message.subject, by=by, at=at)
    _forget()
    return message


def _refuse(written: Written, *, today: date) -> None:
    problems: dict[str, str] = {}
    if not written.words:
        problems["words"] = _("Enter the message")
    elif len(written.words) > LONGEST:
        problems["words"] = _("The message must be %(number)s characters or fewer") % {"number": LONGEST}
    if written.link and not is_ours(written.link):
        problems["link"] = _("The link must be a page of this site and begin with /, like /services")
    elif written.link and not written.link_words:
        problems["link_words"] = _("Enter the words of the link")
    if written.from_on is None:
        problems["from_on"] = _("Enter the first day")
    if written.until_on is None or written.until_on < max(today, written.from_on or today):
        problems["until_on"] = _("The last day must be today or later, and not before the first day")
    if problems:
        raise BadInput(problems)


@transaction.atomic
def approve(message_id: UUID, *, by: Actor, at: datetime) -> KeyMessage:
    """It shows from its first day. Raises NotAllowed, NotFound, and WrongState for whoever wrote it."""
    require(by, APPROVE)
    message = _locked(message_id, State.DRAFT)
    if message.written_by == by.id:
        raise WrongState(_("Somebody else has to approve what you wrote."))
    message.state, message.approved_by, message.approved_at = State.APPROVED, by.id, at
    message.save(update_fields=["state", "approved_by", "approved_at"])
    ledger.record("key_message.approved", about=message.subject, by=by, at=at)
    _forget()
    return message


@transaction.atomic
def end(message_id: UUID, *, by: Actor, at: datetime) -> KeyMessage:
    """Take it down before its day. Raises NotAllowed, NotFound, WrongState."""
    require(by, WRITE)
    message = _locked(message_id, State.DRAFT, State.APPROVED)
    message.state = State.ENDED
    message.save(update_fields=["state"])
    ledger.record("key_message.ended", about=message.subject, by=by, at=at)
    _forget()
    return message


def _locked(message_id: UUID, *states: KeyMessage.State) -> KeyMessage:
    message = KeyMessage.objects.select_for_update().filter(pk=message_id).first()
    if message is None:
        raise NotFound
    if message.state not in states:
        raise WrongState
    return message


def _load() -> list[Shown]:
    rows = KeyMessage.objects.filter(state=State.APPROVED).order_by("-approved_at", "pk")
    return [
        Shown(
            words=row.words,
            link=row.link,
            link_words=row.link_words,
            from_on=row.from_on,
            until_on=row.until_on,
        )
        for row in rows
    ]


_approved = Refreshing(_load)


def shown(at: datetime) -> list[Shown]:
    """The messages of today, the newest first, from the process's memory."""
    today = council_date(at)
    return [one for one in _approved.get() if one.from_on <= today <= one.until_on][:MOST]


def _forget() -> None:
    _approved.forget()
    transaction.on_commit(_approved.forget)
