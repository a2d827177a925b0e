"""A text to many: written, seen with whom it reaches and what it costs, approved by somebody else, sent, and stopped at any time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from townhall.accounts.permissions import may, require
from townhall.core.actors import SYSTEM, Actor
from townhall.core.cards import refuse_card_numbers
from townhall.core.db import execute, fetch_all
from townhall.core.errors import BadInput, NotFound, WrongState
from townhall.core.ids import uuid7
from townhall.core.turns import take_turn
from townhall.engagement.states import Texting, check_texting
from townhall.engagement.texting import audience, lists, results
from townhall.engagement.texting.length import plain
from townhall.engagement.texting.lists import Listed
from townhall.engagement.texting.models import TextCampaign, WrittenText
from townhall.engagement.texting.planning import Plan, named, problems_in
from townhall.engagement.texting.standards import PURPOSES, Purpose, open_from, pence_of
from townhall.knowledge import giving_out
from townhall.ledger import operations as ledger
from townhall.notifications import bulk_texts
from townhall.notifications.bulk_texts import Text
from townhall.notifications.wording import version_of

PLAN, APPROVE = "texts.plan", "texts.approve"
TEMPLATE: Final = "text/to-many"
BATCH: Final = 5_000  # queued in one transaction
UNDO: Final = timedelta(minutes=2)  # from the press until the first goes; none in an emergency
To = TextCampaign.To


@transaction.atomic
def plan(
    new: Plan, *, by: Actor, at: datetime, campaign_id: UUID | None = None, key: UUID | None = None
) -> TextCampaign:
    """A text to many with everybody whom it reaches, or one written otherwise, which then needs approval anew.

    key: of the page on which a new one is written, so that twice is once. Raises NotAllowed, NotFound, BadInput, WrongState once it
    goes out.
    """
    require(by, PLAN)
    if campaign_id is None and key is not None:
        take_turn(f"text-campaign-{key}")
        earlier = TextCampaign.objects.filter(pk=key, written_by=by.id).first()
        if earlier is not None and _is_same(earlier, new):
            return earlier
        campaign_id = earlier.pk if earlier is not None else None
    row = _locked(campaign_id) if campaign_id else TextCampaign(id=key or uuid7())
    if campaign_id and row.state != Texting.DRAFT:
        check_texting(row.state, Texting.DRAFT)
    has_file = bool(campaign_id) and row.to == To.FILE
    problems = problems_in(new, has_file=has_file)
    if own := giving_out.warned_of(new.words, at=at):
        problems.setdefault("words", giving_out.warning(own[0]))
    if problems:
        raise BadInput(problems)
    refuse_card_numbers(words=new.words)
    row.name, row.purpose, row.words = new.name.strip(), new.purpose, plain(new.words)
    row.to, row.to_code, row.to_words = new.to, new.to_code, new.to_words or named(new)
    row.rings, row.outside_hours = [list(corner) for corner in new.corners], new.outside_hours.strip()
    row.owner_id = new.owner_id or UUID(by.id)
    row.state, row.written_by, row.written_at, row.approved_by, row.approved_at = Texting.DRAFT, by.id, at, "", None
    row.problems = (
        [list(one) for one in new.listed.problems] if new.listed else row.problems if new.to == To.FILE else []
    )
    row.save()
    _fill(row, new.listed, at=at)
    ledger.record(
        "text_campaign.planned", about=row.subject, by=by, at=at, data={"people": row.people, "purpose": row.purpose}
    )
    return row


def _is_same(row: TextCampaign, new: Plan) -> bool:
    held = (row.name, row.purpose, row.words, row.to, row.to_code, row.rings, row.outside_hours)
    corners = [list(corner) for corner in new.corners]
    asked = (new.name.strip(), new.purpose, plain(new.words), new.to, new.to_code, corners, new.outside_hours.strip())
    return held == asked and new.owner_id in (None, row.owner_id)


def _fill(row: TextCampaign, listed: Listed | None, *, at: datetime) -> None:
    """Whom it reaches, anew. A file that was given before is kept."""
    texts = WrittenText.objects.filter(campaign=row)
    if row.to != To.FILE or listed is not None:
        texts._raw_delete(texts.db)
        if listed is not None:
            lists.put_down(row, listed)
        else:
            audience.choose(row, at=at)
    else:
        texts.exclude(owner_id=row.owner_id).update(owner_id=row.owner_id)
    audience.judge(row, at=at)
    _count(row)


def _count(row: TextCampaign) -> None:
    query = "SELECT count(*), coalesce(sum(parts), 0) FROM engagement_writtentext WHERE campaign_id = %s AND state IN ('chosen', 'queued')"
    row.people, row.parts = fetch_all(query, (row.pk,))[0]
    row.pence = pence_of(row.parts)
    row.save(update_fields=["people", "parts", "pence"])


@transaction.atomic
def approve(campaign_id: UUID, *, by: Actor, at: datetime, seen: datetime | None = None) -> TextCampaign:
    """It may go out as it is. seen: when what was read was written. Raises NotAllowed, NotFound, WrongState, also for whoever wrote it."""
    require(by, APPROVE)
    row = _locked(campaign_id)
    if seen is not None and row.written_at != seen:
        raise WrongState(_("It was written otherwise since you read it. Read it again before you approve it."))
    check_texting(row.state, Texting.APPROVED)
    if row.written_by == by.id:
        raise WrongState(_("Somebody else has to approve what you wrote."))
    row.state, row.approved_by, row.approved_at = Texting.APPROVED, by.id, at
    row.save(update_fields=["state", "approved_by", "approved_at"])
    ledger.record("text_campaign.approved", about=row.subject, by=by, at=at, data={"people": row.people})
    return row


def needs_approval(row: TextCampaign) -> bool:
    return row.people > settings.TEXT_APPROVAL_ABOVE


def to_approve(by: Actor, *, limit: int) -> list[TextCampaign]:
    """What waits for this person's approval, the oldest first: written by somebody else, and to more people than go without."""
    if not may(by, APPROVE).allowed:
        return []
    rows = TextCampaign.objects.filter(state=Texting.DRAFT, people__gt=settings.TEXT_APPROVAL_ABOVE)
    return list(rows.exclude(written_by=by.id).order_by("written_at", "id")[:limit])


