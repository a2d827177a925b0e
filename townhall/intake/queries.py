"""What pages read of the post: what waits, what came of a customer or case, and how much came by each channel."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.core.files.storage import default_storage
from django.db.models import Q

from townhall.accounts import directory
from townhall.accounts.permissions import may, require
from townhall.cases.access import cases_visible_to, closed_cases
from townhall.core.actors import Actor
from townhall.core.db import fetch_all
from townhall.core.errors import NotFound
from townhall.core.paging import Page, page_of, read_cursor
from townhall.core.time import start_of
from townhall.documents.models import Paper
from townhall.files.models import StoredFile
from townhall.intake.models import Piece, Refused
from townhall.intake.permissions import INDEX
from townhall.intake.states import PieceState

SIZE = 25
ABOUT = timedelta(hours=12)
OWNER = "customer-services-manager"  # the post that answers for what nobody has taken
# Median time from having it to indexing it, in days.
_FIGURES = """
    SELECT p.channel, p.line, count(*), count(*) FILTER (WHERE p.state = 'indexed'), count(*) FILTER (WHERE p.state = 'waiting'),
      count(*) FILTER (WHERE p.state = 'set_aside'),
      percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM p.ended_at - p.received_at) / 86400)
        FILTER (WHERE p.state = 'indexed')
    FROM intake_piece p WHERE p.received_at >= %s AND p.received_at < %s
    GROUP BY GROUPING SETS ((p.channel), (p.channel, p.line)) ORDER BY p.channel, p.line NULLS FIRST"""


@dataclass(frozen=True, kw_only=True)
class Figures:
    """How much came by a channel, or to one line of it; line None: the channel as a whole. days: the median until indexed."""

    channel: str
    line: str | None
    came: int
    indexed: int
    waiting: int
    set_aside: int
    days: float | None


def owner_title() -> str:
    """Who answers for what nobody has taken; empty where the council has no such post."""
    try:
        return directory.post(OWNER).title
    except directory.UnknownCode:
        return ""


def listed(
    *, by: Actor, state: str = PieceState.WAITING, channel: str = "", after: str = "", size: int = SIZE
) -> Page[Piece]:
    """Those that wait, the oldest first; others, the newest first. Raises NotAllowed. One query."""
    require(by, INDEX)
    rows = Piece.objects.filter(state=state).select_related("customer")
    if channel:
        rows = rows.filter(channel=channel)
    waiting = state == PieceState.WAITING
    if cursor := _cursor(after):
        at, key = cursor
        sooner = Q(received_at__gt=at) | Q(received_at=at, pk__gt=key)
        later = Q(received_at__lt=at) | Q(received_at=at, pk__lt=key)
        rows = rows.filter(sooner if waiting else later)
    order = ("received_at", "pk") if waiting else ("-received_at", "-pk")
    found = list(rows.order_by(*order)[: size + 1])
    page = page_of(found, size=size, key=lambda one: (one.received_at.isoformat(), one.pk))
    return page if waiting else Page(rows=_open_to(by, list(page.rows)), after=page.after)


def _cursor(after: str) -> tuple[datetime, UUID] | None:
    values = read_cursor(after, length=2)
    try:
        return (datetime.fromisoformat(values[0]), UUID(values[1])) if values else None
    except ValueError:
        return None


def _open_to(by: Actor, found: list[Piece]) -> list[Piece]:
    """Without those of cases that are closed to this person. One query, where any has a case."""
    keys = {one.case_id for one in found if one.case_id is not None}
    seen = set(cases_visible_to(by).filter(pk__in=keys).values_list("pk", flat=True)) if keys else set()
    return [one for one in found if one.case_id is None or one.case_id in seen]


def one(piece_id: UUID, *, by: Actor) -> Piece:
    """Raises NotFound, also for what belongs to a case that is closed to them."""
    found = Piece.objects.select_related("customer").filter(pk=piece_id).first()
    allowed = INDEX if found is not None and found.state != PieceState.INDEXED else "customers.see"
    if found is None or not may(by, allowed).allowed or not _open_to(by, [found]):
        raise NotFound
    return found


def together_with(piece: Piece, *, by: Actor, limit: int = 20) -> list[Piece]:
    """What else waits that came just before or after this, by the same channel: enclosures are scanned one after the other."""
    require(by, INDEX)
    rows = Piece.objects.filter(state=PieceState.WAITING, channel=piece.channel)
    rows = rows.filter(came_at__gte=piece.came_at - ABOUT, came_at__lte=piece.came_at + ABOUT)
    sooner = rows.filter(Q(came_at__lt=piece.came_at) | Q(came_at=piece.came_at, pk__lt=piece.pk))
    later = rows.filter(Q(came_at__gt=piece.came_at) | Q(came_at=piece.came_at, pk__gt=piece.pk))
    before = list(sooner.order_by("-came_at", "-pk")[: limit // 2])
    return [*reversed(before), *later.order_by("came_at", "pk")[: limit // 2]]


def waiting(
    *, by: Actor, limit: int, besides: Collection[UUID] = (), only: Collection[UUID] | None = None
) -> list[Piece]:
    """What nobody has indexed, the oldest first. besides: what somebody has taken. Raises NotAllowed. One query."""
    require(by, INDEX)
    rows = Piece.objects.filter(state=PieceState.WAITING).exclude(pk__in=list(besides))
    if only is not None:
        rows = rows.filter(pk__in=list(only))
    return list(rows.order_by("received_at", "pk")[:limit])


def of_customer(customer_id: UUID, *, by: Actor, limit: int = 10) -> list[Piece]:
    """The newest first, without what belongs to cases closed to `by`."""
    rows = Piece.objects.filter(customer_id=customer_id, state=PieceState.INDEXED)
    return list(rows.exclude(case_id__in=closed_cases(by, customer_id)).order_by("-received_at", "-pk")[:limit])


def of_case(case_id: UUID, *, limit: int = 50) -> list[Piece]:
    """The newest first; the caller says that the case may be seen."""
    return list(Piece.objects.filter(case_id=case_id, state=PieceState.INDEXED).order_by("-received_at", "-pk")[:limit])


def content(file_id: UUID | None) -> tuple[bytes, StoredFile]:
    """The bytes of a kept file. Raises NotFound, also while it is being checked for viruses or when it holds one."""
    file = StoredFile.objects.filter(pk=file_id).first() if file_id else None
    if file is None or not file.is_served:
        raise NotFound
    try:
        with default_storage.open(file.storage_name) as kept:
            return kept.read(), file
    except FileNotFoundError:
        raise NotFound from None


def shown(piece: Piece) -> tuple[Paper | None, StoredFile | None]:
    """The document to be read beside the form, with its file."""
    paper = Paper.objects.filter(pk=piece.paper_id).first() if piece.paper_id else None
    return paper, StoredFile.objects.filter(pk=paper.file_id).first() if paper else None


def refused() -> list[Refused]:
    """Files of the watched folder that nobody has dealt with, the oldest first."""
    return list(Refused.objects.filter(settled_at=None).order_by("at", "pk")[:50])


def figures(*, since: date, until: date) -> list[Figures]:
    """By channel, then by line, from the first day to before the last. One query."""
    return [
        Figures(channel=row[0], line=row[1], came=row[2], indexed=row[3], waiting=row[4], set_aside=row[5], days=row[6])
        for row in fetch_all(_FIGURES, (start_of(since), start_of(until)))
    ]
