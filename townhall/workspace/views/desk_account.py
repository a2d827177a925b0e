"""A customer's account, seen from the desk: opening one, checking who they are, what they agreed to, a lost phone."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from townhall.accounts.residents import second_factor
from townhall.accounts.web import actor
from townhall.core.access import staff
from townhall.core.actors import Actor
from townhall.core.errors import BadInput, NotFound, RuleBroken
from townhall.core.time import council_date, now, start_of
from townhall.customers import queries
from townhall.customers.accounts import checking, consents, desk, levels, links, standard
from townhall.customers.accounts.models import Level
from townhall.ledger import operations as ledger
from townhall.workspace.desk_fields import text
from townhall.workspace.views.desk import as_uuid, draw

MONTHS_SHOWN = timedelta(days=366)
HOW = {
    "self": gettext_lazy("By themselves"),
    "desk": gettext_lazy("By staff"),
    "form": gettext_lazy("With a form"),
    "provider": gettext_lazy("By another sign-in"),
}


@staff(may="customers.change")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    by, at = actor(request), now()
    try:
        record = queries.record(customer_id, by=by)
    except NotFound as error:
        raise Http404 from error
    typed = {name: text(request.POST, name) for name in ("email", "do", "method", "evidence", "purpose", "version")}
    if request.method != "POST":
        ledger.looked(by=by, at=at, customer_id=customer_id, page="customer.account", reason="account")
        return _page(request, record, typed)
    try:
        code = _do(request, customer_id, typed, by=by, at=at)
    except RuleBroken as error:
        found = error.problems if isinstance(error, BadInput) else {"": str(error.user_message)}
        return _page(request, record, typed, problems=found)
    if code:
        return _page(request, record, typed, code=code)
    messages.success(request, _("That is done."))
    return redirect("workspace:customer_account", customer_id)


def _do(request: HttpRequest, customer_id: UUID, typed: dict[str, str], *, by: Actor, at: datetime) -> str:
    """One thing; the code to give the customer where it makes one."""
    match typed["do"]:
        case "open":
            return desk.open_for(customer_id, typed["email"], by=by, at=at)
        case "check":
            checking.staff_checked(customer_id, typed["method"], evidence=typed["evidence"], by=by, at=at)
        case "agree":
            version = int(typed["version"]) if typed["version"].isdecimal() else 0
            consents.give(customer_id, typed["purpose"], version=version, channel="counter", by=by, at=at)
        case "withdraw":
            consents.withdraw(customer_id, typed["purpose"], channel="counter", by=by, at=at)
        case "phone":
            _lost_phone(request, customer_id, by=by, at=at)
        case _:
            raise BadInput({"": _("Select what to do")})
    return ""


def _lost_phone(request: HttpRequest, customer_id: UUID, *, by: Actor, at: datetime) -> None:
    """Only for somebody whose identity was checked, and only on an account that opens this record."""
    wanted = as_uuid(request.POST.get("account", ""))
    theirs = {row[0] for row in links.accounts_of(customer_id) if row[3] != "helper"}
    if wanted not in theirs or wanted is None:
        raise NotFound
    if not any(one.level >= Level.IDENTITY for one in levels.checks_of(customer_id, at=at)):
        raise BadInput({"": _("Check their identity first")})
    second_factor.take_away(wanted, by=by, at=at)


def _page(
    request: HttpRequest,
    record: queries.Record,
    typed: dict[str, str],
    *,
    problems: dict[str, str] | None = None,
    code: str = "",
) -> HttpResponse:
    at, by = now(), actor(request)
    given = consents.given(record.id)
    context: dict[str, Any] = {
        "record": record,
        "typed": {**typed, "email": typed["email"] or record.email},
        "code": code,
        "accounts": [
            (*row[:4], links.level_on(row[4], row[5], council_date(at)).label) for row in links.accounts_of(record.id)
        ],
        "checks": [(one, standard.rule(one.method)) for one in levels.checks_of(record.id, at=at)],
        "rules": [one for one in standard.rules().values() if by.roles & set(one.roles)],
        "wordings": consents.listed(given),
        "given": given,
    }
    return draw(request, "account", problems=problems, **context)


@staff(may="figures.see")
@never_cache
@require_safe
def take_up(request: HttpRequest) -> HttpResponse:
    """Accounts opened in each month of the last year, and how."""
    at = now()
    rows = desk.take_up(since=start_of(council_date(at) - MONTHS_SHOWN), until=at)
    return draw(request, "take_up", rows=rows, how={key: str(value) for key, value in HOW.items()}, conversations=[])
