"""Modules and passes: what somebody may open and be given follows from them, and a clock tells before they lapse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from townhall.accounts.models import Role
from townhall.accounts.permissions import may, require
from townhall.clocks import operations as clocks
from townhall.clocks.events import ClockRang
from townhall.clocks.working_days import add_months
from townhall.core.actors import SYSTEM, Actor
from townhall.core.errors import BadInput, NotAllowed, NotFound
from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.core.time import council_date
from townhall.ledger import operations as ledger
from townhall.workforce import gates, people
from townhall.workforce.gates import MANAGE
from townhall.workforce.models import Module, Pass, Session
from townhall.workforce.people import Person
from townhall.workforce.states import PASS_NEXT, PassState, check

CLOCK: Final = "workforce.pass"
RECORD: Final = "training.record"
MOST_MONTHS: Final = 120


@dataclass(frozen=True, kw_only=True)
class WrittenModule:
    """months: how long a pass holds; 0: for good."""

    name: str
    months: int
    opens: str = ""
    roles: Sequence[str] = ()
    for_complaints: bool = False


@transaction.atomic
def keep_module(written: WrittenModule, *, by: Actor, at: datetime, code: str = "", is_active: bool = True) -> Module:
    """A new module, or other words for one. Passes that are held keep their last day. Raises NotAllowed, NotFound, BadInput."""
    require(by, MANAGE)
    problems = {}
    if not written.name or len(written.name) > 100:
        problems["name"] = _("Enter a name of 100 characters or fewer")
    if not 0 <= written.months <= MOST_MONTHS:
        problems["months"] = _("Enter months from 0 to %(most)s") % {"most": MOST_MONTHS}
    if not set(written.roles) <= set(Role.values):
        problems["roles"] = _("Select roles from the list")
    new_code = code or slugify(written.name)[:50]
    if not code and (not new_code or Module.objects.filter(pk=new_code).exists()):
        problems.setdefault("name", _("There is a module with this name"))
    if problems:
        raise BadInput(problems)
    module = Module(pk=new_code) if not code else Module.objects.select_for_update().filter(pk=code).first()
    if module is None:
        raise NotFound
    module.name, module.months, module.opens = written.name, written.months, written.opens
    module.roles, module.for_complaints, module.is_active = sorted(written.roles), written.for_complaints, is_active
    module.save()
    gates.forget()
    subject = Subject(kind="training_module", id=uuid7())
    data: dict[str, object] = {"module": module.code, "months": module.months}
    ledger.record("training_module.kept", about=subject, by=by, at=at, data=data)
    return module


def last_day(passed_on: date, months: int) -> date | None:
    """The last day of a pass: the same day of the month, so many months on, or that month's end. None: it holds for good."""
    return add_months(passed_on, months) if months else None


@transaction.atomic
def record_passes(
    module_code: str,
    user_ids: Sequence[UUID],
    *,
    passed_on: date,
    by: Actor,
    at: datetime,
    session_id: UUID | None = None,
) -> list[Pass]:
    """These passed the module on that day; what they held of it before is renewed.

    Recorded by a manager of their teams, whoever administers training, or the trainer of the session. A pass of the same day or a later
    one stands: recording twice is once. Raises NotAllowed, BadInput.
    """
    module = Module.objects.filter(pk=module_code, is_active=True).first()
    if module is None:
        raise BadInput({"module": _("Select a training module")})
    if passed_on > council_date(at):
        raise BadInput({"passed_on": _("The day of the pass must be today or in the past")})
    every = {one.id: one for one in people.everybody(on=council_date(at))}
    chosen = [every.get(user_id) for user_id in sorted(set(user_ids))]
    if not chosen or None in chosen:
        raise BadInput({"people": _("Select who passed")})
    for one in chosen:
        assert one is not None
        require_record(by, one, session_id=session_id)
    return [_record(one.id, module, passed_on, session_id, by=by, at=at) for one in chosen if one is not None]


def require_record(by: Actor, one: Person, *, session_id: UUID | None = None) -> None:
    """Raises NotAllowed, and for everybody about their own training."""
    if by.kind is SYSTEM.kind:
        return
    if str(one.id) == by.id:
        raise NotAllowed(_("Somebody else has to record what you passed."))
    if may(by, MANAGE).allowed:
        return
    if session_id and Session.objects.filter(pk=session_id, trainer_id=UUID(by.id)).exists():
        return
    require(by, RECORD)
    if not people.may_lead(by.teams, one) and Role.SENIOR_MANAGER.value not in by.roles:
        raise NotAllowed(_("You can record training for the people of your own teams."))


