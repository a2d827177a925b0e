"""Consultations, forums and focus groups: who takes part, what was found, and what the council does about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from townhall.accounts.permissions import require
from townhall.core.actors import Actor, ActorKind
from townhall.core.cards import refuse_card_numbers
from townhall.core.db import fetch_all
from townhall.core.errors import BadInput, NotFound, RuleBroken, WrongState
from townhall.core.refreshing import Refreshing
from townhall.core.time import council_date
from townhall.ledger import operations as ledger
from townhall.outreach import states
from townhall.outreach.models import Activity, Volunteer
from townhall.outreach.states import ACTIVITY_NEXT, ActivityState
from townhall.registers import operations as registers
from townhall.registers.models import Row
from townhall.registers.queries import rows_about
from townhall.ui.words import long_date

PLAN = "outreach.plan"
IMPROVEMENTS = "improvement-actions"
LONGEST = 10_000
_TAKES_PART = (
    "SELECT activity_id FROM outreach_volunteer WHERE activity_id = ANY(%s) AND customer_id = %s AND ended_at IS NULL"
)
_VOLUNTEERS = """SELECT v.customer_id, c.name, v.since, coalesce((SELECT p.value FROM customers_contactpoint p
      WHERE p.customer_id = c.id AND p.kind = 'email' AND p.ended_at IS NULL ORDER BY p.verified_at DESC NULLS LAST, p.id DESC LIMIT 1), '')
    FROM outreach_volunteer v JOIN customers_customer c ON c.id = v.customer_id
    WHERE v.activity_id = %s AND v.ended_at IS NULL ORDER BY v.since, v.id LIMIT 1000"""


class NoPlaceLeft(RuleBroken):
    user_message = gettext_lazy("Every place is taken.")


@dataclass(frozen=True, kw_only=True)
class Written:
    kind: str
    title: str
    about: str
    closes_on: date
    how: str = ""
    places: int = 0


@transaction.atomic
def write(new: Written, *, by: Actor, at: datetime, activity_id: UUID | None = None) -> Activity:
    """Something to take part in, or its words changed. Raises NotAllowed, NotFound, BadInput, WrongState once its findings are out."""
    require(by, PLAN)
    problems = {}
    if new.kind not in Activity.Kind.values:
        problems["kind"] = _("Select what it is")
    if not new.title.strip() or len(new.title) > 200:
        problems["title"] = _("Enter what it is called")
    if not new.about.strip() or len(new.about) > LONGEST:
        problems["about"] = _("Enter what it is about")
    if new.closes_on < council_date(at):
        problems["closes_on"] = _("Enter today or a later day")
    if problems:
        raise BadInput(problems)
    row = _locked(activity_id) if activity_id else Activity()
    if row.state == ActivityState.REPORTED:
        raise WrongState
    row.kind, row.title, row.about, row.how = new.kind, new.title.strip(), new.about.strip(), new.how.strip()
    row.places, row.closes_on, row.written_by, row.written_at = new.places, new.closes_on, by.id, at
    row.save()
    _forget()
    ledger.record("activity.written", about=row.subject, by=by, at=at, data={"kind": row.kind})
    return row


@transaction.atomic
def move(activity_id: UUID, then: ActivityState, *, by: Actor, at: datetime) -> Activity:
    """Open it, close it, or open it again. Raises NotAllowed, NotFound, WrongState."""
    require(by, PLAN)
    row = _locked(activity_id)
    states.check(ACTIVITY_NEXT, ActivityState(row.state), then)
    if then is ActivityState.REPORTED:
        raise WrongState(_("Publish its findings to end it."))
    if then is ActivityState.OPEN and row.closes_on < council_date(at):
        raise WrongState(_("Its last day has passed. Give it a later one first."))
    row.state = then
    if then is ActivityState.OPEN:
        row.opened_at = at
    else:
        row.closed_at = at
    row.save(update_fields=["state", "opened_at", "closed_at"])
    _forget()
    ledger.record(f"activity.{then.value}", about=row.subject, by=by, at=at)
    return row


@transaction.atomic
def publish_findings(activity_id: UUID, words: str, *, by: Actor, at: datetime) -> Activity:
    """What was found, for everybody to read. Raises NotAllowed, NotFound, BadInput, WrongState unless it is closed."""
    require(by, PLAN)
    if not words.strip() or len(words) > LONGEST:
        raise BadInput({"findings": _("Enter what was found")})
    refuse_card_numbers(findings=words)
    row = _locked(activity_id)
    states.check(ACTIVITY_NEXT, ActivityState(row.state), ActivityState.REPORTED)
    row.state, row.findings, row.reported_at = ActivityState.REPORTED, words.strip(), at
    row.save(update_fields=["state", "findings", "reported_at"])
    _forget()
    ledger.record("activity.reported", about=row.subject, by=by, at=at)
    return row


@transaction.atomic
def promise(activity_id: UUID, *, title: str, by_on: date, public_words: str, by: Actor, at: datetime) -> Row:
    """Something the council will do because of it: a row of the register of improvements. Raises as `registers.open_row`."""
    require(by, PLAN)
    row = _locked(activity_id)
    given = {"by_on": by_on.isoformat(), "public_words": public_words}
    return registers.open_row(IMPROVEMENTS, title=title, given=given, about=row.subject, by=by, at=at)


@transaction.atomic
def volunteer(activity_id: UUID, customer_id: UUID, *, by: Actor, at: datetime) -> Volunteer:
    """An account holder takes part. Twice is once. Raises NotFound, WrongState when it is not open, NoPlaceLeft."""
    row = _locked(activity_id)
    if not is_open(row, at=at):
        raise WrongState(_("It is not open any more."))
    held = Volunteer.objects.filter(activity=row, customer_id=customer_id, ended_at=None).first()
    if held is not None:
        return held
    if row.places and Volunteer.objects.filter(activity=row, ended_at=None).count() >= row.places:
        raise NoPlaceLeft
    made = Volunteer.objects.create(activity=row, customer_id=customer_id, since=at)
    ledger.record("activity.volunteered", about=row.subject, by=by, at=at, customer_id=customer_id)
    return made


@transaction.atomic
def withdraw(activity_id: UUID, customer_id: UUID, *, by: Actor, at: datetime) -> bool:
    """They take part no more. False when they did not. Raises NotFound."""
    row = _locked(activity_id)
    ended = Volunteer.objects.filter(activity=row, customer_id=customer_id, ended_at=None).update(ended_at=at)
    if ended:
        ledger.record("activity.withdrew", about=row.subject, by=by, at=at, customer_id=customer_id)
    return bool(ended)


def _locked(activity_id: UUID) -> Activity:
    row = Activity.objects.select_for_update().filter(pk=activity_id).first()
    if row is None:
        raise NotFound
    return row


def is_open(row: Activity, *, at: datetime) -> bool:
    return row.state == ActivityState.OPEN and row.closes_on >= council_date(at)


def open_now(*, at: datetime, limit: int = 50) -> list[Activity]:
    """What is open, the first to close first. One query."""
    rows = Activity.objects.filter(state=ActivityState.OPEN, closes_on__gte=council_date(at))
    return list(rows.order_by("closes_on", "id")[:limit])


_OPEN = Activity.objects.filter(state=ActivityState.OPEN).order_by("closes_on", "id")
_open = Refreshing(lambda: list(_OPEN.all()[:200]))


def open_lately(*, at: datetime, limit: int) -> list[Activity]:
    """As `open_now`, from the process's memory; not to be changed. No query but every few seconds."""
    today = council_date(at)
    return [one for one in _open.get() if one.closes_on >= today][:limit]


