"""The kinds of clock of penalty notices. Loading them again makes no doubles and keeps the council's changes."""

from __future__ import annotations

from townhall.clocks.calendars import Unit
from townhall.clocks.models import ClockKind

PAYMENT, DECISION = "penalty.payment", "penalty.appeal"


def seed_reference_data() -> None:
    ClockKind.objects.bulk_create(
        [
            ClockKind(
                code=PAYMENT,
                name="Payment of a penalty notice",
                amount=28,
                unit=Unit.CALENDAR_DAYS.value,
                calendar_id="CALENDAR",
                may_pause=True,
            ),
            # Traffic Management Act 2004: an answer within 56 days, or the notice falls.
            ClockKind(
                code=DECISION,
                name="Decision on an appeal against a penalty notice",
                amount=56,
                unit=Unit.CALENDAR_DAYS.value,
                calendar_id="CALENDAR",
            ),
        ],
        ignore_conflicts=True,
    )
