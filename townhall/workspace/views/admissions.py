"""School admissions for staff: rounds and their dates, applications by state, files with their receipts, and what needs somebody."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from townhall.accounts.web import actor
from townhall.admissions import applying, exporting, formats, queries
from townhall.admissions.applying import MAY
from townhall.admissions.models import ExportRun, Round
from townhall.admissions.rounds import Dates, set_round
from townhall.admissions.states import State
from townhall.cases.access import cases_visible_to
from townhall.core.access import staff
from townhall.core.errors import BadInput, NotFound, RuleBroken
from townhall.core.subjects import Subject
from townhall.core.time import council_date, now
from townhall.files.queries import files_of
from townhall.forms.typed import clean_line
from townhall.ledger import operations as ledger
from townhall.workspace.views.typing_in import errors_of

DAYS = ("opens_on", "closes_on", "late_until", "offers_on", "born_from", "born_until")


@staff(may=MAY)
@never_cache
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    at = now()
    ledger.looked(by=actor(request), at=at, customer_id=None, page="admissions")
    context = {
        "rounds": queries.rounds(at=at),
        "contested": queries.contested(),
        "stuck": queries.stuck(),
        "states": State.choices,
    }
    return render(request, "workspace/admissions/overview.html", context)


@staff(may=MAY)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, code: str = "") -> HttpResponse:
    """A round's dates; without a code, those of a new one."""
    there = Round.objects.filter(code=code).first() if code else None
    if code and there is None:
        raise Http404
    names = ("code", "name", "kind", "format_code", *DAYS)
    if request.method != "POST":
        typed = {name: str(getattr(there, name) or "") if there else "" for name in names}
        return _edit_page(request, there, typed, {})
    typed = {name: clean_line(request.POST.get(name, ""))[:200] for name in names}
    problems: dict[str, str] = {}
    days: dict[str, date | None] = {name: _day(typed[name], name, problems) for name in DAYS}
    if not problems:
        given = Dates(
            code=code or typed["code"],
            name=typed["name"],
            kind=typed["kind"],
            format_code=typed["format_code"] or "townhall-1",
            **days,
        )
        try:
            set_round(given, by=actor(request), at=now())
        except BadInput as error:
            problems = error.problems
        else:
            messages.success(request, _("The round is kept."))
            return redirect("workspace:admissions")
    return _edit_page(request, there, typed, problems)


@staff(may=MAY)
@never_cache
@require_safe
def applications(request: HttpRequest, code: str) -> HttpResponse:
    """The applications of a round, all or of one state."""
    one = Round.objects.filter(code=code).first()
    if one is None:
        raise Http404
    state = request.GET.get("state", "")
    state = state if state in State.values else ""
    ledger.looked(by=actor(request), at=now(), customer_id=None, page="admissions.list")
    context = {
        "round": one,
        "state": state,
        "states": State.choices,
        "page": queries.listed(one.pk, state=state, at=now(), after=request.GET.get("after", "")),
    }
    return render(request, "workspace/admissions/applications.html", context)


@staff(may=MAY)
@never_cache
@require_safe
def application(request: HttpRequest, application_id: UUID) -> HttpResponse:
    """One child: every version, who helped, and each time that it was sent."""
    at = now()
    found = queries.one(application_id, at=at)
    if found is None:
        raise Http404
    ledger.looked(by=actor(request), at=at, customer_id=found.customer_id, page="admission")
    versions = queries.versions_of(application_id)
    files = [file for one in versions for file in files_of(Subject(kind="case", id=one.case_id))]
    items = queries.items_of(application_id)
    may_send_again = found.state is State.REFUSED or (found.state is State.SENT and items[0].state == "missing")
    context = {
        "one": found,
        "versions": versions,
        "items": items,
        "files": files,
        "may_send_again": may_send_again,
        "may_open_case": cases_visible_to(actor(request)).filter(reference=found.reference).exists(),
    }
    return render(request, "workspace/admissions/application.html", context)


@staff(may=MAY)
@never_cache
@require_safe
def run(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """One file, with the receipt of each child."""
    found = ExportRun.objects.select_related("round").defer("content").filter(pk=run_id).first()
    if found is None:
        raise Http404
    ledger.looked(by=actor(request), at=now(), customer_id=None, page="admissions.run")
    items = found.items.select_related("application").order_by("id")[:2_000]
    return render(request, "workspace/admissions/run.html", {"run": found, "items": items})


@staff(may=MAY)
@require_POST
def export(request: HttpRequest, code: str) -> HttpResponse:
    """What was received goes out now; before the closing day only once that is confirmed."""
    one = Round.objects.filter(code=code).first()
    if one is None:
        raise Http404
    at = now()
    if one.closes_on and not applying.is_late(one, on=council_date(at)) and "sure" not in request.POST:
        return render(request, "workspace/admissions/export.html", {"round": one})
    made = exporting.export_now(one.pk, by=actor(request), at=at)
    if made is None:
        messages.info(request, _("There is nothing to send: every application is with the admissions system."))
        return redirect("workspace:admissions")
    messages.success(request, _("File %(name)s is made and goes out now.") % {"name": made.file_name})
    return redirect("workspace:admission_run", made.pk)


@staff(may=MAY)
@require_POST
def again(request: HttpRequest, application_id: UUID) -> HttpResponse:
    """A refused one goes out again."""
    try:
        exporting.send_again(application_id, by=actor(request), at=now())
    except NotFound as error:
        raise Http404 from error
    except RuleBroken as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("It goes out with the next file."))
    return redirect("workspace:admission", application_id)


@staff(may=MAY)
@require_POST
def settle(request: HttpRequest, version_id: UUID) -> HttpResponse:
    """Which of two applications for one child counts."""
    try:
        made = applying.settle(version_id, use=request.POST.get("use") == "yes", by=actor(request), at=now())
    except NotFound as error:
        raise Http404 from error
    except RuleBroken as error:
        messages.error(request, str(error))
        return redirect("workspace:admissions")
    messages.success(request, _("It is settled."))
    return redirect("workspace:admission", made.pk)


def _day(text: str, name: str, problems: dict[str, str]) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        problems[name] = _("Enter a real date, like 27/3/2026")
        return None


def _edit_page(
    request: HttpRequest, there: Round | None, typed: dict[str, str], problems: dict[str, str]
) -> HttpResponse:
    context = {
        "round": there,
        "typed": typed,
        "kinds": Round.Kind.choices,
        "formats": [(code, code) for code in formats.codes()],
        "problems": problems,
        "errors": errors_of(problems),
    }
    return render(request, "workspace/admissions/round.html", context, status=422 if problems else 200)
