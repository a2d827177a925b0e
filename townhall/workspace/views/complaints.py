"""Complaints for staff: taking one for any service, the list of those open, and each step of one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_stubs_ext import StrOrPromise

from townhall.accounts.permissions import may
from townhall.accounts.web import actor
from townhall.cases.access import cases_visible_to
from townhall.cases.models import Case
from townhall.catalogue import queries as catalogue
from townhall.complaints import answering, owning, queries, receiving
from townhall.complaints.models import Complaint
from townhall.complaints.queries import Wanted
from townhall.complaints.receiving import KINDS, New
from townhall.complaints.states import Finding, State
from townhall.complaints.telling import service_of
from townhall.contacts import queries as contacts
from townhall.core.access import staff
from townhall.core.actors import Actor
from townhall.core.errors import KeyReused, NotFound, RuleBroken
from townhall.core.ids import as_uuid, uuid7
from townhall.core.references import parse_reference
from townhall.core.time import council_date, now, start_of
from townhall.customers import queries as customers
from townhall.customers.merging import standing
from townhall.customers.models import ContactPoint
from townhall.customers.typed import normalised_email, normalised_phone
from townhall.files.queries import files_of
from townhall.forms.typed import clean_line
from townhall.ledger import operations as ledger
from townhall.mailroom import queries as mailroom
from townhall.workspace.queue import service_name
from townhall.workspace.views.typing_in import day, errors_of, problems_of, typed

A_YEAR = timedelta(days=365)
_TYPED = ("understood", "words", "due_on", "why", "finding", "reply", "route", "how", "left", "service")
_FIELDS = (
    "kind", "service", "channel", "words", "wanted", "name", "email", "phone", "behalf_of", "case", "received", "key"
)  # fmt: skip


@staff(may=queries.SEE)
@never_cache
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    by, at = actor(request), now()
    wanted = Wanted(**{name: clean_line(request.GET.get(name, ""))[:60] for name in ("kind", "service", "whose")})
    ledger.looked(by=by, at=at, customer_id=None, page="complaints.list")
    context = {
        "page": queries.listed(by, wanted, on=council_date(at), after=request.GET.get("after", "")[:200]),
        "wanted": wanted,
        "counts": queries.ended_since(by, at - A_YEAR) if wanted.whose == "ended" else [],
        "kinds": [("", _("Everything")), *KINDS.choices],
        "whose": [
            ("", _("All that are open")),
            ("mine", _("Mine to do")),
            ("unowned", _("Need a trained owner")),
            ("ended", _("Ended")),
        ],
        "services": [("", _("Every service")), *_services()],
        "service_name": service_name,
        "today": council_date(at),
        "may_record": may(by, receiving.RECORD).allowed,
        "may_change": may(by, "complaints.procedure").allowed,
    }
    return render(request, "workspace/complaints/listed.html", context)


def _services() -> list[tuple[str, str]]:
    return [(pack.code, pack.name) for pack in catalogue.services()]


@staff(may=receiving.RECORD)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """For a customer, in a conversation, or of somebody unknown; for one's own service or another."""
    given, problems = typed(request, *_FIELDS), {}
    customer_id, contact_id = (as_uuid(request.GET.get(name, "")) for name in ("customer", "contact"))
    known, channel = _known(customer_id, actor(request)), _channel(contact_id, actor(request))
    if request.method == "POST":
        try:
            made = receiving.receive(_new(request, given, customer_id, contact_id), by=actor(request), at=now())
        except NotFound:
            problems = {"case": _("There is no case with that reference")}
        except KeyReused:
            given["key"] = str(uuid7())
            problems = {"words": _("What you recorded before is kept. If this is another one, record it again")}
        except RuleBroken as error:
            problems = problems_of(error, field="words")
        else:
            messages.success(request, _("It is recorded under %(reference)s.") % {"reference": made.reference})
            return redirect("workspace:complaint", made.pk)
    else:
        given |= {
            "kind": "complaint",
            "case": request.GET.get("case", "")[:20],
            "channel": channel,
            "key": str(uuid7()),
            **known,
        }
    context = {
        "typed": given,
        "kinds": KINDS.choices,
        "services": [("", _("None in particular")), *_services()],
        "channels": list(contacts.words().all_channels.items()),
        "contact": contact_id,
        "problems": problems,
        "errors": errors_of(problems),
    }
    return render(request, "workspace/complaints/new.html", context, status=422 if problems else 200)


