"""The document store: what somebody sent us is kept once, linked to customers and cases, and found by its words."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from townhall.accounts.permissions import may, require
from townhall.core.actors import Actor, ActorKind
from townhall.core.cards import refuse_card_numbers
from townhall.core.db import fetch_all
from townhall.core.errors import BadInput, NotFound
from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.customers.permissions import SEE
from townhall.documents import pdf_text
from townhall.documents.models import Paper, PaperLink
from townhall.documents.queries import closed_to
from townhall.files import operations as files
from townhall.files.models import Purpose, StoredFile
from townhall.files.sanitising import Upload
from townhall.ledger import operations as ledger

KEEP = "contacts.log"
LONGEST_TITLE = 200
# The words of the title count more than those inside.
_SEARCH = """
    SELECT p.id, p.title, p.is_scan, p.content_type, p.kept_at,
           ts_headline('english', left(p.text, 20000), q, 'MaxWords=24, MinWords=8, StartSel="", StopSel=""')
    FROM documents_paper p, websearch_to_tsquery('english', %s) q
    WHERE p.words @@ q
    ORDER BY ts_rank(p.words, q) DESC, p.kept_at DESC, p.id LIMIT %s"""


@dataclass
class Sent:
    """What was uploaded, read once for its hash and again for keeping."""

    name: str | None
    content: BytesIO

    def read(self, size: int = -1, /) -> bytes:
        return self.content.read(size)


@dataclass(frozen=True, kw_only=True)
class Kept:
    paper: Paper
    is_new: bool  # False: its content was here already, and only linked


@dataclass(frozen=True, kw_only=True)
class PaperLine:
    """A document as a search or a list shows it. excerpt: some of its own words."""

    id: UUID
    title: str
    is_scan: bool
    content_type: str
    kept_at: datetime
    excerpt: str = ""


def keep(
    upload: Upload,
    *,
    title: str = "",
    is_scan: bool = False,
    customer_id: UUID | None = None,
    case_id: UUID | None = None,
    by: Actor,
    at: datetime,
    field: str = "file",
) -> Kept:
    """Keep a document, or link the one that is there when its content came before. Raises NotAllowed, BadInput.

    The caller says that `by` may see the customer and the case.
    """
    _require_keep(by)
    if customer_id is None and case_id is None:
        raise BadInput({field: _("Say whose document it is, or which case it belongs to")})
    refuse_card_numbers(title=title)
    content = upload.read(settings.FILES_MAX_BYTES + 1)
    digest = hashlib.sha256(content).hexdigest()
    held = Paper.objects.filter(sha256=digest).first()
    is_new = held is None
    paper = held or _store(content, upload.name, digest, title=title, is_scan=is_scan, by=by, at=at, field=field)
    link(paper.pk, customer_id=customer_id, case_id=case_id, by=by, at=at)
    return Kept(paper=paper, is_new=is_new)


def take_in(upload: Upload, *, title: str, is_scan: bool, by: Actor, at: datetime, field: str = "file") -> Paper:
    """Keep a document of which nobody knows yet whose it is; until it is linked only the page of post shows it.

    Raises NotAllowed, BadInput.
    """
    _require_keep(by)
    refuse_card_numbers(title=title)
    content = upload.read(settings.FILES_MAX_BYTES + 1)
    digest = hashlib.sha256(content).hexdigest()
    held = Paper.objects.filter(sha256=digest).first()
    return held or _store(content, upload.name, digest, title=title, is_scan=is_scan, by=by, at=at, field=field)


def _require_keep(by: Actor) -> None:
    if by.kind is ActorKind.STAFF:
        require(by, KEEP)


def _store(
    content: bytes, name: str | None, digest: str, *, title: str, is_scan: bool, by: Actor, at: datetime, field: str
) -> Paper:
    """The file first, outside the transaction; of two who send the same at once, the second gets the first one's."""
    paper_id = uuid7()
    about = Subject(kind="paper", id=paper_id)
    sent = Sent(name=name, content=BytesIO(content))
    stored = files.store(sent, about=about, purpose=Purpose.ATTACHMENT, by=by, at=at, field=field)
    shown = " ".join(title.split())[:LONGEST_TITLE] or stored.original_name
    text = pdf_text.text_of(content) if stored.content_type == "application/pdf" else ""
    try:
        with transaction.atomic():
            paper = Paper.objects.create(
                id=paper_id,
                sha256=digest,
                file_id=stored.pk,
                title=shown,
                is_scan=is_scan or stored.is_image,
                content_type=stored.content_type,
                bytes=stored.bytes,
                text=text,
                kept_at=at,
                kept_by_kind=by.kind.value,
                kept_by=by.id,
            )
            ledger.record("paper.kept", about=paper.subject, by=by, at=at, data={"file": str(stored.pk)})
            return paper
    except IntegrityError:
        StoredFile.objects.filter(pk=stored.pk).delete()
        default_storage.delete(stored.storage_name)
        return Paper.objects.get(sha256=digest)


