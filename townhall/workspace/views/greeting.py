"""Meet and greet: a fixed short list of answers on a tablet. Anything else goes to reception, and is recorded as a contact handed on."""

from __future__ import annotations

from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from townhall.accounts.web import actor
from townhall.contacts import operations as contacts
from townhall.contacts.operations import WrapUp
from townhall.core.access import staff
from townhall.core.errors import RuleBroken
from townhall.core.time import council_date, now
from townhall.forms.typed import clean_line
from townhall.knowledge.library import in_use
from townhall.knowledge.models import Kind
from townhall.places.hours import OpenSite, open_sites, site_names
from townhall.places.hours_words import days_words, hours_words
from townhall.workspace.views.desk import path_of
from townhall.workspace.views.typing_in import problems_of

QUEUING = "queuing"  # of the article on how queuing works everywhere; "queuing-<site>" for one site
LONGEST_ABOUT = 200


@staff(may="contacts.log")
@never_cache
@require_safe
def meet(request: HttpRequest) -> HttpResponse:
    """When we are open, how queuing works here, where the other offices are; and nothing else."""
    names = site_names()
    code = clean_line(request.GET.get("site", ""))[:60] or request.COOKIES.get("greeting-site", "")[:60]
    sites = {one.code: one for one in open_sites(on=council_date(now()))}
    here = sites.get(code)
    context = {
        "names": names,
        "here": here,
        "week": _week(here) if here else [],
        "queuing": _queuing(code),
        "others": [(one, _week(one)) for one in sites.values() if one.code != code],
        "key": str(uuid4()),
    }
    answer = render(request, "workspace/knowledge/meet.html", context)
    if here is not None:
        answer.set_cookie("greeting-site", code, path="/work/meet-and-greet", httponly=True, samesite="Lax")
    return answer


def _week(site: OpenSite) -> list[tuple[str, str]]:
    return [(days_words(days), hours_words(days)) for days in site.week]


def _queuing(site: str) -> str:
    """How queuing works at a site: its own article, or the one for every site."""
    articles = {one.code: one.body for one in in_use() if one.kind == Kind.ARTICLE}
    return articles.get(f"{QUEUING}-{site}") or articles.get(QUEUING, "")


@staff(may="contacts.log")
@require_POST
def send_on(request: HttpRequest) -> HttpResponse:
    """Send somebody to reception: a contact at this site, handed on."""
    by, at = actor(request), now()
    site, key = clean_line(request.POST.get("site", ""))[:60], clean_line(request.POST.get("key", ""))[:60]
    about = clean_line(request.POST.get("about", ""))[: LONGEST_ABOUT + 1]
    if site not in site_names():
        raise Http404
    try:
        made = contacts.start(channel="counter", site_code=site, by=by, at=at, key=key)
        if made.ended_at is None:
            notes = _("Sent to reception. %(about)s") % {"about": about[:LONGEST_ABOUT]}
            answers = WrapUp(
                reason_code="other", outcome="referred", avoidable=None, anything_else=False, notes=notes.strip()
            )
            contacts.wrap_up(made.pk, answers, by=by, at=at)
    except RuleBroken as error:
        messages.error(request, " ".join(problems_of(error).values()))
    else:
        messages.success(request, _("Sent to reception. It is recorded."))
    return redirect(f"{path_of('meet_and_greet')}?site={site}")
