"""The clocks of complaints, the ways in that only they have, and the first procedure. What a council changed stays."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from townhall.accounts.models import Role
from townhall.clocks.calendars import Unit
from townhall.clocks.models import ClockKind
from townhall.complaints.models import Procedure, ProcedureStage
from townhall.contacts.models import Channel
from townhall.core.time import now

ACKNOWLEDGE, REPLY, ENQUIRY = "complaint.acknowledge", "complaint.reply", "complaint.enquiry"
CALENDAR = "EW"
_LADDER = [{"at": "-2 working days", "rung": "due_soon"}, {"at": "due", "rung": "due"}]
# Complaint Handling Code of the Local Government and Social Care Ombudsman (2024), 6.2 to 6.7: acknowledge, reply, extend.
STAGES = ((1, 5, 10, 10, (Role.TEAM_MANAGER, Role.SENIOR_MANAGER)), (2, 5, 20, 20, (Role.SENIOR_MANAGER,)))


def seed_reference_data() -> None:
    ClockKind.objects.bulk_create(
        [
            ClockKind(
                code=code,
                name=name,
                calendar_id=CALENDAR,
                amount=days,
                unit=Unit.WORKING_DAYS.value,
                may_pause=False,  # an ombudsman's clock never stands still
                ladder=_LADDER,
            )
            for code, name, days in (
                (ACKNOWLEDGE, _("Acknowledging a complaint"), 5),
                (REPLY, _("Answering a complaint"), 10),
                (ENQUIRY, _("Answering a Member’s enquiry"), 10),
            )
        ],
        ignore_conflicts=True,
    )
    Channel.objects.bulk_create(
        [
            Channel(code="contractor", name=_("Through a contractor"), order=30),
            Channel(code="survey", name=_("Answer to a survey"), order=31),
        ],
        ignore_conflicts=True,
    )
    if not Procedure.objects.exists():
        _first_procedure()


def _first_procedure() -> None:
    first = Procedure.objects.create(
        number=1,
        from_on=date(2024, 2, 1),
        calendar=CALENDAR,
        enquiry_days=10,
        ombudsman=_("the Local Government and Social Care Ombudsman (lgo.org.uk, 0300 061 0614)"),
        made_at=now(),
    )
    ProcedureStage.objects.bulk_create(
        ProcedureStage(
            procedure=first,
            number=number,
            acknowledge_days=acknowledge,
            reply_days=reply,
            extend_days=extend,
            owners=[role.value for role in owners],
        )
        for number, acknowledge, reply, extend, owners in STAGES
    )
