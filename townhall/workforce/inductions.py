"""Inductions: each starter's list, booked visits and acceptance; what is late goes to the line manager by its clock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Min, Q
from django.utils.translation import gettext as _

from townhall.accounts.models import PostHolder, Role, User
from townhall.accounts.permissions import may, require
from townhall.clocks import operations as clocks
from townhall.clocks.events import ClockRang
from townhall.core.actors import SYSTEM, Actor
from townhall.core.errors import BadInput, NotAllowed, NotFound, WrongState
from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.core.sweeps import each_by_itself
from townhall.core.time import council_date
from townhall.ledger import operations as ledger
from townhall.ui import naming
from townhall.workforce import people
from townhall.workforce.gates import MANAGE
from townhall.workforce.models import Induction, InductionItem, Step
from townhall.workforce.models.starting import Kind
from townhall.workforce.people import Person
from townhall.workforce.states import INDUCTION_NEXT, InductionState, check
from townhall.workforce.training import RECORD

CLOCK: Final = "workforce.induction"
STARTS_WITHIN: Final = timedelta(days=14)  # a first post that began earlier is nobody's start
OWN: Final = frozenset({Kind.STANDARD.value, Kind.DUTY.value})  # accepted by the starter, and by nobody for them


@transaction.atomic
def begin(user_id: UUID, *, role: str, by: Actor, at: datetime) -> Induction:
    """Give somebody who starts in a role their list; the same again is the one they have. Raises NotAllowed, NotFound, BadInput."""
    today = council_date(at)
    one = people.person(user_id, on=today)
    if one is None:
        raise NotFound
    _require_lead(by, one)
    if role not in one.roles:
        raise BadInput({"role": _("Select a role that they hold")})
    User.objects.select_for_update().get(pk=user_id)
    made = Induction.objects.filter(user_id=user_id, role=role).first()
    if made is not None:
        return made
    items = list(
        InductionItem.objects.filter(Q(role=role) | Q(role=""), is_active=True).order_by("role", "order", "pk")
    )
    if not items:
        raise BadInput({"role": _("There is no list for this role yet. An administrator can write one.")})
    made = Induction(user_id=user_id, role=role, started_on=today, due_on=today)
    made.due_on = clocks.start(CLOCK, about=made.subject, at=at)
    made.save(force_insert=True)
    Step.objects.bulk_create(
        Step(induction=made, kind=item.kind, title=item.title, order=number) for number, item in enumerate(items)
    )
    ledger.record("induction.begun", about=made.subject, by=by, at=at, data={"user": str(user_id), "role": role})
    return made


def welcome_starters(at: datetime) -> int:
    """The daily sweep: whoever began in their first post these days and has no list yet gets one. How many lists were begun."""
    today = council_date(at)
    roles = set(InductionItem.objects.filter(is_active=True).values_list("role", flat=True))
    first = (
        PostHolder.objects.filter(user__is_active=True, user__inductions=None, post__team__kind="council")
        .values("user_id")
        .annotate(first_on=Min("from_on"))
        .filter(first_on__gte=today - STARTS_WITHIN, first_on__lte=today)
    )
    starters = [row["user_id"] for row in first[:100]]
    return each_by_itself(starters, lambda user_id: _welcome(user_id, roles, at=at))


def _welcome(user_id: UUID, listed: set[str], *, at: datetime) -> int:
    """A list for each role of theirs that there is one for; how many. listed: roles with lines, "" for lines of everybody."""
    one = people.person(user_id, on=council_date(at))
    roles = [role for role in sorted(one.roles if one else ()) if "" in listed or role in listed]
    for role in roles:
        begin(user_id, role=role, by=SYSTEM, at=at)
    return len(roles)


@transaction.atomic
def book_visit(step_id: UUID, *, visit_at: datetime, where: str, by: Actor, at: datetime) -> Step:
    """A visit to the contact centre or a customer centre, with time and place. Raises NotAllowed, NotFound, WrongState, BadInput."""
    step = _locked(step_id, by=by, at=at)
    problems = {}
    if step.kind != Kind.VISIT:
        raise WrongState
    if visit_at < at:
        problems["visit_on"] = _("Enter a time in the future")
    if not where.strip():
        problems["where"] = _("Enter where the visit is")
    if problems:
        raise BadInput(problems)
    step.visit_at, step.visit_where = visit_at, where.strip()[:200]
    step.save(update_fields=["visit_at", "visit_where"])
    data: dict[str, object] = {"step": str(step.pk), "visit_at": visit_at.isoformat()}
    ledger.record("induction.visit_booked", about=step.induction.subject, by=by, at=at, data=data)
    return step


@transaction.atomic
def complete_step(step_id: UUID, *, by: Actor, at: datetime) -> Induction:
    """Accepted, visited or done. Standards and duties are accepted by the starter; a visit was booked before and has happened.

    The last one completes the list. Raises NotAllowed, NotFound, WrongState.
    """
    step = _locked(step_id, by=by, at=at)
    induction = step.induction
    if step.done_at is not None:
        return induction
    if step.kind in OWN and by.id != str(induction.user_id):
        raise NotAllowed(_("Only the starter can accept this."))
    if step.kind == Kind.VISIT and (step.visit_at is None or step.visit_at > at):
        raise WrongState(_("Book the visit first. It can be ticked off when it has happened."))
    step.done_at, step.done_by = at, by.id
    step.save(update_fields=["done_at", "done_by"])
    ledger.record(
        "induction.step_done", about=induction.subject, by=by, at=at, data={"step": str(step.pk), "kind": step.kind}
    )
    if not induction.steps.filter(done_at=None).exists():
        _end(induction, InductionState.COMPLETE, by=by, at=at)
        clocks.finish(CLOCK, about=induction.subject, at=at)
    return induction


@transaction.atomic
def end(induction_id: UUID, *, by: Actor, at: datetime) -> Induction:
    """They left, or were given another role. Raises NotAllowed, NotFound, WrongState."""
    row = Induction.objects.select_for_update().filter(pk=induction_id).first()
    if row is None:
        raise NotFound
    _require_lead(by, people.person(row.user_id, on=council_date(at)))
    _end(row, InductionState.ENDED, by=by, at=at)
    clocks.stop(CLOCK, about=row.subject, at=at)
    return row


def _end(row: Induction, state: InductionState, *, by: Actor, at: datetime) -> None:
    check(INDUCTION_NEXT, InductionState(row.state), state)
    row.state, row.ended_at = state, at
    row.save(update_fields=["state", "ended_at"])
    ledger.record(f"induction.{state.value}", about=row.subject, by=by, at=at)


def _locked(step_id: UUID, *, by: Actor, at: datetime) -> Step:
    """The step with its list locked, for the starter and those who lead them."""
    found = Step.objects.filter(pk=step_id).values_list("induction_id", flat=True).first()
    if found is None:
        raise NotFound
    induction = Induction.objects.select_for_update().get(pk=found)
    if by.id != str(induction.user_id):
        _require_lead(by, people.person(induction.user_id, on=council_date(at)))
    if induction.state != InductionState.OPEN:
        raise WrongState
    step = Step.objects.get(pk=step_id)
    step.induction = induction
    return step


def _require_lead(by: Actor, one: Person | None) -> None:
    if by.kind is SYSTEM.kind or may(by, MANAGE).allowed:
        return
    require(by, RECORD)
    if one is None or not (people.may_lead(by.teams, one) or Role.SENIOR_MANAGER.value in by.roles):
        raise NotAllowed(_("You can do that for the people of your own teams."))


@transaction.atomic
def keep_items(role: str, lines: Sequence[tuple[str, str]], *, by: Actor, at: datetime) -> None:
    """The list for a role ("" for everybody), as (kind, title), in order. Lists begun before stay. Raises NotAllowed, BadInput."""
    require(by, MANAGE)
    if role and role not in Role.values:
        raise BadInput({"role": _("Select a role")})
    if any(kind not in Kind.values or not title.strip() or len(title) > 300 for kind, title in lines):
        raise BadInput(
            {
                "lines": _("Write each line as its kind, a colon and what it is, like “visit: the %(operation)s”")
                % {"operation": naming.name(naming.OPERATION)}
            }
        )
    InductionItem.objects.filter(role=role, is_active=True).update(is_active=False)
    InductionItem.objects.bulk_create(
        InductionItem(role=role, kind=kind, title=title.strip(), order=number)
        for number, (kind, title) in enumerate(lines)
    )
    about = Subject(kind="induction_list", id=uuid7())
    ledger.record("induction_list.kept", about=about, by=by, at=at, data={"role": role, "lines": len(lines)})


def clock_rang(event: ClockRang) -> None:
    """It is late: the line manager hears what is still to do, once; a reminder before goes to the starter."""
    if event.kind != CLOCK:
        return
    row = Induction.objects.select_for_update().filter(pk=event.subject.id, state=InductionState.OPEN).first()
    one = people.person(row.user_id, on=council_date(event.at)) if row else None
    if row is None or one is None:
        return
    left = list(row.steps.filter(done_at=None).order_by("order").values_list("title", flat=True))
    context: dict[str, object] = {
        "person": one.name,
        "due_on": event.due_on,
        "left": left,
        "link": f"{settings.PUBLIC_URL}/work/inductions/{row.pk}",
    }
    key = f"induction-{row.pk}-{event.rung}"
    if event.rung == "due_soon":
        people.write_to_person("staff/induction_soon", one, about=row.subject, key=key, context=context, at=event.at)
        return
    if row.raised_at is None:
        row.raised_at = event.at
        row.save(update_fields=["raised_at"])
        ledger.record("induction.raised", about=row.subject, by=SYSTEM, at=event.at, data={"left": len(left)})
    posts = people.managers_of(one)
    people.write_to_posts("staff/induction_late", posts, about=row.subject, key=key, context=context, at=event.at)


def lists(*, user_ids: Sequence[UUID] | None = None) -> list[Induction]:
    """Open ones, the soonest due first, with their steps and people; of these people only. Three queries."""
    rows = Induction.objects.filter(state=InductionState.OPEN).select_related("user").prefetch_related("steps")
    if user_ids is not None:
        rows = rows.filter(user_id__in=user_ids)
    return list(rows.order_by("due_on", "pk")[:200])
