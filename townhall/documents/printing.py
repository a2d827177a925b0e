"""The worker's part: PDFs in normal and large print, made outside any transaction. A claim is committed before the work."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from townhall.core.time import council_date
from townhall.documents.layout_models import Written
from townhall.documents.models import Document
from townhall.notifications.models import Message
from townhall.notifications.states import Channel
from townhall.ui import paper
from townhall.ui.paper import Sheet

log = structlog.get_logger(__name__)
BATCH = 10
CLAIM = timedelta(minutes=5)
MOST_ATTEMPTS = 5


def sweep(at: datetime) -> int:
    """Make the PDFs that are waited for; how many documents. Where nothing can print they wait, and their pages can be read."""
    found = _claimed(at)
    for document in found:
        _make(document)
    return len(found)


@transaction.atomic
def _claimed(at: datetime) -> list[Document]:
    due = Document.objects.select_for_update(skip_locked=True).filter(next_attempt_at__lte=at)
    if not paper.can_print():
        due = due.filter(given_pdf__isnull=False)
    found = list(due.order_by("next_attempt_at")[:BATCH])
    for document in found:
        document.next_attempt_at, document.attempts = at + CLAIM, document.attempts + 1
        document.save(update_fields=["next_attempt_at", "attempts"])
    return found


def _make(document: Document) -> None:
    try:
        normal, large = _pdfs(document)
        names = [_put(document, part, content) for part, content in (("pdf", normal), ("large", large)) if content]
    except Exception as error:  # noqa: BLE001 - whatever is in one document, the others go on
        _failed(document, error)
        return
    Document.objects.filter(pk=document.pk).update(
        pdf_name=names[0],
        large_name=names[1] if large else "",
        bytes=len(normal),
        given_pdf=None,
        next_attempt_at=None,
        error="",
    )


def _pdfs(document: Document) -> tuple[bytes, bytes]:
    if document.given_pdf is not None:
        return bytes(document.given_pdf), b""
    sheet = sheet_of(document)
    return paper.as_pdf(sheet), paper.as_pdf(sheet, large=True)


def sheet_of(document: Document) -> Sheet:
    """What went by post has the same address as the letter itself, for the window of its envelope."""
    return Sheet(
        title=document.title,
        body=document.html,
        language=document.language,
        on=council_date(document.made_at),
        to=_posted_to(document),
        reference=document.reference,
        lines=paper.standard_lines(),
    )


def _posted_to(document: Document) -> tuple[str, ...]:
    """Name and address, line by line, as they were when it was sent; none for what was not written to be posted."""
    kind, _, written = document.key.partition("-")
    if kind != "written":
        return ()
    message_id = Written.objects.filter(pk=written, message_id__isnull=False).values_list("message_id", flat=True)
    sent = Message.objects.filter(pk__in=message_id, channel=Channel.LETTER).first()
    if sent is None:
        return ()
    return (sent.recipient_name, *(part.strip() for part in sent.recipient_address.split(",") if part.strip()))


def _put(document: Document, part: str, content: bytes) -> str:
    """Under a name that follows from the id, so that a second attempt leaves nothing of the first."""
    name = f"documents/{document.made_at:%Y/%m}/{document.pk.hex}-{part}"
    if default_storage.exists(name):
        default_storage.delete(name)
    return default_storage.save(name, ContentFile(content))


def _failed(document: Document, error: Exception) -> None:
    is_over = document.attempts >= MOST_ATTEMPTS
    log.error("document.not_printed", document_id=str(document.pk), attempts=document.attempts, error=repr(error)[:300])
    changed: dict[str, object] = {"error": type(error).__name__}
    if is_over:
        changed["next_attempt_at"] = None
    Document.objects.filter(pk=document.pk).update(**changed)


def print_again(document_id: UUID, *, at: datetime) -> None:
    """Have the PDFs of one document made once more."""
    Document.objects.filter(pk=document_id, html__gt="").update(next_attempt_at=at, attempts=0, error="")
