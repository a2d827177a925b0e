"""Moving or cancelling the bin collections of a day: bank holidays, snow."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from townhall.accounts.web import actor
from townhall.core.access import staff
from townhall.core.errors import BadInput
from townhall.core.time import council_date, now
from townhall.neighbourhood.intake import move_collections
from townhall.neighbourhood.queries import moved_days
from townhall.workspace.admin_forms import MoveCollectionsForm
from townhall.workspace.views.shared import add_problems


@staff(may="incidents.declare")
@require_http_methods(["GET", "HEAD", "POST"])
def collections(request: HttpRequest) -> HttpResponse:
    """What is moved from today on, and a form for one day more. Whoever asks about their bin reads it at once."""
    at = now()
    today = council_date(at)
    form = MoveCollectionsForm(request.POST if request.method == "POST" else None, today=today)
    if form.is_valid():
        given = form.cleaned_data
        try:
            count = move_collections(given["from_on"], given["to_on"], reason=given["reason"], by=actor(request), at=at)
        except BadInput as error:
            add_problems(form, error)
        else:
            words = (
                ngettext("%(num)d round is moved.", "%(num)d rounds are moved.", count)
                if given["to_on"]
                else ngettext("%(num)d round does not come.", "%(num)d rounds do not come.", count)
            )
            messages.success(request, words % {"num": count})
            return redirect("workspace:collections")
    context = {"form": form, "moved": moved_days(since=today)}
    return render(request, "workspace/collections.html", context, status=422 if form.errors else 200)
