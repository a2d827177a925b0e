"""Reading reports with a key: those its team works on, or every one for a key of the council's own. Never who reported them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Any
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _
from msgspec import Meta, Struct

from townhall.accounts import directory
from townhall.cases.access import cases_visible_to
from townhall.cases.models import OPEN_JOBS, Case, ContractorJob
from townhall.cases.states import State
from townhall.core.actors import Actor
from townhall.core.api.endpoints import Call, Group
from townhall.core.errors import BadInput, NotFound
from townhall.core.paging import page_of, read_cursor
from townhall.core.references import parse_reference
from townhall.core.sealed_answers import shown_all
from townhall.files.models import StoredFile
from townhall.ledger import operations as ledger

group = Group("Reports")
SEE = "cases.see"


class PlaceOut(Struct, frozen=True, kw_only=True):
    """easting, northing: metres on the National Grid; lat, lng: WGS84 degrees."""

    easting: int | None
    northing: int | None
    lat: float | None
    lng: float | None
    address: str
    words: str
    uprn: str
    usrn: str
    ward: str


class ReportOut(Struct, frozen=True, kw_only=True):
    reference: str
    service: str
    state: str
    team: str  # who does the work
    due_on: date  # promised to the customer
    scheduled_on: date | None
    priority: int
    followers: int
    description: str
    answers: dict[str, Any]
    place: PlaceOut
    opened_at: datetime
    updated_at: datetime
    closed_at: datetime | None
    outcome: str
    outcome_text: str
    decline_reason: str
    external_ref: str
    is_public: bool
    link: str


class PhotoOut(Struct, frozen=True, kw_only=True):
    id: UUID
    purpose: str
    state: str
    link: str


class JobOut(Struct, frozen=True, kw_only=True):
    """Work sent to a contractor."""

    id: UUID
    reference: str  # of the report
    team: str
    contract: str
    obligations: str
    state: str
    due_on: date
    scheduled_on: date | None


class OfferOut(Struct, frozen=True, kw_only=True):
    """An offer of the report to another team, not answered yet."""

    id: UUID
    from_team: str
    to_team: str
    note: str
    answer_due_at: datetime


class ReportDetailsOut(ReportOut, frozen=True, kw_only=True):
    photos: list[PhotoOut]
    job: JobOut | None
    offer: OfferOut | None


class ReportPageOut(Struct, frozen=True, kw_only=True):
    """`after`: give it as `after` for the next page; empty on the last."""

    reports: list[ReportOut]
    after: str


class ReportsAsked(Struct, frozen=True, kw_only=True):
    """Least recently changed first, so that a caller can follow what changes."""

    service: str = ""
    team: str = ""
    state: str = ""
    changed_since: datetime | None = None
    after: str = ""
    limit: Annotated[int, Meta(ge=1, le=200)] = 50


@group.endpoint(
    "GET", "/reports", summary="Reports, a page at a time", gives=ReportPageOut, asks=ReportsAsked, scope=SEE
)
def list_reports(call: Call) -> ReportPageOut:
    """Least recently changed first. Follow `after` from page to page, and later again, to hear of every change."""
    asked: ReportsAsked = call.query
    cases = cases_visible_to(call.by)
    if asked.service:
        cases = cases.filter(service_code=asked.service)
    if asked.team:
        cases = cases.filter(doer_team_id=_team_id(asked.team))
    if asked.state:
        if asked.state not in State.values:
            raise BadInput({"state": _("There is no such state.")})
        cases = cases.filter(state=asked.state)
    if asked.changed_since:
        since = asked.changed_since
        cases = cases.filter(updated_at__gte=since if since.tzinfo else since.replace(tzinfo=UTC))
    if found := _cursor(asked.after):
        at, last = found
        cases = cases.filter(updated_at__gte=at).exclude(updated_at=at, id__lte=last)
    rows = list(cases.order_by("updated_at", "id")[: asked.limit + 1])
    page = page_of(rows, size=asked.limit, key=lambda case: (case.updated_at.isoformat(), case.id))
    ledger.looked(by=call.by, at=call.at, customer_id=None, page="api.reports")
    return ReportPageOut(reports=[ReportOut(**_fields(case)) for case in page.rows], after=page.after)


@group.endpoint("GET", "/reports/{reference}", summary="One report", gives=ReportDetailsOut, scope=SEE)
def get_report(call: Call) -> ReportDetailsOut:
    case = case_of(call)
    ledger.looked(by=call.by, at=call.at, customer_id=case.customer_id, case_id=case.pk, page="api.report")
    return details(case)


def case_of(call: Call) -> Case:
    """The report in the address, if the key may see it. Raises NotFound."""
    reference = parse_reference(call.path["reference"])
    found = cases_visible_to(call.by).filter(reference=reference).first() if reference else None
    if found is None:
        raise NotFound
    return found


def details(case: Case) -> ReportDetailsOut:
    job = case.contractor_jobs.filter(state__in=OPEN_JOBS).first()
    offer = case.handoffs.filter(state="offered").first()
    photos = StoredFile.objects.filter(case_id=case.pk, content_type__startswith="image/").order_by("created_at")
    return ReportDetailsOut(
        **_fields(case),
        photos=[photo_out(one) for one in photos],
        job=job_out(job, case) if job else None,
        offer=OfferOut(
            id=offer.pk,
            from_team=directory.team_by_id(offer.from_team_id).code,
            to_team=directory.team_by_id(offer.to_team_id).code,
            note=offer.note,
            answer_due_at=offer.answer_due_at,
        )
        if offer
        else None,
    )


def photo_out(photo: StoredFile) -> PhotoOut:
    link = f"{settings.PUBLIC_URL}/files/{photo.pk}"
    return PhotoOut(id=photo.pk, purpose=photo.purpose, state=photo.state, link=link)


def job_out(job: ContractorJob, case: Case) -> JobOut:
    return JobOut(
        id=job.pk,
        reference=case.reference,
        team=directory.team_by_id(job.team_id).code,
        contract=job.contract_ref,
        obligations=job.obligations,
        state=job.state,
        due_on=job.due_on,
        scheduled_on=job.scheduled_on,
    )


def again(call: Call, _earlier: UUID) -> ReportDetailsOut:
    """A move that was made before under the same key: the report as it is now."""
    return details(case_of(call))


def shown(case_id: UUID, *, by: Actor) -> ReportDetailsOut:
    return details(cases_visible_to(by).get(pk=case_id))


def _fields(case: Case) -> dict[str, Any]:
    return {
        "reference": case.reference,
        "service": case.service_code,
        "state": case.state,
        "team": directory.team_by_id(case.doer_team_id).code,
        "due_on": case.due_on,
        "scheduled_on": case.scheduled_on,
        "priority": case.priority,
        "followers": case.followers,
        "description": case.description,
        "answers": shown_all(case.attributes),
        "place": PlaceOut(
            easting=case.easting,
            northing=case.northing,
            lat=case.lat,
            lng=case.lng,
            address=case.address,
            words=case.place_words,
            uprn=case.uprn,
            usrn=case.usrn,
            ward=case.ward_code,
        ),
        "opened_at": case.opened_at,
        "updated_at": case.updated_at,
        "closed_at": case.closed_at,
        "outcome": case.outcome_code,
        "outcome_text": case.outcome_text,
        "decline_reason": case.decline_reason,
        "external_ref": case.external_ref,
        "is_public": case.is_public,
        "link": f"{settings.PUBLIC_URL}/r/{case.reference}",
    }


def _team_id(code: str) -> UUID:
    return team_id(code, name="team")


def team_id(code: str, *, name: str) -> UUID:
    try:
        return directory.team(code).id
    except directory.UnknownCode:
        raise BadInput({name: _("There is no such team.")}) from None


def _cursor(after: str) -> tuple[datetime, UUID] | None:
    values = read_cursor(after, length=2) if after else None
    if values is None:
        return None
    try:
        at = datetime.fromisoformat(values[0])
        return (at if at.tzinfo else at.replace(tzinfo=UTC)), UUID(values[1])
    except ValueError:
        return None
