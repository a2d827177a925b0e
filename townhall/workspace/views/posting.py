"""Letters that the council prints and posts itself: the queue, each as its PDF, and who printed and posted it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from townhall.accounts.web import actor
from townhall.core.access import staff
from townhall.core.errors import NotFound, RuleBroken
from townhall.core.time import now
from townhall.ledger import operations as ledger
from townhall.notifications import letters, posting
from townhall.ui import paper
from townhall.workspace.views.desk import as_uuid
from townhall.workspace.views.pdf_answers import as_pdf_answer

SIZE = 50


@staff(may=posting.POST)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def queue(request: HttpRequest) -> HttpResponse:
    by, at = actor(request), now()
    if request.method == "POST":
        ids = [one for text in request.POST.getlist("letter")[:SIZE] if (one := as_uuid(text)) is not None]
        step = request.POST.get("step", "")
        try:
            count = posting.mark(ids, step, by=by, at=at)
        except RuleBroken as error:
            messages.error(request, str(error.user_message))
        else:
            said = (
                ngettext("%(count)d letter was posted.", "%(count)d letters were posted.", count)
                if step == "posted"
                else ngettext("%(count)d letter was printed.", "%(count)d letters were printed.", count)
            )
            messages.success(request, said % {"count": count})
        return redirect("workspace:letters_to_post")
    found = list(posting.waiting()[: SIZE + 1])
    if found:
        ledger.looked(by=by, at=at, customer_id=None, page="workspace.letters")
    context = {"letters": found[:SIZE], "has_more": len(found) > SIZE, "can_print": paper.can_print()}
    return render(request, "workspace/writing/post.html", context)


@staff(may=posting.POST)
@never_cache
@require_safe
def pdf(request: HttpRequest, message_id: UUID) -> HttpResponse:
    try:
        message = posting.letter(message_id)
    except NotFound as error:
        raise Http404 from error
    ledger.looked(by=actor(request), at=now(), customer_id=message.customer_id, page="workspace.letter", reason="print")
    if not paper.can_print():
        raise Http404
    return as_pdf_answer(letters.pdf_of(message))
