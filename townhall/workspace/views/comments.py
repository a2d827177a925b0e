"""What the public says of applications: read by staff, then published or kept with the application alone."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from townhall.accounts.web import actor
from townhall.core.access import staff
from townhall.core.errors import BadInput, NotFound, RuleBroken
from townhall.core.time import now
from townhall.forms.typed import clean_line
from townhall.neighbourhood import nearby, proposals

MAY = "comments.moderate"


@staff(may=MAY)
@require_safe
def comments(request: HttpRequest) -> HttpResponse:
    """Those that nobody has read, oldest first."""
    return _page(request)


@staff(may=MAY)
@require_POST
def decision(request: HttpRequest, comment_id: UUID) -> HttpResponse:
    """`publish` is yes or no."""
    publish = request.POST.get("publish") == "yes"
    reason = clean_line(request.POST.get("reason", ""))[:500]
    try:
        proposals.read_comment(comment_id, publish=publish, reason=reason, by=actor(request), at=now())
    except NotFound as error:
        raise Http404 from error
    except BadInput as error:
        return _page(request, wrong=comment_id, says=error.problems.get("reason", str(error)), status=422)
    except RuleBroken as error:
        return _page(request, wrong=comment_id, says=str(error.user_message), status=409)
    messages.success(
        request, _("The comment is published.") if publish else _("The comment is kept, and not published.")
    )
    return redirect("workspace:comments")


def _page(request: HttpRequest, *, wrong: UUID | None = None, says: str = "", status: int = 200) -> HttpResponse:
    waiting = nearby.comments_waiting()
    context = {
        "waiting": waiting,
        "wrong": wrong,
        "says": says,
        "errors": [{"text": says, "href": f"#reason-{wrong}"}] if says else [],
    }
    return render(request, "workspace/comments.html", context, status=status)
