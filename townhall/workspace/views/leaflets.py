"""Leaflets and posters: a new version, the sites that still hold the old one, and the racks of one site on a tablet."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from townhall.accounts import sites
from townhall.accounts.web import actor
from townhall.core.access import staff
from townhall.core.errors import RuleBroken
from townhall.core.time import council_date, now
from townhall.documents import pdf_text
from townhall.documents.papers import Sent
from townhall.forms.typed import clean_line
from townhall.knowledge import leaflets
from townhall.knowledge.leaflets import CONFIRM, Leaflet
from townhall.places.hours import site_names
from townhall.registers import queries
from townhall.registers.access import may_keep
from townhall.workspace.views.desk import path_of
from townhall.workspace.views.typing_in import chosen, day, errors_of, problems_of, typed

SEE = "knowledge.see"


@staff(may=SEE)
@never_cache
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    found = leaflets.every()
    keeps = bool(found) and may_keep(queries.definition_of(leaflets.REGISTER), actor(request))
    context = {
        "leaflets": found,
        "names": site_names(),
        "may_keep": keeps,
        "today": council_date(now()),
        "expires": {one.row.pk: date.fromisoformat(one.row.values["expires_on"]) for one in found},
    }
    return render(request, "workspace/knowledge/leaflets.html", context)


def _leaflet(row_id: UUID) -> Leaflet:
    found = next((one for one in leaflets.every() if one.row.pk == row_id), None)
    if found is None:
        raise Http404
    return found


@staff(may="registers.keep")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, row_id: UUID) -> HttpResponse:
    """A new version, with its file; or the sites that hold it."""
    found, by, at = _leaflet(row_id), actor(request), now()
    if not may_keep(queries.definition_of(leaflets.REGISTER), by):
        raise Http404
    values = typed(request, "version", "issued_on", "expires_on", "held")
    problems: dict[str, str] = {}
    if request.method == "POST":
        try:
            if "sites" in request.POST.get("what", ""):
                leaflets.stands_at(row_id, chosen(request, "sites"), by=by, at=at)
            else:
                _new_version(request, found, values)
        except RuleBroken as error:
            problems = problems_of(error, field="version")
        else:
            return redirect("workspace:leaflets")
    context = {
        "leaflet": found,
        "typed": values,
        "problems": problems,
        "errors": errors_of(problems),
        "sites": list(site_names().items()),
        "held": [one.site_code for one in found.sites],
    }
    return render(request, "workspace/knowledge/leaflet.html", context, status=422 if problems else 200)


def _new_version(request: HttpRequest, found: Leaflet, values: dict[str, str]) -> None:
    """Raises RuleBroken. A file that does not say its version and date is kept, and that is told."""
    issued_on, expires_on = day(values["issued_on"], "issued_on"), day(values["expires_on"], "expires_on")
    given = request.FILES.get("file")
    content = given.read() if given else b""
    leaflets.new_version(
        found.row.pk,
        version=values["version"],
        issued_on=issued_on,
        expires_on=expires_on,
        upload=Sent(name=given.name, content=BytesIO(content)) if given else None,
        held=int(values["held"]) if values["held"].isdecimal() else 0,
        by=actor(request),
        at=now(),
    )
    line = leaflets.imprint(values["version"], issued_on, found.row.values["mailbox"])
    text = " ".join(pdf_text.text_of(content).split())
    messages.success(request, _("The new version is out. Each site holds the old one until it is confirmed."))
    if text and line not in text:
        messages.warning(request, _("The file does not say: “%(line)s” Have it printed on the item.") % {"line": line})


@staff(may=CONFIRM)
@never_cache
@require_safe
def racks(request: HttpRequest) -> HttpResponse:
    """The racks of one site, on a tablet."""
    reached, by = site_names(), actor(request)
    names = {code: name for code, name in reached.items() if sites.reaches(by, CONFIRM, code)}
    code = clean_line(request.GET.get("site", ""))[:60]
    context = {
        "names": names,
        "here": code if code in names else "",
        "racks": leaflets.racks_of(code) if code in names else [],
    }
    return render(request, "workspace/knowledge/racks.html", context)


@staff(may=CONFIRM)
@require_POST
def confirm(request: HttpRequest, copies_id: UUID) -> HttpResponse:
    values = typed(request, "version", "site")
    try:
        made = leaflets.confirm(copies_id, version=values["version"], by=actor(request), at=now())
    except RuleBroken as error:
        messages.error(request, " ".join(problems_of(error).values()))
        return redirect(f"{path_of('racks')}?site={clean_line(values['site'])[:60]}")
    messages.success(request, _("Confirmed: version %(version)s.") % {"version": made.version})
    return redirect(f"{path_of('racks')}?site={made.site_code}")
