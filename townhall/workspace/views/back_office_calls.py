"""Calls to the back office: why, a manager's yes or no, what was said; and the path that a difficult case climbs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from townhall.accounts.permissions import may
from townhall.accounts.web import actor
from townhall.cases.calling import operations, path, queries
from townhall.cases.calling.models import BackOfficeCall, CallRule
from townhall.cases.models import OPEN_STATES, Case
from townhall.cases.states import CallState
from townhall.catalogue import queries as catalogue
from townhall.contacts.models import Contact
from townhall.core.access import staff
from townhall.core.actors import Actor
from townhall.core.errors import RuleBroken
from townhall.core.ids import as_uuid
from townhall.core.time import now
from townhall.workspace.queue import service_name
from townhall.workspace.views.shared import case_or_404
from townhall.workspace.views.typing_in import done, errors_of, number, problems_of, typed

LOOKS_BACK = timedelta(days=28)
_FIELDS = ("act", "reason", "process", "service", "call", "spoke_with", "outcome", "to", "why")
_RUNNING = (CallState.ASKED, CallState.CLEARED)


@staff(may=operations.RING)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def of_case(request: HttpRequest, reference: str) -> HttpResponse:
    """Calls about a case and its way up. Asking for a call, and saying what came of it."""
    by, at = actor(request), now()
    case = case_or_404(request, reference)
    is_open = case.state in OPEN_STATES
    context: dict[str, object] = {
        "case": case,
        "service": service_name(case.service_code),
        "rule": queries.rule_of(case.service_code),
        "back": (reverse("workspace:case", args=[case.reference]), case.reference),
        "steps": list(case.path_steps.select_related("holder", "post").order_by("from_at")),
        "is_open": is_open,
    }

    def act(given: dict[str, str]) -> str:
        if given["act"] == "climb":
            path.climb(case.pk, to=given["to"], why=given["why"], by=by, at=at)
            return _("The case has gone up, and whoever holds it now is told.")
        return _call(given, lambda: _ask(case, given, by), by)

    def more() -> dict[str, object]:
        return {"ways": path.ways_up(case, by=by, at=at) if is_open else [], "calls": queries.of_case(case.pk)}

    return _page(request, context, act, more)


@staff(may=operations.RING)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def of_contact(request: HttpRequest, contact_id: UUID) -> HttpResponse:
    """Calls in a conversation about a service that there is no case of."""
    by, at = actor(request), now()
    contact = Contact.objects.filter(pk=contact_id, adviser_id=UUID(by.id)).first()
    if contact is None:
        raise Http404
    code = request.POST.get("service", request.GET.get("service", contact.service_code))
    packs = {pack.code: pack.name for pack in catalogue.services()}
    context: dict[str, object] = {
        "case": None,
        "service": packs.get(code, ""),
        "rule": queries.rule_of(code) if code in packs else None,
        "back": (reverse("workspace:contact", args=[contact.pk]), _("Back to the conversation")),
        "steps": [],
        "ways": [],
        "is_open": contact.ended_at is None,
        "services": [("", ""), *packs.items()],
        "service_code": code,
    }

    def ask(given: dict[str, str]) -> BackOfficeCall:
        return operations.ask_in_contact(
            contact.pk,
            service_code=given["service"],
            reason=given["reason"],
            is_inside=given["process"] == "inside",
            by=by,
            at=at,
        )

    return _page(
        request,
        context,
        lambda given: _call(given, lambda: ask(given), by),
        lambda: {"calls": queries.of_contact(contact.pk)},
    )


def _page(
    request: HttpRequest,
    context: dict[str, object],
    act: Callable[[dict[str, str]], str],
    more: Callable[[], dict[str, object]],
) -> HttpResponse:
    """Do what was asked for and go on, or show the page with what is wrong. more: what is read after that."""
    by = actor(request)
    given: dict[str, str] = {}
    problems: dict[str, str] = {}
    if request.method == "POST":
        given = typed(request, *_FIELDS)
        try:
            words = act(given)
        except RuleBroken as error:
            problems = problems_of(error, field="reason")
        else:
            messages.success(request, words)
            return redirect(request.path)
    found = more()
    calls = found["calls"]
    assert isinstance(calls, list)
    context |= found | {
        "running": next((call for call in calls if str(call.adviser_id) == by.id and call.state in _RUNNING), None),
        "typed": given,
        "problems": problems,
        "errors": errors_of(problems),
        "at": now(),
    }
    return render(request, "workspace/people/case_calls.html", context, status=422 if problems else 200)


def _ask(case: Case, given: dict[str, str], by: Actor) -> BackOfficeCall:
    is_inside = given["process"] == "inside"
    return operations.ask(case.pk, reason=given["reason"], is_inside=is_inside, by=by, at=now())


def _call(given: dict[str, str], ask: Callable[[], BackOfficeCall], by: Actor) -> str:
    """Ask for a call, or say what came of one; what to say of it. Raises RuleBroken."""
    at = now()
    if given["act"] == "made":
        operations.made(_uuid(given["call"]), spoke_with=given["spoke_with"], outcome=given["outcome"], by=by, at=at)
        return _("The call is kept.")
    if given["act"] == "drop":
        operations.drop(_uuid(given["call"]), by=by, at=at)
        return _("The call is no longer needed.")
    if ask().state == CallState.ASKED:
        return _("Your team manager is asked. Wait here for the answer.")
    return _("You may ring.")


def _uuid(text: str) -> UUID:
    found = as_uuid(text)
    if found is None:
        raise Http404
    return found


@staff(may=operations.RING, keeps_alive=False)
@never_cache
@require_safe
def state(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """How far one's own call is, for the page that waits for the answer."""
    call = BackOfficeCall.objects.select_related("answered_by", "case").filter(pk=call_id).first()
    if call is None or str(call.adviser_id) != actor(request).id:
        raise Http404
    about = call.case
    address = reverse("workspace:case_calls", args=[about.reference]) if about else None
    address = address or reverse("workspace:contact_calls", args=[call.contact_id])
    return render(request, "workspace/people/call_state.html", {"call": call, "go_on": address})


