"""Where payment providers send their signed messages."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from townhall.core.access import public
from townhall.core.time import now
from townhall.payments import protocol
from townhall.payments.operations import receive

LONGEST = 100_000  # bytes


@public  # the signature says who it is
@csrf_exempt
@require_POST
def messages(request: HttpRequest, code: str) -> HttpResponse:
    """Answered at once; what the message is about is looked at by the worker. The same answer when it comes again."""
    if len(request.body) > LONGEST or not protocol.known(code):
        return HttpResponse(status=400)
    try:
        receive(code, request.body, signature=request.headers.get("Pay-Signature", ""), at=now())
    except protocol.BadSignature:
        return HttpResponse(status=401)
    except protocol.UnreadableMessage:
        return HttpResponse(status=400)
    return HttpResponse(status=200)
