"""One text to one customer, from their page or a case's; and what they answered, for its owner."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from townhall.accounts.web import actor
from townhall.cases.access import closed_cases
from townhall.cases.models import Case
from townhall.core.access import staff
from townhall.core.errors import NotFound, RuleBroken
from townhall.core.time import now
from townhall.customers import queries as customers
from townhall.customers.typed import shown_phone
from townhall.engagement.texting import single
from townhall.engagement.texting.models import TextReply
from townhall.engagement.texting.standards import ONE_CASE, PURPOSES, is_open
from townhall.ledger import operations as ledger
from townhall.workspace.names import names_of
from townhall.workspace.views.shared import case_or_404
from townhall.workspace.views.typing_in import done, errors_of, problems_of, typed


@staff(may=single.SEND)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def write(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """`case`: the reference of the case that it is about."""
    reference = (request.POST if request.method == "POST" else request.GET).get("case", "")[:40]
    case = case_or_404(request, reference) if reference else None
    if case is not None and case.customer_id != customer_id:
        raise Http404
    words = typed(request, "number", "words", "sure")
    if request.method != "POST":
        return _page(request, customer_id, case, words)
    try:
        single.text(
            customer_id,
            number=words["number"],
            words=words["words"],
            by=actor(request),
            at=now(),
            case_id=case.pk if case else None,
            sure=words["sure"] == "yes",
        )
    except NotFound as error:
        raise Http404 from error
    except RuleBroken as error:
        return _page(request, customer_id, case, words, problems=problems_of(error, field="words"))
    is_now = is_open(PURPOSES[ONE_CASE], now())
    messages.success(request, _("The text is on its way.") if is_now else _("The text goes at eight in the morning."))
    return redirect("workspace:case", case.reference) if case else redirect("workspace:customer", customer_id)


def _page(
    request: HttpRequest,
    customer_id: UUID,
    case: Case | None,
    words: dict[str, str],
    *,
    problems: dict[str, str] | None = None,
    reply: TextReply | None = None,
) -> HttpResponse:
    by = actor(request)
    try:
        record = customers.record(customer_id, by=by)
    except NotFound as error:
        raise Http404 from error
    ledger.looked(by=by, at=now(), customer_id=customer_id, page="customer.texts")
    lines = single.exchanged(customer_id=customer_id, closed=closed_cases(by, customer_id), limit=50)
    context: dict[str, Any] = {
        "record": record,
        "case": case,
        "reply": reply,
        "is_mine": reply is not None and str(reply.owner_id) == by.id,
        "numbers": [(number, shown_phone(number)) for number in single.numbers_of(customer_id)],
        "typed": words,
        "lines": lines,
        "names": names_of({str(line.owner_id) for line in lines} | ({str(reply.owner_id)} if reply else set())),
        "purpose": PURPOSES[ONE_CASE],
        "sender": settings.TEXT_SENDER,
        "goes_now": is_open(PURPOSES[ONE_CASE], now()),
        "problems": problems or {},
        "errors": errors_of(problems or {}),
    }
    return render(request, "workspace/engagement/text_one.html", context, status=422 if problems else 200)


@staff(may=single.SEND)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def reply(request: HttpRequest, reply_id: UUID) -> HttpResponse:
    """What somebody answered, with what was texted before; and the answer to it."""
    row = TextReply.objects.select_related("received", "answers").filter(pk=reply_id).first()
    if row is None:
        raise Http404
    if row.customer_id and row.case_id in closed_cases(actor(request), row.customer_id):
        raise Http404
    if row.customer_id is None:
        return render(
            request, "workspace/engagement/text_reply.html", {"row": row, "phone": shown_phone(row.answers.number)}
        )
    words = typed(request, "number", "words", "sure")
    if request.method != "POST":
        return _page(request, row.customer_id, None, words | {"number": row.answers.number}, reply=row)
    by = actor(request)
    try:
        single.text(
            row.customer_id,
            number=words["number"],
            words=words["words"],
            by=by,
            at=now(),
            case_id=row.case_id,
            answering=row.pk,
            sure=words["sure"] == "yes",
        )
    except RuleBroken as error:
        return _page(request, row.customer_id, None, words, problems=problems_of(error, field="words"), reply=row)
    messages.success(request, _("The text is on its way, and their answer is dealt with."))
    return redirect("workspace:texting")


@staff(may=single.SEND)
@require_POST
def settle(request: HttpRequest, reply_id: UUID) -> HttpResponse:
    """`mine`: take it over instead."""
    by = actor(request)
    if "mine" in request.POST:
        take = lambda: single.give(reply_id, owner_id=UUID(by.id), by=by, at=now())  # noqa: E731
        return done(request, take, _("It is yours now."), to="workspace:text_reply", arguments=[reply_id])
    act = lambda: single.settle(reply_id, by=by, at=now())  # noqa: E731
    return done(request, act, _("It is dealt with."), to="workspace:texting")
