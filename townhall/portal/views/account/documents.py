"""My documents: bills, decisions, permits, vouchers and letters, each to read here and to take away as a PDF."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from townhall.core.access import resident
from townhall.core.errors import NotFound
from townhall.core.time import now
from townhall.documents import operations, queries
from townhall.documents.models import Document, Kind
from townhall.documents.operations import LARGE, PAGE, PDF, Way
from townhall.documents.web import as_download
from townhall.ledger import operations as ledger
from townhall.portal.views.account.drawing import draw
from townhall.portal.views.account.preferences import own


@resident
@require_safe
def documents(request: HttpRequest) -> HttpResponse:
    me = own(request)
    who, by = me.acting, me.actor
    kind = request.GET.get("kind", "")
    kind = kind if kind in Kind.values else ""
    page = queries.documents_of(who.customer_id, by=by, kind=kind, after=request.GET.get("after", ""))
    ledger.looked(by=by, at=now(), customer_id=who.customer_id, page="documents.list", reason="own")
    return draw(request, "documents", page=page, kind=kind, kinds=Kind.choices)


@resident
@require_safe
def document(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """The words of one, as a page."""
    found = _read(request, document_id, PAGE)
    if not found.html:
        raise Http404
    return draw(request, "document", document=found, line=queries.lines_of([found])[0])


@resident
@never_cache
@require_safe
def pdf(request: HttpRequest, document_id: UUID) -> HttpResponse:
    return as_download(_read(request, document_id, PDF))


@resident
@never_cache
@require_safe
def large(request: HttpRequest, document_id: UUID) -> HttpResponse:
    return as_download(_read(request, document_id, LARGE), large=True)


def _read(request: HttpRequest, document_id: UUID, way: Way) -> Document:
    who = own(request)
    try:
        return operations.read_document(
            document_id, by=who.actor, at=now(), way=way, customer_id=who.acting.customer_id
        )
    except NotFound as error:
        raise Http404 from error
