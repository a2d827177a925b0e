from __future__ import annotations

import secrets

import msgspec
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from townhall.core.access import public
from townhall.core.errors import BadInput
from townhall.core.time import now
from townhall.notifications import receipts


class Receipt(msgspec.Struct):
    """A delivery receipt as GOV.UK Notify posts it; what we do not need is left unread."""

    id: str
    status: str
    reference: str | None = None


@public
@csrf_exempt
@require_POST
def receipt(request: HttpRequest) -> HttpResponse:
    """204 once noted, known before, or of somebody else's message: so that Notify stops repeating it."""
    if not settings.NOTIFY_CALLBACK_TOKEN:
        raise Http404
    if not _is_notify(request.headers.get("Authorization", "")):
        return HttpResponse(status=401)
    try:
        told = msgspec.json.decode(request.body, type=Receipt)
        receipts.receive(
            provider_id=told.id.replace("\x00", ""), reference=told.reference or "", status=told.status, at=now()
        )
    except (msgspec.DecodeError, UnicodeDecodeError, BadInput) as error:
        return HttpResponse(str(error), status=400, content_type="text/plain; charset=utf-8")
    return HttpResponse(status=204)


def _is_notify(authorization: str) -> bool:
    given = authorization.encode(errors="surrogateescape")
    return secrets.compare_digest(given, f"Bearer {settings.NOTIFY_CALLBACK_TOKEN}".encode())
