"""The procedure as configuration: which version holds, and a new one from a day on. Open complaints keep the one they began under."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from townhall.accounts import permissions
from townhall.accounts.models import Post, Role
from townhall.clocks.models import Calendar
from townhall.complaints.models import Procedure, ProcedureStage
from townhall.core.actors import Actor
from townhall.core.errors import refuse
from townhall.core.time import council_date
from townhall.forms.typed import clean_line
from townhall.ledger import operations as ledger

MANAGE = "complaints.procedure"
LONGEST_DAYS = 250  # working days, about a year


@dataclass(frozen=True, kw_only=True)
class StageRule:
    acknowledge_days: int
    reply_days: int
    extend_days: int
    owners: Sequence[str]  # roles


@dataclass(frozen=True, kw_only=True)
class NewProcedure:
    """`stages`: the first and the second."""

    from_on: date
    stages: Sequence[StageRule]
    enquiry_days: int
    ombudsman: str
    why: str
    calendar: str = "EW"
    officer_post: UUID | None = None


def in_force(on: date) -> Procedure:
    """The version that holds on a day; before the first, the first. One query."""
    found = Procedure.objects.filter(from_on__lte=on).order_by("-from_on").first()
    return found or Procedure.objects.order_by("from_on")[0]


def every() -> list[Procedure]:
    """Newest first, each with its stages. Two queries."""
    return list(Procedure.objects.select_related("officer_post").prefetch_related("stages").order_by("-from_on"))


def rule(procedure_id: UUID, stage: int) -> ProcedureStage:
    """One query."""
    return ProcedureStage.objects.get(procedure_id=procedure_id, number=stage)


@transaction.atomic
def publish(new: NewProcedure, *, by: Actor, at: datetime) -> Procedure:
    """A new version, from a day that is not past. Raises NotAllowed, BadInput."""
    permissions.require(by, MANAGE)
    _check(new, on=council_date(at))
    last = Procedure.objects.select_for_update().order_by("-number").first()
    made = Procedure.objects.create(
        number=last.number + 1 if last else 1,
        from_on=new.from_on,
        calendar=new.calendar,
        enquiry_days=new.enquiry_days,
        ombudsman=clean_line(new.ombudsman),
        officer_post_id=new.officer_post,
        made_by=UUID(by.id),
        made_at=at,
        why=clean_line(new.why),
    )
    ProcedureStage.objects.bulk_create(
        ProcedureStage(
            procedure=made,
            number=number,
            acknowledge_days=one.acknowledge_days,
            reply_days=one.reply_days,
            extend_days=one.extend_days,
            owners=sorted(one.owners),
        )
        for number, one in enumerate(new.stages, start=1)
    )
    data: dict[str, object] = {"number": made.number, "from_on": made.from_on.isoformat()}
    ledger.record("complaint_procedure.published", about=made.subject, by=by, at=at, data=data)
    return made


def _check(new: NewProcedure, *, on: date) -> None:
    found = {
        "from_on": "",
        "why": "" if clean_line(new.why) else _("Say why the procedure changes"),
        "ombudsman": "" if clean_line(new.ombudsman) else _("Name the ombudsman, and how to reach them"),
        "enquiry_days": "" if _is_days(new.enquiry_days) else _days(),
        "calendar": "" if Calendar.objects.filter(pk=new.calendar).exists() else _("Select a calendar"),
    }
    if new.from_on < on:
        found["from_on"] = _("The first day must not be past: what began under a version ends under it")
    elif Procedure.objects.filter(from_on=new.from_on).exists():
        found["from_on"] = _("Another version holds from that day")
    if new.officer_post and not Post.objects.filter(pk=new.officer_post, is_active=True).exists():
        found["officer_post"] = _("Select a post that is in use")
    for number, one in enumerate(new.stages, start=1):
        for name in ("acknowledge_days", "reply_days"):
            if not _is_days(getattr(one, name)):
                found[f"{name}_{number}"] = _days()
        if not 0 <= one.extend_days <= LONGEST_DAYS:
            found[f"extend_days_{number}"] = _days()
        if not one.owners or set(one.owners) - set(Role.values):
            found[f"owners_{number}"] = _("Select who may own it at this stage")
    refuse(found)


def _is_days(number: int) -> bool:
    return 1 <= number <= LONGEST_DAYS


def _days() -> str:
    return _("Enter working days from 1 to %(most)s") % {"most": LONGEST_DAYS}
