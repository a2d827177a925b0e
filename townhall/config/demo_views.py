from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from townhall.config import demo_mail
from townhall.core.access import public


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
@require_safe
@never_cache
def mail(request: HttpRequest, name: str) -> HttpResponse:
    found = demo_mail.read(name)
    if found is None:
        raise Http404
    return render(request, "demo/mail.html", {"mail": found})
