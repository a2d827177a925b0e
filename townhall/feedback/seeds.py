"""The rules that surveys begin with, and the clock of putting something right. What a council changed stays."""

from __future__ import annotations

from django.utils.translation import gettext as _

from townhall.clocks.calendars import Unit
from townhall.clocks.models import ClockKind
from townhall.core.time import now
from townhall.feedback.models import Point, SurveyRule

RECOVERY = "survey.recovery"
SAMPLE, GAP = 20, 90  # in a hundred; days


def seed_reference_data() -> None:
    ClockKind.objects.bulk_create(
        [
            ClockKind(
                code=RECOVERY,
                name=_("Putting right what somebody was not content with"),
                calendar_id="EW",
                amount=5,
                unit=Unit.WORKING_DAYS.value,
                ladder=[{"at": "due", "rung": "due"}],
            )
        ],
        ignore_conflicts=True,
    )
    SurveyRule.objects.bulk_create(
        [SurveyRule(point=point, sample_percent=SAMPLE, gap_days=GAP, set_at=now()) for point in Point.values],
        ignore_conflicts=True,
    )