def _new(request: HttpRequest, given: Mapping[str, str], customer_id: UUID | None, contact_id: UUID | None) -> New:
    """Raises NotFound for a case that may not be seen, BadInput."""
    reference = parse_reference(given["case"]) if given["case"] else ""
    case = cases_visible_to(actor(request)).filter(reference=reference).first() if reference else None
    if given["case"] and case is None:
        raise NotFound
    received = start_of(day(given["received"], "received")) if given["received"] else None
    return New(
        id=as_uuid(given["key"]),
        kind=given["kind"],
        words=given["words"],
        wanted=given["wanted"],
        channel=given["channel"],
        service_code=given["service"],
        name=given["name"],
        email=given["email"],
        phone=given["phone"],
        behalf_of=given["behalf_of"],
        customer_id=customer_id or _whose(case, given),
        case_id=case.pk if case else None,
        contact_id=contact_id,
        received_at=received,
    )


def _whose(case: Case | None, given: Mapping[str, str]) -> UUID | None:
    """The customer of the request that it is about, when they are who complains: anybody may complain about a request of another."""
    if case is None or case.customer_id is None:
        return None
    typed_in = [one for one in (normalised_email(given["email"]), normalised_phone(given["phone"])) if one]
    theirs = ContactPoint.objects.filter(customer_id=case.customer_id, ended_at=None, normalised__in=typed_in)
    return case.customer_id if typed_in and theirs.exists() else None


def _channel(contact_id: UUID | None, by: Actor) -> str:
    """How the conversation came. Raises Http404 for somebody else's."""
    try:
        return contacts.own(contact_id, by=by).channel_id if contact_id else ""
    except NotFound as error:
        raise Http404 from error


def _known(customer_id: UUID | None, by: Actor) -> dict[str, str]:
    """Name and ways to reach somebody, as their record has them, also after a merge. Raises Http404."""
    if customer_id is None:
        return {}
    try:
        record = customers.record(standing(customer_id) or customer_id, by=by)
    except NotFound as error:
        raise Http404 from error
    points = {one.kind: one.value for one in reversed(record.points) if not one.ended_at}
    phone = points.get("mobile") or points.get("phone", "")
    return {"name": record.name, "email": points.get("email", ""), "phone": phone}


@staff(may=queries.SEE)
@never_cache
@require_safe
def show(request: HttpRequest, complaint_id: UUID) -> HttpResponse:
    return _page(request, complaint_id)


def _page(
    request: HttpRequest,
    complaint_id: UUID,
    *,
    problems: dict[str, str] | None = None,
    given: Mapping[str, str] | None = None,
    step: str = "",
) -> HttpResponse:
    by, at = actor(request), now()
    try:
        found = queries.one(complaint_id, by=by)
    except NotFound as error:
        raise Http404 from error
    ledger.looked(by=by, at=at, customer_id=found.customer_id, case_id=found.case_id, page="complaint")
    wrong = problems or {}
    may_own = may(by, owning.OWN).allowed
    needs_owner = found.is_open and owning.needs_owner(found, on=council_date(at))
    context = {
        "found": found,
        "service": service_of(found),
        "channel": contacts.words().all_channels.get(found.channel, found.channel),
        "stages": queries.stages_of(found),
        "files": files_of(found.subject),
        "today": council_date(at),
        "is_overdue": found.due_on is not None and found.due_on < council_date(at),
        "in_charge": may_own and owning.is_in_charge(found, by),
        "needs_owner": needs_owner,
        "may_take": may_own and needs_owner,
        "may_record": may(by, receiving.RECORD).allowed,
        "candidates": owning.who_may(found, at=at) if may_own and found.is_open else [],
        "routes": [("", _("Select which")), *Complaint.Route.choices],
        "findings": Finding.choices,
        "steps": _steps(found),
        "services": [("", _("None in particular")), *_services()],
        "step": step,
        "typed": dict.fromkeys(_TYPED, "") | dict(given or {}),
        "problems": wrong,
        "errors": errors_of(wrong),
    }
    return render(request, "workspace/complaints/complaint.html", context, status=422 if wrong else 200)


def _steps(found: Complaint) -> frozenset[str]:
    """What its state and kind let be done now."""
    state, is_complaint = State(found.state), found.kind == KINDS.COMPLAINT
    if state == State.RECEIVED:
        return frozenset({"acknowledge", "settle", "redirect", "withdraw"} if is_complaint else {"note", "redirect"})
    return {
        State.STAGE_1: frozenset({"answer", "extend", "redirect", "withdraw"}),
        State.STAGE_2: frozenset({"answer", "extend", "redirect", "withdraw"}),
        State.ASKED_2: frozenset({"acknowledge", "withdraw"}),
        State.ANSWERED_1: frozenset({"on"}),
        State.SETTLED: frozenset({"on"}),
    }.get(state, frozenset())


