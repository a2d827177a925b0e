"""Whether a centre takes cards for something on a day."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db.models import Q

from townhall.core.subjects import Subject
from townhall.core.time import council_date
from townhall.payments.errors import NotAtThisCounter
from townhall.payments.models import Charge, CounterSwitch


def live_kinds(site_code: str, *, on: date) -> set[str]:
    """Codes of the kinds of charge that the centre takes cards for. One query."""
    live = CounterSwitch.objects.filter(
        Q(ended_on__isnull=True) | Q(ended_on__gt=on), site_code=site_code, live_on__lte=on
    )
    return set(live.values_list("kind_id", flat=True))


def sites_taking(kind_code: str, *, on: date) -> set[str]:
    """Codes of the centres that take cards for a kind of charge. One query."""
    live = CounterSwitch.objects.filter(
        Q(ended_on__isnull=True) | Q(ended_on__gt=on), kind_id=kind_code, live_on__lte=on
    )
    return set(live.values_list("site_code", flat=True))


def require_live(charge_id: UUID, *, site_code: str, at: datetime) -> None:
    """Raises NotAtThisCounter."""
    kind = Charge.objects.filter(pk=charge_id).values_list("kind_id", flat=True).first()
    if kind is not None and kind not in live_kinds(site_code, on=council_date(at)):
        raise NotAtThisCounter


def subject_of(switch: CounterSwitch) -> Subject:
    return Subject(kind="counter", id=switch.pk)
