"""On what lawful basis services share what they hold: managers and the data protection officer see it; senior managers record it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from townhall.accounts import directory
from townhall.accounts.permissions import may
from townhall.accounts.web import actor
from townhall.catalogue import queries as catalogue
from townhall.core.access import staff
from townhall.core.errors import NotFound, RuleBroken
from townhall.core.time import now
from townhall.customers import sharing as bases
from townhall.customers.sharing_models import SharingBasis
from townhall.workspace import queue
from townhall.workspace.views.desk import as_uuid
from townhall.workspace.views.typing_in import errors_of, problems_of, typed

NAMES = ("service", "readers", "team", "basis", "why")


@staff(may="sharing.see")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sharing(request: HttpRequest) -> HttpResponse:
    words, problems = typed(request, *NAMES), {}
    besides = request.POST.getlist("besides")[:200]
    by = actor(request)
    if request.method == "POST":
        try:
            bases.record_basis(
                service=words["service"],
                besides=besides,
                readers=words["readers"],
                team_id=as_uuid(words["team"]),
                basis=words["basis"],
                why=words["why"],
                by=by,
                at=now(),
            )
        except RuleBroken as error:
            problems = problems_of(error, field="service")
        else:
            messages.success(request, _("It is recorded, and holds from the next page on."))
            return redirect("workspace:sharing")
    context = {
        "found": bases.recorded(),
        "may_record": may(by, bases.RECORD).allowed,
        "services": [(pack.code, pack.name) for pack in catalogue.services(live_only=False)],
        "service_name": queue.service_name,
        "teams": [(str(team.id), team.name) for team in directory.all_teams()],
        "readers": [(code, bases.readers_words(code)) for code in SharingBasis.Readers.values],
        "kinds": SharingBasis.Basis.choices,
        "typed": words,
        "besides": besides,
        "problems": problems,
        "errors": errors_of(problems),
    }
    return render(request, "workspace/sharing.html", context, status=422 if problems else 200)


@staff(may="sharing.record")
@require_POST
def end(request: HttpRequest, basis_id: UUID) -> HttpResponse:
    try:
        bases.end_basis(basis_id, by=actor(request), at=now())
    except NotFound as error:
        raise Http404 from error
    messages.success(request, _("It holds no longer."))
    return redirect("workspace:sharing")
