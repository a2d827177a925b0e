"""Messages that could not be delivered: why, and sending them again."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from townhall.accounts.permissions import may
from townhall.accounts.web import actor
from townhall.core.access import staff
from townhall.core.time import now
from townhall.ledger import operations as ledger
from townhall.workspace import queue, undelivered
from townhall.workspace.views.desk import as_uuid

MAY = "messages.resend"


@staff(may=MAY)
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    by, at = actor(request), now()
    page = undelivered.undelivered(by=by, after=request.GET.get("after", ""))
    if page.rows:
        ledger.looked(by=by, at=at, customer_id=None, page="workspace.undelivered")
    context = {
        "page": page,
        "sees_customer": may(by, "customers.see").allowed,
        "sees_cases": may(by, "cases.see").allowed,
        "everything": undelivered.sees_everything(by),
        "service_name": queue.service_name,
    }
    return render(request, "workspace/undelivered.html", context)


@staff(may=MAY)
@require_POST
def again(request: HttpRequest) -> HttpResponse:
    chosen = [one for text in request.POST.getlist("message")[: undelivered.SIZE] if (one := as_uuid(text)) is not None]
    tried = undelivered.send_again(chosen, by=actor(request), at=now()) if chosen else 0
    if tried:
        words = ngettext("%(count)d message is sent again.", "%(count)d messages are sent again.", tried)
        messages.success(request, words % {"count": tried})
    else:
        messages.error(request, _("Select at least one message that could not be delivered."))
    return redirect("workspace:undelivered")
