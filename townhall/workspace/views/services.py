"""The service catalogue: what each entry says, its earlier versions, and changing it as a new version."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from townhall.accounts.models import User
from townhall.accounts.web import actor
from townhall.catalogue import operations, queries
from townhall.core.access import staff
from townhall.core.errors import NotFound, RuleBroken, WrongState
from townhall.core.time import now
from townhall.workspace.admin_forms import UPDATES, ServiceForm, update_words

MAY = "catalogue.administer"


@staff(may=MAY)
@require_safe
def services(request: HttpRequest) -> HttpResponse:
    return render(request, "workspace/services.html", {"entries": queries.entries()})


@staff(may=MAY)
@require_http_methods(["GET", "HEAD", "POST"])
def service(request: HttpRequest, code: str) -> HttpResponse:
    """Read and change one entry. The public site, the forms and the API all read it, and show the change at once."""
    try:
        entry = queries.entry(code)
    except NotFound as error:
        raise Http404 from error
    is_post = request.method == "POST"
    form = ServiceForm(request.POST if is_post else None, pack=entry.pack, version=entry.version)
    status = 422 if is_post else 200
    if is_post and form.is_valid():
        try:
            operations.edit(
                code, form.changes(entry.pack), version=form.cleaned_data["version"], by=actor(request), at=now()
            )
        except WrongState:
            form.add_error(
                None, _("Somebody changed this entry since you opened it. Open it again in another tab, and compare.")
            )
            status = 409
        except RuleBroken as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Kept as a new version. The public site shows it now."))
            return redirect("workspace:service", code)
    versions = queries.versions(code)[:20]
    names = {
        str(key): name
        for key, name in User.objects.filter(
            pk__in=[UUID(one.by_id) for one in versions if one.by_kind == "staff"]
        ).values_list("pk", "name")
    }
    context = {
        "entry": entry,
        "form": form,
        "versions": versions,
        "names": names,
        "main_fields": [
            form[name] for name in ("name", "summary", "who_may", "done", "days", "calendar", "note", "next_step")
        ],
        "refused_fields": [(form[f"reason_{one.code}"], form[f"explanation_{one.code}"]) for one in entry.pack.refused],
        "update_fields": [
            (
                update_words(update),
                form[f"trial_{update}"] if f"trial_{update}" in form.fields else None,
                form[f"subject_{update}"],
                form[f"body_{update}"],
            )
            for update in UPDATES
        ],
    }
    return render(request, "workspace/service.html", context, status=status)


@staff(may=MAY)
@require_safe
def version(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """The entry as it stood: what was promised when a report was made."""
    try:
        pack = queries.as_of(code, number)
    except NotFound as error:
        raise Http404 from error
    return render(request, "workspace/service_version.html", {"pack": pack, "number": number})
