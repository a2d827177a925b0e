"""A case that came to the wrong service goes to the right one, before anybody has decided about it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from townhall.accounts import directory
from townhall.cases.models import Case, Handoff
from townhall.cases.operations.deciding import DECIDED_CLOCKS
from townhall.cases.operations.locking import record
from townhall.cases.operations.telling import tell_followers
from townhall.cases.states import State
from townhall.catalogue import queries as catalogue
from townhall.clocks import operations as clocks
from townhall.core.actors import Actor
from townhall.core.errors import NotFound, WrongState


@transaction.atomic
def change_service(case_id: UUID, service_code: str, *, by: Actor, at: datetime) -> Case:
    """Give it to the service that answers it; its promise and limits count from the day it came, and its customer is told.

    The caller has checked that `by` may. To the service that has it: nothing happens. Raises NotFound when there is no such case, or
    the service is not offered; WrongState when somebody has decided about it, or it is on offer to a team.
    """
    entry = catalogue.entry(service_code)
    case = Case.objects.select_for_update().filter(pk=case_id).first()
    if case is None or not entry.is_live:
        raise NotFound
    if case.service_code == service_code:
        return case
    if case.state != State.AWAITING_DECISION or case.handoffs.filter(state=Handoff.State.OFFERED).exists():
        raise WrongState(_("A team is dealing with this case already. Hand it on from its own page."))
    was, pack = case.service_code, entry.pack
    case.service_code = service_code
    case.doer_team_id = directory.team(pack.owner_team).id
    case.doer_post_id = None
    case.teller_post_id = directory.post(pack.teller).id
    for kind in DECIDED_CLOCKS:
        clocks.stop(kind, about=case.subject, at=at)
    case.due_on = clocks.start(
        "case.promise",
        about=case.subject,
        at=case.opened_at,
        calendar=pack.published.calendar,
        days=pack.published.days,
    )
    clocks.start("case.referral", about=case.subject, at=case.opened_at, days=pack.clocks.referral_days)
    clocks.start("case.decision", about=case.subject, at=case.opened_at, days=pack.clocks.decision_days)
    case.updated_at = at
    case.save(update_fields=["service_code", "doer_team", "doer_post", "teller_post", "due_on", "updated_at"])
    record(case, "case.service_changed", by=by, at=at, was=was, service=service_code, due_on=case.due_on.isoformat())
    tell_followers(case, "handed_on", at=at, change=f"service-{at.isoformat()}")
    return case
