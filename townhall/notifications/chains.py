"""What was tried to bring one piece of news to somebody: by which way, when, and what came of it, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from townhall.notifications.models import Letter, Message, Try
from townhall.notifications.operations import REFUSED
from townhall.notifications.queries import apart
from townhall.notifications.states import Channel, State

MOST = 100
RECENT = 30  # messages among which trouble is looked for
# Whether any news of a customer's did not arrive at the first try: for a page that asks this of many things in one statement.
OF_CUSTOMER = """EXISTS (SELECT FROM notifications_message m WHERE m.customer_id = %(customer)s
    AND (m.state = 'failed' OR m.error <> ''))"""
NEXT = ":fallback"


@dataclass(frozen=True, kw_only=True)
class Moment:
    at: datetime
    words: str


@dataclass(frozen=True, kw_only=True)
class Step:
    """One way that was tried."""

    message_id: UUID
    channel: Channel
    address: str
    state: State
    attempts: int
    moments: Sequence[Moment]

    @property
    def is_failed(self) -> bool:
        return self.state is State.FAILED


@dataclass(frozen=True, kw_only=True)
class Chain:
    """One piece of news to one person, from the first way to the last."""

    at: datetime
    name: str
    subject_line: str
    body_text: str
    template: str
    template_version: str
    service_code: str
    case_id: UUID | None
    steps: Sequence[Step]
    task: UUID | None = None  # the message whose task is open: somebody has to tell them another way
    told: str = ""  # how they were told in the end

    @property
    def last(self) -> Step:
        return self.steps[-1]


def of_case(case_id: UUID, *, limit: int = MOST) -> list[Chain]:
    """Everything that was to be said about a case, the newest first. Three queries."""
    return _chains(Message.objects.filter(case_id=case_id), limit=limit)


def of_customer(customer_id: UUID, *, limit: int = MOST) -> list[Chain]:
    """Everything that was to be said to a customer, the newest first. Three queries. The caller logs the look."""
    rows = Message.objects.filter(customer_id=customer_id).exclude(subject_kind__in=apart())
    return _chains(rows, limit=limit)


def troubled(customer_id: UUID) -> list[Chain]:
    """Of the last few pieces of news, those that did not arrive at the first try, the newest first."""
    return [
        one for one in of_customer(customer_id, limit=RECENT) if len(one.steps) > 1 or one.last.is_failed or one.told
    ]


def _chains(rows: QuerySet[Message], *, limit: int) -> list[Chain]:
    newest = list(
        rows.select_related("unreached", "letter").defer("letter__pdf").order_by("-created_at", "-id")[:limit]
    )
    tries: dict[UUID, list[Try]] = {}
    for one in Try.objects.filter(message__in=[row.pk for row in newest if row.attempts]).order_by("at", "id"):
        tries.setdefault(one.message_id, []).append(one)
    by_key: dict[str, list[Message]] = {}
    for row in reversed(newest):
        by_key.setdefault(row.key.replace(NEXT, ""), []).append(row)
    chains = [_chain(same, tries) for same in by_key.values()]
    return sorted(chains, key=lambda chain: chain.at, reverse=True)


def _chain(same: Sequence[Message], tries: dict[UUID, list[Try]]) -> Chain:
    first = same[0]
    tasks = [task for row in same if (task := getattr(row, "unreached", None)) is not None]
    return Chain(
        at=first.created_at,
        name=first.recipient_name,
        subject_line=first.subject_line,
        body_text=first.body_text,
        template=first.template,
        template_version=first.template_version,
        service_code=first.service_code,
        case_id=first.case_id,
        steps=[_step(row, tries.get(row.pk, [])) for row in same],
        task=next((task.pk for task in tasks if task.ended_at is None), None),
        told=next((task.how for task in tasks if task.how), ""),
    )


def _step(row: Message, tries: Sequence[Try]) -> Step:
    return Step(
        message_id=row.pk,
        channel=Channel(row.channel),
        address=row.recipient_address,
        state=State(row.state),
        attempts=row.attempts,
        moments=sorted([*_tried(row, tries), *_came_of(row)], key=lambda moment: moment.at),
    )


def _tried(row: Message, tries: Sequence[Try]) -> list[Moment]:
    return [
        Moment(
            at=one.at,
            words=(
                _("Put off, and tried again: %(reason)s")
                if one.came_to == Try.CameTo.LATER
                else _("Could not be delivered: %(reason)s")
            )
            % {"reason": reason(one.words)},
        )
        for one in tries
    ]


def _came_of(row: Message) -> list[Moment]:
    state, found = State(row.state), []
    if state is State.RECORDED:
        found.append(Moment(at=row.created_at, words=_("Shown on screen: there was no address to write to")))
    if row.sent_at is not None and row.channel != Channel.INBOX:
        found.append(Moment(at=row.sent_at, words=_sent_words(row)))
    if row.delivered_at is not None:
        found.append(Moment(at=row.delivered_at, words=_("Delivered")))
    if state is State.FAILED and not row.attempts:
        found.append(Moment(at=row.created_at, words=_("Not sent: %(reason)s") % {"reason": reason(row.error)}))
    if state in (State.PENDING, State.SENDING, State.WITHDRAWN):
        found.append(Moment(at=row.created_at, words=str(state.label)))
    return [*found, *_of_paper(getattr(row, "letter", None))]


def _of_paper(letter: Letter | None) -> list[Moment]:
    if letter is None:
        return []
    printed = [Moment(at=letter.printed_at, words=_("Printed"))] if letter.printed_at else []
    return [*printed, *([Moment(at=letter.posted_at, words=_("Posted"))] if letter.posted_at else [])]


def _sent_words(row: Message) -> str:
    if row.channel == Channel.LETTER:
        return _("Given to be printed and posted")
    return _("Sent") if row.attempts < 2 else _("Sent, at try %(number)s") % {"number": row.attempts}


def reason(words: str) -> str:
    """What a provider said, in ours where we have words for it."""
    known = {
        REFUSED: _("they asked us not to use this way"),
        "permanent-failure": _("there is no such number or address"),
        "temporary-failure": _("the phone or mailbox took nothing for three days"),
        "technical-failure": _("the provider had a fault"),
        "returned": _("the post brought it back"),
    }
    return known.get(words, words or _("no reason was given"))
