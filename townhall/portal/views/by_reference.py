"""What every page of a report, found by its reference, has in common: no guessing, and a personal link that may have ended."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from townhall.accounts import guessing
from townhall.accounts.web import client_address
from townhall.cases import public as public_cases
from townhall.cases.models import Follower
from townhall.cases.operations import links
from townhall.core.references import parse_reference
from townhall.core.time import now
from townhall.ui.responses import error_page

View = Callable[[HttpRequest, str], HttpResponse]


class NoSuchReport(Http404):
    """A reference that could be one, and is none."""


class LinkHasEnded(Exception):
    """The personal link to this report was ours, and works no longer."""

    def __init__(self, case: public_cases.PublicCase) -> None:
        super().__init__(case.reference)
        self.case = case


def by_reference(view: View) -> View:
    """Make who guesses references wait, though never somebody with a personal link; say how to get a new link when one has ended."""

    @wraps(view)
    def guarded(request: HttpRequest, reference: str) -> HttpResponse:
        address = client_address(request)
        if (seconds := guessing.wait(address)) and not links.is_ours(token_in(request)):
            return wait_page(request, seconds)
        try:
            return view(request, reference)
        except NoSuchReport:
            if seconds := guessing.missed(address, at=now()):
                return wait_page(request, seconds)
            raise
        except LinkHasEnded as error:
            return render(request, "portal/link_ended.html", {"case": error.case}, status=410)

    return guarded


def wait_page(request: HttpRequest, seconds: int) -> HttpResponse:
    return error_page(request, 429, retry_after_seconds=seconds)


def case_or_404(reference: str) -> public_cases.PublicCase:
    known = parse_reference(reference)
    if known is None:
        raise Http404
    case = public_cases.follow_page(known)
    if case is None:
        raise NoSuchReport
    return case


def token_in(request: HttpRequest) -> str:
    """The token of the personal link that was followed, or of the form on its page."""
    given = request.POST.get("me", "") if request.method == "POST" else ""
    return given or request.GET.get("me", "")


def follower_of(
    request: HttpRequest, case: public_cases.PublicCase, *, though_ended: bool = False
) -> tuple[Follower | None, str]:
    """The follower whose personal link this is, with its token, if they follow this case; or nobody.

    Raises LinkHasEnded, unless what is asked may be done by an old link too.
    """
    token = token_in(request)
    found = links.personal(token, case_id=case.id, at=now()) if token else None
    if found is None:
        return None, ""
    if found.has_ended and not though_ended:
        raise LinkHasEnded(case)
    return found.follower, token
