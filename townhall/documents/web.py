"""Handing the PDF of a document to a browser."""

from __future__ import annotations

from django.core.files.storage import default_storage
from django.http import Http404, HttpResponse
from django.utils.http import content_disposition_header
from django.utils.text import slugify

from townhall.documents.models import Document


def as_download(document: Document, *, large: bool = False) -> HttpResponse:
    """Its PDF, to keep. Raises Http404 while there is none."""
    name = document.large_name if large else document.pdf_name
    if not name:
        raise Http404
    try:
        with default_storage.open(name) as kept:
            answer = HttpResponse(kept.read(), content_type="application/pdf")
    except FileNotFoundError as error:
        raise Http404 from error
    title = slugify(document.title)[:60] or document.kind
    shown_as = f"{title}-large-print.pdf" if large else f"{title}.pdf"
    answer["Content-Disposition"] = content_disposition_header(True, shown_as) or "attachment"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer
