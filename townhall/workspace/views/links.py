"""Links that were found wrong, on our pages and in outside listings; looking at one again."""

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
from townhall.core.time import now
from townhall.knowledge import corrections, links
from townhall.knowledge.models import Link
from townhall.knowledge.permissions import SEE, WRITE
from townhall.registers import queries
from townhall.workspace.views.typing_in import done

MOST = 100


@staff(may=SEE)
@never_cache
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    field = None
    if corrections.REGISTER in queries.definitions():
        field = queries.definition_of(corrections.REGISTER).field("fault")
    rows = Link.objects.exclude(fault="").prefetch_related("places").order_by("checked_at", "id")[:MOST]
    context = {
        "rows": [(row, field.label_of(row.fault) if field else row.fault) for row in rows],
        "watched": Link.objects.filter(next_at__isnull=False).count(),
        "may_write": may(actor(request), WRITE).allowed,
        "may_registers": may(actor(request), "registers.see").allowed,
    }
    return render(request, "workspace/knowledge/links.html", context)


@staff(may=WRITE)
@require_POST
def again(request: HttpRequest, link_id: UUID) -> HttpResponse:
    if not Link.objects.filter(pk=link_id).exists():
        raise Http404
    act = lambda: links.check_again(link_id, at=now())  # noqa: E731
    return done(request, act, _("It is looked at again in a moment."), to="workspace:links")
