"""Following a report: by its reference, by a signed link, by email; and answering back.

Opening the page without a personal link is one statement and no session: it is the most visited page of all.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from townhall.accounts import guessing
from townhall.accounts.web import actor, client_address
from townhall.cases import operations as cases
from townhall.cases import public as public_cases
from townhall.cases.models import Case, Follower, Note
from townhall.cases.operations import links
from townhall.cases.operations.branching import passed_on
from townhall.cases.operations.cleaning import UNDO
from townhall.cases.operations.finishing import reopen_until
from townhall.cases.states import State
from townhall.complaints import queries as complaints
from townhall.core.access import public
from townhall.core.errors import BadInput, RuleBroken
from townhall.core.references import parse_reference
from townhall.core.subjects import Subject
from townhall.core.time import council_date, now
from townhall.forms.typed import clean_line, clean_text
from townhall.notifications.recipients import Recipient
from townhall.payments import queries as charges
from townhall.payments.queries import ToPay
from townhall.payments.states import ChargeState
from townhall.portal.case_parts import part_of
from townhall.portal.hints import on_confirmation
from townhall.portal.views import limits
from townhall.portal.views.by_reference import by_reference, case_or_404, follower_of, wait_page
from townhall.portal.views.ending import ending_page
from townhall.portal.views.forms.summary import copied_form
from townhall.telephony.cover.contact import ask_for
from townhall.ui.map_features import is_drawn
from townhall.ui.map_macros import map_picture
from townhall.ui.map_view import MapView

LONGEST = 4000
MAP_METRES = 300.0


@public
@require_http_methods(["GET", "HEAD"])
def find(request: HttpRequest) -> HttpResponse:
    """Follow by reference, however it is typed."""
    typed = clean_line(request.GET.get("reference", ""))[:100]
    problems: dict[str, str] = {}
    if "reference" in request.GET:
        reference = parse_reference(typed)
        address = client_address(request)
        if seconds := guessing.wait(address):
            return wait_page(request, seconds)
        if reference and public_cases.follow_page(reference):
            return redirect("portal:follow_page", reference)
        if reference and complaints.by_reference(reference):
            return redirect("portal:complaint", reference)
        if reference and (seconds := guessing.missed(address, at=now())):
            return wait_page(request, seconds)
        problems["reference"] = (
            _("We have no report with that reference. Check it and try again")
            if typed
            else _("Enter a reference, like TH-7K3M-92QX")
        )
    errors = [{"text": text, "href": f"#{field}"} for field, text in problems.items()]
    context = {"typed": typed, "problems": problems, "errors": errors}
    return render(request, "portal/find.html", context)


@public
@never_cache
@require_safe
@by_reference
def follow(request: HttpRequest, reference: str) -> HttpResponse:
    return _page(request, reference)


@public
@never_cache
@require_safe
@by_reference
def received(request: HttpRequest, reference: str) -> HttpResponse:
    """The confirmation: what the reporter is told at once. It can be bookmarked and opened again."""
    case = case_or_404(reference)
    me, token = follower_of(request, case)
    hint = on_confirmation(
        case.id,
        at=now(),
        service=case.pack.code,
        customer_id=me.customer_id if me else None,
        email=me.email if me else "",
    )
    receipts = charges.receipts_about(Subject(kind="case", id=case.id)) if me else []
    context = {"case": case, "me": me, "token": token, "hint": hint, "receipts": receipts,
               "copied_form": copied_form(case),}  # fmt: skip
    return render(request, "portal/received.html", context)


def _page(
    request: HttpRequest, reference: str, *, problems: dict[str, str] | None = None, **typed: str
) -> HttpResponse:
    case = case_or_404(reference)
    if case.merged_into:
        return _to_the_one_it_joined(request, case)
    me, token = follower_of(request, case)
    found = problems or {}
    shown: dict[str, Any] = {
        "case": case,
        "me": me,
        "undo_until": case.cleaned_at + UNDO if case.cleaned_at and now() < case.cleaned_at + UNDO else None,
        "today": council_date(now()),
        "token": token,
        "errors": [{"text": text, "href": f"#{field}"} for field, text in found.items()],
        "problems": found,
        "typed": typed,
        "picture": _picture(case),
        "share": _share(case),
        "to_pay": _to_pay(case),
        **(_for_follower(case, me) if me else {}),
    }
    return render(request, "portal/follow.html", shown, status=422 if found else 200)


def _to_pay(case: public_cases.PublicCase) -> list[ToPay]:
    """What it costs and was not paid yet. Reports cost nothing, so for them nothing is asked."""
    if not case.pack.form:
        return []
    found = charges.about(Subject(kind="case", id=case.id), at=now())
    return [one for one in found if one.state is ChargeState.OPEN]


def _for_follower(case: public_cases.PublicCase, me: Follower) -> dict[str, Any]:
    """What only somebody who follows may see and do. Our question is for who reported it."""
    row = Case.objects.get(pk=case.id)
    until = reopen_until(row)
    asked = case.state is State.WAITING_FOR_CUSTOMER and me.is_reporter
    question = row.notes.filter(kind=Note.Kind.QUESTION).order_by("at").last() if asked else None
    return {
        "reopen_until": until if until and council_date(now()) <= until else None,
        "question": question,
        "has_street": bool(row.usrn),
        "part": part_of(row.pk, service_code=row.service_code, at=now()) if me.is_reporter else None,
        "passed_on": passed_on(row.pk) if case.pack.branches and me.is_reporter else [],
        "ask_for": ask_for(row.pk, on=council_date(now())) if case.is_open else None,
    }


def _to_the_one_it_joined(request: HttpRequest, case: public_cases.PublicCase) -> HttpResponse:
    """The page of the report that goes on; a personal link still says who follows."""
    token = request.GET.get("me", "")
    return redirect(reverse("portal:follow_page", args=[case.merged_into]) + (f"?me={quote(token)}" if token else ""))


def _picture(case: public_cases.PublicCase) -> str:
    """The address of a map of the place, as much of it as is shown; drawn and cached apart from this page."""
    if case.lat is None or case.lng is None or not is_drawn():
        return ""
    return map_picture(MapView(lat=case.lat, lng=case.lng, metres=MAP_METRES), (case.lat, case.lng))


def _share(case: public_cases.PublicCase) -> dict[str, str]:
    """The page's public address, and a mail with it; empty for reports that are not public."""
    if not case.is_public:
        return {}
    link = f"{settings.PUBLIC_URL}/r/{case.reference}"
    return {"link": link, "mail": f"mailto:?subject={quote(f'{case.pack.name}, {case.reference}')}&body={quote(link)}"}


