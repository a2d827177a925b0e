"""A script in a conversation by itself, for enquiries that need no form; and scripts for outside answering services."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from townhall.accounts.web import actor
from townhall.core.access import staff
from townhall.core.errors import RuleBroken
from townhall.core.time import now
from townhall.knowledge import handouts, queries, runs
from townhall.knowledge.models import Handout
from townhall.knowledge.permissions import WRITE
from townhall.ui.site import path_to
from townhall.workspace import script_desk
from townhall.workspace.views.desk import draw, own_contact, path_of
from townhall.workspace.views.knowledge import entry_of
from townhall.workspace.views.typing_in import day, done, problems_of, typed


@staff(may="contacts.log")
@never_cache
@require_safe
def choose(request: HttpRequest, contact_id: UUID) -> HttpResponse:
    """Every script in use, and those that were gone through in this conversation."""
    contact = own_contact(request, contact_id)
    return draw(
        request,
        "scripts",
        contact=contact,
        scripts=queries.every_script(),
        runs=runs.runs_of(script_desk.subject_of(contact)),
        keys=[("c", path_of("contact", contact.pk), _("Back to the conversation"))],
    )


@staff(may="contacts.log")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def walk(request: HttpRequest, contact_id: UUID, code: str) -> HttpResponse:
    """One step after the other; every answer is kept at once."""
    contact = own_contact(request, contact_id)
    if contact.ended_at is not None:
        return redirect("workspace:contact", contact.pk)
    found = next((one for one in queries.every_script() if one.code == code), None)
    if found is None:
        raise Http404
    by, at = actor(request), now()
    problem = ""
    if request.method == "POST":
        problem = script_desk.moved(request.POST.dict(), contact, by=by, at=at) or ""
        if not problem and script_desk.AGAIN not in request.POST:
            return redirect("workspace:contact_script", contact.pk, code)
    about = script_desk.subject_of(contact)
    going = next((one for one in runs.runs_of(about) if one.run.entry_id == found.id), None)
    context: dict[str, Any] = {
        "contact": contact,
        "found": found,
        "beside": script_desk.Beside(
            going=going,
            offered=[] if going else [found],
            problem=problem,
            again=script_desk.again_of(request.POST.dict(), going),
        ),
        "service": (going.script if going else found.script).service,
        "keys": [("c", path_of("contact", contact.pk), _("Back to the conversation"))],
    }
    return draw(request, "script", problems={"script-answer": problem} if problem else None, **context)


@staff(may=WRITE)
@require_POST
def hand_out(request: HttpRequest, code: str) -> HttpResponse:
    """Make a link for an answering service; its address is shown this once."""
    entry, by, values = entry_of(code), actor(request), typed(request, "name", "expires_on")
    try:
        until = day(values["expires_on"], "expires_on")
        made, token = handouts.make(entry.pk, name=values["name"], expires_on=until, by=by, at=now())
    except RuleBroken as error:
        messages.error(request, " ".join(problems_of(error).values()))
    else:
        link = f"{settings.PUBLIC_URL}{path_to('portal:answering', token)}"
        words = _("Give %(name)s this address. It is shown only now: %(link)s")
        messages.success(request, words % {"name": made.name, "link": link})
    return redirect("workspace:knowledge_entry", code)


@staff(may=WRITE)
@require_POST
def end_handout(request: HttpRequest, handout_id: UUID) -> HttpResponse:
    found, by = Handout.objects.select_related("entry").filter(pk=handout_id).first(), actor(request)
    if found is None:
        raise Http404
    act = lambda: handouts.revoke(found.pk, by=by, at=now())  # noqa: E731
    return done(request, act, _("The link is ended."), to="workspace:knowledge_entry", arguments=[found.entry.code])
