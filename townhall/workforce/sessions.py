"""The joint training plan: sessions of customer services with client services and neighbouring councils, with places and who came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from townhall.accounts.models import User
from townhall.accounts.permissions import may, require
from townhall.core.actors import Actor
from townhall.core.errors import BadInput, NotFound, WrongState
from townhall.core.time import council_date
from townhall.ledger import operations as ledger
from townhall.workforce import people, training
from townhall.workforce.models import Attendance, Module, Session
from townhall.workforce.states import SESSION_NEXT, SessionState, check
from townhall.workforce.training import RECORD

MOST_PLACES: Final = 500
State = Attendance.State


@dataclass(frozen=True, kw_only=True)
class Plan:
    """joint_with, partner: with whom; where it is with nobody, why_alone says why joint delivery is not practical."""

    title: str
    module: str
    joint_with: str
    partner: str
    why_alone: str
    because: str
    because_of: str
    starts_at: datetime
    where: str
    places: int
    trainer: UUID | None = None


@transaction.atomic
def plan(planned: Plan, *, by: Actor, at: datetime) -> Session:
    """Put a session on the plan. Raises NotAllowed, BadInput."""
    require(by, RECORD)
    _refuse(planned)
    joint = bool(planned.joint_with)
    made = Session.objects.create(
        title=planned.title,
        module_id=planned.module or None,
        joint_with=planned.joint_with,
        partner=planned.partner if joint else "",
        why_alone="" if joint else planned.why_alone,
        because=planned.because,
        because_of=planned.because_of,
        starts_at=planned.starts_at,
        where=planned.where,
        places=planned.places,
        trainer_id=planned.trainer,
        planned_by=by.id,
        planned_at=at,
    )
    data: dict[str, object] = {"module": planned.module, "because": planned.because, "joint": joint}
    ledger.record("training_session.planned", about=made.subject, by=by, at=at, data=data)
    return made


def _refuse(planned: Plan) -> None:
    knows_module = not planned.module or Module.objects.filter(pk=planned.module, is_active=True).exists()
    knows_trainer = not planned.trainer or User.objects.filter(pk=planned.trainer, is_active=True).exists()
    is_joint, needs_what = bool(planned.joint_with), planned.because != Session.Because.REFRESHER
    rules = (
        ("title", 0 < len(planned.title) <= 200, _("Enter a title of 200 characters or fewer")),
        ("module", knows_module, _("Select a training module")),
        ("joint_with", planned.joint_with in Session.With.values, _("Select with whom it is held")),
        ("partner", bool(planned.partner) or not is_joint, _("Enter which service or council")),
        ("why_alone", bool(planned.why_alone) or is_joint, _("Enter why it cannot be held jointly")),
        ("because", planned.because in Session.Because.values, _("Select what it is for")),
        ("because_of", bool(planned.because_of) or not needs_what, _("Enter which law or which service")),
        ("where", bool(planned.where), _("Enter where it is held")),
        (
            "places",
            1 <= planned.places <= MOST_PLACES,
            _("Enter a number of places from 1 to %(most)s") % {"most": MOST_PLACES},
        ),
        ("trainer", knows_trainer, _("Select who teaches it")),
    )
    problems = {name: words for name, holds, words in rules if not holds}
    if problems:
        raise BadInput(problems)


@transaction.atomic
def book(session_id: UUID, *, by: Actor, at: datetime, user_id: UUID | None = None, guest: str = "") -> Attendance:
    """A place for oneself, for somebody of one's teams, or for a guest by name. Raises NotAllowed, NotFound, WrongState when it is full."""
    session = _locked(session_id)
    if session.state != SessionState.PLANNED:
        raise WrongState
    guest = guest.strip()[:200]
    if user_id is None and not guest:
        raise BadInput({"person": _("Select a person, or enter a guest's name")})
    if user_id is None:
        require(by, RECORD)
    else:
        one = people.person(user_id, on=council_date(at))
        if one is None:
            raise BadInput({"person": _("Select a person, or enter a guest's name")})
        if str(user_id) != by.id:
            training.require_record(by, one, session_id=session_id)
        known = session.attendances.filter(user_id=user_id).first()
        if known is not None:
            return known
    if session.attendances.count() >= session.places:
        raise WrongState(_("All places are taken."))
    made = Attendance.objects.create(session=session, user_id=user_id, guest="" if user_id else guest)
    data: dict[str, object] = {"user": str(user_id)} if user_id else {"guest": True}
    ledger.record("training_session.booked", about=session.subject, by=by, at=at, data=data)
    return made


