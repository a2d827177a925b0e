"""Files by their id. The address tells nothing, and the answer is the same whether a file is missing or not for this reader."""

from __future__ import annotations

from uuid import UUID

from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from townhall.accounts.web import actor
from townhall.core.access import public
from townhall.files import queries
from townhall.files.models import Scan, StoredFile
from townhall.ui.responses import error_page

_ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "application/pdf": "pdf"}


@public
@require_safe
def file(request: HttpRequest, file_id: UUID) -> HttpResponse:
    found = _seen(request, file_id)
    return _answer(request, found, found.storage_name, found.content_type)


@public
@require_safe
def thumbnail(request: HttpRequest, file_id: UUID) -> HttpResponse:
    found = _seen(request, file_id)
    if not found.is_image:
        raise Http404
    return _answer(request, found, found.thumbnail_name, "image/jpeg")


def _seen(request: HttpRequest, file_id: UUID) -> StoredFile:
    found = StoredFile.objects.filter(pk=file_id).first()
    if found is None:
        raise Http404
    if queries.is_own_link(file_id, request.GET.get("key", "")):
        return found
    if not queries.is_public(found) and not queries.may_see(actor(request), found):
        raise Http404
    return found


def _not_served(request: HttpRequest, found: StoredFile) -> HttpResponse:
    if found.scan == Scan.INFECTED:
        detail = _("%(name)s held a virus. We have put it away, and nobody can open it.") % {
            "name": found.original_name
        }
        return error_page(request, 410, detail=detail)
    answer = error_page(request, 409, detail=_("This file is being checked for viruses. Try again in a minute."))
    answer["Retry-After"] = "60"
    return answer


def _answer(request: HttpRequest, found: StoredFile, name: str, content_type: str) -> HttpResponse:
    if not found.is_served:
        return _not_served(request, found)
    tag = f'"{found.sha256[:32]}-{"t" if name != found.storage_name else "f"}"'
    if request.headers.get("If-None-Match") == tag:
        answer = HttpResponse(status=304)
    else:
        try:
            with default_storage.open(name) as kept:  # small: photos are remade at 2048 pixels
                answer = HttpResponse(kept.read(), content_type=content_type)
        except FileNotFoundError as error:
            raise Http404 from error
    shown_as = f"{found.purpose}-{found.pk.hex[-8:]}.{_ENDINGS.get(content_type, 'bin')}"
    answer["Content-Disposition"] = content_disposition_header(not found.is_image, shown_as) or "inline"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["ETag"] = tag
    answer["Cache-Control"] = "public, max-age=300" if queries.is_public(found) else "private, no-store"
    return answer
