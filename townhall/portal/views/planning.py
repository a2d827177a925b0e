"""Planning, building control and licensing: searching, the page of an application, commenting on it and following it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from townhall.accounts.web import actor
from townhall.core.access import public
from townhall.core.errors import BadInput, NotFound, RuleBroken
from townhall.core.ids import uuid7
from townhall.core.time import council_date, now
from townhall.forms.typed import clean_line, clean_text
from townhall.neighbourhood import nearby, proposals
from townhall.neighbourhood.models import Proposal, ProposalFollower
from townhall.neighbourhood.nearby import ProposalLine, Wanted
from townhall.neighbourhood.proposals import NewComment
from townhall.neighbourhood.telling_followers import follower_in
from townhall.places.whereabouts import wards
from townhall.portal import planning_feeds
from townhall.portal.local_map import picture_of
from townhall.portal.views import limits
from townhall.portal.views.ending import ending_page
from townhall.ui.map_features import is_drawn
from townhall.ui.words import long_date

FIELDS = ("stance", "text", "name", "address", "email")
LONG = frozenset({"text", "address"})


def _wanted(request: HttpRequest) -> Wanted:
    """What is asked for, without what does not exist."""
    kind, ward = request.GET.get("kind", ""), request.GET.get("ward", "")
    return Wanted(
        words=clean_line(request.GET.get("q", ""))[:100],
        kind=kind if kind in Proposal.Kind.values else "",
        ward=ward if ward in dict(wards()) else "",
        only_open=request.GET.get("open") == "yes",
    )


def _query(wanted: Wanted, **more: str) -> str:
    given = {"q": wanted.words, "kind": wanted.kind, "ward": wanted.ward, "open": "yes" if wanted.only_open else ""}
    return urlencode({name: value for name, value in {**given, **more}.items() if value})


@public
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """A list, newest first, then the same on a map and as open data."""
    wanted = _wanted(request)
    if wanted.words and (wait := limits.held_up(request, limits.LOOK_UPS)):
        return wait
    after = request.GET.get("after", "")[:200]
    page = nearby.search(wanted, after=after)
    query = _query(wanted)
    context = {
        "wanted": wanted,
        "page": page,
        "kinds": Proposal.Kind.choices,
        "wards": wards(),
        "older": "?" + _query(wanted, after=page.after) if page.after else "",
        "newest": f"{request.path}?{query}" if after else "",
        "picture": picture_of([line.degrees for line in page.rows]),
        "feeds": [
            (text, reverse(f"portal:planning_{kind}") + (f"?{query}" if query else ""))
            for kind, text in (("csv", "CSV"), ("geojson", "GeoJSON"), ("atom", "Atom"))
        ],
    }
    return render(request, "portal/planning.html", context)


@public
@require_safe
def export(request: HttpRequest, kind: str) -> HttpResponse:
    wanted = _wanted(request)
    if wanted.words and (wait := limits.held_up(request, limits.LOOK_UPS)):
        return wait
    at = now()
    lines = nearby.search(wanted, size=planning_feeds.MOST[kind]).rows
    query = _query(wanted)
    path = reverse(f"portal:planning_{kind}") + (f"?{query}" if query else "")
    body = planning_feeds.write(kind, lines, title=_("Planning and licensing"), path=path, at=at)
    answer = HttpResponse(body, content_type=planning_feeds.TYPES[kind])
    answer["Cache-Control"] = "public, max-age=300"
    answer["Access-Control-Allow-Origin"] = "*"  # open data
    if kind == "csv":
        answer["Content-Disposition"] = 'attachment; filename="planning.csv"'
    return answer


@public
@require_safe
def item(request: HttpRequest, proposal_id: UUID) -> HttpResponse:
    return _item_page(request, _line_or_404(proposal_id))


def _line_or_404(proposal_id: UUID) -> ProposalLine:
    line = nearby.proposal(proposal_id)
    if line is None:
        raise Http404
    return line


def _item_page(
    request: HttpRequest, line: ProposalLine, *, problems: dict[str, str] | None = None, email: str = ""
) -> HttpResponse:
    problems = problems or {}
    context = {
        "line": line,
        "ward": dict(wards()).get(line.ward_code, ""),
        "steps": _steps(line),
        "degrees": line.degrees if is_drawn() else None,
        "comments": nearby.published_comments(line.id),
        "takes_comments": _takes_comments(line),
        "said": request.GET.get("said", ""),
        "problems": problems,
        "errors": [{"text": text, "href": f"#{name}"} for name, text in problems.items()],
        "email": email,
    }
    return render(request, "portal/planning_item.html", context, status=422 if problems else 200)


def _takes_comments(line: ProposalLine) -> bool:
    row = Proposal(is_open=line.is_open, comment_from_on=line.comment_from_on, comment_until_on=line.comment_until_on)
    return proposals.takes_comments(row, at=now())


def _steps(line: ProposalLine) -> list[dict[str, Any]]:
    """The way of an application, for the timeline."""
    today = council_date(now())
    commenting = line.comment_until_on is not None and line.is_open and today <= line.comment_until_on
    comments_done = not line.is_open or (line.comment_until_on is not None and today > line.comment_until_on)
    steps = [{"title": _("Received"), "state": "done", "on": line.received_on}]
    if line.comment_until_on is not None:
        note = _("Until %(date)s") % {"date": long_date(line.comment_until_on)}
        steps.append({"title": _("Comments"), "state": "done" if comments_done else "current", "note": note})
    if line.is_open:
        deciding = "next" if commenting else "current"
        steps.append({"title": _("Being decided"), "state": deciding, "note": line.status})
        steps.append({"title": _("Decision"), "state": "next", "on": line.target_on})
    else:
        steps.append({"title": line.decision or line.status or _("Decided"), "state": "done", "on": line.decided_on})
    return steps


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def comment(request: HttpRequest, proposal_id: UUID) -> HttpResponse:
    line = _line_or_404(proposal_id)
    typed = {name: (clean_text if name in LONG else clean_line)(request.POST.get(name, "")) for name in FIELDS}
    problems: dict[str, str] = {}
    key = clean_line(request.POST.get("key", ""))[:100] or str(uuid7())
    if request.method == "POST":
        if wait := limits.held_up(request, limits.REPORTS):
            return wait
        if typed["email"] and (wait := limits.mailbox_full(request, typed["email"])):
            return wait
        new = NewComment(**typed, may_publish=request.POST.get("may_publish") == "yes", key=key)
        try:
            proposals.comment(line.id, new, by=actor(request), at=now())
        except BadInput as error:
            problems = error.problems
        except RuleBroken as error:
            problems = {"text": str(error.user_message)}
        else:
            return redirect(reverse("portal:planning_item", args=[line.id]) + "?said=commented")
    elif not _takes_comments(line):
        return redirect("portal:planning_item", line.id)
    context = {
        "line": line,
        "stances": [("object", _("I object")), ("support", _("I support it")), ("neutral", _("Neither"))],
        "typed": typed,
        "may_publish": request.POST.get("may_publish") == "yes",
        "key": key,
        "problems": problems,
        "errors": [{"text": text, "href": f"#{name}"} for name, text in problems.items()],
    }
    return render(request, "portal/planning_comment.html", context, status=422 if problems else 200)


@public
@require_POST
def followers(request: HttpRequest, proposal_id: UUID) -> HttpResponse:
    line = _line_or_404(proposal_id)
    email = clean_line(request.POST.get("email", ""))[:300]
    if wait := limits.held_up(request, limits.FOLLOWS) or limits.mailbox_full(request, email):
        return wait
    try:
        proposals.follow(line.id, email=email, by=actor(request), at=now())
    except BadInput as error:
        return _item_page(request, line, problems=error.problems, email=email)
    except RuleBroken as error:
        return _item_page(request, line, problems={"email": str(error.user_message)}, email=email)
    return redirect(reverse("portal:planning_item", args=[line.id]) + "?said=following")


@public
@never_cache
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """What a mail's link leads to. A mail program's own button (RFC 8058) posts here, and brings only the link."""
    found = follower_in(token)
    row = ProposalFollower.objects.select_related("proposal").filter(pk=found).first() if found else None
    if row is None:
        raise Http404
    if request.method == "POST":
        try:
            proposals.stop_following(row.pk, by=actor(request), at=now())
        except NotFound as error:
            raise Http404 from error
    stopped = request.method == "POST" or row.ended_at is not None
    place = {"place": row.proposal.reference}
    return ending_page(
        request,
        title=_("You are told no more about %(place)s") % place
        if stopped
        else _("Stop messages about %(place)s?") % place,
        question=_("Stop these messages"),
        is_over=stopped,
        onward=(reverse("portal:planning"), _("Planning and licensing")),
    )