@transaction.atomic
def link(
    paper_id: UUID, *, customer_id: UUID | None = None, case_id: UUID | None = None, by: Actor, at: datetime
) -> bool:
    """Say whose it is as well, or which case it belongs to; once. Whether that was not known before. Raises NotAllowed, NotFound."""
    _require_keep(by)
    paper = Paper.objects.select_for_update().filter(pk=paper_id).first()
    if paper is None:
        raise NotFound
    whose: dict[str, Any] = {"customer_id": customer_id, "case_id": case_id}
    _made, is_new = PaperLink.objects.get_or_create(
        paper=paper, **whose, defaults={"linked_at": at, "linked_by": by.id}
    )
    if is_new:
        ledger.record("paper.linked", about=paper.subject, by=by, at=at, customer_id=customer_id, case_id=case_id)
    return is_new


@transaction.atomic
def unlink(paper_id: UUID, *, customer_id: UUID | None, case_id: UUID | None, by: Actor, at: datetime) -> None:
    """It is not theirs after all, as it was filed there by mistake. Raises NotAllowed."""
    _require_keep(by)
    whose: dict[str, Any] = {"customer_id": customer_id, "case_id": case_id}
    removed, _of = PaperLink.objects.filter(paper_id=paper_id, **whose).delete()
    if removed:
        about = Subject(kind="paper", id=paper_id)
        ledger.record("paper.unlinked", about=about, by=by, at=at, customer_id=customer_id, case_id=case_id)


def search(text: str, *, by: Actor, limit: int = 20) -> list[PaperLine]:
    """Documents with these words in their title or text, best first; none for who may not see customers.

    Two queries, and those of `closed_to` for each customer whose case has one of them.
    """
    if not text.strip() or not may(by, SEE).allowed:
        return []
    found = [
        PaperLine(
            id=key, title=title, is_scan=is_scan, content_type=kind, kept_at=at, excerpt=" ".join(excerpt.split())
        )
        for key, title, is_scan, kind, at, excerpt in fetch_all(_SEARCH, (text[:200], limit))
    ]
    links = PaperLink.objects.filter(paper__in=[one.id for one in found])
    open_ones = {one.paper_id for one in _open_to(by, links)}
    return [one for one in found if one.id in open_ones]


def of_customer(customer_id: UUID, *, by: Actor, limit: int = 50) -> list[PaperLine]:
    """The newest first, without what belongs to cases that are closed to `by` alone. One query, and those of `closed_to`."""
    links = PaperLink.objects.filter(customer_id=customer_id).exclude(case_id__in=closed_to(by, customer_id))
    return _lines(links, limit=limit)


def of_case(case_id: UUID, *, limit: int = 50) -> list[PaperLine]:
    """The newest first. One query."""
    return _lines(PaperLink.objects.filter(case_id=case_id), limit=limit)


def _lines(links: QuerySet[PaperLink], *, limit: int) -> list[PaperLine]:
    rows = Paper.objects.filter(pk__in=links.values("paper")).order_by("-kept_at", "-id")
    return [
        PaperLine(id=one.pk, title=one.title, is_scan=one.is_scan, content_type=one.content_type, kept_at=one.kept_at)
        for one in rows.defer("text")[:limit]
    ]


def read(paper_id: UUID, *, by: Actor, at: datetime) -> tuple[Paper, Sequence[PaperLink]]:
    """One document with whose it is; the look is written down for each of them. Raises NotFound, also for who may not see it."""
    paper = Paper.objects.filter(pk=paper_id).first() if may(by, SEE).allowed else None
    if paper is None:
        raise NotFound
    links = _open_to(by, paper.links.select_related("customer").order_by("linked_at", "id"))
    if not links:
        raise NotFound
    for one in links:
        ledger.looked(by=by, at=at, customer_id=one.customer_id, case_id=one.case_id, page="paper", reason="staff")
    return paper, links


def _open_to(by: Actor, links: Iterable[PaperLink]) -> list[PaperLink]:
    """Without those of cases that another service holds and that are closed to this member of staff; each customer asked for once."""
    found = list(links)
    whose = {one.customer_id for one in found if one.customer_id is not None and one.case_id is not None}
    closed = {(customer_id, case_id) for customer_id in whose for case_id in closed_to(by, customer_id)}
    return [one for one in found if (one.customer_id, one.case_id) not in closed]


def sees_file(by: Actor, file: StoredFile) -> bool:
    """Rule for files: a stored document's file is for whoever may see customers."""
    if file.subject_kind != "paper" or not by.is_staff or not may(by, SEE).allowed:
        return False
    return bool(_open_to(by, PaperLink.objects.filter(paper_id=file.subject_id)))
