"""How mail is routed: how well it goes, the rules, and the versions of what was learnt."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from townhall.accounts.web import actor
from townhall.catalogue import queries as catalogue
from townhall.contacts import queries as contacts
from townhall.core.access import staff
from townhall.core.errors import BadInput, NotFound
from townhall.core.time import now
from townhall.mailroom import figures, operations, queries
from townhall.mailroom.models import RoutingRule, RoutingVersion, Urgency
from townhall.mailroom.operations import NewRule
from townhall.mailroom.operations.routing import MANAGE
from townhall.mailroom.routing import teaching
from townhall.workspace.queue import service_name
from townhall.workspace.views.desk import as_uuid
from townhall.workspace.views.typing_in import errors_of, typed

SHOWN = 10  # versions
MONTH = timedelta(days=30)


@staff(may=MANAGE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """The figures of the last thirty days, rules and versions; a rule is added here. `compare`: versions side by side."""
    by, at = actor(request), now()
    given: dict[str, str] = {}
    problems: dict[str, str] = {}
    if request.method == "POST":
        given = typed(request, "words", "where", "mailbox", "service", "reason", "urgency")
        try:
            operations.add_rule(_new(given), by=by, at=at)
        except BadInput as error:
            problems = error.problems
        else:
            messages.success(request, _("The rule decides from the next mail on."))
            return redirect("workspace:mail_routing")
    versions = list(RoutingVersion.objects.defer("service", "reason", "urgency").order_by("-number")[:SHOWN])
    compared = teaching.compare([one.number for one in versions[:3]]) if "compare" in request.GET else {}
    rules = RoutingRule.objects.filter(is_active=True).select_related("mailbox").order_by("place")
    context = {
        "month": figures.routing(since=at - MONTH, until=at, by=by),
        "rules": [(one, service_name(one.service_code) if one.service_code else "") for one in rules],
        "versions": versions,
        "compared": compared,
        "is_compared": "compare" in request.GET,
        "all_reasons": contacts.words().all_reasons,
        "services": [("", _("Any")), *((one.code, one.name) for one in catalogue.services())],
        "reasons": [("", _("Any")), *contacts.words().reasons.items()],
        "urgencies": [("", _("Any")), *Urgency.choices],
        "wheres": RoutingRule.Where.choices,
        "boxes": [("", _("Every mailbox")), *((str(one.id), one.address) for one in queries.boxes(by=by, at=at))],
        "typed": given,
        "problems": problems,
        "errors": errors_of(problems),
    }
    return render(request, "workspace/mail/routing.html", context, status=422 if problems else 200)


def _new(given: dict[str, str]) -> NewRule:
    return NewRule(
        words=given["words"],
        where=given["where"],
        mailbox_id=as_uuid(given["mailbox"]),
        service=given["service"],
        reason=given["reason"],
        urgency=given["urgency"],
    )


@staff(may=MANAGE)
@require_POST
def end_rule(request: HttpRequest, rule_id: UUID) -> HttpResponse:
    try:
        operations.end_rule(rule_id, by=actor(request), at=now())
    except NotFound as error:
        raise Http404 from error
    return redirect("workspace:mail_routing")


@staff(may=MANAGE)
@require_POST
def learn(request: HttpRequest) -> HttpResponse:
    version = operations.learn(by=actor(request), at=now())
    if version is None:
        messages.error(request, _("There is nothing to learn from yet."))
    elif version.is_active:
        messages.success(request, _("Version %(number)d was learnt, and is in use.") % {"number": version.number})
    else:
        messages.success(
            request,
            _("Version %(number)d was learnt. It does worse than the one in use, which stays.")
            % {"number": version.number},
        )
    return redirect("workspace:mail_routing")


@staff(may=MANAGE)
@require_POST
def use(request: HttpRequest, number: int) -> HttpResponse:
    try:
        operations.use_version(number, by=actor(request), at=now())
    except NotFound as error:
        raise Http404 from error
    messages.success(request, _("Version %(number)d is in use.") % {"number": number})
    return redirect("workspace:mail_routing")
