"""Messages to be called back: whose they are, by when, what came of each try, and which teams are late."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4, uuid5

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from townhall.accounts import directory
from townhall.accounts.permissions import may
from townhall.accounts.queries import holders_of, open_posts
from townhall.accounts.web import actor
from townhall.contacts import callback_queries, callbacks, queries
from townhall.contacts.callbacks import NewCallBack
from townhall.contacts.models import CallBackTry
from townhall.contacts.states import OPEN_CALL_BACKS, CallBackState
from townhall.core.access import staff
from townhall.core.errors import BadInput, NotFound, RuleBroken
from townhall.core.time import council_date, now, start_of
from townhall.customers import queries as customers
from townhall.customers.typed import shown_phone
from townhall.ledger import operations as ledger
from townhall.workspace.desk_fields import long_text, text
from townhall.workspace.views.desk import as_uuid
from townhall.workspace.views.typing_in import errors_of
from townhall.workspace.website_inputs import whole

MAY = callbacks.MAY
WHOSE = {"mine": gettext_lazy("Mine"), "team": gettext_lazy("My teams'"), "all": gettext_lazy("Everybody's")}


@staff(may=MAY)
@never_cache
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    by, at = actor(request), now()
    whose = request.GET.get("whose", "mine")
    whose = whose if whose in WHOSE else "mine"
    page = callback_queries.waiting(
        by=by,
        posts=list(by.posts) if whose == "mine" else None,
        teams=list(by.teams) if whose == "team" else None,
        after=request.GET.get("after", "")[:200],
    )
    if page.rows:
        ledger.looked(by=by, at=at, customer_id=None, page="workspace.call_backs")
    context = {
        "page": page,
        "at": at,
        "whose": whose,
        "tabs": list(WHOSE.items()),
        "counts": callback_queries.count_for(by, at=at),
        "post_title": lambda post_id: directory.post_by_id(post_id).title,
        "shown_phone": shown_phone,
        "may_report": bool(may(by, "figures.see")),
    }
    return render(request, "workspace/phone/call_backs.html", context)


@staff(may=MAY)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A message taken by hand, from a conversation (`contact`) or without one."""
    by, at = actor(request), now()
    asked = request.POST if request.method == "POST" else request.GET
    contact_id = as_uuid(asked.get("contact", ""))
    contact = None
    if contact_id is not None:
        try:
            contact = queries.own(contact_id, by=by)
        except NotFound as error:
            raise Http404 from error
    typed = {name: text(asked, name) for name in ("name", "phone", "email", "owner")} | {
        "about": long_text(asked, "about")
    }
    problems: dict[str, str] = {}
    key = as_uuid(text(request.POST, "key")) or uuid4()
    if request.method == "POST":
        given = NewCallBack(
            phone=typed["phone"],
            name=typed["name"],
            email=typed["email"],
            about=typed["about"],
            owner_post_id=as_uuid(typed["owner"]),
            contact_id=contact.pk if contact else None,
            customer_id=contact.customer_id if contact else None,
            service_code=contact.service_code if contact else "",
            key=f"{by.id}-{uuid5(key, repr(sorted(typed.items())))}",  # the same words sent twice are one message
        )
        try:
            made = callbacks.ask(given, by=by, at=at)
        except BadInput as error:
            problems = error.problems
        else:
            messages.success(request, _("They will be called back."))
            return redirect("workspace:contact", contact.pk) if contact else redirect("workspace:call_back", made.pk)
    elif contact is not None:
        typed |= _known(contact, by)
    context = {
        "typed": typed,
        "key": key,
        "contact": contact,
        "problems": problems,
        "errors": errors_of(problems),
        "posts": [("", _("Select")), *((str(key), words) for key, words in open_posts())],
    }
    return render(request, "workspace/phone/call_back_new.html", context, status=422 if problems else 200)


