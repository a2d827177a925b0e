"""Telling the council what went wrong or well, and following it: by its reference, by the personal link of each message, or signed in."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from townhall.accounts import guessing
from townhall.accounts.web import client_address
from townhall.catalogue import queries as catalogue
from townhall.complaints import answering, procedures, queries, receiving
from townhall.complaints.models import Complaint
from townhall.complaints.receiving import New
from townhall.complaints.states import State
from townhall.complaints.telling import complaint_in, service_of, token_for, who_has_it
from townhall.core.access import public
from townhall.core.errors import KeyReused, RuleBroken
from townhall.core.ids import as_uuid, uuid7
from townhall.core.references import parse_reference
from townhall.core.time import council_date, now
from townhall.forms.typed import clean_line, clean_text
from townhall.portal.account.web import acting, me
from townhall.portal.views import limits
from townhall.portal.views.by_reference import token_in, wait_page

_LINES = {"kind": 20, "service": 60, "name": 200, "email": 254, "phone": 30, "behalf_of": 300, "key": 40}
_WORDS = ("words", "wanted")


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def complain(request: HttpRequest) -> HttpResponse:
    """One page, without an account and without JavaScript: the procedure with its times, and the form."""
    who = me(request)
    wanted = clean_line(request.GET.get("service", ""))[:60]
    typed = dict.fromkeys((*_LINES, *_WORDS), "") | {"kind": "complaint", "service": wanted, "key": str(uuid7())}
    if who:
        typed |= {"name": who.acting.name, "email": who.person.email, "phone": who.acting.phone}
    problems: dict[str, str] = {}
    if request.method == "POST":
        typed = {name: clean_line(request.POST.get(name, ""))[:longest] for name, longest in _LINES.items()}
        typed |= {name: clean_text(request.POST.get(name, ""))[: receiving.LONGEST + 1].strip() for name in _WORDS}
        if wait := limits.held_up(request, limits.REPORTS):
            return wait
        try:
            made = receiving.receive(
                _new(typed, customer_id=who.acting.customer_id if who else None), by=acting(request), at=now()
            )
        except KeyReused:
            typed["key"] = str(uuid7())
            problems = {"words": _("We have what you sent before. If this is something else, send it again")}
        except RuleBroken as error:
            problems = getattr(error, "problems", None) or {"words": str(error.user_message)}
        else:
            return redirect(f"{_path(made)}&new=1")
    return render(request, "portal/complaints/complain.html", _form(typed, problems), status=422 if problems else 200)


def _new(typed: dict[str, str], *, customer_id: UUID | None) -> New:
    kind = typed["kind"] if typed["kind"] in ("comment", "compliment", "complaint") else ""
    return New(
        id=as_uuid(typed["key"]),
        kind=kind,
        words=typed["words"],
        wanted=typed["wanted"],
        channel="account" if customer_id else "web",
        service_code=typed["service"],
        name=typed["name"],
        email=typed["email"],
        phone=typed["phone"],
        behalf_of=typed["behalf_of"],
        customer_id=customer_id,
    )


def _form(typed: dict[str, str], problems: dict[str, str]) -> dict[str, Any]:
    procedure = procedures.in_force(council_date(now()))
    return {
        "typed": typed,
        "procedure": procedure,
        "stages": list(procedure.stages.order_by("number")),
        "services": [
            ("", _("None of these, or I do not know")),
            *((one.code, one.name) for one in catalogue.services()),
        ],
        "problems": problems,
        "errors": [{"text": words, "href": f"#{name}"} for name, words in problems.items()],
    }


def _path(complaint: Complaint) -> str:
    return f"{reverse('portal:complaint', args=[complaint.reference])}?me={token_for(complaint.pk)}"


@public
@never_cache
@require_safe
def show(request: HttpRequest, reference: str) -> HttpResponse:
    """How far it is. What was said and answered is for whoever has the personal link or is signed in as who complained."""
    found = _found(request, reference)
    return found if isinstance(found, HttpResponse) else _page(request, found)


def _found(request: HttpRequest, reference: str) -> Complaint | HttpResponse:
    """Whoever guesses references has to wait. Raises Http404."""
    address = client_address(request)
    if (seconds := guessing.wait(address)) and complaint_in(token_in(request)) is None:
        return wait_page(request, seconds)
    known = parse_reference(reference)
    found = queries.by_reference(known) if known else None
    if found is None:
        if seconds := guessing.missed(address, at=now()) if known else 0:
            return wait_page(request, seconds)
        raise Http404
    return found


def _is_theirs(request: HttpRequest, complaint: Complaint) -> bool:
    if complaint_in(token_in(request)) == complaint.pk:
        return True
    who = me(request)
    return who is not None and complaint.customer_id is not None and who.acting.customer_id == complaint.customer_id


def _page(
    request: HttpRequest, complaint: Complaint, *, problems: dict[str, str] | None = None, status: int = 0
) -> HttpResponse:
    is_theirs = _is_theirs(request, complaint)
    found = problems or {}
    context = {
        "found": complaint,
        "service": service_of(complaint),
        "owner": who_has_it(complaint) if is_theirs else "",
        "stages": queries.stages_of(complaint),
        "is_theirs": is_theirs,
        "is_new": "new" in request.GET,
        "token": token_in(request),
        "may_go_on": is_theirs and complaint.state in (State.SETTLED, State.ANSWERED_1),
        "may_withdraw": is_theirs and complaint.is_open,
        "problems": found,
        "errors": [{"text": words, "href": f"#{name}" if name else ""} for name, words in found.items()],
    }
    return render(request, "portal/complaints/complaint.html", context, status=status or (422 if found else 200))


@public
@never_cache
@require_POST
def go_on(request: HttpRequest, reference: str) -> HttpResponse:
    """They are not content: it is looked into, or goes to stage 2. No reason is asked."""
    return _act(request, reference, "go_on")


@public
@never_cache
@require_POST
def withdraw(request: HttpRequest, reference: str) -> HttpResponse:
    return _act(request, reference, "withdraw")


def _act(request: HttpRequest, reference: str, what: str) -> HttpResponse:
    found = _found(request, reference)
    if isinstance(found, HttpResponse):
        return found
    if not _is_theirs(request, found):
        raise Http404
    try:
        if what == "go_on":
            answering.go_on(found.pk, by=acting(request), at=now())
        else:
            answering.withdraw(found.pk, why="", by=acting(request), at=now())
    except RuleBroken as error:
        return _page(request, found, problems={"": str(error.user_message)}, status=409)
    return redirect(_path(found))
