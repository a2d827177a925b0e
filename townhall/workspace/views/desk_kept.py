"""Keeps what is being typed at the desk. Asked by the page's script, and by nobody else."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from townhall.accounts.web import actor
from townhall.core.access import staff
from townhall.core.errors import BadInput
from townhall.core.time import now
from townhall.workspace import keeping


@staff(may="contacts.log")
@never_cache
@require_POST
def keep(request: HttpRequest) -> HttpResponse:
    """`page`: the path it is typed on; the rest are its fields. With `forget` it is thrown away."""
    by, page = UUID(actor(request).id), request.POST.get("kept-page", "")
    if "kept-forget" in request.POST:
        keeping.forget(by, page)
        return HttpResponse(status=204)
    fields = {name: request.POST.getlist(name) for name in request.POST if not name.startswith("kept-")}
    try:
        keeping.keep(by, page, fields, at=now())
    except BadInput as error:
        return JsonResponse({"problem": str(error)}, status=422)
    return HttpResponse(status=204)