def _known(contact: Any, by: Any) -> dict[str, str]:
    found = {"name": contact.given_name, "phone": contact.given_phone, "email": contact.given_email}
    if contact.customer_id is not None and may(by, "customers.see"):
        record = customers.record(contact.customer_id, by=by)
        found = {name: found[name] or getattr(record, name, "") or "" for name in found}
    return found


@staff(may=MAY)
@never_cache
@require_safe
def show(request: HttpRequest, call_back_id: UUID) -> HttpResponse:
    return _page(request, call_back_id)


def _page(request: HttpRequest, call_back_id: UUID, *, problems: dict[str, str] | None = None) -> HttpResponse:
    by, at = actor(request), now()
    try:
        one, tries = callback_queries.one(call_back_id, by=by)
    except NotFound as error:
        raise Http404 from error
    ledger.looked(by=by, at=at, customer_id=one.customer_id, page="workspace.call_back", reason=str(one.pk))
    was_wrong = any(row.result == CallBackTry.Result.WRONG_NUMBER for row in tries)
    context = {
        "one": one,
        "tries": tries,
        "at": at,
        "is_open": one.state in OPEN_CALL_BACKS,
        "may_give_up": one.state == CallBackState.TRIED and (one.tries >= callbacks.TRIES or was_wrong),
        "holders": [name for name, _email in holders_of(one.owner_post_id, on=council_date(at))],
        "results": [(str(value), label) for value, label in CallBackTry.Result.choices],
        "posts": [("", _("Select")), *((str(key), words) for key, words in open_posts())],
        "phone": shown_phone(one.phone),
        "problems": problems or {},
        "errors": errors_of(problems or {}),
    }
    return render(request, "workspace/phone/call_back.html", context, status=422 if problems else 200)


@staff(may=MAY)
@require_POST
def move(request: HttpRequest, call_back_id: UUID, move: str) -> HttpResponse:
    """tries: what came of calling; giving-up; withdrawal; owner."""
    by, at = actor(request), now()
    try:
        match move:
            case "tries":
                result = text(request.POST, "result")
                seen = whole(text(request.POST, "seen"))
                callbacks.tried(call_back_id, result, note=long_text(request.POST, "note"), by=by, at=at, seen=seen)
            case "giving-up":
                callbacks.give_up(call_back_id, by=by, at=at)
            case "withdrawal":
                callbacks.withdraw(call_back_id, by=by, at=at)
            case "owner":
                post = as_uuid(text(request.POST, "owner")) or UUID(int=0)
                callbacks.give_to(call_back_id, post, by=by, at=at)
            case _:
                raise Http404
    except NotFound as error:
        raise Http404 from error
    except BadInput as error:
        return _page(request, call_back_id, problems=error.problems)
    except RuleBroken as error:
        messages.error(request, str(error.user_message))
    return redirect("workspace:call_back", call_back_id)


@staff(may="figures.see")
@never_cache
@require_safe
def report(request: HttpRequest) -> HttpResponse:
    """By team: called back in time, late, still late, and the same customer missed again."""
    at = now()
    first_on, last_on = month_of(request.GET.get("month", ""), council_date(at))
    context = {
        "rows": callback_queries.by_team(since=start_of(first_on), until=start_of(last_on), at=at),
        "month": first_on,
        "earlier": (first_on - timedelta(days=1)).strftime("%Y-%m"),
        "later": last_on.strftime("%Y-%m") if last_on <= council_date(at) else "",
        "again_days": callback_queries.AGAIN_DAYS,
    }
    return render(request, "workspace/phone/call_back_report.html", context)


def month_of(typed: str, today: date) -> tuple[date, date]:
    """The first day of a month such as 2026-11, this one unless told otherwise, and the first of the next."""
    try:
        first = date.fromisoformat(f"{typed}-01")
    except ValueError:
        first = today.replace(day=1)
    if not 1900 <= first.year < 2200:
        first = today.replace(day=1)
    return first, (first + timedelta(days=32)).replace(day=1)