@staff(may=operations.AUTHORISE, keeps_alive=False)
@never_cache
@require_safe
def alert(request: HttpRequest) -> HttpResponse:
    """How many calls wait for this manager, for every page that they have open."""
    count = queries.number_waiting(actor(request), at=now())
    return render(request, "workspace/people/calls_alert.html", {"count": count})


@staff(may=operations.AUTHORISE, keeps_alive=False)
@never_cache
@require_safe
def waiting_part(request: HttpRequest) -> HttpResponse:
    """The calls alone, for the page that asks again and again."""
    return _waiting(request, "workspace/people/calls_part.html")


@staff(may=operations.AUTHORISE)
@never_cache
@require_safe
def waiting(request: HttpRequest) -> HttpResponse:
    """Calls that wait for this manager, and how many each service had."""
    return _waiting(request, "workspace/people/calls.html")


def _waiting(request: HttpRequest, template: str) -> HttpResponse:
    by, at = actor(request), now()
    context = {
        "calls": queries.asked(by, at=at),
        "service_name": service_name,
        "figures": queries.by_service(since=at - LOOKS_BACK),
        "days": LOOKS_BACK.days,
        "at": at,
        "sees_cases": may(by, "cases.see").allowed,
    }
    return render(request, template, context)


@staff(may=operations.AUTHORISE)
@require_POST
def answer(request: HttpRequest, call_id: UUID) -> HttpResponse:
    by = actor(request)
    given = typed(request, "answer", "reason")
    yes = given["answer"] == "yes"
    words = _("They may ring.") if yes else _("They are told no, and why.")
    return done(
        request,
        lambda: operations.answer(call_id, yes=yes, reason=given["reason"], by=by, at=now()),
        words,
        to="workspace:calls",
    )


@staff(may=operations.AUTHORISE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def rules(request: HttpRequest) -> HttpResponse:
    """Which calls of each service need authority."""
    by = actor(request)
    packs = catalogue.services()
    code = request.GET.get("service", "")
    known = {pack.code: pack.name for pack in packs}
    rule = queries.rule_of(code) if code in known else None
    given = {} if rule is None else {"needs": rule.needs, "agreed": rule.agreed, "number": rule.number}
    given |= {"minutes": str(rule.minutes)} if rule else {}
    problems: dict[str, str] = {}
    if request.method == "POST" and rule is not None:
        given = typed(request, "needs", "agreed", "number", "minutes")
        try:
            operations.set_rule(
                code,
                needs=given["needs"],
                agreed=given["agreed"],
                number=given["number"],
                minutes=number(given["minutes"], "minutes", _("Enter minutes")),
                by=by,
                at=now(),
            )
        except RuleBroken as error:
            problems = problems_of(error, field="needs")
        else:
            messages.success(request, _("It holds from now on."))
            return redirect("workspace:call_rules")
    rows = {row.service_code: row for row in CallRule.objects.all()}
    context = {
        "rows": [(pack, rows.get(pack.code) or CallRule(service_code=pack.code)) for pack in packs],
        "code": code if rule else "",
        "name": known.get(code, ""),
        "needs": CallRule.Needs.choices,
        "typed": given,
        "problems": problems,
        "errors": errors_of(problems),
    }
    return render(request, "workspace/people/call_rules.html", context, status=422 if problems else 200)
