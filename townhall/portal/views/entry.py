"""What a page shows to somebody who came straight to it (KNOW-11): the key messages of today, and links to the main tasks.

It is on every public page, whoever the reader and wherever they came from. It is neither inside a journey
nor where somebody's own affairs are shown.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial

import structlog
from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest
from django.template import loader
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from townhall.core.access import Door, access_of
from townhall.core.time import now
from townhall.insight import key_messages, tasks
from townhall.insight.key_messages import Shown
from townhall.insight.models import Page
from townhall.portal.pages import kind_of

log = structlog.get_logger(__name__)
LISTS_ALL = frozenset({"home", "services", "report"})  # these pages list every task themselves
PERSONAL = frozenset({"token"})  # in the address of a page, it opens what is somebody's own


def context(request: HttpRequest) -> dict[str, Callable[[], SafeString]]:
    """Context processor. Asks nothing until a public page draws itself."""
    return {"entry_messages": partial(_messages, request), "entry_tasks": partial(_tasks, request)}


def _messages(request: HttpRequest) -> SafeString:
    if not _is_entry(request):
        return SafeString("")
    try:
        return _drawn_messages(tuple(key_messages.shown(now())), get_language())
    except DatabaseError:  # a page of plain words still comes
        log.warning("entry.no_messages")
        return SafeString("")


def _tasks(request: HttpRequest) -> SafeString:
    if not _is_entry(request) or _route(request) in LISTS_ALL:
        return SafeString("")
    try:
        found = tuple((pack.code, pack.name) for pack in tasks.main_tasks())
    except DatabaseError:
        return SafeString("")
    return _drawn_tasks(found, get_language(), settings.ROOT_URLCONF)


def _route(request: HttpRequest) -> str:
    match = request.resolver_match
    return (match.url_name or "") if match and match.namespace == "portal" else ""


def _is_entry(request: HttpRequest) -> bool:
    route = _route(request)
    return bool(route) and kind_of(route) is not Page.Kind.TRANSACTION and not _is_personal(request)


def _is_personal(request: HttpRequest) -> bool:
    """Whether it is a page of the account, or one of somebody's own that opens by its link."""
    match = request.resolver_match
    if match is None:
        return True
    access = access_of(match.func)
    return access is None or access.door is not Door.PUBLIC or bool(PERSONAL & match.kwargs.keys())


@lru_cache(maxsize=50)
def _drawn_messages(shown: tuple[Shown, ...], _language: str | None) -> SafeString:
    return SafeString(loader.render_to_string("portal/entry_messages.html", {"shown": shown}) if shown else "")


@lru_cache(maxsize=50)
def _drawn_tasks(found: tuple[tuple[str, str], ...], _language: str | None, _urls: str) -> SafeString:
    return SafeString(loader.render_to_string("portal/entry_tasks.html", {"tasks": found}) if found else "")
