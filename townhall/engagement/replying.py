"""What a text message to us means: STOP, STOP ALL, START and HELP are done at once; anything else is for customer services to answer.

What came is a row (notifications.texts), and the row is the job: what cannot be done now is done at the next look, and nothing is lost.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction

from townhall.cases.models import OPEN_STATES, Follower
from townhall.cases.operations.adding import add_information
from townhall.cases.operations.from_form import SentForm, open_from_form
from townhall.core.actors import PUBLIC, Actor, ActorKind
from townhall.core.db import fetch_all
from townhall.core.subjects import Subject
from townhall.core.sweeps import each_by_itself
from townhall.customers.models import ContactPoint
from townhall.customers.typed import normalised_phone, shown_phone
from townhall.engagement import stopping, subscribing
from townhall.engagement.models import AlertSubscription
from townhall.engagement.texting import replies
from townhall.forms import queries as forms
from townhall.notifications import operations as notifications
from townhall.notifications.models import ReceivedText
from townhall.notifications.recipients import Recipient

SERVICE = "ask-us"
BATCH = 20
SAME_MATTER = timedelta(days=14)  # a further text within that time belongs to the same case
# The words that phone companies and people use. Only a message that is nothing else: "Stop the noise next door" is for a person.
STOP, STOP_ALL, START, HELP = "stop", "stop_all", "start", "help"
WORDS: Final = {
    **dict.fromkeys(("STOP", "STOPP", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "OPT OUT", "OPTOUT", "STOP ALERTS", "STOP PLEASE"), STOP),
    **dict.fromkeys(("STOP ALL", "STOPALL", "STOP EVERYTHING", "STOP ALL TEXTS"), STOP_ALL),
    **dict.fromkeys(("START", "UNSTOP", "OPT IN", "OPTIN"), START),
    **dict.fromkeys(("HELP", "INFO"), HELP),
}  # fmt: skip
_TEXTED_OF = """SELECT m.case_id FROM notifications_message m WHERE m.customer_id = ANY(%s) AND m.channel = 'text'
    AND m.case_id IS NOT NULL AND m.created_at > %s AND m.recipient_address <> '' ORDER BY m.created_at DESC LIMIT 1"""


def meaning(body: str) -> str:
    """stop, stop_all, start or help; "" for what is for a person to read."""
    return WORDS.get(" ".join(re.sub(r"[^A-Za-z ]", " ", body).upper().split()), "")


def answer(at: datetime) -> int:
    """Act on the texts that wait, oldest first; how many. Raises what the first of them raised that could not be done, after the others."""
    waiting = list(
        ReceivedText.objects.filter(done="").order_by("received_at", "id").values_list("pk", flat=True)[:BATCH]
    )
    return each_by_itself(waiting, partial(_act, at=at))


@transaction.atomic
def _act(text_id: UUID, *, at: datetime) -> int:
    text = ReceivedText.objects.select_for_update(skip_locked=True).filter(pk=text_id, done="").first()
    if text is None:
        return 0
    text.done = meaning(text.body) or "case"
    match text.done:
        case "stop" | "stop_all":
            stop(text, everything=text.done == STOP_ALL, at=at)
        case "start":
            start(text, at=at)
        case "help":
            _reply(
                "texts/help", text, key=f"text-help-{text.number}-{at:%Y-%m-%d}", at=at, phone=settings.COUNCIL_PHONE
            )
        case _:
            text.done, text.case_id = _to_the_staff(text, at=at)
    text.save(update_fields=["done", "case_id"])
    return 1


def _to_the_staff(text: ReceivedText, *, at: datetime) -> tuple[str, UUID | None]:
    """An answer to what one of the staff wrote is theirs; anything else is a case. What became of it, and the case."""
    known = _known_by(text.number)
    reply = replies.keep(text, known, at=at)
    if reply is None:
        return "case", _for_a_person(text, at=at)
    if reply.case_id is not None:
        _add_to_case(text, reply.case_id, known, at=at)
    return "reply", reply.case_id


def _add_to_case(text: ReceivedText, case_id: UUID, known: list[UUID], *, at: datetime) -> None:
    """Where the case is open and they are one of its followers; the answer is its owner's in any case."""
    for one in Follower.objects.filter(case_id=case_id, ended_at__isnull=True, case__state__in=OPEN_STATES)[:50]:
        if one.customer_id in known or normalised_phone(one.phone) == text.number:
            add_information(one.pk, text=text.body[:4000] or "…", channel="text", by=PUBLIC, at=at)
            return


