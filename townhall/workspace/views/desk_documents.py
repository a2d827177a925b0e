"""What the council gave a customer, as staff who help them may read it."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from townhall.accounts.web import actor
from townhall.core.access import staff
from townhall.core.errors import NotFound
from townhall.core.time import now
from townhall.documents import operations, queries
from townhall.documents.models import Document
from townhall.documents.operations import LARGE, PAGE, PDF, Way
from townhall.documents.web import as_download
from townhall.ledger import operations as ledger
from townhall.workspace.views.desk import draw


@staff(may="customers.see")
@never_cache
@require_safe
def listed(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    by = actor(request)
    ledger.looked(by=by, at=now(), customer_id=customer_id, page="documents.list", reason="staff")
    page = queries.documents_of(customer_id, by=by, after=request.GET.get("after", ""))
    return draw(request, "documents", page=page, customer_id=customer_id)


@staff(may="customers.see")
@never_cache
@require_safe
def show(request: HttpRequest, document_id: UUID) -> HttpResponse:
    found = _read(request, document_id, PAGE)
    if not found.html:
        raise Http404
    return draw(request, "document", document=found, line=queries.lines_of([found])[0])


@staff(may="customers.see")
@never_cache
@require_safe
def pdf(request: HttpRequest, document_id: UUID) -> HttpResponse:
    return as_download(_read(request, document_id, PDF))


@staff(may="customers.see")
@never_cache
@require_safe
def large(request: HttpRequest, document_id: UUID) -> HttpResponse:
    return as_download(_read(request, document_id, LARGE), large=True)


def _read(request: HttpRequest, document_id: UUID, way: Way) -> Document:
    try:
        return operations.read_document(document_id, by=actor(request), at=now(), way=way)
    except NotFound as error:
        raise Http404 from error
