"""A partner's own queue: for its own people, who see nothing else, and for those of ours who are named for it."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from townhall.accounts.permissions import may
from townhall.accounts.web import actor
from townhall.core.access import staff
from townhall.core.errors import NotAllowed, NotFound
from townhall.core.time import now
from townhall.partners import bodies, logging, passing, queries
from townhall.partners.models import Passed
from townhall.partners.states import OPEN_PASSED, PassedState
from townhall.workspace.views.typing_in import done, typed


@staff(may="partner.queue")
@never_cache
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """What was passed to them and what people left for them, the oldest first; nothing for whoever is named for no queue."""
    by = actor(request)
    context = {
        "rows": queries.queue(by),
        "left": queries.left(by),
        "partners": queries.mine(by),
        "is_ours": _is_ours(request),
    }
    return render(request, "workspace/partners/queue.html", context)


def _is_ours(request: HttpRequest) -> bool:
    return may(actor(request), bodies.SEE).allowed


@staff(may="partner.queue")
@never_cache
@require_safe
def one(request: HttpRequest, passed_id: UUID) -> HttpResponse:
    """One referral: what is needed, and of the customer what they agreed to."""
    by = actor(request)
    try:
        found, told = queries.read(passed_id, by=by, at=now())
    except NotFound as error:
        raise Http404 from error
    is_open = found.state in OPEN_PASSED
    context = {
        "passed": found,
        "told": told,
        "is_open": is_open and bool(told.name),
        "is_stopped": found.state == PassedState.STOPPED or (is_open and not told.name),
        "is_sent": found.state == PassedState.SENT,
        "outcomes": [("", _("Select what came of it")), *Passed.Outcome.choices],
    }
    return render(request, "workspace/partners/referral.html", context)


@staff(may="partner.queue")
@require_POST
def move(request: HttpRequest, passed_id: UUID, move: str) -> HttpResponse:
    """A receipt, an outcome, or back to the council."""
    by, at = actor(request), now()
    given = typed(request, "outcome", "words")
    acts = {
        "receive": (lambda: passing.receive(passed_id, by=by, at=at), _("The council knows that you have it.")),
        "finish": (lambda: passing.finish(passed_id, **given, by=by, at=at), _("The council knows what came of it.")),
        "return": (
            lambda: passing.send_back(passed_id, words=given["words"], by=by, at=at),
            _("It is back with the council."),
        ),
    }
    if move not in acts:
        raise Http404
    try:
        return done(request, acts[move][0], acts[move][1], to="workspace:partner_referral", arguments=[passed_id])
    except NotFound as error:
        raise Http404 from error


@staff(may="partner.queue")
@require_POST
def dealt(request: HttpRequest, row_id: UUID) -> HttpResponse:
    by = actor(request)
    try:
        logging.dealt(row_id, by=by, at=now())
    except (NotFound, NotAllowed) as error:
        raise Http404 from error
    return done(request, lambda: None, _("It is off the queue, and stays counted."), to="workspace:partner_queue")
