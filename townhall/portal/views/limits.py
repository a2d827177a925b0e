"""How often one place on the internet may ask for what costs somebody: mail to others, a report, a photo, a look-up.

What comes from our own network is not counted: that is a proxy that was not declared, a library's shared line, or a test of load.
"""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from townhall.accounts import guessing, throttle
from townhall.accounts.throttle import Limit
from townhall.accounts.web import client_address
from townhall.core.time import now
from townhall.ui.responses import error_page

REPORTS = Limit(what="report.from", most=settings.PUBLIC_REPORTS)
FOLLOWS = Limit(what="follow.from", most=settings.PUBLIC_REPORTS)
MAILBOX = Limit(what="follow.mailbox", most=10)  # first mails to one mailbox, whoever asks for them
PHOTOS = Limit(what="photos.from", most=settings.PUBLIC_REPORTS * 2)
LOOK_UPS = Limit(what="look_up.from", most=settings.PUBLIC_REPORTS * 10)


def held_up(request: HttpRequest, limit: Limit) -> HttpResponse | None:
    """Count one. The page that asks to wait when there were too many in a quarter of an hour, or None."""
    return _counted(request, limit, guessing.line_of(client_address(request)))


def give_back(request: HttpRequest, limit: Limit) -> None:
    """What was counted last was not a miss after all."""
    if whom := guessing.line_of(client_address(request)):
        throttle.give_back(limit, whom)


def mailbox_full(request: HttpRequest, email: str) -> HttpResponse | None:
    """As `held_up`, for mail that somebody asks us to send to an address that need not be theirs."""
    return _counted(request, MAILBOX, email.strip().lower())


def _counted(request: HttpRequest, limit: Limit, whom: str) -> HttpResponse | None:
    if not whom or not limit.most:
        return None
    left = throttle.wait(limit, whom, now())
    return error_page(request, 429, retry_after_seconds=max(1, int(left.total_seconds()))) if left else None
