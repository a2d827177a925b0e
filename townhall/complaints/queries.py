"""What other code may read of complaints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from townhall.accounts.models import Role
from townhall.accounts.permissions import may
from townhall.complaints.models import Complaint, Stage
from townhall.complaints.owning import gone
from townhall.complaints.states import OPEN, State
from townhall.core.actors import Actor
from townhall.core.errors import NotFound
from townhall.core.paging import Page, page_of, read_cursor
from townhall.files.models import StoredFile

SEE = "complaints.see"
# Whoever answers the public, and whoever looks at all of the council's work; others see their own team's and their own.
SEE_ALL = frozenset(
    {
        Role.ADVISER,
        Role.RECEPTIONIST,
        Role.TEAM_MANAGER,
        Role.SENIOR_MANAGER,
        Role.DATA_PROTECTION_OFFICER,
        Role.AUDITOR,
    }
)
SIZE = 30
OF_CUSTOMER = "EXISTS (SELECT FROM complaints_complaint WHERE customer_id = %(customer)s)"


def visible_to(by: Actor) -> QuerySet[Complaint]:
    """Those that somebody on the staff may see."""
    rows = Complaint.objects.all()
    if not by.is_staff or not may(by, SEE).allowed:
        return rows.none()
    if by.roles & SEE_ALL:
        return rows
    return rows.filter(
        Q(team_id__in=by.teams) | Q(owner_id=by.id) | Q(logged_by=by.id) | Q(keeper_post_id__in=by.posts)
    )


def one(complaint_id: UUID, *, by: Actor) -> Complaint:
    """Raises NotFound. One query."""
    found = (
        visible_to(by).select_related("procedure", "owner", "keeper_post", "customer", "case").filter(pk=complaint_id)
    )
    if (complaint := found.first()) is None:
        raise NotFound
    return complaint


def stages_of(complaint: Complaint) -> list[Stage]:
    """One query."""
    return list(complaint.stages.order_by("number"))


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What the list is narrowed to; empty is every open one."""

    kind: str = ""
    service: str = ""
    whose: str = ""  # "mine", "unowned", "ended" or ""


def listed(by: Actor, wanted: Wanted, *, on: date, after: str = "", size: int = SIZE) -> Page[Complaint]:
    """Open ones by arrival, the oldest first; of those that ended the newest first. One query."""
    rows = visible_to(by).select_related("owner", "keeper_post")
    is_ended = wanted.whose == "ended"
    rows = rows.exclude(state__in=OPEN) if is_ended else rows.filter(state__in=OPEN)
    if wanted.whose == "mine":
        rows = rows.filter(_to_do_of(by, on=on))
    if wanted.whose == "unowned":
        rows = rows.filter(Q(owner=None) | gone(on))
    if wanted.kind:
        rows = rows.filter(kind=wanted.kind)
    if wanted.service:
        rows = rows.filter(service_code=wanted.service)
    if (cursor := _cursor(after)) is not None:
        at, key = cursor
        past = Q(received_at__lt=at) | Q(received_at=at, id__lt=key)
        later = Q(received_at__gt=at) | Q(received_at=at, id__gt=key)
        rows = rows.filter(past if is_ended else later)
    order = ("-received_at", "-id") if is_ended else ("received_at", "id")
    found = list(rows.order_by(*order)[: size + 1])
    return page_of(found, size=size, key=lambda row: (row.received_at.isoformat(), str(row.pk)))


def _cursor(text: str) -> tuple[datetime, UUID] | None:
    values = read_cursor(text, length=2) if text else None
    try:
        return (datetime.fromisoformat(values[0]), UUID(values[1])) if values else None
    except ValueError:
        return None


def ended_since(by: Actor, since: datetime) -> list[tuple[str, int]]:
    """How the complaints that they may see ended since then, and how many each way, the most first. One query."""
    rows = visible_to(by).filter(kind=Complaint.Kind.COMPLAINT, ended_at__gte=since)
    counts = rows.values_list("state").annotate(many=Count("id")).order_by("-many", "state")
    return [(str(State(state).label), many) for state, many in counts]


def of_customer(customer_id: UUID, *, limit: int = 50) -> list[Complaint]:
    """Newest first, for their account. One query."""
    return list(Complaint.objects.filter(customer_id=customer_id).order_by("-received_at", "-id")[:limit])


def by_reference(reference: str) -> Complaint | None:
    """One query."""
    return Complaint.objects.select_related("procedure").filter(reference=reference).first()


def of_source(kind: str, source_ids: Sequence[UUID]) -> dict[UUID, Complaint]:
    """By what they were made of. One query."""
    rows = Complaint.objects.filter(source_kind=kind, source_id__in=list(source_ids))
    return {row.source_id: row for row in rows if row.source_id is not None}


def of_owner(by: Actor, *, on: date, limit: int) -> list[Complaint]:
    """What is somebody's to do: owned by them, or to be given an owner by a post of theirs. One query."""
    rows = Complaint.objects.filter(_to_do_of(by, on=on), state__in=OPEN)
    return list(rows.order_by("due_on", "received_at", "id")[:limit])


def _to_do_of(by: Actor, *, on: date) -> Q:
    """Theirs; and what has no owner who works here, for the post that answers for it and the managers of its team."""
    answers_for = Q(keeper_post_id__in=by.posts)
    if Role.TEAM_MANAGER in by.roles:
        answers_for |= Q(team_id__in=by.teams)
    return Q(owner_id=by.id) | (answers_for & (Q(owner=None) | gone(on)))


def sees_files(by: Actor, file: StoredFile) -> bool:
    """What came with a complaint, for whoever sees it."""
    if file.subject_kind != "complaint" or not by.is_staff:
        return False
    return visible_to(by).filter(pk=file.subject_id).exists()