def _forget() -> None:
    _open.forget()
    transaction.on_commit(_open.forget)


def public_list(*, at: datetime) -> tuple[list[Activity], list[Activity]]:
    """What is open; and what is over, the newest first. Two queries."""
    over = Activity.objects.exclude(state=ActivityState.DRAFT).filter(
        ~Q(state=ActivityState.OPEN) | Q(closes_on__lt=council_date(at))
    )
    return open_now(at=at), list(over.order_by("-closes_on", "-id")[:100])


def public_one(activity_id: UUID) -> Activity:
    """Raises NotFound, also for one that is being prepared."""
    row = Activity.objects.exclude(state=ActivityState.DRAFT).filter(pk=activity_id).first()
    if row is None:
        raise NotFound
    return row


def takes_part(activity_ids: Sequence[UUID], customer_id: UUID) -> set[UUID]:
    """Of these activities those that a customer takes part in. One query."""
    return {row[0] for row in fetch_all(_TAKES_PART, (list(activity_ids), customer_id))}


def improvements(row: Activity) -> list[Row]:
    return rows_about(row.subject)


def every_activity() -> list[tuple[Activity, int]]:
    """For staff, with how many take part; the newest first. One query."""
    rows = Activity.objects.annotate(taking_part=Count("volunteers", filter=Q(volunteers__ended_at=None)))
    return [(row, row.taking_part) for row in rows.order_by("-written_at", "-id")[:200]]


def volunteers_of(activity_id: UUID, *, by: Actor, at: datetime) -> list[tuple[UUID, str, datetime, str]]:
    """Who takes part: customer, name, since, email. That it was looked at is written down. One query. Raises NotAllowed."""
    require(by, "customers.see")
    if by.kind is ActorKind.STAFF:
        ledger.looked(by=by, at=at, customer_id=None, page="activity.volunteers", reason=str(activity_id))
    return [(row[0], row[1], row[2], row[3]) for row in fetch_all(_VOLUNTEERS, (activity_id,))]


def for_newsletter(at: datetime) -> str:
    """The open ones as a section of the newsletter; empty when nothing is open."""
    lines = [
        _("- %(title)s, until %(date)s: %(link)s")
        % {
            "title": row.title,
            "date": long_date(row.closes_on),
            "link": f"{settings.PUBLIC_URL}/taking-part/{row.pk}",
        }
        for row in open_now(at=at, limit=10)
    ]
    return "\n".join(lines)
