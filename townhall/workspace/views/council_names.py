"""What the council calls its operation and its outlets, since when, and whether the channels that are live earn a wider name."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from townhall.accounts.permissions import may
from townhall.accounts.web import actor
from townhall.catalogue import names as kept
from townhall.core.access import staff
from townhall.core.errors import RuleBroken
from townhall.core.time import now
from townhall.knowledge.models import Task
from townhall.ui import naming
from townhall.ui.naming import OPERATION, OUTLET, OUTLETS
from townhall.workspace import channels_live
from townhall.workspace.channels_live import Live
from townhall.workspace.views.typing_in import chosen, errors_of, problems_of, typed


def _said(code: str, words: str, found: list[Live]) -> str:
    """What a name was or is, in words: channels by their names."""
    if code != kept.NEEDS:
        return words
    names = {one.code: one.name for one in found}
    return ", ".join(names.get(one, one) for one in words.split())


@staff(may="names.see")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def names(request: HttpRequest) -> HttpResponse:
    """Read by everybody on the staff; posting changes them from now on, on every screen, letter and report."""
    by, at = actor(request), now()
    given = {code: naming.name(code) for code in (OPERATION, OUTLET, OUTLETS)}
    given |= {"wider": kept.chosen().get(kept.WIDER, ""), "why": ""}
    needed, problems = list(kept.needed()), {}
    if request.method == "POST":
        given = typed(request, *given)
        known = {one.code for one in channels_live.checklist(at=at)}
        needed = [code for code in chosen(request, "needs") if code in known]
        try:
            words = {code: given[code] for code in (OPERATION, OUTLET, OUTLETS, kept.WIDER)}
            changed = kept.change(words | {kept.NEEDS: " ".join(needed)}, why=given["why"], by=by, at=at)
        except RuleBroken as error:
            problems = problems_of(error)
        else:
            messages.success(request, _("The names hold from now on.") if changed else _("Nothing was changed."))
            return redirect("workspace:names")
    found = channels_live.checklist(at=at)
    wider = kept.chosen().get(kept.WIDER, "")
    context = {
        "typed": given,
        "problems": problems,
        "errors": errors_of(problems),
        "may_change": may(by, kept.MAY).allowed,
        "history": [
            (row, _said(row.code, row.was, found), _said(row.code, row.words, found)) for row in kept.history()
        ],
        "titles": {
            OPERATION: _("The operation"),
            OUTLET: _("One outlet"),
            OUTLETS: _("Several outlets"),
            kept.WIDER: _("The wider name"),
            kept.NEEDS: _("The channels that earn it"),
        },
        "found": found,
        "needed": needed,
        "channels": [(one.code, one.name) for one in found],
        "wider": wider,
        "is_used": bool(wider) and naming.name(OPERATION) == wider,
        "is_earned": channels_live.is_earned(found),
        "task": Task.objects.filter(about_kind=channels_live.ABOUT, about_key=wider).first() if wider else None,
    }
    return render(request, "workspace/names.html", context, status=422 if problems else 200)