def _record(
    user_id: UUID, module: Module, passed_on: date, session_id: UUID | None, *, by: Actor, at: datetime
) -> Pass:
    counts = (PassState.HELD, PassState.LAPSED)
    held = Pass.objects.select_for_update().filter(user_id=user_id, module=module, state__in=counts).first()
    if held is not None and held.passed_on >= passed_on:
        return held
    if held is not None:
        _end(held, PassState.RENEWED, at=at)
        (clocks.finish if passed_on <= (held.expires_on or passed_on) else clocks.stop)(
            CLOCK, about=held.subject, at=at
        )
    expires_on = last_day(passed_on, module.months)
    made = Pass.objects.create(
        user_id=user_id,
        module=module,
        passed_on=passed_on,
        expires_on=expires_on,
        session_id=session_id,
        recorded_by=by.id,
        recorded_at=at,
        state=PassState.LAPSED if expires_on and expires_on < council_date(at) else PassState.HELD,
    )
    if expires_on and made.state == PassState.HELD:
        clocks.start(CLOCK, about=made.subject, at=at, due_on=expires_on)
    data: dict[str, object] = {"module": module.code, "user": str(user_id), "passed_on": passed_on.isoformat()}
    data |= {"expires_on": expires_on.isoformat()} if expires_on else {}
    ledger.record("training.passed", about=made.subject, by=by, at=at, data=data)
    return made


@transaction.atomic
def withdraw(pass_id: UUID, *, why: str, by: Actor, at: datetime) -> Pass:
    """It was recorded wrongly. Raises NotAllowed, NotFound, WrongState, BadInput."""
    row = Pass.objects.select_for_update().filter(pk=pass_id).first()
    if row is None:
        raise NotFound
    one = people.person(row.user_id, on=council_date(at))
    if one is not None:
        require_record(by, one)
    else:
        require(by, MANAGE)
    if not why.strip():
        raise BadInput({"why": _("Enter why it is withdrawn")})
    row.why = why.strip()
    _end(row, PassState.WITHDRAWN, at=at)
    clocks.stop(CLOCK, about=row.subject, at=at)
    ledger.record("training.withdrawn", about=row.subject, by=by, at=at, data={"module": row.module_id})
    return row


def _end(row: Pass, state: PassState, *, at: datetime) -> None:
    check(PASS_NEXT, PassState(row.state), state)
    row.state, row.ended_at = state, at
    row.save(update_fields=["state", "ended_at", "why"])


def clock_rang(event: ClockRang) -> None:
    """A pass ends soon: the person and their line manager hear. It has ended: it lapses, and the team leader is told, once."""
    if event.kind != CLOCK:
        return
    row = Pass.objects.select_for_update(of=("self",)).select_related("module").filter(pk=event.subject.id).first()
    one = people.person(row.user_id, on=council_date(event.at)) if row else None
    if row is None or row.state != PassState.HELD:
        return
    lapsed = event.rung == "due"
    if lapsed:
        _end(row, PassState.LAPSED, at=event.at)
        clocks.finish(CLOCK, about=row.subject, at=event.at)
        ledger.record("training.lapsed", about=row.subject, by=SYSTEM, at=event.at, data={"module": row.module_id})
    if one is None:  # they left: nobody has to be trained
        return
    context: dict[str, object] = {
        "person": one.name,
        "module": row.module.name,
        "opens": row.module.opens,
        "expires_on": row.expires_on,
        "lapsed": lapsed,
        "link": f"{settings.PUBLIC_URL}/work/training/people/{one.id}",
    }
    key = f"training-{row.pk}-{event.rung}"
    people.write_to_person("staff/training_ends", one, about=row.subject, key=key, context=context, at=event.at)
    people.write_to_posts(
        "staff/training_ends_manager", people.managers_of(one), about=row.subject, key=key, context=context, at=event.at
    )


USUAL: Final[Mapping[str, tuple[StrOrPromise, int, bool]]] = {
    "revenues": (gettext_lazy("Council tax and benefits enquiries"), 12, False),
    "housing-rents": (gettext_lazy("Housing rents and repairs enquiries"), 12, False),
    "payments": (gettext_lazy("Taking payments and card rules"), 12, False),
    "permits": (gettext_lazy("Parking permits"), 24, False),
    "admissions": (gettext_lazy("School admissions enquiries"), 12, False),
    "waste": (gettext_lazy("Waste and recycling rounds"), 24, False),
    "email": (gettext_lazy("Writing emails to customers"), 24, False),
    "complaints": (gettext_lazy("Handling complaints"), 12, True),
    "data-protection": (gettext_lazy("Data protection"), 12, False),
    "personal-safety": (gettext_lazy("Personal safety"), 24, False),
}  # what panels, kinds of work and rules come with: name, months, and whether it lets somebody own complaints


@transaction.atomic
def make_usual_modules(*, by: Actor, at: datetime) -> list[str]:
    """Make those of the usual modules that the council does not have; their codes. Raises NotAllowed."""
    require(by, MANAGE)
    there = set(Module.objects.values_list("code", flat=True))
    fresh = [code for code in USUAL if code not in there]
    front = [Role.ADVISER, Role.RECEPTIONIST]
    trained = [*front, Role.OFFICER, Role.TEAM_MANAGER]
    for code in fresh:
        name, months, for_complaints = USUAL[code]
        roles: list[Role] = [*trained, Role.PORTFOLIO_HOLDER] if code in ("email", "complaints") else []
        roles = roles or (trained if code == "data-protection" else front)
        Module.objects.create(code=code, name=str(name), months=months, roles=roles, for_complaints=for_complaints)
        data: dict[str, object] = {"module": code, "months": months}
        ledger.record(
            "training_module.kept", about=Subject(kind="training_module", id=uuid7()), by=by, at=at, data=data
        )
    gates.forget()
    return fresh
