"""Making the files: what is due of a round, in the order it came in, once for each version."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction

from townhall.accounts.permissions import require
from townhall.admissions import formats
from townhall.admissions.applying import MAY, record
from townhall.admissions.models import Application, ExportItem, ExportRun, Round, Version
from townhall.admissions.states import State, check_move
from townhall.cases.models import Case
from townhall.cases.states import State as CaseState
from townhall.core.actors import SYSTEM, Actor
from townhall.core.errors import NotFound, WrongState
from townhall.core.time import council_date, start_of
from townhall.ledger import operations as ledger

MOST = 2_000  # children in one file
MOST_TRIES = 3  # of one version without a receipt
MISSING_AFTER = timedelta(days=1)


def sweep(at: datetime) -> int:
    """A file for one round that has something due; how many children are in it."""
    for one in Round.objects.order_by("opens_on", "code"):
        if made := make_run(one.pk, at=at):
            return made.children
    return 0


def export_now(round_id: UUID, *, by: Actor, at: datetime) -> ExportRun | None:
    """An officer does not wait for the day: everything received goes into a file. None when there is nothing.

    Raises NotAllowed, NotFound.
    """
    require(by, MAY)
    return make_run(round_id, at=at, by=by, is_now=True)


@transaction.atomic
def make_run(round_id: UUID, *, at: datetime, by: Actor = SYSTEM, is_now: bool = False) -> ExportRun | None:
    """Put what is due into a file: in a round with a closing date from the day after it, else from the day after it came.

    Raises NotFound.
    """
    one = Round.objects.select_for_update().filter(pk=round_id).first()
    if one is None:
        raise NotFound
    today = council_date(at)
    if not is_now and one.closes_on is not None and today <= one.closes_on:
        return None
    rows = Application.objects.filter(round=one, state=State.RECEIVED).exclude(items__state=ExportItem.State.WAITING)
    if not is_now:
        rows = rows.filter(changed_at__lt=start_of(today))
    due = list(rows.select_for_update(of=("self",)).order_by("id")[:MOST])
    due = [application for application in due if not _is_withdrawn(application, at=at)]
    return _write(one, due, at=at, by=by) if due else None


@transaction.atomic
def send_missing(run_id: UUID, *, at: datetime) -> ExportRun | None:
    """Children of a file for whom no receipt came go out again under the same record; after MOST_TRIES they are listed."""
    run = ExportRun.objects.select_for_update(of=("self",)).select_related("round").get(pk=run_id)
    waiting = list(run.items.select_related("application").filter(state=ExportItem.State.WAITING).order_by("id"))
    again = [item for item in waiting if item.tries < MOST_TRIES and item.application.version == item.version]
    for item in waiting:
        item.state = ExportItem.State.SENT_AGAIN if item in again else ExportItem.State.MISSING
    ExportItem.objects.bulk_update(waiting, ["state"])
    if not again:
        return None
    tries = {item.application_id: item.tries + 1 for item in again}
    return _write(run.round, [item.application for item in again], at=at, by=SYSTEM, tries=tries)


def _write(
    one: Round, due: Sequence[Application], *, at: datetime, by: Actor, tries: dict[UUID, int] | None = None
) -> ExportRun:
    """The file and its items, for a locked round and locked applications."""
    how = formats.of(one.format_code)
    number = one.runs.count() + 1
    versions = {row.application_id: row for row in Version.objects.filter(application__in=due, is_current=True)}
    children = [_child(application, versions[application.pk]) for application in due]
    header = formats.Header(council=settings.COUNCIL_NAME, round_code=one.code, number=number, made_at=at)
    written = how.write(header, children)
    run = ExportRun.objects.create(
        round=one,
        number=number,
        file_name=f"{one.code}-{number:04d}.{how.ending}",
        format_code=how.code,
        content=written.content,
        children=len(children),
        control_sum=written.control_sum,
        next_attempt_at=at,
        made_at=at,
    )
    ExportItem.objects.bulk_create(
        ExportItem(
            run=run,
            application=application,
            version=application.version,
            record_id=child.record_id,
            tries=(tries or {}).get(application.pk, 1),
        )
        for application, child in zip(due, children, strict=True)
    )
    data = {"round": one.code, "children": run.children, "sum": run.control_sum}
    ledger.record("admission_run.made", about=run.subject, by=by, at=at, data=data)
    return run


def _child(application: Application, version: Version) -> formats.Child:
    details = version.details
    return formats.Child(
        record_id=f"{application.reference}-v{version.number}",
        reference=application.reference,
        version=version.number,
        is_late=application.is_late or version.is_late,
        received_at=version.at,
        name=application.child_name,
        born=application.child_born,
        uprn=details["uprn"],
        address=details["address"],
        priority=details["priority"],
        applicant_name=version.applicant_name,
        applicant_email=version.applicant_email,
        applicant_phone=version.applicant_phone,
        made_at=version.made_at_place,
        helper=", ".join(one for one in (version.helper_name, version.helper_place) if one),
        evidence=details["evidence"],
        preferences=[
            formats.Preference(
                rank=one["rank"], school=one["school"], sibling_name=one["sibling"], sibling_born=one["sibling_born"]
            )
            for one in version.preferences
        ],
    )


def _is_withdrawn(application: Application, *, at: datetime) -> bool:
    """Whoever withdrew the request does not apply any more."""
    state = Case.objects.values_list("state", flat=True).get(pk=application.case_id)
    if state not in (CaseState.WITHDRAWN, CaseState.DECLINED):
        return False
    application.state = State.WITHDRAWN
    application.save(update_fields=["state"])
    record("admission.withdrawn", application, at=at)
    return True


@transaction.atomic
def send_again(application_id: UUID, *, by: Actor, at: datetime) -> Application:
    """What was refused, or never answered for, goes into the next file as it is now, under the same record.

    Raises NotAllowed, NotFound, WrongState.
    """
    require(by, MAY)
    application = Application.objects.select_for_update().filter(pk=application_id).first()
    if application is None:
        raise NotFound
    if application.state not in (State.REFUSED, State.SENT):
        raise WrongState
    check_move(State(application.state), State.RECEIVED)
    application.items.filter(state__in=[ExportItem.State.WAITING, ExportItem.State.MISSING]).update(
        state=ExportItem.State.SENT_AGAIN
    )
    application.state, application.problem, application.changed_at = State.RECEIVED, "", at
    application.save(update_fields=["state", "problem", "changed_at"])
    record("admission.send_again", application, by=by, at=at)
    return application
