"""Being told by email of what the council announces at a place: asking for it, and stopping it."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from townhall.accounts.web import actor
from townhall.cases.models import Case
from townhall.core.access import public
from townhall.core.errors import BadInput, NotFound, RuleBroken
from townhall.core.time import now
from townhall.forms.typed import clean_line
from townhall.neighbourhood import operations as neighbourhood
from townhall.neighbourhood.models import Subscription
from townhall.neighbourhood.queries import place_words
from townhall.notifications.recipients import Recipient
from townhall.portal.journey import Journey
from townhall.portal.views import limits, nearby
from townhall.portal.views.by_reference import by_reference, case_or_404, follower_of
from townhall.portal.views.ending import ending_page
from townhall.portal.views.steps import draw, forget_draft, journey_page, path_of
from townhall.street.known import mean_incident


@journey_page
def known(request: HttpRequest, journey: Journey, incident_id: UUID) -> HttpResponse:
    """ "This is what I mean: tell me when it is over". Ends this journey: nothing has to be reported."""
    if request.method != "POST" or journey.place is None or journey.draft is None:
        return redirect(path_of(journey, "nearby"))
    email = _email(request)
    if wait := limits.held_up(request, limits.FOLLOWS) or limits.mailbox_full(request, email):
        return wait
    try:
        mean_incident(
            incident_id,
            service_code=journey.pack.code,
            place=journey.place,
            who=Recipient(email=email),
            channel="web",
            key=str(journey.draft.pk),
            by=actor(request),
            at=now(),
        )
    except RuleBroken as error:
        says = error.problems.get("email", str(error)) if isinstance(error, BadInput) else str(error)
        return nearby.again(request, journey, wrong=str(incident_id), email=email, says=says)
    return _told(journey)


@journey_page
def tell_me(request: HttpRequest, journey: Journey) -> HttpResponse:
    """Be told of what is announced of this service at the address that was given."""
    place = journey.place
    if place is None or not place.uprn:
        return redirect(path_of(journey, "where"))
    email, problems = "", {}
    if request.method == "POST":
        email = _email(request)
        if wait := limits.held_up(request, limits.FOLLOWS) or limits.mailbox_full(request, email):
            return wait
        try:
            neighbourhood.subscribe(
                Recipient(email=email),
                scope="address",
                scope_code=place.uprn,
                service_code=journey.pack.code,
                by=actor(request),
                at=now(),
            )
        except BadInput as error:
            problems = error.problems
        else:
            return _told(journey)
    return draw(request, journey, "tell_me", problems=problems, place=place, email=email or journey.recipient.email)


def _email(request: HttpRequest) -> str:
    return clean_line(request.POST.get("email", ""))[:300]


def _told(journey: Journey) -> HttpResponse:
    answer = redirect("portal:subscribed")
    forget_draft(answer, journey.pack.code)
    return answer


@public
@require_POST
@by_reference
def from_report(request: HttpRequest, reference: str) -> HttpResponse:
    """Somebody who follows a report asks to be told of what is announced on its street."""
    case = case_or_404(reference)
    me, _token = follower_of(request, case)
    usrn = Case.objects.values_list("usrn", flat=True).get(pk=case.id)
    if me is None or not usrn:
        raise Http404
    who = Recipient(name=me.name, email=me.email, customer_id=me.customer_id)
    try:
        neighbourhood.subscribe(who, scope="street", scope_code=usrn, by=actor(request), at=now())
    except RuleBroken as error:
        raise Http404 from error  # no address to write to, or a street that is gone: the button was not shown
    return redirect("portal:subscribed")


@public
@require_safe
def subscribed(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/subscribed.html")


@public
@never_cache
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def subscription(request: HttpRequest, token: str) -> HttpResponse:
    """What a mail's link leads to. A mail program's own button (RFC 8058) posts here, and brings only the link."""
    found = neighbourhood.subscription_in(token)
    row = Subscription.objects.filter(pk=found).first() if found else None
    if row is None:
        raise Http404
    if request.method == "POST":
        try:
            neighbourhood.unsubscribe(row.pk, by=actor(request), at=now())
        except NotFound as error:
            raise Http404 from error
    stopped = request.method == "POST" or row.ended_at is not None
    place = {"place": place_words(row.scope, row.scope_code)}
    still = _("If you follow a report, you still hear about that report.")
    return ending_page(
        request,
        title=_("You are told no more about %(place)s") % place
        if stopped
        else _("Stop messages about %(place)s?") % place,
        words=still if stopped else _("You asked us to email you when we announce something there."),
        question=_("Stop these messages"),
        is_over=stopped,
    )
