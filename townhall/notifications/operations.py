"""Making messages. A message is made in the transaction of what it tells of; the sweep in `sending` sends it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import parseaddr
from functools import cache
from uuid import UUID

from django.conf import settings
from django.db import transaction

from townhall.core.actors import Actor
from townhall.core.db import execute, fetch_all, fetch_one, insert, insert_unless_there, is_pipelined
from townhall.core.errors import NotFound, WrongState
from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.core.time import aware
from townhall.ledger import operations as ledger
from townhall.notifications import addresses, closing, unreached
from townhall.notifications.choosing import Chosen, choose
from townhall.notifications.html import as_html
from townhall.notifications.recipients import Recipient, email_address
from townhall.notifications.states import Channel, State
from townhall.notifications.wording import Words, one_line, version_of, worded

_WEB_ADDRESS = re.compile(r"https?://[!-~]{1,900}")  # fits one line of a header
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,250}>")
_LONGEST_THREAD = 20
REFUSED = "refused"  # in place of a provider's words: the customer asked for none this way
_TO_TRY = (
    "SELECT state, case_id, customer_id, channel, recipient_address FROM notifications_message WHERE id = %s FOR UPDATE"
)
_FIRST_STATE = {Channel.INBOX: State.DELIVERED, Channel.SCREEN: State.RECORDED}


@dataclass(frozen=True, kw_only=True)
class Rendered:
    """A message as it would go out."""

    channel: Channel
    address: str
    subject_line: str
    body_text: str

    @property
    def body_html(self) -> str:
        return as_html(self.body_text)


def _rendered(words: Words, channel: Channel, address: str) -> Rendered:
    body = words.short_text if channel is Channel.TEXT else words.body_text
    return Rendered(channel=channel, address=address, subject_line=words.subject_line, body_text=body)


def _ways(
    template: str, to: Recipient, context: Mapping[str, object], chosen: Chosen, override: str | None
) -> list[Rendered]:
    """The message on each channel that may carry it, best first; on screen when there is none."""
    found = chosen.ways or ([chosen.refused] if chosen.refused else [(Channel.SCREEN, "")])
    is_texted = any(way is Channel.TEXT for way, _address in found)
    words = worded(template, to=to, context=context, override=override, short=is_texted)
    return [_rendered(words, *way) for way in found]


def _service_in(context: Mapping[str, object], service: str | None) -> str:
    return str(context.get("service_code") or "") if service is None else service


def preview(
    template: str,
    *,
    to: Recipient,
    context: Mapping[str, object],
    channel: str | None = None,
    override: str | None = None,
    service: str | None = None,
) -> Rendered:
    """What `send` would send with the same arguments."""
    chosen = choose(template, to, channel=channel, service=_service_in(context, service))
    return _ways(template, to, context, chosen, override)[0]


def send(
    template: str,
    *,
    to: Recipient,
    about: Subject,
    key: str,
    context: Mapping[str, object],
    at: datetime,
    case_id: UUID | None = None,
    channel: str | None = None,
    override: str | None = None,
    not_before: datetime | None = None,
    is_new: bool = False,
    service: str | None = None,
    template_version: str = "",
    only: Collection[Channel] | None = None,
) -> UUID | None:
    """Queue one message, in the caller's transaction; its id.

    One `key` makes one message, so the same key again changes nothing and gives the first one's id. Inside `pipelined()` nothing is
    waited for, and the id is None: whether this was the first time is not known yet.
    channel: wanted before the recipient's preference; `screen` records what was shown without sending it.
    context: for the template (words: see `wording`); `unsubscribe_url` also becomes the mail's List-Unsubscribe.
    not_before: hold the message until then, while what it tells of can still be undone.
    is_new: the key is of something made in this very transaction, so no message can have it, and it costs less to write.
    service: the code of the service it is about, for what they said of that; `service_code` of the context when it is not given.
    template_version: which wording it is, where the words come from elsewhere than a file or a service.
    only: the channels that can carry it at all; all, when it is not given.
    Nobody to reach: the message is recorded as shown on screen. Every way refused: it has failed, and somebody has to tell them.
    """
    service = _service_in(context, service)
    chosen = choose(template, to, channel=channel, service=service, only=only)
    first, *others = _ways(template, to, context, chosen, override)
    made = uuid7()
    if ending := closing.of(template, first.channel, to=to, context=context, about=made):
        first = replace(first, body_text=first.body_text.rstrip() + ending)
    row = {
        "id": made,
        "key": key,
        "template": template,
        "template_version": template_version or version_of(template, override),
        "service_code": service,
        "recipient_name": one_line(to.name),
        "customer_id": to.customer_id,
        "subject_kind": about.kind,
        "subject_id": about.id,
        "case_id": case_id,
        "unsubscribe_url": _web_address(str(context.get("unsubscribe_url", ""))),
        **columns_of(first, made, at=aware(at), others=others),
    }
    if chosen.refused:
        row |= {
            "state": State.FAILED.value,
            "next_attempt_at": None,
            "sent_at": None,
            "delivered_at": None,
            "error": REFUSED,
        }
    if to.answers or to.reply_to:
        row |= {"answers": message_ids(to.answers), "reply_to": email_address(to.reply_to)}
    if not_before is not None and first.channel is not Channel.SCREEN and not chosen.refused:
        row |= {
            "state": State.PENDING.value,
            "next_attempt_at": aware(not_before),
            "sent_at": None,
            "delivered_at": None,
        }
    if is_new:
        insert("notifications_message", row)
        _if_refused(chosen, made, template, to.customer_id, case_id, at=at, is_new=True)
        return made
    is_first = insert_unless_there("notifications_message", row)
    _if_refused(chosen, made, template, to.customer_id, case_id, at=at)
    if is_pipelined():
        return None
    if is_first:
        return made
    found = fetch_one("SELECT id FROM notifications_message WHERE key = %s", (key,))
    return found[0] if found else None


def _if_refused(
    chosen: Chosen,
    made: UUID,
    template: str,
    customer_id: UUID | None,
    case_id: UUID | None,
    *,
    at: datetime,
    is_new: bool = False,
) -> None:
    if chosen.refused:
        unreached.begin(made, template=template, customer_id=customer_id, case_id=case_id, at=at, is_new=is_new)


@transaction.atomic
def try_again(message_id: UUID, *, by: Actor, at: datetime) -> None:
    """Send a message that failed once more, to the same address: a full mailbox was emptied, or our own settings were wrong.

    Raises NotFound, and WrongState unless it is FAILED.
    """
    found = fetch_one(_TO_TRY, (message_id,))
    if found is None:
        raise NotFound
    state, case_id, customer_id, channel, address = found
    if state != State.FAILED:
        raise WrongState
    execute(
        "UPDATE notifications_message SET state = 'pending', next_attempt_at = %s, provider_id = '' WHERE id = %s",
        (aware(at), message_id),
    )
    addresses.lift(channel, address, by=by, at=at)
    unreached.sent_again(message_id, by=by, at=at)
    about = Subject(kind="message", id=message_id)
    ledger.record("message.tried_again", about=about, by=by, at=at, case_id=case_id, customer_id=customer_id)


@transaction.atomic
def withdraw(*, case_id: UUID, made_at: datetime, by: Actor, at: datetime) -> int:
    """Take back what was said of a case at one moment and still waits, as its change was undone; how many messages that was.

    A message under way or sent is left as it is: hold messages with `not_before` for as long as a change can be undone.
    """
    return _withdraw("case_id = %s AND created_at = %s", (case_id, aware(made_at)), by=by, at=at)


@transaction.atomic
def withdraw_about(about: Subject, *, by: Actor, at: datetime) -> int:
    """Take back everything about one subject that still waits; how many messages that was."""
    return _withdraw("subject_kind = %s AND subject_id = %s", (about.kind, about.id), by=by, at=at)


def _withdraw(where: str, values: tuple[object, ...], *, by: Actor, at: datetime) -> int:
    taken_back = fetch_all(
        "UPDATE notifications_message SET state = 'withdrawn', next_attempt_at = NULL "  # noqa: S608 - constants only
        f"WHERE {where} AND state = 'pending' RETURNING id, case_id, customer_id",
        values,
    )
    for message_id, case_id, customer_id in taken_back:
        about = Subject(kind="message", id=message_id)
        ledger.record("message.withdrawn", about=about, by=by, at=at, case_id=case_id, customer_id=customer_id)
    return len(taken_back)


def columns_of(way: Rendered, made: UUID, *, at: datetime, others: list[Rendered]) -> dict[str, object]:
    """The columns that follow from the channel. `others`: what may be tried when this one fails, best first."""
    state = _FIRST_STATE.get(way.channel, State.PENDING)
    is_mail = way.channel is Channel.EMAIL
    return {
        "channel": way.channel.value,
        "recipient_address": way.address,
        "subject_line": way.subject_line,
        "body_text": way.body_text,
        "fallback": [_kept(other) for other in others if other.channel is not Channel.INBOX] or None,
        "state": state.value,
        "attempts": 0,
        "next_attempt_at": at if state is State.PENDING else None,
        "sent_at": at if way.channel is Channel.INBOX else None,
        "delivered_at": at if way.channel is Channel.INBOX else None,
        "message_id": f"<{made.hex}@{_mail_domain()}>" if is_mail else "",
        "provider_id": "",
        "error": "",
        "created_at": at,
    }


def _kept(way: Rendered) -> dict[str, str]:
    return {
        "channel": way.channel.value,
        "address": way.address,
        "subject_line": way.subject_line,
        "body_text": way.body_text,
    }


@cache
def _mail_domain() -> str:
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"


def message_ids(text: str) -> str:
    """Those that can stand in a header, with spaces between; of many the last ones, as RFC 5322 lets a long thread be shortened."""
    return " ".join(_MESSAGE_ID.findall(text)[-_LONGEST_THREAD:])


def _web_address(text: str) -> str:
    return text if _WEB_ADDRESS.fullmatch(text) else ""
