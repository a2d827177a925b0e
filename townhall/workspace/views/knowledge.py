"""What the council knows: finding it, reading it, writing it and having it approved by a second person."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from townhall.accounts import directory
from townhall.accounts.permissions import may
from townhall.accounts.web import actor
from townhall.core.access import staff
from townhall.core.errors import NotFound, RuleBroken
from townhall.core.time import council_date, now
from townhall.documents import papers
from townhall.forms.typed import clean_line
from townhall.knowledge import entries, queries, scripts, search, tasks
from townhall.knowledge.library import in_use
from townhall.knowledge.models import Audience, Entry, Kind, Missed
from townhall.knowledge.permissions import FLAG, SEE, WRITE, may_approve
from townhall.knowledge.states import VersionState
from townhall.workspace import knowledge_inputs as inputs
from townhall.workspace.names import names_of
from townhall.workspace.queue import post_title
from townhall.workspace.views.desk import conversations_of
from townhall.workspace.views.typing_in import day, done, errors_of, problems_of, typed

MOST_PAPERS = 10


@staff(may=SEE)
@never_cache
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """One search over services, knowledge, forms and documents; without words, what there is."""
    by, at = actor(request), now()
    words = clean_line(request.GET.get("q", ""))[:200]
    kind = request.GET.get("kind", "")
    found = search.find(words, door=Missed.Door.STAFF) if words else []
    stored = papers.search(words, by=by, limit=MOST_PAPERS) if words else []
    if words and not found and not stored:
        search.missed(words, door=Missed.Door.STAFF, at=at)
    drafts = Entry.objects.filter(versions__state__in=[VersionState.DRAFT, VersionState.OFFERED]).order_by("title")
    context = {
        "q": words,
        "found": found,
        "papers": stored,
        "kinds": Kind.choices,
        "kind": kind if kind in Kind.values else "",
        "listed": [one for one in in_use() if not kind or one.kind == kind][:300],
        "drafts": list(drafts.distinct()[:50]),
        "today": council_date(at),
        "mine": tasks.open_tasks(post_ids=by.posts).count() if by.posts else 0,
        "may_write": may(by, WRITE).allowed,
    }
    return render(request, "workspace/knowledge/home.html", context)


def entry_of(code: str) -> Entry:
    try:
        return queries.entry_of(code)
    except NotFound as error:
        raise Http404 from error


@staff(may=SEE)
@never_cache
@require_safe
def show(request: HttpRequest, code: str) -> HttpResponse:
    """One entry: its words in use, what is in hand, and its versions."""
    entry, by = entry_of(code), actor(request)
    versions = queries.versions_of(entry)
    hand = next((one for one in versions if one.state in (VersionState.DRAFT, VersionState.OFFERED)), None)
    people = {one.written_by for one in versions} | {one.decided_by for one in versions}
    context: dict[str, Any] = {
        "entry": entry,
        "versions": versions,
        "hand": hand,
        "script": scripts.read(entry.body) if entry.kind == Kind.SCRIPT and entry.body else None,
        "names": names_of({*people, entry.reviewed_by}),
        "owner": post_title(entry.owner_post_id) if entry.owner_post_id else "",
        "client": directory.team_by_id(entry.client_team_id).name if entry.client_team_id else "",
        "services": [(one, name) for one, name in inputs.services() if one in entry.service_codes],
        "conversations": conversations_of(by)[::-1] if entry.service_codes else [],
        "handouts": list(entry.handouts.filter(revoked_at=None).order_by("name")),
        "today": council_date(now()),
        "may_write": may(by, WRITE).allowed,
        "may_flag": may(by, FLAG).allowed and entry.is_live,
        "may_approve": hand is not None and may_approve(entry, hand, by),
    }
    return render(request, "workspace/knowledge/entry.html", context)


@staff(may=SEE)
@require_safe
def version(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """The words as they were then."""
    entry = entry_of(code)
    found = entry.versions.filter(number=number).first()
    if found is None:
        raise Http404
    names = names_of({found.written_by, found.decided_by})
    return render(request, "workspace/knowledge/version.html", {"entry": entry, "version": found, "names": names})


def _form(
    request: HttpRequest, values: dict[str, str], *, entry: Entry | None = None, problems: dict[str, str] | None = None
) -> HttpResponse:
    context = {
        "entry": entry,
        "typed": values,
        "problems": problems or {},
        "errors": errors_of(problems or {}),
        "kinds": Kind.choices,
        "audiences": Audience.choices,
        "posts": inputs.posts(),
        "teams": inputs.teams(),
        "services": inputs.services(),
    }
    return render(request, "workspace/knowledge/form.html", context, status=422 if problems else 200)


@staff(may=WRITE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        kind = request.GET.get("kind", "")
        services = clean_line(request.GET.get("service", ""))[:100]
        start = dict.fromkeys(inputs.ENTRY, "") | {"kind": kind if kind in Kind.values else Kind.ARTICLE.value}
        return _form(request, start | {"audience": Audience.STAFF.value, "services": services})
    values = _entry_typed(request)
    if values["kind"] not in Kind.values:
        return _form(request, values, problems={"kind": _("Select what it is")})
    try:
        made = entries.write(values["kind"], inputs.written(values), by=actor(request), at=now())
    except RuleBroken as error:
        return _form(request, values, problems=problems_of(error, field="title"))
    return redirect("workspace:knowledge_entry", made.code)


def _entry_typed(request: HttpRequest) -> dict[str, str]:
    """As typing_in.typed, with the room that an entry's words need."""
    values = typed(request, *(name for name in inputs.ENTRY if name != "body"))
    body = request.POST.get("body", "").replace("\r\n", "\n").replace("\x00", "")
    return values | {"body": body[: entries.LONGEST_BODY + 1].strip()}


