"""The sweep that sends what waits.

A claim is a lease: the row says `sending` until `next_attempt_at`, and whoever holds it counts its attempt. A sender that dies
leaves leases that run out, and the message goes again under the same Message-ID. Each answer is committed before the next message
starts, so a death can repeat one mail at most: the one whose answer was not yet written down.

A batch lasts a few seconds. While more waits than one batch holds, the newest go first, so that nobody's acknowledgement stands behind
a mailing to thousands; but never before an earlier message about the same case.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction

from townhall.core.actors import SYSTEM
from townhall.core.db import execute, fetch_all, insert, insert_unless_there
from townhall.core.events import publish
from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.core.time import aware
from townhall.ledger import operations as ledger
from townhall.notifications import addresses, needs, unreached
from townhall.notifications.events import MessageFailed
from townhall.notifications.models import Message, Try
from townhall.notifications.operations import REFUSED, Rendered, columns_of
from townhall.notifications.providers import Provider, Refused, TryLater, opened
from townhall.notifications.states import Channel, Failing

log = structlog.get_logger(__name__)
BATCH = 200
NEWEST = 50  # how many of the newest go before a full batch
LONGEST_BATCH = 3.0  # seconds; what is left then is claimed anew
FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(minutes=15)
GIVE_UP_AFTER = timedelta(hours=72)  # as long as Notify's own providers try: standards.md 6.1
FIRST_LOOK = timedelta(minutes=15)  # Notify checks a printed letter for viruses and its layout within minutes
_LONGEST_ERROR = 500

_CLAIM = """
    WITH due AS MATERIALIZED (
        SELECT id FROM notifications_message
        WHERE state IN ('pending', 'sending') AND next_attempt_at <= %s
        ORDER BY next_attempt_at LIMIT %s FOR UPDATE SKIP LOCKED
    )
    UPDATE notifications_message AS message
    SET state = 'sending', attempts = attempts + 1, next_attempt_at = %s
    FROM due WHERE message.id = due.id RETURNING message.*
"""
_CLAIM_NEWEST = """
    WITH due AS MATERIALIZED (
        SELECT id FROM notifications_message AS message
        WHERE state IN ('pending', 'sending') AND next_attempt_at <= %s
          AND (SELECT true FROM notifications_message AS earlier
               WHERE earlier.case_id = message.case_id AND earlier.created_at < message.created_at
                 AND earlier.state || '' IN ('pending', 'sending') LIMIT 1) IS NULL
        ORDER BY next_attempt_at DESC LIMIT %s FOR UPDATE SKIP LOCKED
    )
    UPDATE notifications_message AS message
    SET state = 'sending', attempts = attempts + 1, next_attempt_at = %s
    FROM due WHERE message.id = due.id RETURNING message.*
"""
# Each names the attempt it ends: a sender whose lease ran out writes nothing over the next one's. `state || ''` because the row is found
# by its id: for a plain `state =` the planner, whose figures know of few waiting messages, reads the index of all that wait for each one.
_SENT = """
    UPDATE notifications_message
    SET state = 'sent', sent_at = %s, next_attempt_at = NULL, provider_id = %s, error = ''
    WHERE id = %s AND state || '' = 'sending' AND attempts = %s
"""
_WAITS = """
    UPDATE notifications_message SET state = 'pending', next_attempt_at = %s, error = %s
    WHERE id = %s AND state || '' = 'sending' AND attempts = %s
"""
_PUT_BACK = """
    UPDATE notifications_message AS message
    SET state = 'pending', attempts = message.attempts - 1, next_attempt_at = coalesce(%s, message.created_at)
    FROM unnest(%s::uuid[], %s::int[]) AS mine (id, attempts)
    WHERE message.id = mine.id AND message.state || '' = 'sending' AND message.attempts = mine.attempts
"""
_FAILED = """
    UPDATE notifications_message SET state = 'failed', next_attempt_at = NULL, error = %s
    WHERE id = %s AND state || '' = %s AND attempts = %s
"""
_TRACK = """
    INSERT INTO notifications_letter (message_id, postage, status, look_at) VALUES (%s, 'second', '', %s)
    ON CONFLICT (message_id) DO UPDATE SET look_at = excluded.look_at
"""
_RENEW = """
    UPDATE notifications_message AS message SET next_attempt_at = %s
    FROM unnest(%s::uuid[], %s::int[]) AS mine (id, attempts)
    WHERE message.id = mine.id AND message.state || '' = 'sending' AND message.attempts = mine.attempts RETURNING message.id
