"""Who sees and does what, for everybody who works here to read; and at which site each post works, for administrators."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from townhall.accounts import operations, sites
from townhall.accounts.models import Post, Role
from townhall.accounts.permissions import may
from townhall.accounts.web import actor
from townhall.core.access import staff
from townhall.core.errors import NotFound, RuleBroken
from townhall.core.time import now
from townhall.workspace import access_table
from townhall.workspace.views.typing_in import problems_of, typed

MAY = "people.administer"


@staff(may="tasks.own")
@never_cache
@require_safe
def table(request: HttpRequest) -> HttpResponse:
    by = actor(request)
    role = request.GET.get("role", "")
    role = role if role in Role.values else ""
    context = {
        "table": access_table.decided(by, role=role),
        "role": role,
        "roles": [("", _("Every role")), *sorted(Role.choices, key=lambda one: str(one[1]))],
        "may_change": may(by, MAY).allowed,
        "may_train": may(by, "training.see").allowed,
    }
    return render(request, "workspace/access.html", context)


@staff(may=MAY)
@never_cache
@require_safe
def posts(request: HttpRequest) -> HttpResponse:
    rows = (
        Post.objects.filter(is_active=True, team__is_active=True).select_related("team").order_by("team__name", "title")
    )
    context = {
        "posts": [(row, Role(row.role).label) for row in rows],
        "choices": [("", _("Every site")), *sites.names().items()],
        "narrowed": [one.what for one in sites.NARROWED.values()],
    }
    return render(request, "workspace/posts.html", context)


@staff(may=MAY)
@require_POST
def site(request: HttpRequest, post_id: UUID) -> HttpResponse:
    try:
        operations.set_site(post_id, typed(request, "site")["site"], by=actor(request), at=now())
    except NotFound as error:
        raise Http404 from error
    except RuleBroken as error:
        messages.error(request, " ".join(problems_of(error).values()))
    else:
        messages.success(request, _("It is set, and holds at once for whoever holds the post."))
    return redirect("workspace:posts")
