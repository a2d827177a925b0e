"""Moving a report on, for the systems of those who do the work. Each move needs the scope of the same name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from townhall.cases import operations as cases
from townhall.cases.api.reports import PhotoOut, ReportDetailsOut, again, case_of, details, photo_out, shown, team_id
from townhall.cases.models import Case, Handoff
from townhall.core.api.endpoints import Call, Group
from townhall.core.errors import NotFound
from townhall.core.subjects import Subject
from townhall.files import operations as files
from townhall.files.models import Purpose, StoredFile

group = Group("Moves")
Move = Callable[[Call], ReportDetailsOut]
Text = Annotated[str, Meta(max_length=4_000)]
Words = Annotated[str, Meta(min_length=1, max_length=4_000)]


class Accepting(Struct, frozen=True, kw_only=True):
    scheduled_on: date | None = None


class Declining(Struct, frozen=True, kw_only=True):
    """`reason`: the code of one of the service's refusals."""

    reason: str
    words: Text = ""


class Scheduling(Struct, frozen=True, kw_only=True):
    on: date


class Telling(Struct, frozen=True, kw_only=True):
    text: Words


class Completing(Struct, frozen=True, kw_only=True):
    """`outcome`: the code of one of the service's outcomes."""

    outcome: str
    text: Text = ""


class Closing(Struct, frozen=True, kw_only=True):
    words: Text = ""


class Offering(Struct, frozen=True, kw_only=True):
    """`team`: the code of the team to take it over."""

    team: str
    note: Text = ""


class Returning(Struct, frozen=True, kw_only=True):
    reason: Words


def photo_again(_call: Call, earlier: UUID) -> PhotoOut:
    return photo_out(StoredFile.objects.get(pk=earlier))


def report_move(
    path: str, *, summary: str, scope: str, takes: type[Struct] | None = None
) -> Callable[[Callable[[Call, Case], object]], Move]:
    """Declare what moves a report on. The answer is the report as it then is, and to a repeat of the call as it is by now."""

    def declare(does: Callable[[Call, Case], object]) -> Move:
        @wraps(does)
        def run(call: Call) -> ReportDetailsOut:
            case = case_of(call)
            does(call, case)
            return shown(case.pk, by=call.by)

        declared = group.endpoint(
            "POST",
            f"/reports/{{reference}}/{path}",
            summary=summary,
            gives=ReportDetailsOut,
            takes=takes,
            scope=scope,
            again=again,
        )
        return declared(run)

    return declare


@report_move("accept", summary="Say that the council will do it", takes=Accepting, scope="cases.accept")
def accept_report(call: Call, case: Case) -> object:
    return cases.accept(case.pk, scheduled_on=call.body.scheduled_on, by=call.by, at=call.at)


@report_move("decline", summary="Say that the council will not do it, and why", takes=Declining, scope="cases.decline")
def decline_report(call: Call, case: Case) -> object:
    body: Declining = call.body
    return cases.decline(case.pk, reason_code=body.reason, words=body.words, by=call.by, at=call.at)


@report_move("schedule", summary="Give or change the date of the work", takes=Scheduling, scope="cases.schedule")
def schedule_report(call: Call, case: Case) -> object:
    return cases.schedule(case.pk, on=call.body.on, by=call.by, at=call.at)


@report_move("updates", summary="Tell everybody who follows how far it is", takes=Telling, scope="cases.tell_customer")
def post_update(call: Call, case: Case) -> object:
    return cases.post_update(case.pk, text=call.body.text, by=call.by, at=call.at)


@report_move(
    "complete",
    summary="The work is over; the customer is still to be told",
    takes=Completing,
    scope="cases.complete",
)
def complete_report(call: Call, case: Case) -> object:
    body: Completing = call.body
    return cases.complete(case.pk, outcome_code=body.outcome, outcome_text=body.text, by=call.by, at=call.at)


@report_move("tell", summary="Tell the customer what was done, and close", takes=Closing, scope="cases.tell_customer")
def tell_customer(call: Call, case: Case) -> object:
    return cases.tell(case.pk, words=call.body.words, by=call.by, at=call.at)


@group.endpoint(
    "POST",
    "/reports/{reference}/photos",
    summary="Add a photo of the work",
    gives=PhotoOut,
    takes_file=True,
    status=201,
    scope="cases.tell_customer",
    again=photo_again,
)
def add_photo(call: Call) -> PhotoOut:
    """Private until somebody of the team approves it. JPEG, PNG, HEIC, WebP or GIF, in the field `file`."""
    return keep_photo(call, case_of(call).pk)


def keep_photo(call: Call, case_id: UUID) -> PhotoOut:
    assert call.upload is not None
    kept = files.store(
        call.upload,
        about=Subject(kind="case", id=case_id),
        purpose=Purpose.AFTER,
        by=call.by,
        at=call.at,
        case_id=case_id,
        file_id=call.new_id,
    )
    return photo_out(kept)


@report_move("offer", summary="Offer it to another team", takes=Offering, scope="cases.hand_off")
def offer_report(call: Call, case: Case) -> object:
    """Until they accept, the team that has it stays responsible."""
    body: Offering = call.body
    to = team_id(body.team, name="team")
    return cases.offer(case.pk, to_team_id=to, note=body.note, by=call.by, at=call.at)


@report_move("offer/accept", summary="Take over what was offered", scope="cases.hand_off")
def accept_offer(call: Call, case: Case) -> object:
    return cases.accept_offer(_offer(case, call).pk, by=call.by, at=call.at)


@group.endpoint(
    "POST",
    "/reports/{reference}/offer/return",
    summary="Give back what was offered, with the reason",
    gives=ReportDetailsOut,
    takes=Returning,
    scope="cases.hand_off",
    again=again,
)
def return_offer(call: Call) -> ReportDetailsOut:
    """Afterwards it may not be the caller's to see any more: this answer still shows it."""
    case = case_of(call)
    cases.return_offer(_offer(case, call).pk, reason=call.body.reason, by=call.by, at=call.at)
    case.refresh_from_db()
    return details(case)


def _offer(case: Case, call: Call) -> Handoff:
    found = case.handoffs.filter(state=Handoff.State.OFFERED).first()
    if found is None or (call.by.teams and found.to_team_id not in call.by.teams):
        raise NotFound
    return found
