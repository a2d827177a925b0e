"""Services that need to be surer of who somebody is than an open page can be."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from townhall.customers.accounts.models import Level
from townhall.portal.account.web import me

LEVELS: Final = {
    "public": Level.PUBLIC,
    "email": Level.EMAIL,
    "address": Level.ADDRESS,
    "identity": Level.IDENTITY,
}


def barred(request: HttpRequest, level: str) -> HttpResponse | None:
    """The way to signing in, or to the check that is missing; None when this person may go on."""
    who = me(request)
    onward = urlencode({"next": request.path})
    if who is None:
        return redirect(f"{reverse('portal:sign_in')}?{onward}")
    if who.acting.level < LEVELS[level]:
        return redirect(f"{reverse('portal:verify')}?{onward}")
    if LEVELS[level] >= Level.IDENTITY and not who.person.is_strong:  # bank-style: both factors in this session
        return redirect(f"{reverse('portal:strong')}?{onward}")
    return None