def _back(case: public_cases.PublicCase, token: str = "", *, said: str = "") -> HttpResponse:
    query = [f"me={quote(token)}"] if token else []
    query += [f"said={said}"] if said else []
    path = reverse("portal:follow_page", args=[case.reference])
    return redirect(path + ("?" + "&".join(query) if query else ""))


def _problems(error: RuleBroken, field: str) -> dict[str, str]:
    return error.problems if isinstance(error, BadInput) else {field: str(error)}


def _words(request: HttpRequest, field: str) -> str:
    """What was typed, fit to keep. Raises BadInput when it is too long."""
    text = clean_text(request.POST.get(field, ""))
    if len(text) > LONGEST:
        raise BadInput({field: _("Your answer must be %(most)s characters or fewer") % {"most": f"{LONGEST:,}"}})
    return text


@public
@require_POST
@by_reference
def followers(request: HttpRequest, reference: str) -> HttpResponse:
    """Follow somebody else's report by email. The personal link goes to that address alone: whoever typed it may be somebody else."""
    case = case_or_404(reference)
    email = clean_line(request.POST.get("email", ""))[:300]
    if wait := limits.held_up(request, limits.FOLLOWS) or limits.mailbox_full(request, email):
        return wait
    try:
        cases.follow(case.id, Recipient(email=email), by=actor(request), at=now())
    except RuleBroken as error:
        return _page(request, reference, problems=_problems(error, "email"), email=email)
    return _back(case, said="following")


@public
@require_POST
@by_reference
def new_link(request: HttpRequest, reference: str) -> HttpResponse:
    """Send a new personal link by mail, to an address that follows. The page says the same to everybody."""
    case = case_or_404(reference)
    email = clean_line(request.POST.get("email", ""))[:300]
    if wait := limits.held_up(request, limits.FOLLOWS) or limits.mailbox_full(request, email):
        return wait
    links.send_new_link(case.id, email=email, at=now())
    return _back(case, said="link")


@public
@require_POST
@by_reference
def reopening(request: HttpRequest, reference: str) -> HttpResponse:
    """ "Not fixed": opens the same case again."""
    case = case_or_404(reference)
    me, token = follower_of(request, case)
    try:
        text = _words(request, "not_fixed")
        if not text:
            raise BadInput({"not_fixed": _("Tell us what is still wrong")})
        cases.not_fixed(case.id, text=text, by=actor(request), at=now(), is_reporter=me is not None)
    except RuleBroken as error:
        typed = clean_text(request.POST.get("not_fixed", ""))
        return _page(request, reference, problems=_problems(error, "not_fixed"), not_fixed=typed)
    return _back(case, token, said="reopened")


@public
@require_POST
@by_reference
def reply(request: HttpRequest, reference: str) -> HttpResponse:
    """The answer to our question, from who reported it."""
    case = case_or_404(reference)
    me, token = follower_of(request, case)
    if me is None or not me.is_reporter:
        raise Http404
    try:
        cases.customer_replied(case.id, text=_words(request, "reply"), by=actor(request), at=now())
    except RuleBroken as error:
        typed = clean_text(request.POST.get("reply", ""))
        return _page(request, reference, problems=_problems(error, "reply"), reply=typed)
    return _back(case, token, said="replied")


@public
@require_POST
@by_reference
def more(request: HttpRequest, reference: str) -> HttpResponse:
    """Something to add, from somebody who follows."""
    case = case_or_404(reference)
    me, token = follower_of(request, case)
    if me is None:
        raise Http404
    try:
        cases.add_information(me.pk, text=_words(request, "more"), channel="web", by=actor(request), at=now())
    except RuleBroken as error:
        typed = clean_text(request.POST.get("more", ""))
        return _page(request, reference, problems=_problems(error, "more"), more=typed)
    return _back(case, token, said="added")


@public
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@by_reference
def stop(request: HttpRequest, reference: str) -> HttpResponse:
    """Stop the messages. A link in a mail asks first; a mail program's own button (RFC 8058) posts, and brings only the signed link."""
    case = case_or_404(reference)
    me, token = follower_of(request, case, though_ended=True)
    if request.method == "POST" and me is not None:
        cases.stop_following(me.pk, by=actor(request), at=now())
        return ending_page(
            request,
            title=_("You no longer follow %(reference)s") % {"reference": case.reference},
            is_over=True,
            onward=(reverse("portal:follow_page", args=[case.reference]), _("See the report")),
        )
    over = _("This link no longer follows that report, so there is nothing to stop.")
    return ending_page(
        request,
        title=_("Stop following %(reference)s?") % {"reference": case.reference},
        words="" if me else over,
        question=_("Stop following") if me else "",
        hidden=("me", token),
    )