@staff(may=WRITE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, code: str) -> HttpResponse:
    entry = entry_of(code)
    if request.method != "POST":
        return _form(request, inputs.as_typed(entry, queries.versions_of(entry)[0]), entry=entry)
    values = _entry_typed(request) | {"kind": entry.kind}
    held = int(values["held"]) if values["held"].isdecimal() else 0
    try:
        entries.rewrite(entry.pk, inputs.written(values), held=held, by=actor(request), at=now())
    except RuleBroken as error:
        return _form(request, values, entry=entry, problems=problems_of(error, field="title"))
    return redirect("workspace:knowledge_entry", code)


@staff(may=WRITE)
@require_POST
def offer(request: HttpRequest, code: str) -> HttpResponse:
    entry, by = entry_of(code), actor(request)
    words = _("A second person can approve it now.")
    return done(
        request,
        lambda: entries.offer(entry.pk, by=by, at=now()),
        words,
        to="workspace:knowledge_entry",
        arguments=[code],
    )


@staff(may=WRITE)
@require_POST
def decide(request: HttpRequest, code: str) -> HttpResponse:
    """Approve the version that was read, or send it back with a reason."""
    entry, by = entry_of(code), actor(request)
    values = typed(request, "number", "words", "decision")
    number = int(values["number"]) if values["number"].isdecimal() else 0
    if values["decision"] == "back":
        act = lambda: entries.send_back(entry.pk, number=number, words=values["words"], by=by, at=now())  # noqa: E731
        words = _("It went back to whoever wrote it.")
        return done(request, act, words, to="workspace:knowledge_entry", arguments=[code])
    return done(
        request,
        lambda: entries.approve(entry.pk, number=number, words=values["words"], by=by, at=now()),
        _("It is in use from now on."),
        to="workspace:knowledge_entry",
        arguments=[code],
    )


@staff(may=WRITE)
@require_POST
def review(request: HttpRequest, code: str) -> HttpResponse:
    entry, by, text = entry_of(code), actor(request), typed(request, "review_on")["review_on"]
    return done(
        request,
        lambda: entries.review(entry.pk, next_on=day(text, "review_on"), by=by, at=now()),
        _("The review is written down."),
        to="workspace:knowledge_entry",
        arguments=[code],
    )


@staff(may=WRITE)
@require_POST
def withdraw(request: HttpRequest, code: str) -> HttpResponse:
    entry, by = entry_of(code), actor(request)
    return done(
        request,
        lambda: entries.withdraw(entry.pk, by=by, at=now()),
        _("Nobody is offered it any more."),
        to="workspace:knowledge_entry",
        arguments=[code],
    )
