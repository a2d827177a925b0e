"""How a customer wants to hear from us, service by service; and whom no message reached, so that somebody tells them."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from townhall.accounts.web import actor
from townhall.catalogue import queries as catalogue
from townhall.core.access import staff
from townhall.core.errors import NotFound, RuleBroken
from townhall.core.time import now
from townhall.customers import operations as customers
from townhall.customers import queries
from townhall.customers.channel_models import Way
from townhall.customers.models import Customer
from townhall.customers.operations import Ways
from townhall.customers.reasons import CHANGE
from townhall.ledger import operations as ledger
from townhall.notifications import unreached
from townhall.workspace import untold as tasks
from townhall.workspace.queue import post_title, service_name
from townhall.workspace.views.typing_in import chosen, done, errors_of, problems_of, typed

SEE = "customers.see"


@staff(may="customers.change")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def channels(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    by, at = actor(request), now()
    try:
        record = queries.record(customer_id, by=by)
    except NotFound as error:
        raise Http404 from error
    given = typed(request, "service", "first", "second", "general")
    refused, problems = chosen(request, "refused"), {}
    if request.method == "POST":
        try:
            if given["general"]:
                with transaction.atomic():
                    customers.change(customer_id, preferred_channel=given["first"], by=by, at=at)
                    general = Ways(second=given["second"], refused=refused)
                    customers.choose_channels(customer_id, "", general, by=by, at=at)
            else:
                ways = Ways(first=given["first"], second=given["second"], refused=refused)
                if not given["service"]:
                    problems = {"service": _("Select a service")}
                else:
                    customers.choose_channels(customer_id, given["service"], ways, by=by, at=at)
        except RuleBroken as error:
            found = problems_of(error, field="first")
            names = {"preferred_channel": "first"}
            prefix = "general-" if given["general"] else ""
            problems = {f"{prefix}{names.get(name, name)}": words for name, words in found.items()}
        if not problems:
            messages.success(request, _("It holds from now on."))
            return redirect("workspace:customer_channels", customer_id)
    else:
        ledger.looked(by=by, at=at, customer_id=customer_id, page="customer.channels", reason=CHANGE)
    held = customers.channel_choices(customer_id)
    context = {
        "record": record,
        "general": held.pop("", None),
        "choices": sorted(held.values(), key=lambda one: service_name(one.service_code)),
        "services": [(pack.code, pack.name) for pack in catalogue.services()],
        "ways": Way.choices,
        "prefers": Customer.Prefers.choices,
        "labels": dict(Customer.Prefers.choices),
        "service_name": service_name,
        "typed": given,
        "refused": refused,
        "problems": problems,
        "errors": errors_of(problems),
    }
    return render(request, "workspace/writing/channels.html", context, status=422 if problems else 200)


@staff(may=SEE)
@never_cache
@require_safe
def untold(request: HttpRequest) -> HttpResponse:
    """Of one's own posts and teams, the soonest due first; all of them for whoever answers for messages."""
    by, at = actor(request), now()
    found = tasks.open_tasks(by, limit=tasks.MOST)
    if found:
        ledger.looked(by=by, at=at, customer_id=None, page="workspace.untold")
    context = {"tasks": found, "post_title": post_title, "service_name": service_name, "now": at}
    return render(request, "workspace/writing/untold.html", context)


@staff(may="contacts.log")
@require_POST
def told(request: HttpRequest, message_id: UUID) -> HttpResponse:
    by = actor(request)
    if not tasks.is_of(message_id, by):
        raise Http404
    how = typed(request, "how")["how"]
    act = partial(unreached.told, message_id, how=how, by=by, at=now())
    return done(request, act, _("It is written down that they were told."), to="workspace:untold")
