"""Answers that are a PDF made for this reader, kept nowhere."""

from __future__ import annotations

from django.http import Http404, HttpResponse

from townhall.ui import paper
from townhall.ui.paper import Sheet


def pdf_answer(sheet: Sheet, *, large: bool = False) -> HttpResponse:
    """Raises Http404 where nothing can print."""
    if not paper.can_print():
        raise Http404
    return as_pdf_answer(paper.as_pdf(sheet, large=large))


def as_pdf_answer(content: bytes) -> HttpResponse:
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = "inline"
    answer["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer
