"""How many are sent a survey, and how long nobody is sent another: settings of a point, and of one service where it differs."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from townhall.accounts.permissions import require
from townhall.catalogue import queries as catalogue
from townhall.core.actors import Actor
from townhall.core.errors import refuse
from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.feedback.answering import MANAGE
from townhall.feedback.models import Point, SurveyRule
from townhall.ledger import operations as ledger

LONGEST_GAP = 730  # days


@transaction.atomic
def set_rule(
    *, point: str, service_code: str, sample_percent: int, gap_days: int, by: Actor, at: datetime
) -> SurveyRule:
    """From now on. Raises NotAllowed, BadInput."""
    require(by, MANAGE)
    known = {pack.code for pack in catalogue.services(live_only=False)}
    refuse(
        {
            "point": "" if point in Point.values else _("Select when it is sent"),
            "service": "" if service_code in ("", *known) else _("Select a service"),
            "sample_percent": "" if 0 <= sample_percent <= 100 else _("Enter a number from 0 to 100"),
            "gap_days": ""
            if 0 <= gap_days <= LONGEST_GAP
            else _("Enter days from 0 to %(most)s") % {"most": LONGEST_GAP},
        }
    )
    row, _made = SurveyRule.objects.update_or_create(
        point=point,
        service_code=service_code,
        defaults={"sample_percent": sample_percent, "gap_days": gap_days, "set_by": UUID(by.id), "set_at": at},
    )
    data: dict[str, object] = {"point": point, "service": service_code, "percent": sample_percent, "days": gap_days}
    ledger.record("survey.rule_set", about=Subject(kind="survey_rule", id=uuid7()), by=by, at=at, data=data)
    return row