Given = Mapping[str, str]
_ACTS: dict[str, tuple[Callable[[UUID, Given, Actor, datetime], object], StrOrPromise, str]] = {
    "acknowledge": (
        lambda key, given, by, at: answering.acknowledge(key, understood=given["understood"], by=by, at=at),
        gettext_lazy("The stage has begun, and they are told how you understand it."),
        "understood",
    ),
    "settle": (
        lambda key, given, by, at: answering.settle(key, words=given["words"], by=by, at=at),
        gettext_lazy("It is put right, and they are told."),
        "words",
    ),
    "note": (
        lambda key, given, by, at: answering.answer_note(key, words=given["words"], by=by, at=at),
        gettext_lazy("It is answered."),
        "words",
    ),
    "extend": (
        lambda key, given, by, at: answering.extend(
            key, due_on=day(given["due_on"], "due_on"), why=given["why"], by=by, at=at
        ),
        gettext_lazy("They are told the new date and the reason."),
        "due_on",
    ),
    "answer": (
        lambda key, given, by, at: answering.answer(key, finding=given["finding"], reply=given["reply"], by=by, at=at),
        gettext_lazy("The reply is on its way."),
        "reply",
    ),
    "redirect": (
        lambda key, given, by, at: answering.redirect(key, route=given["route"], how=given["how"], by=by, at=at),
        gettext_lazy("They are told which way covers it and how to use it."),
        "how",
    ),
    "withdraw": (
        lambda key, given, by, at: answering.withdraw(key, why=given["left"], by=by, at=at),
        gettext_lazy("It is withdrawn."),
        "left",
    ),
    "service": (
        lambda key, given, by, at: answering.name_service(key, service=given["service"], by=by, at=at),
        gettext_lazy("It is about this service from now on."),
        "service",
    ),
    "on": (
        lambda key, given, by, at: answering.go_on(key, by=by, at=at),
        gettext_lazy("It goes on, and they are told who has it."),
        "",
    ),
}


@staff(may=queries.SEE)
@never_cache
@require_POST
def act(request: HttpRequest, complaint_id: UUID, step: str) -> HttpResponse:
    """One step. The operation decides who may."""
    if step not in _ACTS:
        raise Http404
    does, words, field = _ACTS[step]
    given = typed(request, *_TYPED)
    by = actor(request)
    try:
        queries.one(complaint_id, by=by)
        does(complaint_id, given, by, now())
    except NotFound as error:
        raise Http404 from error
    except RuleBroken as error:
        found = problems_of(error, field=field)
        problems = {"left": found["why"]} if step == "withdraw" and "why" in found else found
        return _page(request, complaint_id, problems=problems, given=given, step=step)
    messages.success(request, str(words))
    return redirect("workspace:complaint", complaint_id)


@staff(may=owning.OWN)
@never_cache
@require_POST
def owner(request: HttpRequest, complaint_id: UUID) -> HttpResponse:
    """Give it to somebody trained, or take it oneself."""
    by = actor(request)
    chosen = as_uuid(request.POST.get("owner", ""))
    try:
        queries.one(complaint_id, by=by)
        if chosen is None:
            return _page(request, complaint_id, problems={"owner": _("Select who owns it")}, step="owner")
        owning.give(complaint_id, chosen, by=by, at=now())
    except NotFound as error:
        raise Http404 from error
    except RuleBroken as error:
        return _page(request, complaint_id, problems=problems_of(error, field="owner"), step="owner")
    messages.success(request, _("It has its owner."))
    return redirect("workspace:complaint", complaint_id)


@staff(may=queries.SEE)
@never_cache
@require_safe
def original(request: HttpRequest, complaint_id: UUID) -> HttpResponse:
    """The mail that it came as, byte for byte, to save; never shown as a page of ours."""
    try:
        found = queries.one(complaint_id, by=actor(request))
        raw = mailroom.original_of_complaint(found.source_id if found.source_kind == "mail" else None)
    except NotFound as error:
        raise Http404 from error
    ledger.looked(by=actor(request), at=now(), customer_id=found.customer_id, page="complaint.original")
    answer = HttpResponse(raw, content_type="application/octet-stream")
    answer["Content-Disposition"] = f'attachment; filename="{found.reference}.eml"'
    return answer
