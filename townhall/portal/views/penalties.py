"""A penalty notice: found by its number and the vehicle's mark, then seen with its pictures, paid or appealed against."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from townhall.accounts.throttle import Limit
from townhall.accounts.web import actor
from townhall.core.access import public
from townhall.core.errors import BadInput, RuleBroken
from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.core.time import now
from townhall.files import operations as files
from townhall.files.queries import own_link
from townhall.forms.typed import clean_line, clean_text
from townhall.inclusion import restricting
from townhall.payments import queries as payments
from townhall.penalties import operations, queries
from townhall.penalties.models import Appeal, PenaltyNotice
from townhall.penalties.operations import MOST_FILES, NewAppeal
from townhall.penalties.states import NoticeState
from townhall.portal.views import limits

MISSES = Limit(what="penalty.misses", most=limits.REPORTS.most)


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """Number and mark, both right: whichever is wrong, the answer is the same."""
    typed = {name: clean_line(request.POST.get(name, ""))[:60] for name in ("number", "mark")}
    problems: dict[str, str] = {}
    if request.method == "POST":
        if not typed["number"]:
            problems["number"] = _("Enter the number of the notice")
        if not typed["mark"]:
            problems["mark"] = _("Enter the registration number of the vehicle")
        if not problems:
            if wait := limits.held_up(request, MISSES):
                return wait
            notice = queries.find(typed["number"], typed["mark"])
            if notice is not None:
                limits.give_back(request, MISSES)
                return redirect("portal:penalty", queries.token_for(notice))
            problems["number"] = _("We have no notice with that number for that vehicle. Check both and try again")
    closed = restricting.closed_ways(service_code=operations.SERVICE)
    context = {"typed": typed, "closed": closed, **_said(problems)}
    return render(request, "portal/penalty/find.html", context, status=422 if problems else 200)


@public
@never_cache
@require_safe
def show(request: HttpRequest, token: str) -> HttpResponse:
    """The notice with its pictures, and what can be done."""
    notice = queries.notice_in(token)
    if notice is None:
        return redirect("portal:penalty_find")
    appeal = queries.latest_appeal(notice)
    context = {
        "notice": notice,
        "token": token,
        "charge": payments.to_pay(notice.charge_id, at=now()),
        "pictures": [(own_link(file.pk, thumbnail=False), file) for file in queries.pictures(notice)],
        "appeal": appeal,
        "is_new": "received" in request.GET,
        "may_pay": notice.state == NoticeState.ISSUED,
        "may_appeal": notice.state == NoticeState.ISSUED and (appeal is None or appeal.state == "withdrawn"),
    }
    return render(request, "portal/penalty/notice.html", context)


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def appeal(request: HttpRequest, token: str) -> HttpResponse:
    """Reasons and evidence, on one page."""
    notice = queries.notice_in(token)
    if notice is None:
        return redirect("portal:penalty_find")
    if request.method != "POST":
        return _appeal_page(request, notice, token, {})
    if wait := limits.held_up(request, limits.REPORTS):
        return wait
    typed = {
        "ground": clean_line(request.POST.get("ground", ""))[:40],
        "words": clean_text(request.POST.get("words", "")),
        "name": clean_line(request.POST.get("name", ""))[:200],
        "email": clean_line(request.POST.get("email", ""))[:300],
    }
    appeal_id = uuid7()
    new = NewAppeal(
        id=appeal_id, ground=typed["ground"], words=typed["words"], name=typed["name"], email=typed["email"]
    )
    try:
        operations.check(new)
        new = replace(new, file_ids=_evidence(request, appeal_id))
        operations.appeal(notice.pk, new, by=actor(request), at=now())
    except BadInput as error:
        return _appeal_page(request, notice, token, typed, problems=error.problems)
    except RuleBroken as error:
        return _appeal_page(request, notice, token, typed, problems={"": str(error)}, status=409)
    return redirect(f"{reverse('portal:penalty', args=[token])}?received")


def _evidence(request: HttpRequest, appeal_id: UUID) -> list[UUID]:
    """Keep what was sent as a draft's; it is given to the appeal when that is made. Raises BadInput."""
    sent = [one for one in request.FILES.getlist("files") if one.name]
    if len(sent) > MOST_FILES:
        raise BadInput({"files": _("Choose at most %(most)s files") % {"most": MOST_FILES}})
    draft = Subject(kind="draft", id=appeal_id)
    by, at = actor(request), now()
    return [files.store(one, about=draft, purpose="evidence", by=by, at=at, field="files").pk for one in sent]


def _appeal_page(
    request: HttpRequest,
    notice: PenaltyNotice,
    token: str,
    typed: dict[str, str],
    *,
    problems: dict[str, str] | None = None,
    status: int = 0,
) -> HttpResponse:
    found = problems or {}
    context = {
        "notice": notice,
        "token": token,
        "typed": {"ground": "", "words": "", "name": "", "email": "", **typed},
        "grounds": Appeal.Ground.choices,
        "most_files": MOST_FILES,
        **_said(found),
    }
    return render(request, "portal/penalty/appeal.html", context, status=status or (422 if found else 200))


def _said(problems: dict[str, str]) -> dict[str, object]:
    errors = [{"text": text, "href": f"#{field}" if field else ""} for field, text in problems.items()]
    return {"problems": problems, "errors": errors}
