from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

import msgspec
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from townhall.core.access import public
from townhall.core.errors import BadInput
from townhall.core.time import now
from townhall.notifications import bounces, receipts, texts, tracking

Told = TypeVar("Told")


class Receipt(msgspec.Struct):
    """A delivery receipt as GOV.UK Notify posts it; what we do not need is left unread."""

    id: str
    status: str
    reference: str | None = None


class Text(msgspec.Struct):
    """A text message that somebody sent to the council's number, as Notify posts it."""

    id: str
    source_number: str  # 447…
    message: str
    date_received: datetime


class ReturnedLetter(msgspec.Struct):
    notification_id: str
    reference: str | None = None


@public
@csrf_exempt
@require_POST
def receipt(request: HttpRequest) -> HttpResponse:
    """204 once noted, known before, or of somebody else's message: so that Notify stops repeating it."""
    return _heard(request, Receipt, _note_receipt)


@public
@csrf_exempt
@require_POST
def text(request: HttpRequest) -> HttpResponse:
    """204 once it is kept, or was kept before."""
    return _heard(request, Text, _keep_text)


@public
@csrf_exempt
@require_POST
def returned_letter(request: HttpRequest) -> HttpResponse:
    return _heard(request, ReturnedLetter, _note_returned)


@public
@csrf_exempt
@require_POST
def bounce(request: HttpRequest) -> HttpResponse:
    """The mail server hands on, as it is, each mail that arrives at the bounce address. 204 also for one that tells us nothing."""
    if not settings.BOUNCE_TOKEN:
        raise Http404
    if not _has_token(request, settings.BOUNCE_TOKEN):
        return HttpResponse(status=401)
    try:
        bounces.receive(request.body, at=now())
    except BadInput:
        return HttpResponse(status=413)
    return HttpResponse(status=204)


def _note_receipt(told: Receipt) -> None:
    receipts.receive(
        provider_id=told.id.replace("\x00", ""), reference=told.reference or "", status=told.status, at=now()
    )


def _keep_text(told: Text) -> None:
    sent_at = told.date_received if told.date_received.tzinfo else told.date_received.replace(tzinfo=UTC)
    texts.receive(provider_id=told.id, number=told.source_number, body=told.message, sent_at=sent_at, at=now())


def _note_returned(told: ReturnedLetter) -> None:
    tracking.returned(provider_id=told.notification_id, reference=told.reference or "", at=now())


def _heard(request: HttpRequest, form: type[Told], act: Callable[[Told], object]) -> HttpResponse:
    """What Notify told us, under its token; 400 for what is in no shape of its own."""
    if not settings.NOTIFY_CALLBACK_TOKEN:
        raise Http404
    if not _has_token(request, settings.NOTIFY_CALLBACK_TOKEN):
        return HttpResponse(status=401)
    try:
        act(msgspec.json.decode(request.body, type=form))
    except (msgspec.DecodeError, UnicodeDecodeError, BadInput) as error:
        return HttpResponse(str(error), status=400, content_type="text/plain; charset=utf-8")
    return HttpResponse(status=204)


def _has_token(request: HttpRequest, token: str) -> bool:
    given = request.headers.get("Authorization", "").encode(errors="surrogateescape")
    return secrets.compare_digest(given, f"Bearer {token}".encode())
