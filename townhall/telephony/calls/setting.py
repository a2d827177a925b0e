"""What a council sets about its calls: queues, and the standard they are measured by."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from townhall.accounts import permissions
from townhall.accounts.models import Team
from townhall.catalogue import queries as catalogue
from townhall.core.actors import Actor
from townhall.core.errors import BadInput
from townhall.core.subjects import coded
from townhall.core.time import council_date
from townhall.ledger import operations as ledger
from townhall.telephony.calls import counting, lines, measures
from townhall.telephony.models import CallHalfHour, PhoneQueue, PhoneStandard

LONGEST_NAME = 100


@transaction.atomic
def set_queue(code: str, *, name: str, service_code: str, team_id: UUID | None, by: Actor, at: datetime) -> PhoneQueue:
    """What a queue of the phone system is called, which service its calls are about, and which team answers. Raises BadInput, NotAllowed.

    It holds for calls that come from now on.
    """
    permissions.require(by, lines.MANAGE)
    code, name = code.strip(), name.strip()
    problems: dict[str, str] = {}
    if not code or len(code) > LONGEST_NAME:
        problems["code"] = _("Enter the queue's code in the phone system")
    if not name or len(name) > LONGEST_NAME:
        problems["name"] = _("Enter what the queue is called")
    if service_code and service_code not in {pack.code for pack in catalogue.services()}:
        problems["service"] = _("Select a service from the list")
    if team_id is not None and not Team.objects.filter(pk=team_id).exists():
        problems["team"] = _("Select a team from the list")
    if problems:
        raise BadInput(problems)
    values = {"name": name, "service_code": service_code, "team_id": team_id}
    made, _new = PhoneQueue.objects.update_or_create(code=code, defaults=values)
    data: dict[str, object] = {"queue": code, "service": service_code, "team": str(team_id or "")}
    ledger.record("phone.queue_set", about=coded("phone_queue", code), by=by, at=at, data=data)
    lines.forget()
    transaction.on_commit(lines.forget)
    return made


@transaction.atomic
def set_standard(
    from_on: date | None, *, answer_seconds: int, short_seconds: int, target_percent: int, by: Actor, at: datetime
) -> PhoneStandard:
    """Measure calls so from a day on, today at the soonest: what is past keeps the standard of its day. Raises BadInput, NotAllowed."""
    permissions.require(by, lines.MANAGE)
    today = council_date(at)
    problems: dict[str, str] = {}
    if from_on is None or from_on < today:
        problems["from_on"] = _("Enter from which day, today or later")
    if not 1 <= answer_seconds <= 600:
        problems["answer_seconds"] = _("Enter seconds from 1 to 600")
    if not 0 <= short_seconds <= 60:
        problems["short_seconds"] = _("Enter seconds from 0 to 60")
    if not 1 <= target_percent <= 100:
        problems["target_percent"] = _("Enter a percentage from 1 to 100")
    if problems or from_on is None:
        raise BadInput(problems)
    values = {"answer_seconds": answer_seconds, "short_seconds": short_seconds, "target_percent": target_percent}
    made, _new = PhoneStandard.objects.update_or_create(from_on=from_on, defaults=values)
    data: dict[str, object] = {"from_on": from_on.isoformat(), **values}
    ledger.record("phone.standard_set", about=coded("phone_standard", from_on.isoformat()), by=by, at=at, data=data)
    since, _until = measures.days(from_on, from_on)
    counted = set(CallHalfHour.objects.filter(half_hour__gte=since).values_list("half_hour", flat=True))
    if counted:
        counting.count(counted)
    return made
