"""What a back-office system says of the work it has for a case: the case follows, and so does the customer."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from townhall.accounts import directory
from townhall.cases import sealed
from townhall.cases.models import OPEN_STATES, Case, ContractorJob, Task
from townhall.cases.operations import branching
from townhall.cases.operations.contracting import usual_outcome
from townhall.cases.operations.deciding import set_date
from townhall.cases.operations.finishing import close_telling, end_work
from townhall.cases.operations.locking import move, record
from townhall.cases.operations.parts import end_job, open_job, withdraw_offers
from townhall.cases.operations.telling import context_of, tell_followers
from townhall.cases.operations.updating import tell_news
from townhall.cases.states import State
from townhall.catalogue import queries as catalogue
from townhall.connectors.events import StatusEventReceived
from townhall.core.actors import Actor, ActorKind
from townhall.core.time import council_date
from townhall.notifications import operations as notifications
from townhall.notifications.recipients import Recipient


def heard(event: StatusEventReceived) -> None:
    """Answer to a signed message. Called inside the transaction that keeps it, so a failure here is tried again.

    `completed` ends the case and tells the customer; `accepted`, `scheduled` (with a date in `scheduled_on`) and `started` move it on;
    `refused` leaves it with its team, who are told why. A message about a case that is over changes nothing.
    """
    if event.case_id is None:
        return
    case = Case.objects.select_for_update().filter(pk=event.case_id).first()
    if case is None:
        return
    by = Actor(kind=ActorKind.CONNECTOR, id=event.source)
    record(
        case,
        "case.back_office_said",
        by=by,
        at=event.at,
        status=event.status,
        source=event.source,
        event=str(event.event),
    )
    sealed.acknowledged(case)
    if branching.heard(case, event, by=by):
        if event.status == "refused":
            _refused(case, event=event)
        return
    if case.state not in OPEN_STATES or case.state == State.DONE:
        if case.state == State.DONE and event.status == "completed":
            close_telling(case, by=by, at=event.at)
        return
    _follow(case, event, by=by)


def _follow(case: Case, event: StatusEventReceived, *, by: Actor) -> None:
    match event.status:
        case "accepted":
            _accept(case, by=by, event=event)
        case "scheduled":
            _schedule(case, by=by, event=event)
        case "started" | "in_progress":
            _start(case, by=by, event=event)
        case "completed":
            _complete(case, by=by, event=event)
        case "refused":
            _refused(case, event=event)


def _accept(case: Case, *, by: Actor, event: StatusEventReceived, scheduled_on: date | None = None) -> None:
    if case.state == State.AWAITING_DECISION:
        move(case, State.ACCEPTED, by=by, at=event.at, accepted_at=event.at)
        tell_followers(case, "accepted", at=event.at, change=str(event.event), context={"scheduled_on": scheduled_on})


def _schedule(case: Case, *, by: Actor, event: StatusEventReceived) -> None:
    on = _date_in(event)
    if on is None or on < council_date(event.at):
        _accept(case, by=by, event=event)
        return
    if case.state == State.AWAITING_DECISION:  # one message with the date, not two
        move(case, State.ACCEPTED, by=by, at=event.at, accepted_at=event.at)
    if case.state == State.ACCEPTED:
        set_date(case, on, by=by, at=event.at)


def _start(case: Case, *, by: Actor, event: StatusEventReceived) -> None:
    _accept(case, by=by, event=event)
    record(case, "case.contractor_started", by=by, at=event.at, source=event.source)
    tell_news(case, event.note.strip() or _("Work is under way."), by=by, at=event.at)


def _complete(case: Case, *, by: Actor, event: StatusEventReceived) -> None:
    """Both ticks at once: the work is over and the customer is told. While another service's part is open, only the job ends."""
    job = open_job(case)
    if job is not None:
        job.last_update = event.note.strip() or job.last_update
        end_job(job, ContractorJob.State.DONE, at=event.at)
    if case.tasks.filter(state=Task.State.OPEN).exists():
        return
    withdraw_offers(case, by=by, at=event.at)
    end_work(case, outcome_code=_outcome(case, event), outcome_text=event.note, by=by, at=event.at)
    close_telling(case, by=by, at=event.at)


def _refused(case: Case, *, event: StatusEventReceived) -> None:
    """Nothing is decided by a machine's no: the team that has the case is told, and decides."""
    team = directory.team_by_id(case.doer_team_id)
    notifications.send(
        "staff/back_office_refused",
        to=Recipient(name=team.name, email=team.email),
        about=case.subject,
        key=f"back-office-refused-{event.event}",
        context={**context_of(case), "source": event.source, "reason": event.note or event.reason or _("none given")},
        at=event.at,
        case_id=case.pk,
    )


def _outcome(case: Case, event: StatusEventReceived) -> str:
    """The service's outcome that the other system's reason code names, or its usual one."""
    codes = {one.code for one in catalogue.service(case.service_code).outcomes}
    return event.reason if event.reason in codes else usual_outcome(case)


def _date_in(event: StatusEventReceived) -> date | None:
    try:
        return date.fromisoformat(str(event.data.get("scheduled_on", ""))[:10])
    except ValueError:
        return None
