"""A partner's own queue: for its own people, who see nothing else, and for those of ours who are named for it."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from townhall.accounts.permissions import may
from townhall.accounts.web import actor
from townhall.core.access import staff
from townhall.core.errors import BadInput, NotAllowed, NotFound, RuleBroken
from townhall.core.time import now
from townhall.ledger import operations as ledger
from townhall.partners import bodies, logging, passing, queries
from townhall.partners.models import Passed
from townhall.partners.states import OPEN_PASSED, PassedState
from townhall.workspace.views.typing_in import errors_of, typed

WHY_NOT = "why-not"  # the box of what goes back to the council


@staff(may="partner.queue")
@never_cache
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """What was passed to them and what people left for them, the oldest first; nothing for whoever is named for no queue."""
    by = actor(request)
    rows, left = queries.queue(by), queries.left(by)
    if rows or left:
        ledger.looked(by=by, at=now(), customer_id=None, page="partner.queue", reason="consent")
    context = {
        "rows": rows,
        "left": left,
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
    return _page(request, passed_id)


def _page(
    request: HttpRequest,
    passed_id: UUID,
    *,
    problems: dict[str, str] | None = None,
    given: dict[str, str] | None = None,
) -> HttpResponse:
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
        "typed": {"outcome": "", "words": "", WHY_NOT: ""} | (given or {}),
        "problems": problems or {},
        "errors": errors_of(problems or {}),
    }
    return render(request, "workspace/partners/referral.html", context, status=422 if problems else 200)


@staff(may="partner.queue")
@require_POST
def move(request: HttpRequest, passed_id: UUID, move: str) -> HttpResponse:
    """A receipt, an outcome, or back to the council."""
    by, at = actor(request), now()
    given = typed(request, "outcome", "words")
    acts: dict[str, tuple[Callable[[], object], str]] = {
        "receive": (lambda: passing.receive(passed_id, by=by, at=at), _("The council knows that you have it.")),
        "finish": (lambda: passing.finish(passed_id, **given, by=by, at=at), _("The council knows what came of it.")),
        "return": (
            lambda: passing.send_back(passed_id, words=given["words"], by=by, at=at),
            _("It is back with the council."),
        ),
    }
    if move not in acts:
        raise Http404
    act, words = acts[move]
    try:
        act()
    except NotFound as error:
        raise Http404 from error
    except BadInput as error:
        if move == "return":
            return _page(request, passed_id, problems={WHY_NOT: str(error)}, given={WHY_NOT: given["words"]})
        return _page(request, passed_id, problems=error.problems, given=given)
    except RuleBroken as error:
        messages.error(request, str(error.user_message))
    else:
        messages.success(request, words)
    return redirect("workspace:partner_referral", passed_id)


@staff(may="partner.queue")
@require_POST
def dealt(request: HttpRequest, row_id: UUID) -> HttpResponse:
    by = actor(request)
    try:
        logging.dealt(row_id, by=by, at=now())
    except (NotFound, NotAllowed) as error:
        raise Http404 from error
    except RuleBroken as error:
        messages.error(request, str(error.user_message))
    else:
        messages.success(request, _("It is off the queue, and stays counted."))
    return redirect("workspace:partner_queue")
