"""Campaigns at the trigger points of the year: planned, approved by somebody else, sent once to each, and measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from townhall.accounts.permissions import require
from townhall.catalogue import queries as catalogue
from townhall.core.actors import SYSTEM, Actor
from townhall.core.db import fetch_all
from townhall.core.errors import BadInput, NotFound, WrongState
from townhall.core.references import new_code
from townhall.core.time import council_date
from townhall.engagement import newsletter, quiet
from townhall.ledger import operations as ledger
from townhall.notifications import bulk
from townhall.notifications import operations as notifications
from townhall.notifications.recipients import Recipient
from townhall.outreach import states
from townhall.outreach.audience import LONGEST_MONTHS, ROLES, Audience, from_json, next_of
from townhall.outreach.codes import CODE_LENGTH
from townhall.outreach.models import Campaign
from townhall.outreach.states import CAMPAIGN_NEXT, CampaignState
from townhall.ui.paths import is_ours

PLAN, APPROVE = "outreach.plan", "outreach.approve"
TEMPLATE = "outreach/campaign"
BATCH = 5_000  # people queued in one transaction
MEASURED = timedelta(days=28)  # before it went out, and after
_EFFECT = """SELECT service_code, count(*) FILTER (WHERE started_at < %s), count(*) FILTER (WHERE started_at >= %s)
    FROM contacts_contact WHERE started_at >= %s AND started_at < %s AND (%s OR service_code = ANY(%s))
    GROUP BY service_code ORDER BY service_code"""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is planned. `trigger`: a row of the forward calendar, and the day on which it falls this time."""

    name: str
    goes_on: date
    audience: Audience
    subject_line: str
    body: str
    expected: str
    expected_percent: int = 0
    services: Sequence[str] = ()
    leads_to: str = "/services"
    trigger_row_id: UUID | None = None
    trigger_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class Effect:
    """Contacts of one service in four weeks before it went out and in as long after."""

    service_code: str
    before: int
    after: int

    @property
    def percent(self) -> float | None:
        return 100 * (self.after - self.before) / self.before if self.before else None


@transaction.atomic
def plan(new: Plan, *, by: Actor, at: datetime, campaign_id: UUID | None = None) -> Campaign:
    """A campaign, or one planned otherwise, which then needs approval. Raises NotAllowed, NotFound, BadInput, WrongState when it is out."""
    require(by, PLAN)
    problems = _problems(new, at=at)
    if problems:
        raise BadInput(problems)
    if campaign_id is None:
        row = Campaign(code=new_code(CODE_LENGTH))
    else:
        row = _locked(campaign_id)
        if row.state not in (CampaignState.DRAFT, CampaignState.APPROVED):
            raise WrongState
    row.name, row.goes_on, row.audience = new.name.strip(), new.goes_on, new.audience.as_json()
    row.subject_line, row.body, row.leads_to = new.subject_line.strip(), new.body.strip(), new.leads_to
    row.expected, row.expected_percent, row.services = new.expected.strip(), new.expected_percent, list(new.services)
    row.trigger_row_id, row.trigger_on = new.trigger_row_id, new.trigger_on
    row.state, row.written_by, row.written_at, row.approved_by, row.approved_at = (
        CampaignState.DRAFT,
        by.id,
        at,
        "",
        None,
    )
    row.save()
    ledger.record("campaign.planned", about=row.subject, by=by, at=at, data={"goes_on": new.goes_on.isoformat()})
    return row


def _problems(new: Plan, *, at: datetime) -> dict[str, str]:
    problems = {
        name: _("Enter: %(what)s") % {"what": what}
        for name, value, what in (
            ("name", new.name, _("what the campaign is called")),
            ("subject_line", new.subject_line, _("a subject line")),
            ("body", new.body, _("the message")),
            ("expected", new.expected, _("what it should do to contacts")),
        )
        if not value.strip()
    }
    known = {pack.code for pack in catalogue.services()}
    if set(new.services) - known or set(new.audience.asked) - known:
        problems["services"] = _("Select services from the list")
    if set(new.audience.roles) - set(ROLES):
        problems["roles"] = _("Select from the list")
    if not 1 <= new.audience.months <= LONGEST_MONTHS:
        problems["months"] = _("Enter a number of months from 1 to 24")
    if not -100 <= new.expected_percent <= 1_000:
        problems["expected_percent"] = _("Enter a change from -100 to 1000 per cent")
    if new.goes_on < council_date(at):
        problems["goes_on"] = _("Enter today or a later day")
    if not is_ours(new.leads_to):
        problems["leads_to"] = _("Enter a page of this site, such as /services")
    return problems


