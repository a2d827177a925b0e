"""One letter, fax or post beside the form that says whose it is and which case it belongs to."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from townhall.accounts.permissions import may
from townhall.accounts.web import actor
from townhall.cases.models import Case
from townhall.catalogue import queries as catalogue
from townhall.contacts import queries as contacts
from townhall.core.access import staff
from townhall.core.errors import BadInput, NotFound, RuleBroken
from townhall.core.references import parse_reference
from townhall.core.time import council_date, now
from townhall.customers import operations as customers
from townhall.customers import queries as lookups
from townhall.customers.operations import NewCustomer
from townhall.customers.reasons import CHANGE
from townhall.intake import indexing, queries
from townhall.intake.indexing import To
from townhall.intake.models import By, Piece
from townhall.intake.permissions import INDEX
from townhall.intake.states import PieceState
from townhall.ledger import operations as ledger
from townhall.workspace import case_page, customer_page
from townhall.workspace.queue import service_name
from townhall.workspace.views.desk import as_uuid
from townhall.workspace.views.post import channel_names, owners_of
from townhall.workspace.views.typing_in import chosen, done, errors_of, problems_of, typed

NEW_CASE, NO_CASE = "new", "none"


@staff(may="work.open")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def one(request: HttpRequest, piece_id: UUID) -> HttpResponse:
    """What came, and where it belongs. `q` looks somebody up, `customer` is whom it is from; posting indexes it."""
    piece = _piece(request, piece_id)
    given = {"case": "", "reference": "", "service": "", "reason": "request", "words": ""}
    if request.method != "POST":
        return _page(request, piece, given)
    given = typed(request, *given)
    customer_id = as_uuid(request.POST.get("customer", ""))
    also = [key for text in chosen(request, "also") if (key := as_uuid(text)) is not None]
    try:
        to = _to(request, given, customer_id)
        done_ = indexing.index([piece.pk, *also], to, by=actor(request), at=now())
    except NotFound as error:
        raise Http404 from error
    except RuleBroken as error:
        return _page(request, _piece(request, piece_id), given, problems=problems_of(error, field="case"))
    words = ngettext("%(num)d document is indexed.", "%(num)d documents are indexed.", len(done_))
    messages.success(request, words % {"num": len(done_)})
    return redirect("workspace:post_piece", piece.pk)


def _piece(request: HttpRequest, piece_id: UUID) -> Piece:
    try:
        return queries.one(piece_id, by=actor(request))
    except NotFound as error:
        raise Http404 from error


def _to(request: HttpRequest, given: dict[str, str], customer_id: UUID | None) -> To:
    """Raises BadInput for a reference of no case that they may see."""
    picked, case_id = given["case"], None
    if given["reference"]:
        reference = parse_reference(given["reference"])
        found = case_page.visible(reference, by=actor(request)) if reference else None
        if found is None:
            raise BadInput({"reference": _("We have no case with this reference that you may see")})
        case_id = found.pk
    elif picked not in (NEW_CASE, NO_CASE, ""):
        case_id = as_uuid(picked)
    elif picked == "":
        raise BadInput({"case": _("Select the case, a new case or none")})
    return To(
        customer_id=customer_id,
        case_id=case_id,
        service_code=given["service"],
        reason_code=given["reason"],
        opens_case=picked == NEW_CASE and case_id is None,
        words=given["words"],
    )


def _page(
    request: HttpRequest, piece: Piece, given: dict[str, str], *, problems: dict[str, str] | None = None, **more: Any
) -> HttpResponse:
    by, at = actor(request), now()
    ledger.looked(by=by, at=at, customer_id=piece.customer_id, case_id=piece.case_id, page="post", reason="staff")
    paper, file = queries.shown(piece)
    is_waiting = piece.state == PieceState.WAITING
    asked = request.POST if request.method == "POST" else request.GET
    customer_id, q = as_uuid(asked.get("customer", "")), asked.get("q", "")[:300]
    person = _record(customer_id, by) if is_waiting and customer_id else None
    if person:
        ledger.looked(by=by, at=at, customer_id=person.id, page="post", reason=CHANGE)
    case = Case.objects.filter(pk=piece.case_id).first() if piece.case_id else None
    context = {
        "piece": piece,
        "paper": paper,
        "is_picture": bool(file and file.is_image),
        "is_served": file is None or file.is_served,
        "holds_virus": bool(file and file.scan == "infected"),
        "is_waiting": is_waiting,
        "may_index": may(by, INDEX).allowed,
        "channel": channel_names()[piece.channel],
        "channels": [(code, name) for code, name in channel_names().items() if code in _like(piece)],
        "received_on": council_date(piece.received_at),
        "owner": owners_of([piece], at=at).get(piece.pk) or queries.owner_title(),
        "case": case,
        "service_name": service_name,
        "q": q,
        "found": lookups.look_up(q, by=by, at=at) if q and is_waiting else None,
        "person": person,
        "cases": customer_page.open_cases(person.id, by=by) if person else [],
        "together": queries.together_with(piece, by=by) if is_waiting else [],
        "also": set(chosen(request, "also")),
        "services": [("", _("Select a service")), *((pack.code, pack.name) for pack in catalogue.services())],
        "reasons": list(contacts.words().reasons.items()),
        "typed": given,
        "problems": problems or {},
        "errors": errors_of(problems or {}),
        "new": {"name": piece.sender, "key": str(uuid4())}
        | dict.fromkeys(("email", "phone", "address", "postcode"), ""),
        "alike": [],
        **more,
    }
    return render(request, "workspace/post/piece.html", context, status=422 if problems or context["alike"] else 200)


def _record(customer_id: UUID, by: Any) -> lookups.Record | None:
    try:
        return lookups.record(customer_id, by=by)
    except RuleBroken:
        return None


def _like(piece: Piece) -> set[str]:
    """The channels that it may be said to have come by: a document by none of posts."""
    return {By.SOCIAL.value} if piece.channel == By.SOCIAL else {By.LETTER.value, By.FAX.value}


@staff(may="work.open")
@never_cache
@require_safe
def seen(request: HttpRequest, piece_id: UUID) -> HttpResponse:
    """The document to be read in the page. Nothing that is being checked for viruses, or holds one, is given."""
    piece = _piece(request, piece_id)
    _paper, file = queries.shown(piece)
    try:
        content, stored = queries.content(file.pk if file else None)
    except NotFound as error:
        raise Http404 from error
    by, at = actor(request), now()
    ledger.looked(by=by, at=at, customer_id=piece.customer_id, case_id=piece.case_id, page="post", reason="staff")
    answer = HttpResponse(content, content_type=stored.content_type)
    answer["Content-Disposition"] = "inline"
    answer["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["X-Frame-Options"] = "SAMEORIGIN"
    answer["Cache-Control"] = "private, no-store"
    return answer


@staff(may="work.open")
@never_cache
@require_safe
def original(request: HttpRequest, piece_id: UUID) -> HttpResponse:
    """Byte for byte as it came, to save; never shown as a page of ours."""
    piece = _piece(request, piece_id)
    try:
        content, stored = queries.content(piece.original_file_id)
    except NotFound as error:
        raise Http404 from error
    by = actor(request)
    ledger.looked(
        by=by, at=now(), customer_id=piece.customer_id, case_id=piece.case_id, page="post.original", reason="staff"
    )
    answer = HttpResponse(content, content_type="application/octet-stream")
    disposition = content_disposition_header(as_attachment=True, filename=stored.original_name)
    answer["Content-Disposition"] = disposition or "attachment"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@staff(may=INDEX)
@require_POST
def correct(request: HttpRequest, piece_id: UUID) -> HttpResponse:
    """How and when it came, and from whom."""
    given = typed(request, "channel", "received_on", "title", "sender")
    return done(
        request,
        lambda: indexing.correct(piece_id, **given, by=actor(request), at=now()),
        _("It is put right."),
        to="workspace:post_piece",
        arguments=[piece_id],
    )


@staff(may=INDEX)
@require_POST
def set_aside(request: HttpRequest, piece_id: UUID) -> HttpResponse:
    why = typed(request, "why")["why"]
    return done(
        request,
        lambda: indexing.set_aside(piece_id, why=why, by=actor(request), at=now()),
        _("It is set aside."),
        to="workspace:post_piece",
        arguments=[piece_id],
    )


@staff(may=INDEX)
@require_POST
def take_back(request: HttpRequest, piece_id: UUID) -> HttpResponse:
    _piece(request, piece_id)
    why = typed(request, "why")["why"]
    return done(
        request,
        lambda: indexing.take_back(piece_id, why=why, by=actor(request), at=now()),
        _("It is taken back, and waits to be indexed again."),
        to="workspace:post_piece",
        arguments=[piece_id],
    )


@staff(may="customers.change")
@require_POST
def new_customer(request: HttpRequest, piece_id: UUID) -> HttpResponse:
    """A record for whoever wrote. Whoever may be the same is shown first."""
    piece, by, at = _piece(request, piece_id), actor(request), now()
    given = typed(request, "name", "email", "phone", "address", "postcode", "key")
    start = {"case": "", "reference": "", "service": "", "reason": "request", "words": ""}
    if "checked" not in request.POST:
        alike = lookups.alike(name=given["name"], email=given["email"], phone=given["phone"], by=by, at=at)
        if alike:
            return _page(request, piece, start, new=given, alike=alike)
    try:
        made = customers.create(
            NewCustomer(
                name=given["name"],
                kind="person",
                email=given["email"],
                phone=given["phone"],
                address=given["address"],
                postcode=given["postcode"],
            ),
            by=by,
            at=at,
            key=given["key"][:100] or str(uuid4()),
        )
    except RuleBroken as error:
        return _page(request, piece, start, problems=problems_of(error, field="name"), new=given)
    ledger.looked(by=by, at=at, customer_id=made.pk, page="post", reason=CHANGE)
    messages.success(request, _("The record of %(name)s is made.") % {"name": made.name})
    return redirect(f"{reverse('workspace:post_piece', args=[piece.pk])}?customer={made.pk}")