@transaction.atomic
def send(campaign_id: UUID, *, by: Actor, at: datetime) -> TextCampaign:
    """Let it go; the worker queues it, within the hours of its purpose.

    Raises NotAllowed, NotFound, and WrongState also where it needs approval, or nobody is left to text.
    """
    require(by, PLAN)
    row = _locked(campaign_id)
    check_texting(row.state, Texting.SENDING)
    if row.state == Texting.DRAFT and needs_approval(row):
        words = ngettext(
            "A text to more than %(most)d person needs somebody else's approval.",
            "A text to more than %(most)d people needs somebody else's approval.",
            settings.TEXT_APPROVAL_ABOVE,
        )
        raise WrongState(words % {"most": settings.TEXT_APPROVAL_ABOVE})
    if not row.people:
        raise WrongState(_("Nobody is left to text."))
    if not settings.TEXT_PROVIDER:
        raise WrongState(_("This council has no provider of text messages."))
    row.state, row.began_at = Texting.SENDING, at
    row.paced_until = at if row.outside_hours else open_from(PURPOSES[row.purpose], at + UNDO)
    row.save(update_fields=["state", "began_at", "paced_until"])
    data: dict[str, object] = {"people": row.people, "outside_hours": bool(row.outside_hours)}
    ledger.record("text_campaign.sent", about=row.subject, by=by, at=at, data=data)
    return row


