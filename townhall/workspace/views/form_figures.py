"""How a form goes, page by page; and the register of forms by volume, with how far each runs without anybody typing it again."""

from __future__ import annotations

from datetime import timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from townhall.accounts.permissions import may
from townhall.accounts.web import actor
from townhall.catalogue import queries as catalogue
from townhall.catalogue.pack import ServicePack
from townhall.core.access import staff
from townhall.core.errors import NotFound
from townhall.core.time import council_date, now
from townhall.forms import figures, queries
from townhall.insight import savings
from townhall.workspace.bars import bars

SINCE = timedelta(days=90)
YEAR = timedelta(days=365)


@staff(may="figures.see")
@never_cache
@require_safe
def figures_of(request: HttpRequest, code: str) -> HttpResponse:
    """The last 90 days, page by page, and what it saved in them."""
    try:
        version = queries.versions(code)[0]
    except NotFound as error:
        raise Http404 from error
    at = now()
    found = figures.figures(code, since=council_date(at) - SINCE, at=at)
    pages = [
        (page.code, page.title or (page.questions[0].label if page.questions else page.code))
        for page in version.form.pages
    ]
    lines = [(title, found.pages[page]) for page, title in pages if page in found.pages]
    saved = savings.report(since=council_date(at) - SINCE, form_code=code)
    picture = bars(
        [(str(number), sums.left) for number, (_title, sums) in enumerate(lines, 1)], label=_("Given up, by page")
    )
    context = {
        "version": version,
        "found": found,
        "lines": lines,
        "picture": picture,
        "saved": saved.total,
        "by_month": [(month.strftime("%B %Y"), one) for month, one in sorted(saved.by_month.items())],
        "unknown": bool(saved.unknown),
        "sees_website": bool(may(actor(request), "website.see")),
        "days": SINCE.days,
    }
    return render(request, "workspace/forms/figures.html", context)


@staff(may="figures.see")
@never_cache
@require_safe
def register(request: HttpRequest) -> HttpResponse:
    """Forms by volume over a year. What goes nowhere by itself is typed again by somebody."""
    packs = {pack.form: pack for pack in catalogue.services() if pack.form}
    volumes = figures.volumes(since=now() - YEAR)
    rows = [(one, packs.get(one.form_code), _reaches(packs.get(one.form_code))) for one in volumes]
    quiet = [pack for code, pack in packs.items() if code not in {one.form_code for one in volumes}]
    again = sum(one.sent for one, _pack, systems in rows if not systems)
    context = {"rows": rows, "quiet": quiet, "again": again, "all": sum(one.sent for one in volumes)}
    return render(request, "workspace/forms/register.html", context)


def _reaches(pack: ServicePack | None) -> list[str]:
    """The systems that get it without a person."""
    if pack is None:
        return []
    targets = [pack.connector.target] if pack.connector else []
    return list(dict.fromkeys([*targets, *(one.target for one in pack.branches if one.target)]))
