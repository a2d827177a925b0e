"""The corporate day: the hours in which every service should be reached by telephone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time

from django.db import transaction
from django.utils.translation import gettext as _

from townhall.accounts import permissions
from townhall.core.actors import Actor
from townhall.core.errors import BadInput
from townhall.core.subjects import coded
from townhall.ledger import operations as ledger
from townhall.telephony.calls.lines import MANAGE
from townhall.telephony.models import CorporateDay


@transaction.atomic
def set_day(times: Mapping[str, time | None], *, by: Actor, at: datetime) -> CorporateDay:
    """On the clock come `early_from`, `opens`, `closes` and `late_until`, in this order. Raises BadInput, NotAllowed."""
    permissions.require(by, MANAGE)
    problems = {name: _("Enter a time, like 08:30") for name, value in times.items() if value is None}
    if problems:
        raise BadInput(problems)
    order = [times["early_from"], times["opens"], times["closes"], times["late_until"]]
    if order != sorted(order, key=str) or times["opens"] == times["closes"]:
        raise BadInput({"opens": _("The times must follow one another")})
    made, _new = CorporateDay.objects.update_or_create(pk=True, defaults=dict(times))
    data: dict[str, object] = {name: value.isoformat() for name, value in times.items() if value}
    ledger.record("hours.corporate_day_set", about=coded("corporate_day", "council"), by=by, at=at, data=data)
    return made
