"""What is already reported nearby: follow one of them instead of reporting it again."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from townhall.accounts.web import actor
from townhall.cases import operations as cases
from townhall.cases.models import Case
from townhall.catalogue import queries as catalogue
from townhall.core.access import public
from townhall.core.errors import BadInput, NotFound, RuleBroken
from townhall.core.references import parse_reference
from townhall.core.time import now
from townhall.forms.typed import clean_line
from townhall.neighbourhood.models import Incident
from townhall.notifications.recipients import Recipient
from townhall.portal.cards import Card, cards, pins
from townhall.portal.journey import Journey
from townhall.portal.views import limits
from townhall.portal.views.steps import draw, forget_draft, journey_page, onward, path_of
from townhall.street.known import known_here
from townhall.ui.map_view import read_point


@journey_page
def nearby(request: HttpRequest, journey: Journey) -> HttpResponse:
    """Nothing near: straight on."""
    place = journey.place
    if place is None:
        return redirect(path_of(journey, "where"))
    incidents = known_here(journey.pack.code, place=place, at=now())
    found = cards(journey.pack, place, answers=journey.details)
    if not found and not incidents:
        return onward(request, journey, "nearby")
    return _draw(request, journey, found, incidents)


def again(request: HttpRequest, journey: Journey, *, wrong: str, email: str, says: str) -> HttpResponse:
    """The same page, saying what is wrong with one of its forms: of a report by its reference, of an incident by its id."""
    place = journey.place
    assert place is not None
    incidents = known_here(journey.pack.code, place=place, at=now())
    found = cards(journey.pack, place, answers=journey.details)
    return _draw(request, journey, found, incidents, wrong=wrong, email=email, says=says)


def _draw(
    request: HttpRequest,
    journey: Journey,
    found: list[Card],
    incidents: list[Incident],
    *,
    wrong: str = "",
    email: str = "",
    says: str = "",
) -> HttpResponse:
    changing = "change" in request.GET
    return draw(
        request,
        journey,
        "nearby",
        found=found,
        incidents=incidents,
        next=path_of(journey, "check" if changing else "details"),
        wrong=wrong,
        email=email or journey.recipient.email,
        problems={f"email-{wrong}": says} if wrong else {},
    )


@journey_page
def follow_instead(request: HttpRequest, journey: Journey, reference: str) -> HttpResponse:
    """Following ends this journey: the draft is let go. The personal link goes to the address that was typed, not to who typed it."""
    if request.method != "POST" or journey.place is None:
        return redirect(path_of(journey, "nearby"))
    known = parse_reference(reference)
    case = Case.objects.filter(reference=known, is_public=True).only("id", "reference").first() if known else None
    if case is None:
        raise Http404
    email = clean_line(request.POST.get("email", ""))[:300]
    if wait := limits.held_up(request, limits.FOLLOWS) or limits.mailbox_full(request, email):
        return wait
    try:
        cases.follow(case.pk, Recipient(email=email), by=actor(request), at=now())
    except RuleBroken as error:
        says = error.problems["email"] if isinstance(error, BadInput) else str(error)
        return again(request, journey, wrong=case.reference, email=email, says=says)
    answer = redirect(reverse("portal:follow_page", args=[case.reference]) + "?said=following")
    forget_draft(answer, journey.pack.code)
    return answer


@public
@require_safe
def nearby_pins(request: HttpRequest, code: str) -> HttpResponse:
    """For the map: {"reports": […]} near ?lat=&lng=."""
    try:
        pack = catalogue.service(code)
    except NotFound as error:
        raise Http404 from error
    point = read_point(request.GET.get("lat", ""), request.GET.get("lng", ""))
    answer = JsonResponse({"reports": pins(pack, point)}, status=200 if point else 400)
    answer["Cache-Control"] = "public, max-age=30"
    return answer
