"""What other code may read of school applications."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core import signing
from django.db.models import Count, Q

from townhall.admissions.applying import SERVICE, may_change, phase
from townhall.admissions.models import Application, ExportItem, ExportRun, Round, Version
from townhall.admissions.states import Phase, State
from townhall.core.ids import as_uuid
from townhall.core.paging import Page, page_of, read_cursor
from townhall.core.time import council_date

__all__ = ["SERVICE"]
PAGE = 25
# Whether there is anything for `of_customer` to read: for a page that asks this of many things in one statement.
OF_CUSTOMER = "EXISTS (SELECT FROM admissions_application WHERE customer_id = %(customer)s)"
_SIGNER = signing.Signer(salt="townhall.admission")


@dataclass(frozen=True, kw_only=True)
class Shown:
    """An application as a page shows it. `token` opens the form again for whoever sent it in."""

    id: UUID
    token: str
    reference: str
    child_name: str
    child_born: date
    round_name: str
    closes_on: date | None
    offers_on: date | None
    state: State
    receipt: str
    problem: str
    version: int
    is_late: bool
    may_change: bool
    preferences: list[dict[str, Any]]
    made_at: str  # where it was filled in, in words
    helper: str
    applicant_name: str
    received_at: datetime
    changed_at: datetime
    customer_id: UUID | None
    case_id: UUID

    @property
    def state_words(self) -> str:
        return str(self.state.label)


@dataclass(frozen=True, kw_only=True)
class RoundLine:
    """A round with its counts, for staff."""

    round: Round
    phase: Phase
    counts: dict[str, int]  # state: applications
    late: int
    runs: Sequence[ExportRun]


@dataclass(frozen=True, kw_only=True)
class RoundDates:
    """A round as the public sees it."""

    name: str
    kind: str
    opens_on: date
    closes_on: date | None
    late_until: date | None
    offers_on: date | None
    phase: Phase


def token_of(application_id: UUID) -> str:
    return _SIGNER.sign(application_id.hex)


def application_in(token: str) -> UUID | None:
    """The application that a token names, or None when we did not make it."""
    try:
        return UUID(_SIGNER.unsign(token))
    except (signing.BadSignature, ValueError):
        return None


def public_rounds(*, at: datetime) -> list[RoundDates]:
    """Rounds that are open or still to open, and those that closed without offers yet. One query."""
    today = council_date(at)
    rows = Round.objects.filter(Q(closes_on__isnull=True) | Q(late_until__gte=today) | Q(closes_on__gte=today))
    return [
        RoundDates(
            name=one.name,
            kind=one.kind,
            opens_on=one.opens_on,
            closes_on=one.closes_on,
            late_until=one.late_until,
            offers_on=one.offers_on,
            phase=phase(one, on=today),
        )
        for one in rows.order_by("kind", "opens_on")
    ]


def of_customer(customer_id: UUID, *, at: datetime, limit: int = 10) -> list[Shown]:
    """The applications of a customer, the latest first. Two queries."""
    rows = Application.objects.filter(customer_id=customer_id).select_related("round").order_by("-id")[:limit]
    return _shown(list(rows), at=at)


def of_case(case_id: UUID, *, at: datetime) -> Shown | None:
    """The application of a case; also of one that was joined to it. Two queries, or one when there is none."""
    rows = Application.objects.filter(Q(case_id=case_id) | Q(versions__case_id=case_id, versions__is_current=True))
    return next(iter(_shown(list(rows.select_related("round").distinct()[:1]), at=at)), None)


def one(application_id: UUID, *, at: datetime) -> Shown | None:
    rows = Application.objects.filter(pk=application_id).select_related("round")
    return next(iter(_shown(list(rows), at=at)), None)


def versions_of(application_id: UUID) -> list[Version]:
    """Every version, the latest first. One query."""
    return list(Version.objects.filter(application_id=application_id).order_by("-number"))


def items_of(application_id: UUID) -> list[ExportItem]:
    """Each time it was sent, the latest first. One query."""
    return list(ExportItem.objects.filter(application_id=application_id).select_related("run").order_by("-id"))


def listed(round_id: UUID, *, state: str = "", at: datetime, after: str = "", size: int = PAGE) -> Page[Shown]:
    """The applications of a round in the order in which they came. Two queries."""
    rows = Application.objects.filter(round_id=round_id).select_related("round")
    if state:
        rows = rows.filter(state=state)
    cursor = read_cursor(after, length=1) if after else None
    if cursor and (last := as_uuid(cursor[0])):
        rows = rows.filter(pk__gt=last)
    found = _shown(list(rows.order_by("id")[: size + 1]), at=at)
    return page_of(found, size=size, key=lambda row: (row.id,))


def rounds(*, at: datetime) -> list[RoundLine]:
    """Every round with its counts and its last files. Three queries."""
    today = council_date(at)
    counts: dict[UUID, dict[str, int]] = {}
    late: dict[UUID, int] = {}
    rows = Application.objects.values("round_id", "state").annotate(
        number=Count("id"), late=Count("id", filter=Q(is_late=True))
    )
    for row in rows:
        counts.setdefault(row["round_id"], {})[row["state"]] = row["number"]
        late[row["round_id"]] = late.get(row["round_id"], 0) + row["late"]
    runs: dict[UUID, list[ExportRun]] = {}
    for run in ExportRun.objects.defer("content").order_by("-id")[:200]:
        runs.setdefault(run.round_id, []).append(run)
    return [
        RoundLine(
            round=row,
            phase=phase(row, on=today),
            counts=counts.get(row.pk, {}),
            late=late.get(row.pk, 0),
            runs=runs.get(row.pk, [])[:5],
        )
        for row in Round.objects.order_by("-opens_on", "code")
    ]


def contested() -> list[Version]:
    """Second applications for a child that wait for an officer, the oldest first. One query."""
    rows = Version.objects.filter(is_contested=True).select_related("application__round")
    return list(rows.order_by("at")[:100])


def stuck() -> list[Application]:
    """Applications that were refused, or never answered for: each is with the admissions team. One query."""
    rows = Application.objects.filter(
        Q(state=State.REFUSED) | Q(state=State.SENT, items__state=ExportItem.State.MISSING)
    )
    return list(rows.select_related("round").distinct().order_by("id")[:100])


def _shown(rows: list[Application], *, at: datetime) -> list[Shown]:
    today = council_date(at)
    current = (
        {one.application_id: one for one in Version.objects.filter(application__in=rows, is_current=True)}
        if rows
        else {}
    )
    found = []
    for row in rows:
        version = current[row.pk]
        found.append(
            Shown(
                id=row.pk,
                token=token_of(row.pk),
                reference=row.reference,
                child_name=row.child_name,
                child_born=row.child_born,
                round_name=row.round.name,
                closes_on=row.round.closes_on,
                offers_on=row.round.offers_on,
                state=State(row.state),
                receipt=row.receipt,
                problem=row.problem,
                version=row.version,
                is_late=row.is_late,
                may_change=may_change(row, on=today),
                preferences=version.preferences,
                made_at=str(Application.At(version.made_at_place).label),
                helper=", ".join(one for one in (version.helper_name, version.helper_place) if one),
                applicant_name=row.applicant_name,
                received_at=row.received_at,
                changed_at=row.changed_at,
                customer_id=row.customer_id,
                case_id=row.case_id,
            )
        )
    return found
