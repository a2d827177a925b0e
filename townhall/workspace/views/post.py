"""Letters, faxes and posts in social media: what waits to be indexed, putting in what came, and how much came by each channel."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from townhall.accounts.models import User
from townhall.accounts.web import actor
from townhall.contacts import queries as contacts
from townhall.core.access import staff
from townhall.core.actors import Actor
from townhall.core.errors import BadInput, NotFound, RuleBroken
from townhall.core.time import LONDON, council_date, now
from townhall.intake import arriving, queries
from townhall.intake.arriving import Came, Post
from townhall.intake.models import By, Piece, Source
from townhall.intake.permissions import INDEX
from townhall.intake.states import PieceState
from townhall.ledger import operations as ledger
from townhall.workspace import holding
from townhall.workspace.views.typing_in import day, errors_of, problems_of, typed

WAITING = "post"  # as the list of waiting work calls it
MOST_FILES = 50
POSTED = ("network", "account", "words", "from", "link", "posted_on", "key")  # what is typed of a post
DOCUMENTS = (By.LETTER, By.FAX)


@staff(may=INDEX)
@never_cache
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """By default what nobody has indexed, the oldest first, each with its owner."""
    by, at = actor(request), now()
    state = request.GET.get("state", PieceState.WAITING)
    state = state if state in PieceState.values else PieceState.WAITING
    channel = request.GET.get("channel", "")
    channel = channel if channel in By.values else ""
    page = queries.listed(by=by, state=state, channel=channel, after=request.GET.get("after", "")[:200])
    if page.rows:
        ledger.looked(by=by, at=at, customer_id=None, page="workspace.post")
    context = {
        "page": page,
        "state": state,
        "states": PieceState.choices,
        "channel": channel,
        "channels": [("", _("Any")), *By.choices],
        "channel_name": channel_names(),
        "owners": owners_of(page.rows, at=at),
        "owner": queries.owner_title(),
        "refused": queries.refused() if state == PieceState.WAITING else [],
        "today": council_date(at),
    }
    return render(request, "workspace/post/listed.html", context)


def channel_names() -> dict[str, str]:
    """The council's own names of the channels."""
    return {code: str(label) for code, label in By.choices} | contacts.words().all_channels


def owners_of(pieces: Any, *, at: datetime) -> dict[UUID, str]:
    """Who has taken which of these, by name. Two queries, where any is taken."""
    keys = {one.pk for one in pieces}
    held = {key: user for key, user in holding.held(WAITING, at=at).items() if key in keys}
    names = dict(User.objects.filter(pk__in=held.values()).values_list("pk", "name")) if held else {}
    return {key: names[user] for key, user in held.items() if user in names}


@staff(may=INDEX)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Upload scans, one or many: each file is a document. What is wrong with one keeps none of the others out."""
    by, at = actor(request), now()
    given = _empty(at)
    problems: dict[str, str] = {}
    if request.method == "POST":
        given = typed(request, *given)
        kept, problems = _upload(request, given, by=by, at=at)
        if kept:
            words = ngettext("%(num)d document is kept.", "%(num)d documents are kept.", len(kept))
            messages.success(request, words % {"num": len(kept)})
        if kept and not problems:
            return redirect("workspace:post_piece", kept[0].pk) if len(kept) == 1 else redirect("workspace:post")
    return _form(request, given, problems=problems)


def _empty(at: datetime) -> dict[str, str]:
    given = dict.fromkeys(("line", "sender", "title"), "")
    return given | {"channel": By.LETTER.value, "received_on": council_date(at).isoformat(), "key": str(uuid4())}


def _form(
    request: HttpRequest, given: dict[str, str], *, problems: dict[str, str], post: dict[str, str] | None = None
) -> HttpResponse:
    names = channel_names()
    context = {
        "typed": given,
        "post": post or dict.fromkeys(POSTED, "") | {"key": str(uuid4()), "posted_on": council_date(now()).isoformat()},
        "channels": [(one.value, names[one]) for one in DOCUMENTS],
        "problems": problems,
        "errors": errors_of(problems),
        "today": council_date(now()).isoformat(),
    }
    return render(request, "workspace/post/new.html", context, status=422 if problems else 200)


def _upload(
    request: HttpRequest, given: dict[str, str], *, by: Actor, at: datetime
) -> tuple[list[Piece], dict[str, str]]:
    """What was kept, and what is wrong with the rest."""
    files = request.FILES.getlist("files")
    if not files or len(files) > MOST_FILES:
        return [], {"files": _("Choose the scans, up to %(most)d in one go") % {"most": MOST_FILES}}
    if given["channel"] not in DOCUMENTS:
        return [], {"channel": _("Select how it came")}
    kept: list[Piece] = []
    wrong: list[str] = []
    try:
        came = Came(
            channel=given["channel"],
            source=Source.UPLOAD,
            received_at=received_at(given["received_on"], "received_on", at=at),
            line=given["line"],
            title=given["title"],
            sender=given["sender"],
        )
        for one in files:
            content = one.read(arriving.most_bytes() + 1)
            try:
                kept.append(
                    arriving.take_document(
                        content, one.name or "", came, by=by, at=at, key=given["key"][:50], field="files"
                    )
                )
            except BadInput as error:
                if "files" not in error.problems:
                    raise
                wrong.append(error.problems["files"])
    except BadInput as error:
        return kept, error.problems
    return kept, {"files": " ".join(wrong)} if wrong else {}


def received_at(text: str, field: str, *, at: datetime) -> datetime:
    """The day it was received; today is now. Raises BadInput."""
    on = day(text, field)
    return at if on == council_date(at) else datetime.combine(on, time(), LONDON)


@staff(may=INDEX)
@require_POST
def social(request: HttpRequest) -> HttpResponse:
    """A post in a social network, typed in by hand."""
    by, at = actor(request), now()
    given = typed(request, *POSTED)
    try:
        made = arriving.take_post(
            Post(
                network=given["network"],
                words=given["words"],
                posted_at=received_at(given["posted_on"], "posted_on", at=at),
                sender=given["from"],
                account=given["account"],
                link=given["link"],
            ),
            source=Source.HAND,
            by=by,
            at=at,
            key=given["key"][:50],
        )
    except RuleBroken as error:
        problems = {
            "posted_on" if name == "received_on" else name: text
            for name, text in problems_of(error, field="words").items()
        }
        return _form(request, _empty(at), problems=problems, post=given)
    return redirect("workspace:post_piece", made.pk)


@staff(may=INDEX)
@require_POST
def settle(request: HttpRequest, refused_id: UUID) -> HttpResponse:
    """Somebody saw to a file that could not be taken in."""
    try:
        arriving.settle(refused_id, by=actor(request), at=now())
    except NotFound as error:
        raise Http404 from error
    messages.success(request, _("It is off the list."))
    return redirect("workspace:post")


@staff(may="work.open")
@require_safe
def figures(request: HttpRequest) -> HttpResponse:
    """By channel and by line, over the twelve months to the end of this one."""
    today = council_date(now())
    until = date(today.year + today.month // 12, today.month % 12 + 1, 1)
    since = date(until.year - 1, until.month, 1)
    context = {
        "lines": queries.figures(since=since, until=until),
        "since": since,
        "until": today,
        "channel_name": channel_names(),
        "made_at": now().astimezone(UTC),
    }
    return render(request, "workspace/post/figures.html", context)
