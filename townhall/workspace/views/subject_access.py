"""Requests for one's own records: begun from the record, judged and answered by the data protection officer."""

from __future__ import annotations

import re
from datetime import date, datetime
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from townhall.accounts.permissions import may
from townhall.accounts.web import actor
from townhall.core.access import staff
from townhall.core.errors import BadInput, NotFound, RuleBroken
from townhall.core.time import council_date, now, start_of
from townhall.customers import queries as customers
from townhall.governance import subject_access
from townhall.governance.models import Redaction
from townhall.governance.states import SubjectState
from townhall.ledger import operations as ledger
from townhall.ui.words import long_date, moment
from townhall.workspace.views.typing_in import done, typed

PAGE = "workspace:subject_request"
SHOWN = 200  # entries on a page
_DATED = re.compile(r"\d{4}-\d\d-\d\d(T\S+(Z|[+-]\d\d:\d\d))?$")


@staff(may="requests.open")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def begin(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """Asks when it was received before anything begins: from then on a legal time runs and nothing of theirs is removed."""
    by, at = actor(request), now()
    if request.method != "POST":
        ledger.looked(by=by, at=at, customer_id=customer_id, page="governance.subject_request_begin", reason="change")
        return _ask(request, customer_id, council_date(at).isoformat(), "")
    received = typed(request, "received")["received"]
    try:
        on = date.fromisoformat(received) if received else council_date(at)
        received_at = at if on == council_date(at) else start_of(on)
        made = subject_access.open_request(customer_id, by=by, at=at, received_at=received_at)
    except NotFound as error:
        raise Http404 from error
    except ValueError:
        return _ask(request, customer_id, received, _("Enter the day it was received"))
    except BadInput as error:
        return _ask(request, customer_id, received, error.problems["received"])
    messages.success(
        request,
        _("Their request is recorded. It is answered by %(date)s.") % {"date": long_date(made.due_on)},
    )
    if may(by, subject_access.ANSWER).allowed:
        return redirect(PAGE, made.pk)
    return redirect("workspace:customer", customer_id)


def _ask(request: HttpRequest, customer_id: UUID, received: str, problem: str) -> HttpResponse:
    try:
        record = customers.record(customer_id, by=actor(request))
    except NotFound as error:
        raise Http404 from error
    context = {"record": record, "received": received, "problem": problem}
    template = "workspace/governance/subject_request_begin.html"
    return render(request, template, context, status=422 if problem else 200)


@staff(may="requests.answer")
@never_cache
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    at = now()
    ledger.looked(by=actor(request), at=at, customer_id=None, page="governance.subject_requests")
    context = {"found": subject_access.requests(), "today": council_date(at)}
    return render(request, "workspace/governance/subject_requests.html", context)


@staff(may="requests.answer")
@never_cache
@require_safe
def review(request: HttpRequest, request_id: UUID) -> HttpResponse:
    try:
        found, reviewed = subject_access.review(request_id, by=actor(request), at=now())
    except NotFound as error:
        raise Http404 from error
    waiting = [one for one in reviewed if one.waits]
    rest = [one for one in reviewed if not one.waits]
    page = max(int(page_text) if (page_text := request.GET.get("page", "1")).isdecimal() else 1, 1)
    shown = [*waiting, *rest][(page - 1) * SHOWN : page * SHOWN]
    context = {
        "found": found,
        "shown": shown,
        "waiting": len(waiting),
        "all": len(reviewed),
        "next_page": page + 1 if len(reviewed) > page * SHOWN else 0,
        "whats": Redaction.What.choices,
        "reasons": Redaction.Reason.choices,
        "given": subject_access.given(found),
        "is_open": found.state == SubjectState.OPEN,
        "readable": _readable,
    }
    return render(request, "workspace/governance/subject_request.html", context)


def _readable(value: object) -> str:
    """A kept value for the eye: a moment and a day as on other pages, anything else as it stands."""
    text = str(value)
    if not _DATED.match(text):
        return text
    try:
        shown = datetime.fromisoformat(text)
    except ValueError:
        return text
    return long_date(shown.date()) if len(text) == 10 else moment(shown)


@staff(may="requests.answer")
@require_POST
def decide(request: HttpRequest, request_id: UUID) -> HttpResponse:
    words = typed(request, "section", "key", "what", "reason", "hidden")
    hidden = [line for line in words["hidden"].splitlines() if line.strip()]
    return done(
        request,
        lambda: subject_access.decide(
            request_id,
            words["section"],
            words["key"],
            what=words["what"],
            reason=words["reason"],
            hidden=hidden,
            by=actor(request),
            at=now(),
        ),
        _("It is decided."),
        to=PAGE,
        arguments=[request_id],
    )


@staff(may="requests.answer")
@require_POST
def answer(request: HttpRequest, request_id: UUID) -> HttpResponse:
    return done(
        request,
        lambda: subject_access.answer(request_id, by=actor(request), at=now()),
        _("The answer is among their documents: they read it in their account, or it is printed and handed over."),
        to=PAGE,
        arguments=[request_id],
    )


@staff(may="requests.answer")
@require_POST
def step(request: HttpRequest, request_id: UUID, step: str) -> HttpResponse:
    """More time, a refusal or a withdrawal, with its reason."""
    why, by, at = typed(request, "why")["why"], actor(request), now()
    if step == "extension":
        more = lambda: subject_access.extend(request_id, why=why, by=by, at=at)  # noqa: E731
        return done(request, more, _("There is more time."), to=PAGE, arguments=[request_id])
    to = {"refusal": SubjectState.REFUSED, "withdrawal": SubjectState.WITHDRAWN}.get(step)
    if to is None:
        raise Http404
    end = lambda: subject_access.end(request_id, to=to, why=why, by=by, at=at)  # noqa: E731
    return done(request, end, _("It is put down."), to=PAGE, arguments=[request_id])


@staff(may="requests.answer")
@never_cache
@require_safe
def as_json(request: HttpRequest, request_id: UUID) -> HttpResponse:
    try:
        told = subject_access.as_file(request_id, by=actor(request), at=now())
    except NotFound as error:
        raise Http404 from error
    except RuleBroken as error:
        messages.error(request, error.user_message)
        return redirect(PAGE, request_id)
    response = JsonResponse(told, json_dumps_params={"indent": 1, "ensure_ascii": False})
    response["Content-Disposition"] = 'attachment; filename="everything-held.json"'
    return response
