"""A copy of what was just sent, as an accessible PDF, for who has no account.

Nothing in its address opens it: the browser shows that it sent the form, by the cookie that the answers were kept under, and only
for a short while, as the next person at a shared computer has the same browser.
"""

from __future__ import annotations

from datetime import timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from townhall.cases.models import Case
from townhall.cases.public import PublicCase
from townhall.core.access import public
from townhall.core.errors import NotFound
from townhall.core.time import now
from townhall.documents.summaries import summary_of
from townhall.forms import queries as drafts
from townhall.forms.errors import DraftGone
from townhall.portal.views import limits
from townhall.portal.views.forms import languages
from townhall.portal.views.forms.finding import COOKIE
from townhall.ui import paper
from townhall.ui.responses import error_page

LASTS = timedelta(hours=2)  # since it was sent


def copied_form(case: PublicCase) -> str:
    """The form whose copy may be taken by the browser that sent it as this case just now; empty for none."""
    if now() - case.opened_at > LASTS:
        return ""
    try:
        code = drafts.submission(case.id).form_code
    except NotFound:
        return ""
    return "" if "/" in code else code  # "service/CODE" keeps the answers of a report


@public
@never_cache
@require_safe
def summary(request: HttpRequest, code: str) -> HttpResponse:
    """Made while they wait; in large print with `?large`."""
    try:
        draft = drafts.draft(request.COOKIES.get(COOKIE.format(code=code), ""), at=now())
        sent = drafts.submission(draft.result_id) if draft.result_id and not draft.is_test else None
    except (DraftGone, NotFound):
        sent = None
    if sent is None or now() - sent.received_at > LASTS:
        words = _("The copy can be taken for two hours after sending, in the browser that sent the form.")
        return error_page(request, 404, detail=words)
    if wait := limits.held_up(request, limits.PHOTOS):
        return wait
    reference = Case.objects.filter(pk=sent.pk).values_list("reference", flat=True).first()
    if reference is None:
        raise Http404
    wanted = languages.chosen(request, drafts.version_of(code, sent.form_version).form)
    sheet = summary_of(sent, reference=reference, sent_at=sent.received_at, language=wanted)
    try:
        made = paper.as_pdf(sheet, large="large" in request.GET)
    except paper.NoPrinter:
        return error_page(
            request, 503, detail=_("Copies cannot be made at the moment. You can print this page instead.")
        )
    answer = HttpResponse(made, content_type="application/pdf")
    name = slugify(f"{sheet.title[:60]} {reference}")
    answer["Content-Disposition"] = content_disposition_header(True, f"{name}.pdf") or "attachment"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer
