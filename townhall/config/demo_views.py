from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from townhall.config import demo_mail
from townhall.core.access import public
from townhall.core.errors import BadInput
from townhall.core.ids import uuid7
from townhall.core.time import now
from townhall.notifications import texts


def demo_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @wraps(view)
    def guarded(request: HttpRequest, **arguments: str) -> HttpResponse:
        if not settings.DEMO:
            raise Http404
        return view(request, **arguments)

    return guarded


@public
@demo_only
@require_safe
@never_cache
def mailbox(request: HttpRequest) -> HttpResponse:
    page = demo_mail.newest(before=request.GET.get("before", ""))
    return render(request, "demo/mailbox.html", {"mails": page.rows, "after": page.after})


@public
@demo_only
@require_POST
def reply(request: HttpRequest, name: str) -> HttpResponse:
    """The phone of the demo answers a text, as Notify would tell us."""
    found = demo_mail.read(name)
    if found is None or not found.is_text:
        raise Http404
    at = now()
    try:
        body = request.POST.get("body", "")[:1_000]
        texts.receive(provider_id=str(uuid7()), number=found.to, body=body, sent_at=at, at=at)
    except BadInput as error:
        raise Http404 from error
    return redirect("demo_mailbox")


@public
@demo_only
@require_safe
@never_cache
def mail(request: HttpRequest, name: str) -> HttpResponse:
    found = demo_mail.read(name)
    if found is None:
        raise Http404
    return render(request, "demo/mail.html", {"mail": found})