"""


def lease() -> timedelta:
    """How long a claim holds: time to connect anew, and for the four answers of one message."""
    return timedelta(seconds=6 * settings.EMAIL_TIMEOUT)


def claim(*, at: datetime, limit: int | None = None) -> list[Message]:
    """Take up to `limit` messages that are due, oldest first. Nobody else sends them until the lease runs out."""
    return _claimed(_CLAIM, at=at, limit=BATCH if limit is None else limit)


def claim_batch(*, at: datetime) -> list[Message]:
    """What to send next, in its order: what is due, and when that fills a batch, the newest before it."""
    oldest = claim(at=at)
    return oldest if len(oldest) < BATCH else _claimed(_CLAIM_NEWEST, at=at, limit=NEWEST) + oldest


def _claimed(how: str, *, at: datetime, limit: int) -> list[Message]:
    return sorted(Message.objects.raw(how, [at, limit, at + lease()]), key=lambda message: message.created_at)


def run(at: datetime) -> int:
    """One batch; how many were handled, 0 when a provider is in trouble and rest is wise."""
    batch = Batch(claim_batch(at=at), at=at)
    with ExitStack() as stack:
        providers: dict[Channel, Provider] = {}
        while message := batch.next():
            channel = Channel(message.channel)
            if channel not in providers:
                providers[channel] = stack.enter_context(opened(channel))
            batch.attempt(message, providers[channel])
    return 0 if batch.stopped else batch.handled


class Batch:
    """Claimed messages, and the time left to send them in."""

    def __init__(self, messages: list[Message], *, at: datetime) -> None:
        self._waiting = messages[::-1]
        self._at = aware(at)
        self._began = self._leased = time.monotonic()
        self._blocked = _blocked(messages, at=at)
        self.stopped: set[str] = set()  # channels whose provider is in trouble
        self.handled = 0

    def now(self) -> datetime:
        return self._at + timedelta(seconds=time.monotonic() - self._began)

    def next(self) -> Message | None:
        """The next to send; None at the end, or when the batch has lasted long enough."""
        if time.monotonic() - self._began > LONGEST_BATCH:
            self._put_back(self._waiting, until=None)
        return self._waiting.pop() if self._waiting else None

    def attempt(self, message: Message, provider: Provider) -> None:
        if because := self._blocked.get(message.id):
            fail(message, because, at=self.now())
            self.handled += 1
            return
        try:
            provider.ready()
            if not self._holds(message):
                return  # somebody else took it over
            provider_id = provider.send(message)
        except Refused as error:
            refuse(message, str(error), of_address=error.of_address, at=self.now())
        except TryLater as error:
            self._later(message, error)
        except Exception as error:  # one message that breaks the program must not hold up the others
            log.exception("message.broken", message_id=str(message.id))
            self._later(message, TryLater(f"{type(error).__name__}: {error}"))
        else:
            mark_sent(message, provider_id=provider_id, at=self.now())
        self.handled += 1

    def _holds(self, message: Message) -> bool:
        """Whether `message` is still ours with time enough; the lease on the whole batch is renewed when it runs short."""
        left = lease().total_seconds() - (time.monotonic() - self._leased)
        if left > 4.5 * settings.EMAIL_TIMEOUT:
            return True
        mine = [message, *self._waiting]
        kept = fetch_all(
            _RENEW,
            (self.now() + lease(), [one.id for one in mine], [one.attempts for one in mine]),
        )
        self._leased = time.monotonic()
        ids = {row[0] for row in kept}
        self._waiting = [one for one in self._waiting if one.id in ids]
        return message.id in ids

    def _later(self, message: Message, error: TryLater) -> None:
        if error.everyone:
            self.stopped.add(message.channel)
            held_up = [one for one in self._waiting if one.channel == message.channel]
            self._put_back(held_up, until=self.now() + FIRST_WAIT)
            log.warning("messages.waiting", channel=message.channel, reason=str(error)[:_LONGEST_ERROR])
        if self.now() - message.created_at > GIVE_UP_AFTER:
            fail(message, str(error), at=self.now())
        else:
            at = self.now()
            _wait(message, str(error), at=at, until=at + back_off(message.attempts))

    def _put_back(self, messages: list[Message], *, until: datetime | None) -> None:
        """Not tried, and the attempt is not counted. until: None when they may go at once, in their old order."""
        ids = {one.id: one.attempts for one in messages}
        if ids:
            execute(_PUT_BACK, (until, list(ids), list(ids.values())))
            self._waiting = [one for one in self._waiting if one.id not in ids]


def back_off(attempts: int) -> timedelta:
    """How long to wait after so many attempts: 5 s, 10 s, 20 s … 15 min."""
    doublings = min(attempts - 1, 10)
    return min(FIRST_WAIT * float(2**doublings), LONGEST_WAIT)


def mark_sent(message: Message, *, provider_id: str, at: datetime) -> None:
    execute(_SENT, (at, provider_id, message.id, message.attempts))
    if message.channel == Channel.LETTER and settings.LETTER_PROVIDER == "notify":
        execute(_TRACK, (message.id, at + FIRST_LOOK))


@transaction.atomic
def _wait(message: Message, reason: str, *, at: datetime, until: datetime) -> None:
    if execute(_WAITS, (until, _storable(reason), message.id, message.attempts)):
        _keep_try(message, Try.CameTo.LATER, reason, at=at)


def _keep_try(message: Message, came_to: Try.CameTo, reason: str, *, at: datetime) -> None:
    row = {"message_id": message.id, "number": message.attempts, "at": aware(at), "came_to": came_to.value}
    insert("notifications_try", {**row, "words": _storable(reason)})


@transaction.atomic
def refuse(message: Message, reason: str, *, of_address: bool, at: datetime) -> None:
    """Give this message up; `of_address`: and use its address no more."""
    fail(message, reason, at=at)
    if of_address:
        mark_address(message, Failing.BOUNCED, reason, at=at)


def mark_address(message: Message, because: Failing, detail: str, *, at: datetime) -> bool:
    """Use the address of this message no more; False when that was known."""
    return addresses.mark(
        message.channel,
        message.recipient_address,
        because,
        detail=detail,
        about=Subject(kind="message", id=message.id),
        case_id=message.case_id,
        customer_id=message.customer_id,
        at=at,
    )


def _blocked(messages: Sequence[Message], *, at: datetime) -> dict[UUID, str]:
    """Which of these messages may not go to their address, or by their channel any more, and why. Two queries."""
    held = [one for one in messages if not one.template.startswith(addresses.ALWAYS)]
    found = addresses.failing({(one.channel, one.recipient_address) for one in held}, at=at)
    failing = {one.id: str(found[way].label) for one in held if (way := (one.channel, one.recipient_address)) in found}
    refused = needs.refused_by(
        {(one.customer_id, one.service_code) for one in held if one.customer_id and not one.answers}
    )
    return failing | {one.id: REFUSED for one in held if not one.answers and _is_refused(one, one.channel, refused)}


def _is_refused(message: Message, channel: str, refused: Mapping[tuple[UUID, str], Collection[str]]) -> bool:
    return message.customer_id is not None and channel in refused.get((message.customer_id, message.service_code), ())


@transaction.atomic
def fail(message: Message, reason: str, *, at: datetime) -> None:
    """Give this message up, and make the next one where another channel is allowed. `message` is as claimed or just read."""
    changed = execute(_FAILED, (_storable(reason), message.id, message.state, message.attempts))
    if not changed:
        return  # it was taken over, or a receipt came first
    _keep_try(message, Try.CameTo.FAILED, reason, at=at)
    fallback = _fall_back(message, at=at)
    if fallback is None:
        unreached.begin(
            message.id, template=message.template, customer_id=message.customer_id, case_id=message.case_id, at=at
        )
    ledger.record(
        "message.failed",
        about=Subject(kind="message", id=message.id),
        by=SYSTEM,
        at=at,
        case_id=message.case_id,
        customer_id=message.customer_id,
        data={"channel": message.channel, "fallback": fallback.channel if fallback else ""},
    )
    publish(
        MessageFailed(
            message_id=message.id,
            case_id=message.case_id,
            customer_id=message.customer_id,
            fallback_id=fallback.id if fallback else None,
            at=at,
        )
    )


def _fall_back(message: Message, *, at: datetime) -> Message | None:
    """The same news on the next channel that is allowed, also by what they said since it was made."""
    asked = {(message.customer_id, message.service_code)} if message.customer_id and message.fallback else set()
    refused = needs.refused_by(asked)
    left = [_read(kept) for kept in message.fallback or () if not _is_refused(message, kept["channel"], refused)]
    if not left:
        return None
    first, *others = left
    made = uuid7()
    row = {
        "id": made,
        "key": f"{message.key}:fallback",
        "template": message.template,
        "template_version": message.template_version,
        "service_code": message.service_code,
        "recipient_name": message.recipient_name,
        "customer_id": message.customer_id,
        "subject_kind": message.subject_kind,
        "subject_id": message.subject_id,
        "case_id": message.case_id,
        "unsubscribe_url": message.unsubscribe_url,
        **columns_of(first, made, at=at, others=others),
    }
    insert_unless_there("notifications_message", row)
    return Message.objects.get(key=row["key"])


def _read(kept: dict[str, str]) -> Rendered:
    return Rendered(
        channel=Channel(kept["channel"]),
        address=kept["address"],
        subject_line=kept["subject_line"],
        body_text=kept["body_text"],
    )


def _storable(reason: str) -> str:
    return reason.replace("\x00", "")[:_LONGEST_ERROR]
