"""Following a report: by its reference, by a signed link, by email; and answering back."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from townhall.accounts.web import actor
from townhall.cases import operations as cases
from townhall.cases import public as public_cases
from townhall.cases.models import Case, Follower, Note
from townhall.cases.operations.finishing import reopen_until
from townhall.cases.operations.telling import follower_in, sign_follower
from townhall.cases.states import State
from townhall.core.access import public
from townhall.core.errors import BadInput, RuleBroken
from townhall.core.references import parse_reference
from townhall.core.time import council_date, now
from townhall.notifications.recipients import Recipient


@public
@require_http_methods(["GET", "HEAD"])
def find(request: HttpRequest) -> HttpResponse:
    """Follow by reference, however it is typed."""
    typed = request.GET.get("reference", "").strip()[:100]
    problems: dict[str, str] = {}
    if "reference" in request.GET:
        reference = parse_reference(typed)
        if reference and Case.objects.filter(reference=reference).exists():
            return redirect("portal:follow_page", reference)
        problems["reference"] = (
            _("We have no report with that reference. Check it and try again")
            if typed
            else _("Enter a reference, like TH-7K3M-92QX")
        )
    errors = [{"text": text, "href": f"#{field}"} for field, text in problems.items()]
    return render(request, "portal/find.html", {"typed": typed, "problems": problems, "errors": errors})


@public
@never_cache
@require_safe
def follow(request: HttpRequest, reference: str) -> HttpResponse:
    return _page(request, reference)


@public
@never_cache
@require_safe
def received(request: HttpRequest, reference: str) -> HttpResponse:
    """The confirmation: what the reporter is told at once. It can be bookmarked and opened again."""
    case = _case_or_404(reference)
    me = _me(request, case)
    context = {"case": case, "me": me, "token": sign_follower(me.pk) if me else ""}
    return render(request, "portal/received.html", context)


def _page(request: HttpRequest, reference: str, **context: Any) -> HttpResponse:
    case = _case_or_404(reference)
    if case.merged_into:
        query = f"?me={request.GET['me']}" if "me" in request.GET else ""
        return redirect(reverse("portal:follow_page", args=[case.merged_into]) + query)
    me = _me(request, case)
    problems = context.get("problems", {})
    shown: dict[str, Any] = {
        "case": case,
        "me": me,
        "token": sign_follower(me.pk) if me else "",
        "errors": [{"text": text, "href": f"#{field}"} for field, text in problems.items()],
        "problems": problems,
        **context,
    }
    if me:
        row = Case.objects.get(pk=case.id)
        until = reopen_until(row)
        shown["reopen_until"] = until if until and council_date(now()) <= until else None
        shown["mine"] = row if me.is_reporter else None
        if case.state is State.WAITING_FOR_CUSTOMER:
            shown["question"] = row.notes.filter(kind=Note.Kind.QUESTION).order_by("at").last()
    return render(request, "portal/follow.html", shown, status=422 if problems else 200)


def _case_or_404(reference: str) -> public_cases.PublicCase:
    known = parse_reference(reference)
    case = public_cases.follow_page(known) if known else None
    if case is None:
        raise Http404
    return case


def _me(request: HttpRequest, case: public_cases.PublicCase) -> Follower | None:
    """The follower whose signed link this is, if they follow this case."""
    token = request.GET.get("me") or request.POST.get("me", "")
    follower_id = follower_in(token) if token else None
    if follower_id is None:
        return None
    return Follower.objects.filter(pk=follower_id, case_id=case.id, ended_at__isnull=True).first()


def _back(case: public_cases.PublicCase, me: Follower | None) -> HttpResponse:
    query = f"?me={sign_follower(me.pk)}" if me else ""
    return redirect(reverse("portal:follow_page", args=[case.reference]) + query)


@public
@require_POST
def followers(request: HttpRequest, reference: str) -> HttpResponse:
    """Follow somebody else's report by email."""
    case = _case_or_404(reference)
    email = request.POST.get("email", "").strip()
    try:
        follower = cases.follow(case.id, Recipient(email=email), by=actor(request), at=now())
    except BadInput as error:
        return _page(request, reference, problems=error.problems, email=email)
    except RuleBroken as error:
        return _page(request, reference, problems={"email": str(error)}, email=email)
    return _back(case, follower)


@public
@require_POST
def reopening(request: HttpRequest, reference: str) -> HttpResponse:
    """ "Not fixed": opens the same case again."""
    case = _case_or_404(reference)
    me = _me(request, case)
    text = request.POST.get("not_fixed", "")[:4000]
    try:
        cases.not_fixed(case.id, text=text, by=actor(request), at=now(), is_reporter=me is not None)
    except RuleBroken as error:
        return _page(request, reference, problems={"not_fixed": str(error)}, not_fixed=text)
    return _back(case, me)


@public
@require_POST
def reply(request: HttpRequest, reference: str) -> HttpResponse:
    """The customer's answer to our question."""
    case = _case_or_404(reference)
    me = _me(request, case)
    text = request.POST.get("reply", "")[:4000]
    if me is None:
        raise Http404
    try:
        cases.customer_replied(case.id, text=text, by=actor(request), at=now())
    except BadInput as error:
        return _page(request, reference, problems=error.problems, reply=text)
    except RuleBroken as error:
        return _page(request, reference, problems={"reply": str(error)}, reply=text)
    return _back(case, me)


@public
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, reference: str) -> HttpResponse:
    """Stop the messages. A link in a mail asks first; one click of the mail program's own button (RFC 8058) is enough."""
    case = _case_or_404(reference)
    me = _me(request, case)
    if request.method == "POST" and me is not None:
        cases.stop_following(me.pk, by=actor(request), at=now())
        return render(request, "portal/stopped.html", {"case": case})
    return render(request, "portal/stop.html", {"case": case, "me": me, "token": sign_follower(me.pk) if me else ""})