@transaction.atomic
def stop(campaign_id: UUID, *, because: str, by: Actor, at: datetime) -> TextCampaign:
    """Nothing more of it goes: what is not queued is not, and what waits is taken back. Before it went, it is given up.

    Anybody who may plan or approve texts may stop one. Raises NotAllowed, NotFound, WrongState, BadInput.
    """
    require(by, PLAN)
    row = _locked(campaign_id)
    was_going = row.state in (Texting.SENDING, Texting.SENT)
    check_texting(row.state, Texting.STOPPED if was_going else Texting.DROPPED)
    if was_going and not because.strip():
        raise BadInput({"because": _("Enter why it is stopped")})
    if row.state == Texting.SENT and not results.progress(row)["waiting"]:
        raise WrongState(_("All of it has gone: nothing is left to stop."))
    row.state = Texting.STOPPED if was_going else Texting.DROPPED
    row.stopped_by, row.stopped_at, row.stopped_because = by.id, at, because.strip()[:500]
    row.save(update_fields=["state", "stopped_by", "stopped_at", "stopped_because"])
    taken = bulk_texts.take_back(row.subject)
    execute(
        "UPDATE engagement_writtentext SET state = 'stopped' WHERE campaign_id = %s AND (state = 'chosen' OR message_id = ANY(%s))",
        (row.pk, taken),
    )
    ledger.record("text_campaign.stopped", about=row.subject, by=by, at=at, data={"taken_back": len(taken)})
    return row


def _locked(campaign_id: UUID) -> TextCampaign:
    row = TextCampaign.objects.select_for_update().filter(pk=campaign_id).first()
    if row is None:
        raise NotFound
    return row


def queue(at: datetime) -> int:
    """Sweep: the next thousands of a text that goes out; how many. Killed, it goes on where it was.

    Each batch is judged anew, so that whoever texted STOP a minute ago gets nothing; each has its time, at the pace that the provider
    takes them, and what does not fit into today's hours goes when they begin again.
    """
    with transaction.atomic():
        take_turn("engagement.text_campaigns")  # one at a time: the daily limit is shared
        row = TextCampaign.objects.select_for_update().filter(state=Texting.SENDING).order_by("began_at").first()
        if row is None:
            return 0
        ids = list(
            WrittenText.objects.filter(campaign=row, state="chosen").order_by("id").values_list("pk", flat=True)[:BATCH]
        )
        if ids:
            audience.judge(row, at=at, only=ids)
            _queue(row, ids, at=at)
        if len(ids) < BATCH:
            row.state, row.ended_at = Texting.SENT, at
            _count(row)
            ledger.record("text_campaign.queued", about=row.subject, by=SYSTEM, at=at, data={"people": row.people})
        row.save(update_fields=["state", "ended_at", "paced_until"])
    return max(len(ids), 1)


def _queue(row: TextCampaign, ids: list[UUID], *, at: datetime) -> None:
    texts = WrittenText.objects.filter(pk__in=ids, state="chosen").order_by("id")
    lines = [
        (pk, number, customer, name, audience.words_for(row, name, given))
        for pk, number, customer, name, given in texts.values_list("pk", "number", "customer_id", "name", "given")
    ]
    goes_at = _next_time(row, PURPOSES[row.purpose], at=at)
    made = [uuid7() for _line in lines]
    bulk_texts.queue_texts(
        [
            Text(id=message, key=f"text-{pk}", number=number, customer_id=customer, name=name, words=words)
            for message, (pk, number, customer, name, words) in zip(made, lines, strict=True)
        ],
        template=TEMPLATE,
        about=row.subject,
        not_before=goes_at,
        template_version=version_of(TEMPLATE, row.words),
        at=at,
    )
    execute(
        """UPDATE engagement_writtentext AS t SET state = 'queued', message_id = m.message, words = m.words, at = %s
        FROM unnest(%s::uuid[], %s::uuid[], %s::text[]) AS m (id, message, words) WHERE t.id = m.id""",
        (at, [line[0] for line in lines], made, [line[4] for line in lines]),
    )
    row.paced_until = goes_at + timedelta(minutes=len(lines) / settings.TEXTS_A_MINUTE)


def _next_time(row: TextCampaign, purpose: Purpose, *, at: datetime) -> datetime:
    earliest = max(at, row.paced_until or at)
    return earliest if row.outside_hours else open_from(purpose, earliest)
