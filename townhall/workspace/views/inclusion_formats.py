"""Other languages and formats: what is asked for, what is finished, the lines that print on publications, and rooms."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from townhall.accounts.web import actor
from townhall.core.access import staff
from townhall.core.errors import BadInput, RuleBroken
from townhall.core.time import council_date, now
from townhall.customers import queries as customers
from townhall.inclusion import formats, keeping, lines
from townhall.inclusion.formats import Asked, Finished
from townhall.inclusion.languages import FORMATS, LANGUAGES, named
from townhall.inclusion.models import FormatRequest, Room, StandardLine, Version
from townhall.ledger import operations as ledger
from townhall.places.models import Site
from townhall.workspace.views.desk import as_uuid
from townhall.workspace.views.typing_in import chosen, done, errors_of, number, problems_of, typed

MEET, MANAGE = "needs.meet", "inclusion.manage"
NAMES = ("what", "source", "title", "format", "deliver_to", "customer")
SIZE = 50


@staff(may=MEET)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def requests(request: HttpRequest) -> HttpResponse:
    """What is to be made, the soonest due first; and taking down a request."""
    by, at = actor(request), now()
    given = typed(request, *NAMES)
    customer_id = as_uuid(given["customer"] or request.GET.get("customer", ""))
    try:
        record = customers.record(customer_id, by=by) if customer_id else None
    except RuleBroken as error:
        raise Http404 from error
    problems: dict[str, str] = {}
    if request.method == "POST":
        asked = Asked(
            what=given["what"],
            source=given["source"],
            title=given["title"],
            format=given["format"],
            customer_id=customer_id,
            deliver_to=given["deliver_to"],
        )
        try:
            made = formats.ask(asked, by=by, at=at)
        except BadInput as error:
            problems = error.problems
        else:
            return redirect("workspace:format_request", made.pk)
    ledger.looked(by=by, at=at, customer_id=customer_id, page="formats.list", reason="contact")
    state = request.GET.get("state", "asked")
    rows = FormatRequest.objects.filter(state=state).order_by("due_on", "pk")
    context: dict[str, Any] = {
        "rows": rows[:SIZE],
        "state": state,
        "states": FormatRequest._meta.get_field("state").choices,
        "record": record,
        "typed": given,
        "named": named,
        "whats": FormatRequest.What.choices,
        "formats": _formats(),
        "today": council_date(at),
        "problems": problems,
        "errors": errors_of(problems),
    }
    return render(request, "workspace/inclusion/requests.html", context, status=422 if problems else 200)


def _formats() -> list[tuple[str, str]]:
    kinds = [(code, str(name)) for code, name in FORMATS.items()]
    return [("", _("Choose one")), *kinds, *((code, name) for code, name in LANGUAGES.items() if code != "en")]


@staff(may=MEET)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """One request: finish it with a file, words or a link; say that it was sent, or why it is not made."""
    by, at = actor(request), now()
    problems: dict[str, str] = {}
    given = typed(request, "words", "link", "reason", "do")
    if request.method == "POST":
        try:
            if given["do"] == "sent":
                formats.sent(request_id, by=by, at=at)
            elif given["do"] == "declined":
                formats.decline(request_id, reason=given["reason"], by=by, at=at)
            else:
                made = Finished(words=given["words"], link=given["link"], upload=request.FILES.get("file"))
                formats.finish(request_id, made, by=by, at=at)
        except RuleBroken as error:
            problems = problems_of(error)
        else:
            return redirect("workspace:format_request", request_id)
    found = FormatRequest.objects.select_related("customer", "version").filter(pk=request_id).first()
    if found is None:
        raise Http404
    if found.customer_id:
        ledger.looked(by=by, at=at, customer_id=found.customer_id, page="format_request", reason="case")
    context = {
        "row": found,
        "format": named(found.format),
        "typed": given,
        "problems": problems,
        "errors": errors_of(problems),
    }
    return render(request, "workspace/inclusion/request.html", context, status=422 if problems else 200)


@staff(may=MEET)
@never_cache
@require_safe
def versions(request: HttpRequest) -> HttpResponse:
    """Everything that is finished and may be given out again."""
    words = request.GET.get("q", "")[:100]
    rows = Version.objects.filter(outdated_at=None).order_by("title", "format")
    if words:
        rows = rows.filter(title__icontains=words)
    context = {"rows": rows[:200], "q": words, "named": named}
    return render(request, "workspace/inclusion/versions.html", context)


@staff(may=MEET)
@require_POST
def outdate(request: HttpRequest, version_id: UUID) -> HttpResponse:
    act = partial(formats.outdate, version_id, by=actor(request), at=now())
    return done(request, act, _("It is not given out any more."), to="workspace:format_versions")


@staff(may=MANAGE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def standard_lines(request: HttpRequest) -> HttpResponse:
    """The lines that print at the foot of letters, bills and leaflets."""
    given = typed(request, "language", "words", "position", "is_printed")
    problems: dict[str, str] = {}
    if request.method == "POST":
        try:
            lines.keep_line(
                language=given["language"],
                words=given["words"],
                is_printed=bool(given["is_printed"]),
                position=number(given["position"], "position", _("Enter a number")),
                by=actor(request),
                at=now(),
            )
        except BadInput as error:
            problems = error.problems
        else:
            return redirect("workspace:standard_lines")
    context = {
        "rows": StandardLine.objects.order_by("-is_printed", "position", "language"),
        "typed": given,
        "named": named,
        "languages": [("", _("Choose one")), *LANGUAGES.items()],
        "problems": problems,
        "errors": errors_of(problems),
    }
    return render(request, "workspace/inclusion/lines.html", context, status=422 if problems else 200)


@staff(may=MANAGE)
@require_POST
def drop_line(request: HttpRequest, language: str) -> HttpResponse:
    act = partial(lines.drop_line, language, by=actor(request), at=now())
    return done(request, act, _("The line is gone."), to="workspace:standard_lines")


@staff(may=MANAGE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def rooms(request: HttpRequest) -> HttpResponse:
    """Which rooms have a hearing loop, wheelchair access or quiet."""
    given, meets = typed(request, "site", "name"), chosen(request, "meets")
    problems: dict[str, str] = {}
    if request.method == "POST":
        try:
            keeping.keep_room(site_code=given["site"], name=given["name"], meets=meets, by=actor(request), at=now())
        except BadInput as error:
            problems = error.problems
        else:
            return redirect("workspace:rooms")
    names = dict(keeping.room_needs())
    rows = Room.objects.select_related("site").order_by("site__name", "name")
    context = {
        "rows": [(row, [names.get(code, code) for code in row.meets]) for row in rows],
        "typed": given,
        "meets": meets,
        "needs": keeping.room_needs(),
        "sites": [("", _("Choose one")), *Site.objects.order_by("name").values_list("code", "name")],
        "problems": problems,
        "errors": errors_of(problems),
    }
    return render(request, "workspace/inclusion/rooms.html", context, status=422 if problems else 200)


@staff(may=MANAGE)
@require_POST
def drop_room(request: HttpRequest, room_id: UUID) -> HttpResponse:
    act = partial(keeping.drop_room, room_id, by=actor(request), at=now())
    return done(request, act, _("The room is off the list."), to="workspace:rooms")