@transaction.atomic
def approve(campaign_id: UUID, *, by: Actor, at: datetime) -> Campaign:
    """It goes out on its day. Raises NotAllowed, NotFound, WrongState, also for whoever planned it."""
    require(by, APPROVE)
    row = _locked(campaign_id)
    states.check(CAMPAIGN_NEXT, CampaignState(row.state), CampaignState.APPROVED)
    if row.written_by == by.id:
        raise WrongState(_("Somebody else has to approve what you wrote."))
    row.state, row.approved_by, row.approved_at = CampaignState.APPROVED, by.id, at
    row.save(update_fields=["state", "approved_by", "approved_at"])
    ledger.record("campaign.approved", about=row.subject, by=by, at=at)
    return row


@transaction.atomic
def call_off(campaign_id: UUID, *, by: Actor, at: datetime) -> Campaign:
    """It does not go out. Raises NotAllowed, NotFound, WrongState once it does."""
    require(by, PLAN)
    row = _locked(campaign_id)
    states.check(CAMPAIGN_NEXT, CampaignState(row.state), CampaignState.CALLED_OFF)
    row.state = CampaignState.CALLED_OFF
    row.save(update_fields=["state"])
    ledger.record("campaign.called_off", about=row.subject, by=by, at=at)
    return row


@transaction.atomic
def write_result(campaign_id: UUID, words: str, *, by: Actor, at: datetime) -> Campaign:
    """What came of it, beside the figures. Raises NotAllowed, NotFound, BadInput, WrongState before it went out."""
    require(by, PLAN)
    row = _locked(campaign_id)
    if row.state != CampaignState.SENT:
        raise WrongState
    if not words.strip():
        raise BadInput({"result": _("Enter what came of it")})
    row.result = words.strip()
    row.save(update_fields=["result"])
    ledger.record("campaign.result_written", about=row.subject, by=by, at=at)
    return row


def _locked(campaign_id: UUID) -> Campaign:
    row = Campaign.objects.select_for_update().filter(pk=campaign_id).first()
    if row is None:
        raise NotFound
    return row


def queue(at: datetime) -> int:
    """The sweep: approved campaigns whose day has come are queued, thousands in one go. Killed, it goes on where it was."""
    if quiet.over_at(at) != at:
        return 0
    with transaction.atomic():
        waiting = Campaign.objects.select_for_update(skip_locked=True).filter(
            state__in=[CampaignState.APPROVED, CampaignState.SENDING], goes_on__lte=council_date(at)
        )
        row = waiting.order_by("goes_on", "id").first()
        if row is None:
            return 0
        if row.state == CampaignState.APPROVED:
            row.state, row.began_at = CampaignState.SENDING, at
            newsletter.know_readers()
        people = next_of(from_json(row.audience), after=row.reached, size=BATCH, at=at)
        if people:
            row.queued += _queue_for(row, people, at=at)
            row.reached = people[-1][0]
        if len(people) < BATCH:
            row.state, row.ended_at = CampaignState.SENT, at
            ledger.record("campaign.sent", about=row.subject, by=SYSTEM, at=at, data={"queued": row.queued})
        row.save(update_fields=["state", "began_at", "queued", "reached", "ended_at"])
    return max(len(people), 1)


def _queue_for(row: Campaign, people: Sequence[tuple[Any, ...]], *, at: datetime) -> int:
    shown = preview(row, stop=bulk.STOP)
    mails = [
        (f"campaign-{row.pk}-{customer_id}", name, email, customer_id, newsletter.stop_link(token))
        for customer_id, name, email, token in people
    ]
    return bulk.queue_mails(
        mails,
        template=TEMPLATE,
        about=row.subject,
        subject_line=shown.subject_line,
        body_text=shown.body_text,
        not_before=quiet.over_at(at),
        at=at,
    )


def preview(row: Campaign, *, stop: str) -> notifications.Rendered:
    """As somebody gets it."""
    context = {
        "subject": row.subject_line,
        "body": row.body,
        "link": f"{settings.PUBLIC_URL}/c/{row.code}",
        "stop": stop,
        "unsubscribe_url": stop,
    }
    return notifications.preview(TEMPLATE, to=Recipient(email="reader@example.org"), context=context)


def effect_of(row: Campaign, *, at: datetime) -> list[Effect]:
    """Contacts of its services, of all when it names none; nothing before it went out. While the weeks after run, the time before is as
    long. One query.
    """
    if row.began_at is None:
        return []
    sent = row.began_at
    length = min(MEASURED, at - sent)
    services = list(row.services)
    rows = fetch_all(_EFFECT, (sent, sent, sent - length, sent + length, not services, services))
    return [Effect(service_code=code, before=before, after=after) for code, before, after in rows]


def planned(*, since: date, until: date) -> list[Campaign]:
    """By day. One query."""
    rows = Campaign.objects.filter(goes_on__gte=since, goes_on__lte=until).exclude(state=CampaignState.CALLED_OFF)
    return list(rows.order_by("goes_on", "id")[:200])
