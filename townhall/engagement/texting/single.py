"""One text to one customer, from their page or a case's; and what they have texted with us."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from townhall.accounts.permissions import require
from townhall.cases.models import Case
from townhall.core.actors import Actor
from townhall.core.cards import refuse_card_numbers
from townhall.core.db import fetch_all
from townhall.core.errors import BadInput, NotFound, WrongState
from townhall.core.ids import uuid7
from townhall.customers.models import ContactPoint, Customer
from townhall.engagement.texting.length import length_of, plain
from townhall.engagement.texting.lists import mobile
from townhall.engagement.texting.models import TextReply, WrittenText
from townhall.engagement.texting.standards import ONE_CASE, PURPOSES, framed, open_from
from townhall.knowledge import giving_out
from townhall.ledger import operations as ledger
from townhall.notifications import addresses, bulk_texts, needs
from townhall.notifications.bulk_texts import Text
from townhall.notifications.states import Channel
from townhall.notifications.wording import version_of

SEND: Final = "texts.send"
TEMPLATE: Final = "text/to-one"
TWICE: Final = timedelta(minutes=10)  # the same words to the same number again are one text
OF_CUSTOMER = """EXISTS (SELECT 1 FROM customers_contactpoint p WHERE p.customer_id = %(customer)s AND p.kind = 'phone'
    AND p.ended_at IS NULL AND p.normalised ~ '^[+](447|(?!44))')"""
_EXCHANGED = """
    SELECT true, t.at, t.words, t.number, coalesce(m.state, ''), t.owner_id, t.campaign_id, NULL::uuid, NULL::timestamptz
    FROM engagement_writtentext t LEFT JOIN notifications_message m ON m.id = t.message_id
    WHERE {ours} AND t.state = 'queued' AND (t.case_id IS NULL OR t.case_id <> ALL(%(closed)s::uuid[]))
    UNION ALL
    SELECT false, r.at, x.body, x.number, '', r.owner_id, NULL, r.id, r.done_at
    FROM engagement_textreply r JOIN notifications_receivedtext x ON x.id = r.received_id
    WHERE {theirs} AND (r.case_id IS NULL OR r.case_id <> ALL(%(closed)s::uuid[]))
    ORDER BY 2 DESC LIMIT %(limit)s"""
_OF_CUSTOMER = _EXCHANGED.format(ours="t.customer_id = %(who)s", theirs="r.customer_id = %(who)s")
_OF_CASE = _EXCHANGED.format(ours="t.case_id = %(who)s", theirs="r.case_id = %(who)s")


@dataclass(frozen=True, kw_only=True)
class Line:
    """One text, ours or theirs. state: of our message."""

    is_ours: bool
    at: datetime
    words: str
    number: str
    state: str
    owner_id: UUID
    campaign_id: UUID | None
    reply_id: UUID | None
    done_at: datetime | None


def exchanged(
    *, customer_id: UUID | None = None, case_id: UUID | None = None, closed: Collection[UUID] = (), limit: int = 10
) -> list[Line]:
    """What was texted with a customer, or about a case, newest first. closed: cases that whoever asks may not see. One query."""
    query, who = (_OF_CASE, case_id) if case_id else (_OF_CUSTOMER, customer_id)
    names = ("is_ours", "at", "words", "number", "state", "owner_id", "campaign_id", "reply_id", "done_at")
    given = {"who": who, "closed": list(closed), "limit": limit}
    return [Line(**dict(zip(names, row, strict=True))) for row in fetch_all(query, given)]


def numbers_of(customer_id: UUID) -> list[str]:
    """Mobile numbers that hold, as +44…, those that were checked first."""
    points = ContactPoint.objects.filter(customer_id=customer_id, kind="phone", ended_at__isnull=True)
    ordered = points.order_by("verified_at", "-id").values_list("normalised", "verified_at")
    found = sorted(ordered, key=lambda one: one[1] is None)
    return list(dict.fromkeys(number for number, _verified in found if mobile(number)))


@transaction.atomic
def text(
    customer_id: UUID,
    *,
    number: str,
    words: str,
    by: Actor,
    at: datetime,
    case_id: UUID | None = None,
    answering: UUID | None = None,
    sure: bool = False,
) -> WrittenText:
    """Text a customer; outside the hours it goes when they begin. What they answer is the sender's. answering: a reply that this settles.

    sure: an officer's own address in it is meant. The same again, a moment later, is the first one. Raises NotAllowed, NotFound,
    BadInput, and WrongState for who wants no texts.
    """
    require(by, SEND)
    customer = Customer.objects.select_for_update(no_key=True).filter(pk=customer_id, merged_into__isnull=True).first()
    if customer is None:
        raise NotFound
    words = plain(words)
    purpose = PURPOSES[ONE_CASE]
    whole = framed(words, many=False)
    problems: dict[str, str] = {}
    if not words:
        problems["words"] = _("Enter the text")
    elif (parts := length_of(whole).parts) > purpose.parts:
        problems["words"] = _("It is %(parts)d texts long, and for this purpose %(most)d are allowed") % {
            "parts": parts,
            "most": purpose.parts,
        }
    if number not in numbers_of(customer_id):
        problems["number"] = _("Select one of their mobile numbers")
    if not sure and (own := giving_out.warned_of(words, at=at)):
        problems["sure"] = giving_out.warning(own[0])
    if problems:
        raise BadInput(problems)
    refuse_card_numbers(words=words)
    _refuse(customer_id, number, case_id, at=at)
    if again := _sent_before(number, whole, case_id, by=by, at=at):
        return again
    message, goes_at = uuid7(), open_from(purpose, at)
    row = WrittenText(
        number=number,
        customer=customer,
        case_id=case_id,
        name=customer.name,
        words=whole,
        parts=length_of(whole).parts,
        state=WrittenText.State.QUEUED,
        owner_id=UUID(by.id),
        message_id=message,
        at=at,
    )
    row.save(force_insert=True)
    one = Text(
        id=message, key=f"text-{row.pk}", number=number, words=whole, customer_id=customer_id, name=customer.name
    )
    bulk_texts.queue_texts(
        [one],
        template=TEMPLATE,
        about=row.subject,
        not_before=goes_at,
        at=at,
        case_id=case_id,
        service=_service_of(case_id),
        template_version=version_of(TEMPLATE, words),
    )
    giving_out.record(words, about=row.subject, by=by, at=at, case_id=case_id, customer_id=customer_id)
    ledger.record("text.written", about=row.subject, by=by, at=at, case_id=case_id, customer_id=customer_id)
    if answering is not None:
        settle(answering, by=by, at=at)
    return row


def _sent_before(number: str, whole: str, case_id: UUID | None, *, by: Actor, at: datetime) -> WrittenText | None:
    """The button was pressed twice, or the page sent again."""
    same = WrittenText.objects.filter(number=number, state=WrittenText.State.QUEUED, at__gt=at - TWICE, campaign=None)
    return same.filter(words=whole, case_id=case_id, owner_id=UUID(by.id)).first()


def _service_of(case_id: UUID | None) -> str:
    found = Case.objects.filter(pk=case_id).values_list("service_code", flat=True).first() if case_id else ""
    return found or ""


def _refuse(customer_id: UUID, number: str, case_id: UUID | None, *, at: datetime) -> None:
    """Raises WrongState for whoever wants no texts, or gets none. STOP ends texts to many; STOP ALL these too."""
    if not settings.TEXT_PROVIDER:
        raise WrongState(_("This council has no provider of text messages."))
    reach = needs.of(customer_id, _service_of(case_id))
    if Channel.TEXT in reach.never | reach.refused:
        raise WrongState(_("They do not want texts. Use another way."))
    failing = addresses.failing([(Channel.TEXT, number)], at=at)
    if failing:
        raise WrongState(_("No text goes to this number: %(why)s") % {"why": next(iter(failing.values())).label})


@transaction.atomic
def settle(reply_id: UUID, *, by: Actor, at: datetime) -> bool:
    """An answer of theirs is dealt with; False when it was. Raises NotAllowed, NotFound."""
    require(by, SEND)
    row = TextReply.objects.select_for_update().filter(pk=reply_id).first()
    if row is None:
        raise NotFound
    if row.done_at is not None:
        return False
    row.done_at, row.done_by = at, by.id
    row.save(update_fields=["done_at", "done_by"])
    ledger.record(
        "text_reply.settled", about=row.subject, by=by, at=at, case_id=row.case_id, customer_id=row.customer_id
    )
    return True


@transaction.atomic
def give(reply_id: UUID, *, owner_id: UUID, by: Actor, at: datetime) -> None:
    """Somebody else deals with it. Raises NotAllowed, NotFound."""
    require(by, SEND)
    row = TextReply.objects.select_for_update().filter(pk=reply_id, done_at=None).first()
    if row is None:
        raise NotFound
    row.owner_id = owner_id
    row.save(update_fields=["owner_id"])
    ledger.record("text_reply.given", about=row.subject, by=by, at=at, customer_id=row.customer_id)


@dataclass(frozen=True, kw_only=True)
class ToDo:
    """An answer that waits for its owner."""

    id: UUID
    at: datetime
    body: str
    number: str
    name: str
    customer_id: UUID | None
    case_reference: str
    campaign: str


_TO_DO = """SELECT r.id, r.at, x.body, x.number, t.name, r.customer_id, coalesce(c.reference, ''), coalesce(k.name, '')
    FROM engagement_textreply r JOIN notifications_receivedtext x ON x.id = r.received_id
    JOIN engagement_writtentext t ON t.id = r.answers_id
    LEFT JOIN cases_case c ON c.id = r.case_id LEFT JOIN engagement_textcampaign k ON k.id = t.campaign_id
    WHERE r.done_at IS NULL AND {which} ORDER BY r.at, r.id LIMIT %s"""
_MINE = _TO_DO.format(which="r.owner_id = ANY(%s)")
_NOBODYS = _TO_DO.format(
    which="NOT EXISTS (SELECT 1 FROM accounts_user u WHERE u.id = r.owner_id AND u.is_active) AND %s::uuid[] IS NULL"
)
_OF_CAMPAIGN = _TO_DO.format(which="TRUE").replace("r.done_at IS NULL AND TRUE", "t.campaign_id = ANY(%s)")


def replies_of(owner_id: UUID, *, limit: int = 50) -> list[ToDo]:
    """Those that wait for one person. One query."""
    return _to_do(_MINE, [owner_id], limit)


def replies_of_nobody(*, limit: int = 50) -> list[ToDo]:
    """Those whose owner has left. One query."""
    return _to_do(_NOBODYS, None, limit)


def replies_to(campaign_id: UUID, *, limit: int = 200) -> list[ToDo]:
    """All that was answered to a text to many. One query."""
    return _to_do(_OF_CAMPAIGN, [campaign_id], limit)


def _to_do(query: str, which: Sequence[UUID] | None, limit: int) -> list[ToDo]:
    names = ("id", "at", "body", "number", "name", "customer_id", "case_reference", "campaign")
    return [ToDo(**dict(zip(names, row, strict=True))) for row in fetch_all(query, (which, limit))]
