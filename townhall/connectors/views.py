from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from townhall.connectors.inbound import receive_event
from townhall.core.access import public
from townhall.core.errors import BadInput, KeyReused, NotAllowed
from townhall.core.time import now


@public  # the signature says who it is
@csrf_exempt
@require_POST
def events(request: HttpRequest, code: str) -> HttpResponse:
    """A status event of another system. The same answer when it comes again."""
    try:
        received = receive_event(
            code,
            request.headers.get("webhook-id", ""),
            request.headers.get("webhook-signature", ""),
            request.headers.get("webhook-timestamp", ""),
            request.body,
            at=now(),
        )
    except NotAllowed as error:
        return _no(401, str(error.user_message))
    except BadInput as error:
        return _no(400, str(error.user_message))
    except KeyReused as error:
        return _no(409, str(error.user_message))
    return JsonResponse({"received": str(received)})


def _no(status: int, message: str) -> HttpResponse:
    return JsonResponse({"error": message}, status=status)