def stop(text: ReceivedText, *, everything: bool, at: datetime) -> None:
    """No more alerts to this number, or no more texts at all. Who has said so before gets no second answer."""
    replies.opted_out(text.number, everything=everything, at=at)
    rows = AlertSubscription.objects.filter(number=text.number, ended_at__isnull=True)
    mine = list(rows.select_for_update().order_by("id"))
    for row in mine:
        subscribing.end_by_text(row, by=_owner(row.customer_id), at=at)
    for customer_id in {row.customer_id for row in mine} | set(_known_by(text.number)):
        if customer_id is not None:
            stopping.take_back(customer_id, by=_owner(customer_id), at=at)
    if stopping.stop(text.number, everything=everything, by=PUBLIC, at=at):
        _reply("texts/stopped", text, key=f"text-answer-{text.pk}", at=at, everything=everything)


def start(text: ReceivedText, *, at: datetime) -> None:
    """Texts may come again, and the alerts that a STOP ended are on again."""
    if not stopping.resume(text.number, by=PUBLIC, at=at):
        return
    count = 0
    ended = AlertSubscription.objects.filter(number=text.number, ended_because=subscribing.TEXTED)
    for row in ended.select_for_update().order_by("id"):
        count += subscribing.begin_again(row, by=_owner(row.customer_id), at=at)
        if row.customer_id is not None:
            stopping.give_again(row.customer_id, by=_owner(row.customer_id), at=at)
    _reply("texts/started", text, key=f"text-answer-{text.pk}", at=at, count=count)


def _owner(customer_id: UUID | None) -> Actor:
    """Who has the phone acts for its owner."""
    return Actor(kind=ActorKind.CUSTOMER, id=str(customer_id)) if customer_id else PUBLIC


def _known_by(number: str) -> list[UUID]:
    points = ContactPoint.objects.filter(kind="phone", normalised=number, ended_at__isnull=True)
    return list(points.order_by("customer_id").values_list("customer_id", flat=True).distinct()[:20])


def _reply(template: str, text: ReceivedText, *, key: str, at: datetime, **context: object) -> None:
    about = Subject(kind="received_text", id=text.pk)
    notifications.send(
        template, to=Recipient(phone=text.number), about=about, key=key, context=context, channel="text", at=at
    )


def _for_a_person(text: ReceivedText, *, at: datetime) -> UUID:
    """More to the case that they and we have been texting about, or a case of its own for customer services; which one."""
    known = _known_by(text.number)
    if follower := _follower(text, known, at=at):
        add_information(follower.pk, text=text.body[:4000] or "…", channel="text", by=PUBLIC, at=at)
        return follower.case_id
    number = shown_phone(text.number)
    sent = SentForm(
        form_code=SERVICE,
        version=forms.published_version(SERVICE),
        answers={"question": text.body or "…", "who": {"name": number}, "how": "text", "phone": number},
        channel="text",
        key=f"text-{text.provider_id}",
        on_behalf_of=known[0] if len(known) == 1 else None,
    )
    return open_from_form(sent, by=PUBLIC, at=at).case_id


def _follower(text: ReceivedText, known: list[UUID], *, at: datetime) -> Follower | None:
    """Whoever of an open case this number stands for: of the last that we texted them about, or that they texted us about."""
    since = at - SAME_MATTER
    earlier = ReceivedText.objects.filter(number=text.number, received_at__gte=since, case_id__isnull=False)
    wanted = [row[0] for row in fetch_all(_TEXTED_OF, (known, since))] if known else []
    wanted += list(earlier.order_by("-received_at").values_list("case_id", flat=True)[:1])
    for case_id in wanted:
        followers = Follower.objects.filter(case_id=case_id, ended_at__isnull=True, case__state__in=OPEN_STATES)
        for one in followers.order_by("-is_reporter", "since", "id")[:50]:
            if one.customer_id in known or normalised_phone(one.phone) == text.number:
                return one
    return None
