"""Writing to a customer from their page or a case's: choose a layout, fill it, look at it, send it; and what came of everything sent."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from townhall.accounts import directory
from townhall.accounts.permissions import may
from townhall.accounts.web import actor
from townhall.cases.access import cases_visible_to, closed_cases, has_only_a_part, is_only_offered
from townhall.cases.models import Case
from townhall.core.access import staff
from townhall.core.actors import Actor
from townhall.core.errors import NotFound, RuleBroken
from townhall.core.time import now
from townhall.customers import queries as customers
from townhall.customers.reasons import CASE, CHANGE
from townhall.documents import filling, layouts, writing
from townhall.documents.layout_models import Written
from townhall.documents.models import Document
from townhall.documents.states import WrittenState
from townhall.documents.writing import WRITE, About, Typed
from townhall.inclusion import formats
from townhall.inclusion.languages import FORMATS
from townhall.knowledge import queries as knowledge
from townhall.ledger import operations as ledger
from townhall.notifications import chains
from townhall.ui import paper, words
from townhall.workspace.queue import service_name
from townhall.workspace.views.desk import as_uuid
from townhall.workspace.views.pdf_answers import pdf_answer
from townhall.workspace.views.shared import case_or_404
from townhall.workspace.views.typing_in import errors_of, problems_of, typed


@staff(may="customers.see")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def of_customer(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    by = actor(request)
    try:
        record = customers.record(customer_id, by=by)
    except NotFound as error:
        raise Http404 from error
    if request.method == "POST":
        return _begin(request, customer_id, About())
    ledger.looked(by=by, at=now(), customer_id=customer_id, page="customer.letters", reason=CHANGE)
    closed = set(closed_cases(by, customer_id))
    sent = [one for one in chains.of_customer(customer_id) if one.case_id not in closed]
    drafts = [one for one in writing.written_to(customer_id) if one.case_id not in closed]
    return _page(request, record.name, customer_id, case=None, drafts=drafts, sent=sent)


@staff(may="cases.see")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def of_case(request: HttpRequest, reference: str) -> HttpResponse:
    """Needs a customer that the case is linked to: what is sent is kept on their record."""
    case, by = case_or_404(request, reference), actor(request)
    if is_only_offered(case, by) or has_only_a_part(case, by) or not may(by, "customers.see").allowed:
        raise Http404
    if request.method == "POST":
        if case.customer_id is None:
            raise Http404
        return _begin(request, case.customer_id, about(case))
    ledger.looked(by=by, at=now(), customer_id=case.customer_id, case_id=case.pk, page="case.letters", reason=CASE)
    name, drafts = "", []
    if case.customer_id is not None:
        name = customers.record(case.customer_id, by=by).name
        drafts = writing.written_to(case.customer_id, case_id=case.pk)
    return _page(request, name, case.customer_id, case=case, drafts=drafts, sent=chains.of_case(case.pk))


def about(case: Case | None) -> About:
    """What a layout's fields say of a case."""
    if case is None:
        return About()
    facts = {
        "reference": case.reference,
        "service": service_name(case.service_code),
        "place": case.address or case.place_words,
        "due date": words.long_date(case.due_on),
        "team": directory.team_by_id(case.doer_team_id).name,
    }
    return About(case_id=case.pk, reference=case.reference, service_code=case.service_code, facts=facts)


def _page(
    request: HttpRequest,
    name: str,
    customer_id: UUID | None,
    *,
    case: Case | None,
    drafts: list[Written],
    sent: list[chains.Chain],
) -> HttpResponse:
    by = actor(request)
    context = {
        "name": name,
        "customer_id": customer_id,
        "case": case,
        "layouts": layouts.in_use(service=case.service_code if case else "") if customer_id else [],
        "drafts": [one for one in drafts if one.state == WrittenState.DRAFT],
        "sent": [one for one in drafts if one.state == WrittenState.SENT],
        "chains": sent,
        "may_write": may(by, WRITE).allowed,
        "may_change": may(by, "customers.change").allowed,
        "service_name": service_name,
        "sees_customer": True,
    }
    return render(request, "workspace/writing/letters.html", context)


def _begin(request: HttpRequest, customer_id: UUID, what: About) -> HttpResponse:
    layout_id = as_uuid(request.POST.get("layout", ""))
    here = request.path
    if layout_id is None:
        messages.error(request, _("Select a layout."))
        return redirect(here)
    try:
        made = writing.begin(layout_id, customer_id, what, by=actor(request), at=now())
    except RuleBroken as error:
        messages.error(request, str(error.user_message))
        return redirect(here)
    return redirect("workspace:written", made.pk)


