"""The document store at work: keeping a document for a customer or case, reading it on screen, and how much paper services use."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from townhall.accounts.permissions import may
from townhall.accounts.web import actor
from townhall.cases.access import cases_visible_to, has_only_a_part, is_only_offered
from townhall.catalogue import queries as catalogue
from townhall.core.access import staff
from townhall.core.errors import NotFound, RuleBroken
from townhall.core.time import council_date, now
from townhall.customers import queries as customers
from townhall.customers.reasons import CHANGE
from townhall.documents import papers, prints
from townhall.documents.models import Paper, PaperLink
from townhall.files.models import StoredFile
from townhall.forms.typed import clean_line
from townhall.insight import paper_use
from townhall.intake import queries as post
from townhall.ledger import operations as ledger
from townhall.workspace.queue import service_name
from townhall.workspace.views.post import channel_names
from townhall.workspace.views.shared import case_or_404
from townhall.workspace.views.typing_in import errors_of, problems_of, typed

KEEP = papers.KEEP
YEAR = timedelta(days=365)


@staff(may="customers.see")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, paper_id: UUID) -> HttpResponse:
    """One document: its words, its picture or pages, and whose it is. Posting counts a print."""
    paper, links = _read(request, paper_id)
    by = actor(request)
    keys = [one.case_id for one in links if one.case_id]
    cases = {one.pk: one for one in cases_visible_to(by).filter(pk__in=keys)}
    if request.method == "POST":
        code = next((cases[key].service_code for key in keys if key in cases), "")
        pages = clean_line(request.POST.get("pages", ""))
        number = int(pages) if pages.isdecimal() and len(pages) < 5 else 1
        prints.note(service_code=code, what="document", pages=number, on=council_date(now()))
        messages.success(request, _("The print is counted."))
        return redirect("workspace:paper", paper_id)
    names = {one.customer_id: one.customer.name for one in links if one.customer}
    context = {
        "paper": paper,
        "customers": list(names.items()),
        "cases": list(cases.values()),
        "service_name": service_name,
        "is_picture": paper.content_type.startswith("image/"),
    }
    return render(request, "workspace/documents/paper.html", context)


def _read(request: HttpRequest, paper_id: UUID) -> tuple[Paper, list[PaperLink]]:
    try:
        paper, links = papers.read(paper_id, by=actor(request), at=now())
    except NotFound as error:
        raise Http404 from error
    return paper, list(links)


@staff(may="customers.see")
@never_cache
@require_safe
def file(request: HttpRequest, paper_id: UUID) -> HttpResponse:
    """The document itself, to be read in the browser."""
    paper, _links = _read(request, paper_id)
    stored = StoredFile.objects.filter(pk=paper.file_id).first()
    if stored is None or not stored.is_served:
        raise Http404
    try:
        with default_storage.open(stored.storage_name) as kept:
            answer = HttpResponse(kept.read(), content_type=stored.content_type)
    except FileNotFoundError as error:
        raise Http404 from error
    answer["Content-Disposition"] = "inline"
    answer["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["X-Frame-Options"] = "SAMEORIGIN"
    answer["Cache-Control"] = "private, no-store"
    return answer


def _kept(request: HttpRequest, **whose: Any) -> dict[str, str]:
    """Keep what was uploaded; what was wrong with it."""
    upload = request.FILES.get("file")
    if upload is None:
        return {"file": _("Choose a file")}
    title = typed(request, "title")["title"]
    try:
        kept = papers.keep(upload, title=title, is_scan="is_scan" in request.POST, by=actor(request), at=now(), **whose)
    except RuleBroken as error:
        return problems_of(error, field="file")
    if kept.is_new:
        messages.success(request, _("The document is kept."))
    else:
        words = _("We had this document already, as “%(title)s”: it is linked here as well, and stored once.")
        messages.success(request, words % {"title": kept.paper.title})
    return {}


@staff(may=KEEP)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def add_for_customer(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """What we hold of one customer that they, or others, sent us; and keeping more."""
    by = actor(request)
    try:
        known = customers.record(customer_id, by=by)
    except NotFound as error:
        raise Http404 from error
    ledger.looked(by=by, at=now(), customer_id=customer_id, page="papers", reason=CHANGE)
    problems = _kept(request, customer_id=customer_id) if request.method == "POST" else {}
    if request.method == "POST" and not problems:
        return redirect("workspace:paper_add_customer", customer_id)
    context = {
        "customer": known,
        "case": None,
        "lines": papers.of_customer(customer_id, by=by),
        "problems": problems,
        "errors": errors_of(problems),
        "may_keep": may(by, KEEP).allowed,
    }
    return render(request, "workspace/documents/papers.html", context, status=422 if problems else 200)


@staff(may="cases.see")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def of_case(request: HttpRequest, reference: str) -> HttpResponse:
    """What belongs to one case; and keeping more."""
    case, by = case_or_404(request, reference), actor(request)
    if is_only_offered(case, by) or has_only_a_part(case, by):
        raise Http404
    may_keep = may(by, KEEP).allowed
    problems: dict[str, str] = {}
    if request.method == "POST":
        problems = _kept(request, case_id=case.pk, customer_id=case.customer_id)
        if not problems:
            return redirect("workspace:case_papers", case.reference)
    context = {
        "customer": None,
        "case": case,
        "lines": papers.of_case(case.pk) if may(by, "customers.see").allowed else [],
        "problems": problems,
        "errors": errors_of(problems),
        "may_keep": may_keep,
        "pieces": post.of_case(case.pk) if may(by, "customers.see").allowed else [],
        "channel_name": channel_names(),
    }
    return render(request, "workspace/documents/papers.html", context, status=422 if problems else 200)


@staff(may="website.see")
@require_safe
def use(request: HttpRequest) -> HttpResponse:
    """Letters sent by post and prints, by service, over the last twelve months."""
    today = council_date(now())
    known = {pack.code: pack.name for pack in catalogue.services(live_only=False)}
    found = paper_use.of_months(since=today - YEAR, until=today)
    lines = [(known.get(one.service_code) or one.service_code or _("No service in particular"), one) for one in found]
    return render(request, "workspace/documents/use.html", {"lines": lines, "since": today - YEAR, "until": today})
