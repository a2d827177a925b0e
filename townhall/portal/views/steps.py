"""What every page of the journey does: find the draft by its cookie, keep answers, lead on, and draw."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from townhall.accounts.web import actor
from townhall.cases.models import Case
from townhall.cases.operations.telling import sign_follower
from townhall.catalogue import queries as catalogue
from townhall.core.access import public
from townhall.core.errors import NotFound
from townhall.core.time import now
from townhall.forms import operations as forms
from townhall.forms import queries as drafts
from townhall.forms.errors import DraftGone, TooMuch
from townhall.portal.journey import FORM, Journey
from townhall.portal.views.account.gate import barred
from townhall.ui.paths import url
from townhall.ui.responses import OwnRedirect, error_page, never_cache

COOKIE = "report-{code}"
_NAMES = {"contact": "portal:contact_details", "round": "portal:bin_round"}
P = ParamSpec("P")
Page = Callable[Concatenate[HttpRequest, Journey, P], HttpResponse]


def journey_page(page: Page[P]) -> Callable[..., HttpResponseBase]:
    """A page of the journey. Before anything was answered it is the first page; after it was sent, the report itself."""

    @wraps(page)
    def view(request: HttpRequest, code: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            journey = journey_of(request, code)
        except NotFound as error:
            raise Http404 from error
        except DraftGone:
            return _gone(request, code)
        if journey.pack.level != "public" and (gate := barred(request, journey.pack.level)):
            return gate
        if journey.draft is None and page.__name__ != "where":
            return redirect("portal:where", code)
        if journey.draft is not None and journey.draft.result_id is not None:
            return sent(journey.draft.result_id)
        try:
            return page(request, journey, *args, **kwargs)
        except TooMuch as error:
            return error_page(request, 400, detail=str(error))

    return public(never_cache(require_http_methods(["GET", "HEAD", "POST"])(view)))


def journey_of(request: HttpRequest, code: str) -> Journey:
    """Raises NotFound for a service that is not offered, DraftGone when the cookie's draft is over."""
    entry = catalogue.entry(code)
    if not entry.is_live or entry.pack.form:
        raise NotFound
    token = request.COOKIES.get(COOKIE.format(code=code), "")
    draft = drafts.draft(token, at=now()) if token else None
    return Journey(pack=entry.pack, version=entry.version, draft=draft)


def _gone(request: HttpRequest, code: str) -> HttpResponse:
    """The draft's time is over: say so, and begin afresh."""
    answer = render(request, "portal/journey/gone.html", {"pack": catalogue.service(code)}, status=410)
    forget_draft(answer, code)
    return answer


def forget_draft(answer: HttpResponse, code: str) -> None:
    answer.delete_cookie(COOKIE.format(code=code), path=f"/report/{code}", samesite="Lax")


def sent(case_id: UUID) -> HttpResponse:
    """The draft became a report: show that, however often the button was pressed."""
    case = Case.objects.only("reference").get(pk=case_id)
    follower = case.follower_rows.filter(is_reporter=True).values_list("pk", flat=True).first()
    return to_received(case.reference, follower)


def to_received(reference: str, follower_id: UUID | None) -> HttpResponse:
    query = f"?me={sign_follower(follower_id)}" if follower_id else ""
    return OwnRedirect(url("portal:received", reference) + query)


def keep(
    request: HttpRequest, journey: Journey, step: str, answer: HttpResponse, *, again: str = "", **answers: Any
) -> HttpResponse:
    """Keep these answers and that the step was passed, then give `answer`. The first answer begins the draft.

    again: a step to be answered again, because this one changed what it was about.
    """
    passed = [one for one in dict.fromkeys([*journey.answers.get("passed", []), step]) if one != again]
    values = {**answers, "passed": passed}
    code = journey.pack.code
    if journey.draft is not None:
        forms.save_draft(request.COOKIES[COOKIE.format(code=code)], values, step=step, at=now())
        return answer
    token = forms.start_draft(FORM, by=actor(request), at=now(), channel="web", version=journey.version, answers=values)
    answer.set_cookie(
        COOKIE.format(code=code),
        token,
        max_age=forms.DRAFT_DAYS * 86_400,
        path=f"/report/{code}",
        httponly=True,
        samesite="Lax",
        secure=settings.SECURE,
    )
    return answer


def page_name(step: str) -> str:
    return _NAMES.get(step, f"portal:{step}")


def path_of(journey: Journey, step: str) -> str:
    return url(page_name(step), journey.pack.code)


def onward(request: HttpRequest, journey: Journey, step: str) -> HttpResponse:
    """To the next page, or straight back to the answers when one of them was being changed."""
    changing = "change" in request.GET
    if changing and step not in ("where", "round"):
        return redirect(path_of(journey, "check"))
    return redirect(path_of(journey, journey.next_after(step)) + ("?change" if changing else ""))


def draw(
    request: HttpRequest, journey: Journey, step: str, *, problems: dict[str, str] | None = None, **context: Any
) -> HttpResponse:
    """The page of a step. `problems`: field id → sentence; said at the top and beside the field."""
    found = problems or {}
    back = "check" if "change" in request.GET and step != "check" else journey.before(step)
    shown = {
        "journey": journey,
        "pack": journey.pack,
        "back": path_of(journey, back) if back else url("portal:service", journey.pack.code),
        "errors": [{"text": text, "href": f"#{field}"} for field, text in found.items()],
        "problems": found,
        **context,
    }
    return render(request, f"portal/journey/{step}.html", shown, status=422 if found else 200)
