"""What may be read of documents, and by whom: staff who may see customers, and whose they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from townhall.accounts import permissions
from townhall.core.actors import Actor, ActorKind
from townhall.core.db import fetch_all
from townhall.core.paging import Page, page_of, read_cursor
from townhall.core.subjects import Subject
from townhall.customers.permissions import SEE
from townhall.documents.models import Document, Kind

SIZE = 20
_FROM_THE_END = (datetime(9000, 1, 1, tzinfo=UTC), UUID(int=2**128 - 1))
_OF_CUSTOMER = """
    SELECT id, kind, title, reference, made_at, html <> '', pdf_name <> '', large_name <> '', bytes, next_attempt_at IS NOT NULL
    FROM documents_document WHERE customer_id = %s AND (made_at, id) < (%s, %s) AND (%s = '' OR kind = %s)
      AND subject_id <> ALL(%s) AND subject_kind <> ALL(%s)
    ORDER BY made_at DESC, id DESC LIMIT %s"""

# Whether there is anything for `documents_of` to read: for a page that asks this of many things in one statement.
OF_CUSTOMER = "EXISTS (SELECT FROM documents_document WHERE customer_id = %(customer)s)"


@dataclass(frozen=True, kw_only=True)
class DocumentLine:
    """A document as a line of a list. `is_waiting`: its PDFs are still to be made."""

    id: UUID
    kind: str
    title: str
    reference: str
    made_at: datetime
    has_page: bool
    has_pdf: bool
    has_large: bool
    bytes: int
    is_waiting: bool

    @property
    def kind_words(self) -> str:
        return str(Kind(self.kind).label)

    @property
    def size_words(self) -> str:
        return f"{max(1, round(self.bytes / 1000))} KB"


_apart: dict[str, str] = {}


def keep_apart(subject_kind: str, capability: str) -> None:
    """Documents about this are in no list and no account: they go by post, and are read by staff with that capability only."""
    _apart[subject_kind] = capability


def apart_from(by: Actor) -> list[str]:
    """What documents have to be about so that this actor does not see them."""
    return [
        kind for kind, capability in _apart.items() if not (by.is_staff and permissions.may(by, capability).allowed)
    ]


def documents_seen_by(by: Actor) -> QuerySet[Document]:
    """Where every reading of documents starts."""
    rows = Document.objects.exclude(subject_kind__in=apart_from(by))
    if by.kind is ActorKind.CUSTOMER:
        return rows.filter(customer_id=by.id)
    return rows if permissions.may(by, SEE).allowed else rows.none()


_closed: list[Callable[[Actor, UUID], list[UUID]]] = []


def closed_by(lookup: Callable[[Actor, UUID], list[UUID]]) -> None:
    """What a document is about is known above this app: `config/panels.py` gives the subjects of a customer that are closed to somebody."""
    _closed[:] = [lookup]


def closed_to(by: Actor, customer_id: UUID) -> list[UUID]:
    """Subjects whose documents this member of staff may not see, as another service holds them."""
    return [one for lookup in _closed for one in lookup(by, customer_id)] if by.is_staff else []


def documents_of(
    customer_id: UUID, *, by: Actor, kind: str = "", after: str = "", size: int = SIZE
) -> Page[DocumentLine]:
    """A customer's documents, the newest first; empty for whoever may not see them. One query. The caller logs the look."""
    if not _may_see(customer_id, by):
        return Page(rows=(), after="")
    at, last = _cursor(after)
    asked = (customer_id, at, last, kind, kind, closed_to(by, customer_id), apart_from(by), size + 1)
    rows = [_line(row) for row in fetch_all(_OF_CUSTOMER, asked)]
    return page_of(rows, size=size, key=lambda one: (one.made_at.isoformat(), one.id))


def about(subject: Subject, *, by: Actor) -> Sequence[Document]:
    """The documents about one thing that this actor may see, the oldest first. One query."""
    rows = documents_seen_by(by).filter(subject_kind=subject.kind, subject_id=subject.id)
    return list(rows.defer("html", "given_pdf").order_by("made_at", "id")[:50])


def lines_of(documents: Sequence[Document]) -> list[DocumentLine]:
    """Documents that were read already, as lines. No query."""
    return [
        DocumentLine(
            id=one.pk,
            kind=one.kind,
            title=one.title,
            reference=one.reference,
            made_at=one.made_at,
            has_page=bool(one.html),
            has_pdf=bool(one.pdf_name),
            has_large=bool(one.large_name),
            bytes=one.bytes,
            is_waiting=one.next_attempt_at is not None,
        )
        for one in documents
    ]


def _may_see(customer_id: UUID, by: Actor) -> bool:
    if by.kind is ActorKind.CUSTOMER:
        return by.id == str(customer_id)
    return permissions.may(by, SEE).allowed


def _line(row: tuple[Any, ...]) -> DocumentLine:
    return DocumentLine(
        id=row[0],
        kind=row[1],
        title=row[2],
        reference=row[3],
        made_at=row[4],
        has_page=row[5],
        has_pdf=row[6],
        has_large=row[7],
        bytes=row[8],
        is_waiting=row[9],
    )


def _cursor(text: str) -> tuple[datetime, UUID]:
    values = read_cursor(text, length=2) if text else None
    try:
        return (datetime.fromisoformat(values[0]), UUID(values[1])) if values else _FROM_THE_END
    except ValueError:
        return _FROM_THE_END
