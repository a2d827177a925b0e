"""Keeping a document for a customer, and handing it out. Making its PDFs is the worker's (`printing`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from townhall.core.actors import Actor
from townhall.core.db import fetch_one, insert_unless_there
from townhall.core.errors import BadInput, NotFound
from townhall.core.events import publish
from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.core.time import aware
from townhall.documents.events import DocumentKept
from townhall.documents.models import Document, Kind
from townhall.documents.queries import closed_to, documents_seen_by
from townhall.ledger import operations as ledger

LARGEST_PDF = 10_000_000  # bytes
LARGEST_HTML = 500_000  # characters


@dataclass(frozen=True, kw_only=True)
class Way:
    """How a document is read, as the log of looks has it."""

    code: str


PAGE, PDF, LARGE = Way(code="page"), Way(code="pdf"), Way(code="large")


@transaction.atomic
def keep_document(
    *,
    customer_id: UUID,
    kind: str,
    title: str,
    about: Subject,
    key: str,
    by: Actor,
    at: datetime,
    html: str | None = None,
    pdf: bytes | None = None,
    reference: str = "",
    language: str = "",
) -> Document:
    """Keep what the council gives a customer, in the caller's transaction. The same key again gives the first one.

    html: safe HTML below the title (`wording.worded` makes it), of which the worker makes the PDFs. pdf: one that another system
    made; then there is no page to read, and no large print. language: of the words; the customer's when it is not given.
    Raises BadInput, ValueError for a kind that is not there.
    """
    kind = Kind(kind).value
    if not html and not pdf:
        raise BadInput({"document": _("There is nothing in the document")})
    if pdf is not None and (not pdf.startswith(b"%PDF-") or len(pdf) > LARGEST_PDF):
        raise BadInput({"document": _("The document is not a PDF, or is larger than 10 MB")})
    if html and len(html) > LARGEST_HTML:
        raise BadInput({"document": _("The document is too long")})
    made = uuid7()
    is_new = insert_unless_there(
        "documents_document",
        {
            "id": made,
            "key": key,
            "customer_id": customer_id,
            "kind": kind,
            "title": " ".join(title.split())[:200],
            "subject_kind": about.kind,
            "subject_id": about.id,
            "reference": reference,
            "language": language or language_of(customer_id),
            "html": html or "",
            "given_pdf": pdf,
            "by_kind": by.kind.value,
            "by_id": by.id,
            "made_at": aware(at),
            "pdf_name": "",
            "large_name": "",
            "bytes": 0,
            "attempts": 0,
            "next_attempt_at": aware(at),
            "error": "",
        },
    )
    kept = Document.objects.get(key=key)
    if is_new:
        ledger.record(
            "document.kept",
            about=kept.subject,
            by=by,
            at=at,
            customer_id=customer_id,
            data={"kind": kind, "about": f"{about.kind}:{about.id}"},
        )
        publish(DocumentKept(document_id=kept.pk, customer_id=customer_id, kind=kind, at=aware(at)))
    return kept


def language_of(customer_id: UUID) -> str:
    """The language a customer's documents are written in: theirs where we have its words, else English. One query."""
    found = fetch_one("SELECT language FROM customers_customer WHERE id = %s", (customer_id,))
    return str(found[0]) if found and found[0] in dict(settings.LANGUAGES) else "en"


@transaction.atomic
def read_document(document_id: UUID, *, by: Actor, at: datetime, way: Way, customer_id: UUID | None = None) -> Document:
    """Hand out one document, and write down who looked. Raises NotFound for another's as for none.

    customer_id: of this customer only, for the pages of one customer.
    """
    rows = documents_seen_by(by)
    found = (rows.filter(customer_id=customer_id) if customer_id else rows).filter(pk=document_id).first()
    if found is None or found.subject_id in closed_to(by, found.customer_id):
        raise NotFound
    ledger.looked(by=by, at=at, customer_id=found.customer_id, page=f"document.{found.kind}", reason=way.code)
    return found
