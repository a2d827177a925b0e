"""Customers that may be one: the list, two records side by side, merging them, and taking a merge apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_stubs_ext import StrOrPromise

from townhall.accounts.web import actor
from townhall.catalogue import queries as catalogue
from townhall.core.access import staff
from townhall.core.db import at_once
from townhall.core.errors import BadInput, NotFound, RuleBroken
from townhall.core.time import now
from townhall.customers import merging, queries
from townhall.customers.merging import proposing
from townhall.customers.merging.evidence import APART, in_words
from townhall.customers.merging.operations import DETAILS, MERGE, Choices
from townhall.customers.merging_models import Merge, Proposal
from townhall.customers.models import Customer
from townhall.customers.queries import Record
from townhall.inclusion.languages import named
from townhall.ledger import operations as ledger
from townhall.ui.words import long_date
from townhall.workspace import duplicates, queue
from townhall.workspace.duplicates import Line
from townhall.workspace.names import names_of
from townhall.workspace.views.desk import as_uuid, draw

MOST = 100  # others that are shown beside one record
REASONS: Mapping[str, StrOrPromise] = {
    "two_people": gettext_lazy("They are two customers"),
    "household": gettext_lazy("They are two of one household"),
    "not_sure": gettext_lazy("There is not enough to tell"),
}
WHY: Mapping[str, StrOrPromise] = {
    **REASONS,
    "taken_apart": gettext_lazy("A merge that was taken apart"),
    "changed": gettext_lazy("The records say something else now"),
    "merged": gettext_lazy("One of them was merged with another"),
}


@staff(may=MERGE)
@never_cache
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """`score`: the least, in bits; `service`: one that either has a case with; `state`: what became of them."""
    state = request.GET.get("state", "")
    state = state if state in Proposal.State.values else Proposal.State.PROPOSED
    least = next((bits for bits, text in duplicates.SCORES if request.GET.get("score") == text), 0.0)
    codes = {one.code: queue.service_name(one.code) for one in catalogue.services(live_only=False)}
    service = request.GET.get("service", "")
    service = service if service in codes else ""
    by, after = actor(request), request.GET.get("after", "")[:200]
    page = duplicates.pairs(by=by, state=state, least=least, service=service, after=after)
    if page.rows:
        ledger.looked(by=by, at=now(), customer_id=None, page="customer.duplicates", reason="duplicate")
    measured = proposing.measured()
    context = {
        "page": page,
        "state": state,
        "score": request.GET.get("score", ""),
        "service": service,
        "states": [(one.value, one.label) for one in Proposal.State],
        "scores": [(text, _("%(percent)s%% likely or more") % {"percent": text}) for _bits, text in duplicates.SCORES],
        "services": [("", _("Any service")), *sorted(codes.items(), key=lambda one: one[1])],
        "measured": measured,
        "stated": settings.MERGE_AT_PRECISION,
        "fewest": proposing.FEWEST_DECIDED,
        "by_itself": proposing.merges_by_itself(),
        "why": WHY,
        "who": names_of({one.decided_by for one in page.rows if one.decided_by}),
    }
    return render(request, "workspace/duplicates/listed.html", context)


@staff(may=MERGE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def pair(request: HttpRequest, proposal_id: UUID) -> HttpResponse:
    """Both records beside each other; who merges chooses which record stands, and which of two names, dates or preferences."""
    proposal = _proposal(proposal_id)
    if proposal.state == Proposal.State.MERGED:
        return redirect("workspace:merges", merging.standing(proposal.one_id) or proposal.one_id)
    by, at = actor(request), now()
    records = _both(request, proposal)
    problems: dict[str, str] = {}
    if request.method == "POST":
        kept = as_uuid(request.POST.get("kept", ""))
        try:
            chosen = _choices(request, proposal, kept) if kept else None
            proposing.accept(proposal_id, kept_id=kept or proposal_id, choices=chosen, by=by, at=at)
        except BadInput as error:
            problems = dict(error.problems)
        except RuleBroken as error:
            problems = {"": str(error)}
        else:
            messages.success(request, _("The two records are one now. It can be taken apart again."))
            return redirect("workspace:merges", kept or proposal.one_id)
    return _draw_pair(request, proposal, records, problems)


def _choices(request: HttpRequest, proposal: Proposal, kept: UUID) -> Choices:
    """What was picked of the record that does not stand, and what holds no more."""
    merged = str(proposal.other_id if kept == proposal.one_id else proposal.one_id)
    holding = {one for text in request.POST.getlist("holds") if (one := as_uuid(text)) is not None}
    shown = {one for text in request.POST.getlist("shown") if (one := as_uuid(text)) is not None}
    picked = {name for name in DETAILS if request.POST.get(name) == merged}
    return Choices(from_merged=frozenset(picked), ended=frozenset(shown - holding))


@staff(may=MERGE)
@require_POST
def rejection(request: HttpRequest, proposal_id: UUID) -> HttpResponse:
    proposal = _proposal(proposal_id)
    try:
        proposing.reject(proposal_id, reason=request.POST.get("reason", "")[:50], by=actor(request), at=now())
    except BadInput as error:
        return _draw_pair(request, proposal, _both(request, proposal), dict(error.problems))
    except RuleBroken as error:
        messages.error(request, str(error))
        return redirect("workspace:duplicates")
    messages.success(request, _("They stay two customers. They are not proposed again unless their records change."))
    return redirect("workspace:duplicates")


@staff(may=MERGE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def of_customer(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """What was merged into one record, and on request who else may be the same, or is left out and why."""
    by, at = actor(request), now()
    try:
        record = queries.record(customer_id, by=by)
    except NotFound as error:
        raise Http404 from error
    ledger.looked(by=by, at=at, customer_id=customer_id, page="customer.merges", reason="duplicate")
    looked = proposing.look_again(customer_id, by=by, at=at) if request.method == "POST" else None
    merges = merging.merges_of(customer_id)
    found = Proposal.objects.filter(Q(one=customer_id) | Q(other=customer_id)).select_related("one", "other")
    states = (Proposal.State.PROPOSED, Proposal.State.REJECTED) if looked else ()
    compared = list(found.filter(state__in=states).order_by("-bits", "-pk")[:MOST])
    lines = [_line(one, customer_id) for one in compared]
    others = {one.one if one.other == customer_id else one.other for one in looked.apart} if looked else set()
    named = others | {one.other_id if one.one_id == customer_id else one.one_id for one in compared}
    with at_once():
        for one in sorted(named):
            ledger.looked(by=by, at=at, customer_id=one, page="customer.merges", reason="duplicate")
    names = dict(Customer.objects.filter(pk__in=others).values_list("pk", "name"))
    return draw(
        request,
        "merges",
        record=record,
        merges=merges,
        who=names_of({one.by_id for one in merges}),
        looked=looked,
        proposed=[one for one in lines if one["state"] == Proposal.State.PROPOSED],
        rejected=[one for one in lines if one["state"] == Proposal.State.REJECTED],
        why=WHY,
        apart=[
            (names.get(one.one if one.other == customer_id else one.other, ""), APART[one.apart])
            for one in (looked.apart if looked else ())
        ],
    )


@staff(may=MERGE)
@require_POST
def undo(request: HttpRequest, merge_id: UUID) -> HttpResponse:
    """Take a merge apart."""
    made = Merge.objects.filter(pk=merge_id).first()
    if made is None:
        raise Http404
    try:
        merging.unmerge(merge_id, by=actor(request), at=now())
    except RuleBroken as error:
        messages.error(request, str(error))
        return redirect("workspace:merges", merging.standing(made.kept_id) or made.kept_id)
    messages.success(request, _("They are two records again, each with what was its own."))
    return redirect("workspace:merges", made.merged_id)


def _proposal(proposal_id: UUID) -> Proposal:
    found = Proposal.objects.filter(pk=proposal_id).select_related("one", "other").first()
    if found is None:
        raise Http404
    return found


def _both(request: HttpRequest, proposal: Proposal) -> tuple[Record, Record]:
    """Both as they are now, each look kept. Page not found when one is part of another record already."""
    by, at = actor(request), now()
    try:
        one, other = (queries.record(key, by=by) for key in (proposal.one_id, proposal.other_id))
    except NotFound as error:
        raise Http404 from error
    for record in (one, other):
        ledger.looked(by=by, at=at, customer_id=record.id, page="customer.duplicate", reason="duplicate")
    return one, other


def _draw_pair(
    request: HttpRequest, proposal: Proposal, records: tuple[Record, Record], problems: dict[str, str]
) -> HttpResponse:
    kept = duplicates.kept(records)
    return draw(
        request,
        "duplicate",
        problems=problems,
        proposal=proposal,
        percent=duplicates.percent(proposal.bits),
        reasons=in_words(proposal.one.kind, proposal.evidence),
        one=records[0],
        other=records[1],
        lines=_lines(*records),
        kept=kept,
        holding=[(one.id, one.text) for one in kept],
        all_ids=[str(one.id) for one in kept],
        given=request.POST,
        holds=request.POST.getlist("holds"),
        rejecting=list(REASONS.items()),
        why=WHY,
    )


def _lines(one: Record, other: Record) -> list[Line]:
    prefers = dict(Customer.Prefers.choices)
    both = (one, other)
    born = [long_date(record.date_of_birth) for record in both]
    said = [str(prefers.get(record.preferred_channel, "")) for record in both]
    return [
        Line(label=_("Name"), one=one.name, other=other.name, choice="name"),
        Line(label=_("Date of birth"), one=born[0], other=born[1], choice="date_of_birth"),
        Line(label=_("Prefers"), one=said[0], other=said[1], choice="preferred_channel"),
        Line(label=_("Language"), one=named(one.language), other=named(other.language), choice="language"),
        *(
            Line(label=label, one=duplicates.points_of(one, kind), other=duplicates.points_of(other, kind))
            for kind, label in (("email", _("Email")), ("phone", _("Phone")))
        ),
        Line(label=_("Address"), one=duplicates.addresses_of(one), other=duplicates.addresses_of(other)),
        Line(
            label=_("Past addresses"),
            one=duplicates.addresses_of(one, past=True),
            other=duplicates.addresses_of(other, past=True),
        ),
        Line(
            label=_("Numbers"),
            one=", ".join(held.detail for held in one.numbers),
            other=", ".join(held.detail for held in other.numbers),
        ),
    ]


def _line(proposal: Proposal, customer_id: UUID) -> dict[str, Any]:
    other = proposal.other if proposal.one_id == customer_id else proposal.one
    percent = duplicates.percent(proposal.bits)
    return {
        "id": proposal.pk,
        "name": other.name,
        "percent": percent,
        "state": proposal.state,
        "reason": proposal.reason,
    }
