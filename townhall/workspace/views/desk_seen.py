"""The customer's account as they see it, beside the conversation: for a reason that is kept, and that they can read themselves."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from townhall.accounts.web import actor
from townhall.core.access import staff
from townhall.core.errors import NotFound
from townhall.core.time import now
from townhall.customers import queries, sharing
from townhall.customers.reasons import ACCOUNT, CONTACT, words_of
from townhall.ledger import operations as ledger
from townhall.workspace.views import account_seen
from townhall.workspace.views.account_seen import NotShown
from townhall.workspace.views.desk import conversation_with, conversations_of, draw

FIRST = "account"
PAGE = "account.seen"


@staff(may="contacts.log")
@never_cache
@require_safe
def begin(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """In a conversation with them that is the reason; else it is asked for."""
    by = actor(request)
    try:
        record = queries.record(customer_id, by=by)
    except NotFound as error:
        raise Http404 from error
    account = account_seen.account_of(customer_id)
    why = request.GET.get("reason", "")
    if conversation_with(customer_id, conversations_of(by)):
        why = CONTACT
    may_look = sharing.reach_of(by, customer_id).is_whole
    if account is not None and may_look and why in ACCOUNT:
        return redirect("workspace:account_seen_page", customer_id, why, FIRST)
    ledger.looked(by=by, at=now(), customer_id=customer_id, page="account.asked")
    problems = {"reason": _("Select why you need to see it")} if "asked" in request.GET else {}
    choices = [(code, words) for code, words in ACCOUNT.items() if code != CONTACT]
    return draw(
        request,
        "seen",
        problems=problems,
        record=record,
        has_account=account is not None,
        may_look=may_look,
        choices=choices,
    )


@staff(may="contacts.log")
@never_cache
@require_safe
def page(request: HttpRequest, customer_id: UUID, reason: str, path: str) -> HttpResponse:
    """One page of it. Each look is written down before anything is shown; nothing can be sent from here."""
    by, at = actor(request), now()
    account = account_seen.account_of(customer_id)
    if reason not in ACCOUNT or account is None:
        raise Http404
    if not sharing.reach_of(by, customer_id).is_whole:
        return redirect("workspace:account_seen", customer_id)
    ledger.looked(by=by, at=at, customer_id=customer_id, page=PAGE, reason=reason)
    prefix = reverse("workspace:account_seen_page", args=[customer_id, reason, "x"])[:-1]
    said: dict[str, Any] = {
        "name": account.name,
        "customer_id": customer_id,
        "reason": words_of(reason),
        "first": f"{prefix}{FIRST}",
    }
    try:
        html = account_seen.page(request, path, account, customer_id, prefix=prefix, at=at)
    except NotShown:
        return draw(request, "seen_not", status=404, **said)
    bar = render_to_string("workspace/desk/seen_bar.html", said, request=request)
    before, mark, rest = html.partition("</header>")
    return HttpResponse(before + mark + bar + rest if mark else bar + html)
