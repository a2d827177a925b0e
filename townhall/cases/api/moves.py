"""Moving a report on, for the systems of those who do the work. Each move needs the scope of the same name."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from townhall.cases import operations as cases
from townhall.cases.api.reports import PhotoOut, ReportDetailsOut, again, case_of, details, photo_out, shown, team_id
from townhall.cases.models import Handoff
from townhall.core.api.endpoints import Call, Group
from townhall.core.errors import NotFound
from townhall.core.subjects import Subject
from townhall.files import operations as files
from townhall.files.models import Purpose, StoredFile

group = Group("Moves")
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


@group.endpoint(
    "POST",
    "/reports/{reference}/accept",
    summary="Say that the council will do it",
    gives=ReportDetailsOut,
    takes=Accepting,
    scope="cases.accept",
    again=again,
)
def accept_report(call: Call) -> ReportDetailsOut:
    case = cases.accept(case_of(call).pk, scheduled_on=call.body.scheduled_on, by=call.by, at=call.at)
    return shown(case.pk, by=call.by)


@group.endpoint(
    "POST",
    "/reports/{reference}/decline",
    summary="Say that the council will not do it, and why",
    gives=ReportDetailsOut,
    takes=Declining,
    scope="cases.decline",
    again=again,
)
def decline_report(call: Call) -> ReportDetailsOut:
    body: Declining = call.body
    case = cases.decline(case_of(call).pk, reason_code=body.reason, words=body.words, by=call.by, at=call.at)
    return shown(case.pk, by=call.by)


@group.endpoint(
    "POST",
    "/reports/{reference}/schedule",
    summary="Give or change the date of the work",
    gives=ReportDetailsOut,
    takes=Scheduling,
    scope="cases.schedule",
    again=again,
)
def schedule_report(call: Call) -> ReportDetailsOut:
    case = cases.schedule(case_of(call).pk, on=call.body.on, by=call.by, at=call.at)
    return shown(case.pk, by=call.by)


@group.endpoint(
    "POST",
    "/reports/{reference}/updates",
    summary="Tell everybody who follows how far it is",
    gives=ReportDetailsOut,
    takes=Telling,
    scope="cases.tell_customer",
    again=again,
)
def post_update(call: Call) -> ReportDetailsOut:
    note = cases.post_update(case_of(call).pk, text=call.body.text, by=call.by, at=call.at)
    return shown(note.case_id, by=call.by)


@group.endpoint(
    "POST",
    "/reports/{reference}/complete",
    summary="The work is over; the customer is still to be told",
    gives=ReportDetailsOut,
    takes=Completing,
    scope="cases.complete",
    again=again,
)
def complete_report(call: Call) -> ReportDetailsOut:
    body: Completing = call.body
    case = cases.complete(case_of(call).pk, outcome_code=body.outcome, outcome_text=body.text, by=call.by, at=call.at)
    return shown(case.pk, by=call.by)


@group.endpoint(
    "POST",
    "/reports/{reference}/tell",
    summary="Tell the customer what was done, and close",
    gives=ReportDetailsOut,
    takes=Closing,
    scope="cases.tell_customer",
    again=again,
)
def tell_customer(call: Call) -> ReportDetailsOut:
    case = cases.tell(case_of(call).pk, words=call.body.words, by=call.by, at=call.at)
    return shown(case.pk, by=call.by)


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
    """Private until somebody of the team approves it. JPEG, PNG, WebP or GIF, in the field `file`."""
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


@group.endpoint(
    "POST",
    "/reports/{reference}/offer",
    summary="Offer it to another team",
    gives=ReportDetailsOut,
    takes=Offering,
    scope="cases.hand_off",
    again=again,
)
def offer_report(call: Call) -> ReportDetailsOut:
    """Until they accept, the team that has it stays responsible."""
    body: Offering = call.body
    case = case_of(call)
    cases.offer(case.pk, to_team_id=team_id(body.team, name="team"), note=body.note, by=call.by, at=call.at)
    return shown(case.pk, by=call.by)


@group.endpoint(
    "POST",
    "/reports/{reference}/offer/accept",
    summary="Take over what was offered",
    gives=ReportDetailsOut,
    scope="cases.hand_off",
    again=again,
)
def accept_offer(call: Call) -> ReportDetailsOut:
    handoff = cases.accept_offer(_offer(call).pk, by=call.by, at=call.at)
    return shown(handoff.case_id, by=call.by)


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
    case = case_of(call)
    cases.return_offer(_offer(call).pk, reason=call.body.reason, by=call.by, at=call.at)
    case.refresh_from_db()
    return details(case)


def _offer(call: Call) -> Handoff:
    found = case_of(call).handoffs.filter(state=Handoff.State.OFFERED).first()
    if found is None or (call.by.teams and found.to_team_id not in call.by.teams):
        raise NotFound
    return found
