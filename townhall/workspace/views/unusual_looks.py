"""Looks at records that are worth a question: for the data protection officer; and for a colleague who is asked."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from townhall.accounts.permissions import may
from townhall.accounts.web import actor
from townhall.core.access import staff
from townhall.core.errors import NotFound, RuleBroken
from townhall.core.time import council_date, now, start_of
from townhall.customers.reasons import words_of
from townhall.governance import noticing
from townhall.ledger import operations as ledger
from townhall.workspace.spreadsheets import lines
from townhall.workspace.views.typing_in import day, typed

USUAL = timedelta(days=7)
LONGEST = timedelta(days=92)  # looks are many: a longer time is read in parts
MOST = 10_000  # lines of a file


def _window(request: HttpRequest, at: datetime) -> tuple[datetime, datetime]:
    """The days asked for, or the last seven; at most LONGEST of them, the latest. What is no date is left aside."""
    today = council_date(at)
    since, until = today - USUAL, today
    try:
        since = day(request.GET["since"], "since") if request.GET.get("since") else since
        until = day(request.GET["until"], "until") if request.GET.get("until") else until
    except RuleBroken:
        pass
    since = max(since, until - LONGEST)
    return start_of(since), start_of(until + timedelta(days=1))


@staff(may="audit.see")
@never_cache
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    by, at = actor(request), now()
    since, until = _window(request, at)
    kind = request.GET.get("kind", "")
    page = noticing.unusual(since=since, until=until, kind=kind, by=by, after=request.GET.get("after", ""))
    ledger.looked(by=by, at=at, customer_id=None, page="governance.unusual_looks")
    asked = {
        "kind": kind,
        "since": f"{council_date(since):%Y-%m-%d}",
        "until": f"{council_date(until - timedelta(days=1)):%Y-%m-%d}",
    }
    context = {
        "page": page,
        "kinds": [("", _("Every reason")), *noticing.KINDS.items()],
        "asked": asked,
        "same": urlencode(asked),
        "more": urlencode({**asked, "after": page.after}) if page.after else "",
        "questions": noticing.questions(),
        "may_ask": may(by, noticing.ASK).allowed,
        "may_open": may(by, "customers.see").allowed,
        "words_of": words_of,
    }
    return render(request, "workspace/governance/unusual_looks.html", context)


@staff(may="audit.see")
@never_cache
@require_safe
def as_csv(request: HttpRequest) -> HttpResponse:
    by, at = actor(request), now()
    since, until = _window(request, at)
    page = noticing.unusual(since=since, until=until, kind=request.GET.get("kind", ""), by=by, size=MOST)
    ledger.looked(by=by, at=at, customer_id=None, page="governance.unusual_looks", reason="export")
    head = (_("When"), _("Who"), _("Customer"), _("Page"), _("Reason given"), _("Why it is listed"), _("Asked"))
    rows = (
        (one.at.isoformat(), one.staff, str(one.customer_id), one.page, words_of(one.reason), one.words, one.asked)
        for one in page.rows
    )
    response = HttpResponse("".join(lines((head, *rows))), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="unusual-looks.csv"'
    return response


@staff(may="looks.question")
@require_POST
def ask(request: HttpRequest, look_id: UUID) -> HttpResponse:
    words = typed(request, "kind", "at")
    try:
        noticing.ask(look_id, words["kind"], looked_at=datetime.fromisoformat(words["at"]), by=actor(request), at=now())
    except (NotFound, ValueError) as error:
        raise Http404 from error
    except RuleBroken as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("They are asked, and have five working days to say why."))
    return redirect("workspace:unusual_looks")


@staff(may="looks.question")
@require_POST
def close(request: HttpRequest, question_id: UUID) -> HttpResponse:
    try:
        noticing.close(question_id, outcome=typed(request, "outcome")["outcome"], by=actor(request), at=now())
    except NotFound as error:
        raise Http404 from error
    except RuleBroken as error:
        messages.error(request, str(error))
    return redirect("workspace:unusual_looks")


@staff
@never_cache
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """What somebody is asked about their own looks."""
    context = {"found": noticing.asked_of(actor(request).id), "kinds": noticing.KINDS}
    return render(request, "workspace/governance/my_looks.html", context)


@staff
@require_POST
def explain(request: HttpRequest, question_id: UUID) -> HttpResponse:
    try:
        noticing.explain(question_id, words=typed(request, "words")["words"], by=actor(request), at=now())
    except NotFound as error:
        raise Http404 from error
    except RuleBroken as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Thank you. The data protection officer reads it."))
    return redirect("workspace:my_looks")
