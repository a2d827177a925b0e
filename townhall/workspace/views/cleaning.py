"""Cleaning up an old backlog: choose cases, look at every message, do it, and take it back while there is time."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from townhall.accounts.web import actor
from townhall.cases.models import BulkAction, Case
from townhall.cases.operations import cleaning
from townhall.core.access import staff
from townhall.core.errors import BadInput, NotFound, RuleBroken
from townhall.core.time import now
from townhall.workspace import managing
from townhall.workspace.admin_forms import CleanUpForm
from townhall.workspace.previews import without_token
from townhall.workspace.views.managers import teams_asked
from townhall.workspace.views.shared import add_problems

MAY = "cases.clean_up"
SAMPLES = 20  # messages shown in full; the number of all is said


@staff(may=MAY)
@require_http_methods(["GET", "HEAD", "POST"])
def clean_up(request: HttpRequest) -> HttpResponse:
    by, at = actor(request), now()
    form = CleanUpForm(request.POST if request.method == "POST" else None)
    chosen = request.POST.getlist("case")[: cleaning.MOST_AT_ONCE + 1]
    preview, status = None, 200
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        wanted = cleaning.CleanUp(kind=given["kind"], words=given["words"], outcome_code=given["outcome_code"])
        ids = list(Case.objects.filter(reference__in=chosen).values_list("pk", flat=True))
        try:
            if "go" in request.POST:
                cleaning.clean_up(ids, wanted, by=by, at=at)
                messages.success(request, _("Done. No customer is told until the time to undo is over."))
                return redirect("workspace:clean-up")
            preview = cleaning.preview(ids, wanted, by=by, at=at)
        except BadInput as error:
            add_problems(form, error)
            status = 422
        except RuleBroken as error:
            form.add_error(None, str(error))
            status = 409
    elif form.is_bound:
        status = 422
    context = {
        "form": form,
        "lines": managing.past_referral(at, teams=teams_asked(request, by)),
        "limit": managing.LIMIT,
        "chosen": chosen,
        "preview": preview,
        "samples": SAMPLES,
        "without_token": without_token,
        "undoable": list(BulkAction.objects.filter(undone_at__isnull=True, undo_until__gt=at).order_by("-at")[:20]),
        "at": at,
    }
    return render(request, "workspace/clean_up.html", context, status=status)


@staff(may=MAY)
@require_POST
def undo(request: HttpRequest, action_id: UUID) -> HttpResponse:
    try:
        undone = cleaning.undo(action_id, by=actor(request), at=now())
    except NotFound as error:
        raise Http404 from error
    except RuleBroken as error:
        messages.error(request, str(error))
    else:
        put_back, dropped = undone.put_back, undone.messages_dropped
        is_back = ngettext("Undone: %(num)d case is as it was", "Undone: %(num)d cases are as they were", put_back)
        were = ngettext("%(num)d message was dropped", "%(num)d messages were dropped", dropped)
        messages.success(request, f"{is_back % {'num': put_back}}, {were % {'num': dropped}}.")
        for left in undone.left:
            messages.error(request, f"{left.reference}: {left.reason}")
    return redirect("workspace:clean-up")