@staff(may=WRITE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def draft(request: HttpRequest, written_id: UUID) -> HttpResponse:
    """A draft: whatever button is pressed, what was typed is kept first."""
    by, at = actor(request), now()
    written, case = _read(written_id, by)
    ledger.looked(by=by, at=at, customer_id=written.customer_id, case_id=written.case_id, page="written", reason=CASE)
    if request.method != "POST" or written.state != WrittenState.DRAFT:
        return _draft_page(request, written, case)
    given = _typed(request, written)
    try:
        written = writing.keep(written_id, given, by=by, at=at)
        if "add_reply" in request.POST:
            reply = next((one for one in knowledge.replies_for() if one.code == request.POST.get("reply")), None)
            more = f"{given.more}\n\n{reply.text}".strip() if reply else given.more
            written = writing.keep(written_id, Typed(asked=given.asked, more=more, large=given.large), by=by, at=at)
        if "send" in request.POST:
            writing.send(written_id, about(case), by=by, at=at, sure=request.POST.get("sure") == "yes")
            _ask_for_format(request, written_id, by)
            messages.success(request, _("It is sent, and kept with their documents."))
            return redirect(_back(written, case))
    except RuleBroken as error:
        written.typed, written.more, written.large = dict(given.asked), given.more, given.large
        return _draft_page(request, written, case, problems=problems_of(error))
    if "keep" in request.POST:
        messages.success(request, _("The draft is kept."))
    return redirect(f"{request.path}#preview" if "preview" in request.POST else request.path)


def _ask_for_format(request: HttpRequest, written_id: UUID, by: Actor) -> None:
    """Braille, audio and the like are made by hand: it is asked for, with the letter that it is of."""
    wanted = request.POST.get("format", "")
    written = writing.draft(written_id, by)
    if wanted in FORMATS and written.document_id:
        title = Document.objects.values_list("title", flat=True).get(pk=written.document_id)
        asked = formats.Asked(
            what="letter",
            source=str(written.document_id),
            title=title,
            format=wanted,
            customer_id=written.customer_id,
            document_id=written.document_id,
        )
        try:
            formats.ask(asked, by=by, at=now())
        except RuleBroken as error:
            messages.error(request, str(error.user_message))


def _typed(request: HttpRequest, written: Written) -> Typed:
    asked = filling.asked_in(writing.version_used(written))
    boxes = typed(request, "more", *(filling.ask_name(name) for name in asked))
    said = {name: boxes[filling.ask_name(name)] for name in asked}
    return Typed(asked=said, more=boxes["more"], large="large" in request.POST)


def _draft_page(
    request: HttpRequest, written: Written, case: Case | None, *, problems: dict[str, str] | None = None
) -> HttpResponse:
    by, found = actor(request), problems or {}
    used = writing.version_used(written)
    made, out = writing.filled(written, about(case), by=by, at=now()), writing.going(written)
    context: dict[str, Any] = {
        "written": written,
        "case": case,
        "back": _back(written, case),
        "version": used,
        "boxes": [(name, filling.ask_name(name), written.typed.get(name, "")) for name in filling.asked_in(used)],
        "own_words": filling.takes_own_words(used),
        "replies": knowledge.replies_for(service=written.service_code),
        "format": request.POST.get("format", ""),
        "formats": [("", _("No other")), *((code, FORMATS[code]) for code in FORMATS)],
        "made": made,
        "going": out,
        "is_layout": out.channel is not None and out.channel.value == written.layout.kind,
        "can_print": paper.can_print(),
        "problems": found,
        "errors": errors_of(found),
    }
    return render(request, "workspace/writing/draft.html", context, status=422 if found else 200)


def _back(written: Written, case: Case | None) -> str:
    return f"/work/cases/{case.reference}/letters" if case else f"/work/customers/{written.customer_id}/letters"


@staff(may=WRITE)
@never_cache
@require_safe
def pdf(request: HttpRequest, written_id: UUID) -> HttpResponse:
    """The letter as it would be printed now, in the print that they need."""
    by = actor(request)
    written, case = _read(written_id, by)
    ledger.looked(
        by=by, at=now(), customer_id=written.customer_id, case_id=written.case_id, page="written", reason=CASE
    )
    made = writing.filled(written, about(case), by=by, at=now())
    return pdf_answer(
        writing.sheet_of(written, made, at=now()), large=writing.going(written).large or "large" in request.GET
    )


@staff(may=WRITE)
@require_POST
def discard(request: HttpRequest, written_id: UUID) -> HttpResponse:
    by = actor(request)
    written, case = _read(written_id, by)
    try:
        writing.discard(written_id, by=by, at=now())
    except RuleBroken as error:
        messages.error(request, str(error.user_message))
    else:
        messages.success(request, _("The draft is thrown away."))
    return redirect(_back(written, case))


def _read(written_id: UUID, by: Actor) -> tuple[Written, Case | None]:
    """Also its case, which has to be one that the reader may see."""
    try:
        written = writing.draft(written_id, by)
    except NotFound as error:
        raise Http404 from error
    if written.case_id is None:
        return written, None
    case = cases_visible_to(by).filter(pk=written.case_id).first()
    if case is None or is_only_offered(case, by) or has_only_a_part(case, by):
        raise Http404
    return written, case
