"""What the council tells everybody: articles, who else deals with what, saying that something is wrong; scripts by a secret link."""

from __future__ import annotations

from uuid import UUID

from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from townhall.accounts.web import actor
from townhall.catalogue import queries as catalogue
from townhall.core.access import public
from townhall.core.errors import NotFound, RuleBroken
from townhall.core.time import council_date, now
from townhall.documents import prints
from townhall.forms.typed import clean_line, clean_text
from townhall.knowledge import handouts, leaflets, queries, referrals, search, tasks
from townhall.knowledge.handouts import Shown
from townhall.knowledge.models import Task
from townhall.portal.views import limits
from townhall.portal.views.account.drawing import problems_of
from townhall.ui import paper
from townhall.ui.paper import Sheet

FLAGS = limits.REPORTS


@public
@require_safe
def article(request: HttpRequest, code: str) -> HttpResponse:
    try:
        found = queries.public_article(code)
    except NotFound as error:
        raise Http404 from error
    services = [pack for pack in catalogue.services() if pack.code in found.service_codes]
    return render(request, "portal/help/article.html", {"article": found, "services": services})


@public
@require_safe
def elsewhere(request: HttpRequest) -> HttpResponse:
    """Everybody outside the council's own services that we send people to, those who can be reached now first."""
    return render(request, "portal/help/elsewhere.html", {"lines": referrals.shown(referrals.every(), at=now())})


@public
@require_safe
def leaflet_list(request: HttpRequest) -> HttpResponse:
    """The leaflets and posters that hold, with their files."""
    return render(request, "portal/help/leaflets.html", {"leaflets": leaflets.every()})


@public
@require_safe
def leaflet_file(request: HttpRequest, row_id: UUID) -> HttpResponse:
    """The file of the version that holds."""
    found = leaflets.current_file(row_id)
    if found is None:
        raise Http404
    try:
        with default_storage.open(found.storage_name) as kept:
            answer = HttpResponse(kept.read(), content_type=found.content_type)
    except FileNotFoundError as error:
        raise Http404 from error
    answer["Content-Disposition"] = "inline"
    answer["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def flag(request: HttpRequest) -> HttpResponse:
    """Say that something we publish is unclear or wrong."""
    asked = request.POST if request.method == "POST" else request.GET
    kind, key = clean_line(asked.get("kind", ""))[:30], clean_line(asked.get("key", ""))[:100]
    try:
        about = search.listed(kind, key)
    except NotFound as error:
        raise Http404 from error
    if not about.is_public:
        raise Http404
    typed = {"why": clean_line(request.POST.get("why", "")), "words": clean_text(request.POST.get("words", ""))[:1_100]}
    problems: dict[str, str] = {}
    if request.method == "POST":
        if held := limits.held_up(request, FLAGS):
            return held
        try:
            tasks.flag(kind, key, by=actor(request), at=now(), **typed)
        except RuleBroken as error:
            problems = problems_of(error, field="words")
        else:
            return render(request, "portal/help/flagged.html", {"about": about})
    context = {
        "about": about,
        "kind": kind,
        "key": key,
        "typed": typed,
        "problems": problems,
        "errors": [{"text": text, "href": f"#{name}"} for name, text in problems.items()],
        "whys": [(one.value, one.label) for one in (Task.Why.UNCLEAR, Task.Why.WRONG)],
    }
    return render(request, "portal/help/flag.html", context, status=422 if problems else 200)


def _shown(token: str) -> Shown:
    try:
        return handouts.shown(token, at=now())
    except NotFound as error:
        raise Http404 from error


@public
@never_cache
@require_safe
def answering(request: HttpRequest, token: str) -> HttpResponse:
    """A script as an outside answering service reads it; it can be printed as it is."""
    answer = render(request, "portal/help/answering.html", {"found": _shown(token), "token": token})
    answer["X-Robots-Tag"] = "noindex"
    answer["Referrer-Policy"] = "no-referrer"
    return answer


@public
@never_cache
@require_safe
def answering_data(request: HttpRequest, token: str) -> HttpResponse:
    """The same for their own software."""
    answer = JsonResponse(dict(handouts.as_data(_shown(token))))
    answer["X-Robots-Tag"] = "noindex"
    return answer


@public
@never_cache
@require_safe
def answering_paper(request: HttpRequest, token: str) -> HttpResponse:
    """The same on paper."""
    found = _shown(token)
    if not paper.can_print():
        raise Http404
    body = render_to_string("knowledge/script_paper.html", {"found": found})
    reference = _("Version %(number)s") % {"number": found.version}
    sheet = Sheet(title=found.title, body=body, on=council_date(found.changed_at), reference=reference)
    content = paper.as_pdf(sheet)
    prints.note(
        service_code=found.service, what="script", pages=content.count(b"/Type /Page\n"), on=council_date(now())
    )
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = 'attachment; filename="script.pdf"'
    answer["X-Robots-Tag"] = "noindex"
    return answer
