"""Lent backlogs: sharing a queue for a period, working its items, and what came of it."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from townhall.accounts.permissions import may
from townhall.accounts.web import actor
from townhall.catalogue import queries as catalogue
from townhall.core.access import staff
from townhall.core.errors import BadInput, RuleBroken
from townhall.core.ids import as_uuid
from townhall.core.time import council_date, now
from townhall.forms.typed import clean_text
from townhall.workforce import lending, people, queries
from townhall.workforce.lending import NewLoan
from townhall.workforce.models import Loan, LoanItem
from townhall.workforce.states import ItemState
from townhall.workspace.names import names_of
from townhall.workspace.queue import service_name
from townhall.workspace.views.typing_in import day, done, errors_of, problems_of, typed

_FIELDS = ("title", "service", "from_team", "to_team", "module", "from_on", "until_on", "how", "avoids", "avoids_why")
LONGEST_LIST = 2_000_000  # characters


@staff(may=lending.LEND)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def listed(request: HttpRequest) -> HttpResponse:
    """Every loan with what was done and how many contacts it saved; lending another."""
    by, at = actor(request), now()
    own = next(iter(sorted(by.teams)), None)
    given = {"from_on": council_date(at).isoformat(), "from_team": str(own or ""), "avoids": "1"}
    problems: dict[str, str] = {}
    if request.method == "POST":
        given = typed(request, *_FIELDS)
        try:
            made = lending.lend(_new(given), by=by, at=at)
        except RuleBroken as error:
            problems = problems_of(error, field="from_team")
        else:
            messages.success(request, _("It is lent. Add its items."))
            return redirect("workspace:loan", made.pk)
    teams = [("", ""), *((str(one.id), one.name) for one in people.all_council_teams())]
    reports = lending.reports()
    context = {
        "reports": reports,
        "readable": {one.loan.pk for one in reports if lending.sees_items(one.loan, by)},
        "typed": given,
        "problems": problems,
        "errors": errors_of(problems),
        "teams": teams,
        "services": [("", ""), *((pack.code, pack.name) for pack in catalogue.services())],
        "modules": [("", ""), *((one.code, one.name) for one in queries.modules())],
        "service_name": service_name,
        "today": council_date(at),
    }
    return render(request, "workspace/people/loans.html", context, status=422 if problems else 200)


def _new(given: dict[str, str]) -> NewLoan:
    try:
        avoids = Decimal(given["avoids"])
    except InvalidOperation:
        avoids = Decimal(-1)
    return NewLoan(
        title=given["title"],
        service_code=given["service"],
        from_team=as_uuid(given["from_team"]),
        to_team=as_uuid(given["to_team"]),
        module=given["module"],
        from_on=day(given["from_on"], "from_on"),
        until_on=day(given["until_on"], "until_on"),
        how=given["how"],
        avoids=avoids if avoids.is_finite() else Decimal(-1),
        avoids_why=given["avoids_why"],
    )


@staff(may=lending.LEND)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def one(request: HttpRequest, loan_id: UUID) -> HttpResponse:
    """One loan: its figures, its items, and adding more, one a line or as a CSV."""
    by = actor(request)
    report = next(iter(lending.reports(loan_ids=[loan_id])), None)
    if report is None or not lending.sees_items(report.loan, by):
        raise Http404
    if request.method == "POST":
        lines = list(_lines(request))
        return done(
            request,
            lambda: lending.add_items(loan_id, lines, by=by, at=now()),
            _("The items are added."),
            to="workspace:loan",
            arguments=[loan_id],
        )
    ended = list(
        report.loan.items.filter(state__in=[ItemState.TAKEN, ItemState.DONE, ItemState.RETURNED]).order_by("-taken_at")[
            :100
        ]
    )
    context = {
        "report": report,
        "loan": report.loan,
        "items": ended,
        "names": names_of([str(item.taken_by_id) for item in ended]),
        "service_name": service_name,
        "today": council_date(now()),
    }
    return render(request, "workspace/people/loan.html", context)


def _lines(request: HttpRequest) -> Iterator[tuple[str, str]]:
    """References with words, from the file when there is one and else from the box."""
    uploaded = request.FILES.get("file")
    if uploaded is not None and uploaded.size and uploaded.size > LONGEST_LIST:
        return
    raw = uploaded.read().decode("utf-8-sig", errors="replace") if uploaded else request.POST.get("items", "")
    for row in csv.reader(clean_text(raw[:LONGEST_LIST]).splitlines()):
        if row and row[0].strip().lower() not in ("reference", ""):
            yield row[0], ", ".join(cell.strip() for cell in row[1:] if cell.strip())


@staff(may=lending.LEND)
@require_POST
def close(request: HttpRequest, loan_id: UUID) -> HttpResponse:
    by = actor(request)
    if not Loan.objects.filter(pk=loan_id).exists():
        raise Http404
    return done(
        request,
        lambda: lending.close(loan_id, by=by, at=now()),
        _("The queue is no longer shared."),
        to="workspace:loan",
        arguments=[loan_id],
    )


@staff(may="work.take")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def item(request: HttpRequest, item_id: UUID) -> HttpResponse:
    """One item in hand: what is done with it in the back-office system, and what became of it."""
    by = actor(request)
    row = LoanItem.objects.select_related("loan__from_team", "loan__module").filter(pk=item_id).first()
    is_mine = row is not None and str(row.taken_by_id) == by.id
    if row is None or not (is_mine or lending.may_take(row.loan, by, at=now())):
        raise Http404
    problems: dict[str, str] = {}
    note = ""
    if request.method == "POST":
        given = typed(request, "outcome", "note")
        note = given["note"]
        try:
            lending.finish_item(item_id, outcome=given["outcome"], note=note, by=by, at=now())
        except BadInput as error:
            problems = error.problems
        except RuleBroken as error:
            messages.error(request, str(error.user_message))
            return redirect("workspace:tasks")
        else:
            messages.success(
                request, _("It is counted.") if given["outcome"] == ItemState.DONE else _("It is given back.")
            )
            return redirect("workspace:waiting")
    context = {
        "item": row,
        "loan": row.loan,
        "is_mine": row.state == ItemState.TAKEN and is_mine,
        "note": note,
        "problems": problems,
        "errors": errors_of(problems),
        "service_name": service_name,
        "may_take": may(by, "work.take").allowed,
    }
    return render(request, "workspace/people/loan_item.html", context, status=422 if problems else 200)
