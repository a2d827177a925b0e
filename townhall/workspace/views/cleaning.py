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
from townhall.cases.access import cases_visible_to
from townhall.cases.models import BulkAction
from townhall.cases.operations import cleaning
from townhall.core.access import staff
from townhall.core.errors import BadInput, NotFound, RuleBroken
from townhall.core.time import now
from townhall.workspace import managing
from townhall.workspace.admin_forms import CleanUpForm, update_words
from townhall.workspace.previews import without_token
from townhall.workspace.views.managers import teams_asked
from townhall.workspace.views.shared import add_problems

MAY = "cases.clean_up"
SAMPLES = 20  # messages shown in full; the number of all is said


@staff(may=MAY)
@require_http_methods(["GET", "HEAD", "POST"])
def clean_up(request: HttpRequest) -> HttpResponse:
    """Choose the cases and what to do; then the outcomes that they share, the words, and every message before it is sent."""
    by, at = actor(request), now()
    chosen = request.POST.getlist("case")[: cleaning.MOST_AT_ONCE + 1]
    found = list(cases_visible_to(by).filter(reference__in=chosen).values_list("pk", "service_code"))
    outcomes = cleaning.shared_outcomes([service for _id, service in found])
    form = CleanUpForm(request.POST if request.method == "POST" else None, outcomes=outcomes)
    preview, status = None, 422 if form.errors else 200
    if form.is_bound and not found:
        form.add_error(None, _("Select at least one case"))
        status = 422
    elif form.is_bound and form.is_valid() and "choose" not in request.POST:
        given = form.cleaned_data
        wanted = cleaning.CleanUp(kind=given["kind"], words=given["words"], outcome_code=given["outcome_code"])
        ids = [case_id for case_id, _service in found]
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
    context = {
        "form": form,
        "is_chosen": bool(found) and not form["kind"].errors,
        "kind": form.data.get("kind", ""),
        "outcomes": outcomes,
        "told": [(update_words(update), channel, count) for (update, channel), count in preview.told.items()]
        if preview
        else [],
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
