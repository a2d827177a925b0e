"""A customer's own account, as they see it, for staff who speak with them: read, and never changed.

A page of the account is drawn by the view that draws it for the customer, on a request that carries their account and nothing of the
reader's, inside a transaction that the database itself keeps from writing. What is left of it has no form, no script and no link but to
other pages seen in the same way.
"""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from django.contrib.auth.models import AnonymousUser
from django.db import InternalError, connection, transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.template.response import SimpleTemplateResponse
from django.urls import Resolver404, ResolverMatch, resolve
from psycopg.errors import ReadOnlySqlTransaction

from townhall.accounts.residents.sessions import Resident
from townhall.accounts.residents.web import SESSION
from townhall.core.access import Door, access_of
from townhall.core.ids import uuid7
from townhall.customers.accounts import links
from townhall.ui.site import path_to

log = structlog.get_logger(__name__)
_HELPER = "helper"
_DROPPED = re.compile(r"<script\b.*?</script>|<dialog\b.*?</dialog>|<meta http-equiv=[^>]*>", re.DOTALL | re.IGNORECASE)
_FORM = re.compile(r"<form\b[^>]*>", re.IGNORECASE)
_HREF = re.compile(r"""(<a\b[^>]*?)\shref="([^"]*)\"""", re.IGNORECASE)
_LIVE = re.compile(r"""\sdata-part="[^"]*\"""")
_DOCUMENT = re.compile(r"/account/documents/([0-9a-f-]{36})(/pdf|/large-print)?")
_ALSO = frozenset({"portal:alerts"})  # open to everybody, and more to whoever is signed in
_STANDING = re.compile(r"/account/accounts/[a-z-]+")


@dataclass(frozen=True, kw_only=True)
class Account:
    """An account that opens the customer's record as its owner's."""

    id: UUID
    name: str
    email: str


class NotShown(Exception):
    """A page of the account that only its owner can be shown: it proves who they are, or changes something."""


def account_of(customer_id: UUID) -> Account | None:
    """The account of the customer themselves, or of their business; never a helper's. One query."""
    found = [row for row in links.accounts_of(customer_id) if row[3] != _HELPER]
    return Account(id=found[0][0], name=found[0][1], email=found[0][2]) if found else None


def page(request: HttpRequest, path: str, account: Account, customer_id: UUID, *, prefix: str, at: datetime) -> str:
    """The HTML of a page of the account. Raises Http404 for what is no page of it, NotShown for one that cannot be seen like this."""
    match = _resolved(path)
    asked = _as_owner(request, path, account, customer_id, at=at)
    asked.resolver_match = match
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION READ ONLY")
            answer = match.func(asked, *match.args, **match.kwargs)
            if isinstance(answer, SimpleTemplateResponse):
                answer.render()
    except (InternalError, ReadOnlySqlTransaction) as error:  # the ORM's own, and that of prepared statements
        if not isinstance(
            error if isinstance(error, ReadOnlySqlTransaction) else error.__cause__, ReadOnlySqlTransaction
        ):
            raise
        log.info("account_seen.would_write", path=match.route)
        raise NotShown from error
    if not isinstance(answer, HttpResponse) or answer.status_code != 200 or not _is_html(answer):
        raise NotShown
    return _made_safe(answer.content.decode(), prefix=prefix, customer_id=customer_id)


def _resolved(path: str) -> ResolverMatch:
    try:
        match = resolve(f"/{path}")
    except Resolver404 as error:
        raise Http404 from error
    access = access_of(match.func)
    if access is None or (access.door is not Door.RESIDENT and match.view_name not in _ALSO):
        raise Http404
    if access.fresh:
        raise NotShown
    return match


def _as_owner(request: HttpRequest, path: str, account: Account, customer_id: UUID, *, at: datetime) -> HttpRequest:
    """The request that the owner would have made: with their account, and without what the reader is known by."""
    asked = copy.copy(request)
    asked.method = "GET"
    asked.path = asked.path_info = f"/{path}"
    asked.GET = QueryDict(request.META.get("QUERY_STRING", ""))
    asked.POST = QueryDict()
    asked.COOKIES = {SESSION: "seen by staff"}
    asked.META = {**request.META, "REQUEST_METHOD": "GET", "PATH_INFO": asked.path}
    asked.user = AnonymousUser()
    for name in ("_me", "key_actor"):
        vars(asked).pop(name, None)
    asked._signed_in = None  # type: ignore[attr-defined]
    link = next((one.link_id for one in links.opened_by(account.id, at=at) if one.customer_id == customer_id), None)
    asked._resident = Resident(  # type: ignore[attr-defined]
        session_id=uuid7(),
        account_id=account.id,
        email=account.email,
        name=account.name,
        started_at=at,
        shown_at=at,
        last_seen_at=at,
        is_shared=False,
        is_strong=False,
        how="seen",
        acting_link_id=link,
        asked_at=at,
    )
    return asked


def _is_html(answer: HttpResponse) -> bool:
    return answer.headers.get("Content-Type", "").startswith("text/html")


def _made_safe(html: str, *, prefix: str, customer_id: UUID) -> str:
    """Without scripts and forms, and with links that stay here; the rest of the links lead nowhere."""
    html = _DROPPED.sub("", html)
    html = _FORM.sub('<div class="desk-seen__form" inert>', html).replace("</form>", "</div>")
    html = _LIVE.sub("", html)

    def kept(match: re.Match[str]) -> str:
        href = _seen_at(match[2].replace("&amp;", "&"), prefix=prefix, customer_id=customer_id)
        return f'{match[1]} href="{href}"' if href else match[1]

    return _HREF.sub(kept, html)


def _seen_at(href: str, *, prefix: str, customer_id: UUID) -> str:
    """Where a link of the account leads here; empty for one that leads out of it."""
    path, _mark, rest = href.partition("?")
    if href.startswith("#"):
        return href
    if found := _DOCUMENT.fullmatch(path):
        return f"{path_to('workspace:document', found[1])}{found[2] or ''}"
    if path == "/account/documents":
        return path_to("workspace:documents", customer_id)
    if _STANDING.fullmatch(path):
        return path_to("workspace:customer_standing", customer_id)
    try:
        _resolved(path.removeprefix("/")) if path.startswith("/") else _nowhere()
    except (Http404, NotShown):
        return ""
    return f"{prefix}{path.removeprefix('/')}" + (f"?{rest.replace('&', '&amp;')}" if rest else "")


def _nowhere() -> None:
    raise Http404