@transaction.atomic
def hold(session_id: UUID, *, came: Sequence[UUID], passed: bool, by: Actor, at: datetime) -> Session:
    """It was held: who came of those with a place (ids of attendances); whether they passed its module by it, all at once.

    By the trainer, or whoever may record training. Raises NotAllowed, NotFound, WrongState.
    """
    session = _locked(session_id)
    if not (session.trainer_id and str(session.trainer_id) == by.id):
        require(by, RECORD)
    if session.starts_at > at:
        raise WrongState(_("It can be recorded once it has begun."))
    check(SESSION_NEXT, SessionState(session.state), SessionState.HELD)
    session.state = SessionState.HELD
    session.save(update_fields=["state"])
    session.attendances.update(state=State.MISSED)
    attended = session.attendances.filter(pk__in=list(came))
    attended.update(state=State.ATTENDED)
    trained = [one for one in attended.exclude(user=None).values_list("user_id", flat=True) if str(one) != by.id]
    if passed and session.module_id and trained:
        on = council_date(session.starts_at)
        training.record_passes(session.module_id, trained, passed_on=on, by=by, at=at, session_id=session.pk)
    data: dict[str, object] = {"came": len(came), "passed": len(trained) if passed else 0}
    ledger.record("training_session.held", about=session.subject, by=by, at=at, data=data)
    return session


@transaction.atomic
def cancel(session_id: UUID, *, by: Actor, at: datetime) -> Session:
    """Raises NotAllowed, NotFound, WrongState."""
    require(by, RECORD)
    session = _locked(session_id)
    check(SESSION_NEXT, SessionState(session.state), SessionState.CANCELLED)
    session.state = SessionState.CANCELLED
    session.save(update_fields=["state"])
    ledger.record("training_session.cancelled", about=session.subject, by=by, at=at)
    return session


def _locked(session_id: UUID) -> Session:
    row = Session.objects.select_for_update().filter(pk=session_id).first()
    if row is None:
        raise NotFound
    return row


def may_see(session: Session, by: Actor) -> bool:
    return bool(may(by, "training.see")) or str(session.trainer_id) == by.id


@dataclass(frozen=True, kw_only=True)
class PlanLine:
    session: Session
    booked: int
    came: int


@dataclass(frozen=True, kw_only=True)
class Share:
    """How much of the plan is joint. Cancelled sessions are left out."""

    sessions: int
    joint: int

    @property
    def percent(self) -> int | None:
        return round(100 * self.joint / self.sessions) if self.sessions else None


def the_plan(*, since: datetime, limit: int = 200) -> tuple[list[PlanLine], Share]:
    """Sessions from then on by date, and the share of them that is joint. One query."""
    came = Count("attendances", filter=Q(attendances__state=State.ATTENDED))
    rows = Session.objects.filter(starts_at__gte=since).select_related("module", "trainer")
    found = rows.annotate(booked=Count("attendances"), came=came).order_by("starts_at", "pk")[:limit]
    lines = [PlanLine(session=row, booked=row.booked, came=row.came) for row in found]
    counted = [line.session for line in lines if line.session.state != SessionState.CANCELLED]
    return lines, Share(sessions=len(counted), joint=sum(bool(one.joint_with) for one in counted))
