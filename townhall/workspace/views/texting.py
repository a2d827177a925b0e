"""Texts to many: written, seen before they go, approved, sent, stopped, and what came of them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from townhall.accounts.models import User
from townhall.accounts.permissions import may
from townhall.accounts.web import actor
from townhall.core.access import staff
from townhall.core.errors import RuleBroken
from townhall.core.ids import as_uuid, uuid7
from townhall.core.time import now
from townhall.engagement.states import Texting
from townhall.engagement.texting import audience, campaigns, lists, results, single
from townhall.engagement.texting.length import length_of
from townhall.engagement.texting.models import TextCampaign, WrittenText
from townhall.engagement.texting.standards import PURPOSES, READY, framed
from townhall.ledger import operations as ledger
from townhall.neighbourhood.models import Round
from townhall.places.models import Area
from townhall.workspace.names import names_of
from townhall.workspace.views import text_inputs
from townhall.workspace.views.typing_in import done, errors_of, problems_of, typed

SEE = "texts.see"
PAGE = 50


@staff(may=SEE)
@never_cache
@require_safe
def campaign_list(request: HttpRequest) -> HttpResponse:
    by = actor(request)
    page = max(1, int(given) if (given := request.GET.get("page", "")).isdecimal() and len(given) < 5 else 1)
    rows = list(TextCampaign.objects.order_by("-written_at", "-id")[(page - 1) * PAGE : page * PAGE + 1])
    context = {
        "rows": [(row, PURPOSES[row.purpose].name) for row in rows[:PAGE]],
        "page": page,
        "has_more": len(rows) > PAGE,
        "ready": READY,
        "mine": single.replies_of(UUID(by.id)) if may(by, single.SEND).allowed else [],
        "may_plan": may(by, campaigns.PLAN).allowed,
    }
    return render(request, "workspace/engagement/texting.html", context)


@staff(may=SEE)
@require_safe
def standards(request: HttpRequest) -> HttpResponse:
    context = {
        "purposes": [(one, framed("…", many=one.many)) for one in PURPOSES.values()],
        "above": settings.TEXT_APPROVAL_ABOVE,
        "sender": settings.TEXT_SENDER,
        "part_pence": settings.TEXT_PART_PENCE,
        "a_minute": settings.TEXTS_A_MINUTE,
        "undo_minutes": int(campaigns.UNDO.total_seconds() // 60),
    }
    return render(request, "workspace/engagement/text_standards.html", context)


def _campaign(campaign_id: UUID) -> TextCampaign:
    row = TextCampaign.objects.filter(pk=campaign_id).first()
    if row is None:
        raise Http404
    return row


@staff(may=campaigns.PLAN)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def plan(request: HttpRequest, campaign_id: UUID | None = None) -> HttpResponse:
    """`ready`: the code of words to begin with."""
    row, by = _campaign(campaign_id) if campaign_id else None, actor(request)
    if request.method != "POST":
        words = text_inputs.first(row, owner=by.id)
        ready = next((one for one in READY if one.code == request.GET.get("ready")), None)
        if ready and row is None:
            words |= {"name": str(ready.name), "purpose": ready.purpose, "words": str(ready.words), "to": ready.to}
            words |= {"saved": ready.to_code}
        return _form(request, row, words)
    words = typed(request, *text_inputs.NAMES)
    words["outline"] = request.POST.get("outline", "")[: text_inputs.LONGEST_OUTLINE]
    upload = request.FILES.get("file")
    file = upload.read(lists.LARGEST + 1) if upload else None
    try:
        wanted, key = text_inputs.plan_of(words, file), as_uuid(request.POST.get("key", ""))
        made = campaigns.plan(wanted, by=by, at=now(), campaign_id=campaign_id, key=key)
    except RuleBroken as error:
        return _form(request, row, words, problems=problems_of(error, field="name"))
    return redirect("workspace:text_campaign", made.pk)


def _form(
    request: HttpRequest, row: TextCampaign | None, words: dict[str, str], *, problems: dict[str, str] | None = None
) -> HttpResponse:
    wards = Area.objects.filter(kind=Area.Kind.WARD).order_by("name").values_list("code", "name")
    context: dict[str, Any] = {
        "row": row,
        "key": as_uuid(request.POST.get("key", "")) or uuid7(),
        "typed": words,
        "purposes": [one for one in PURPOSES.values() if one.many],
        "wards": [("", _("Choose")), *wards],
        "rounds": [
            ("", _("Choose")),
            *((code, code) for code in Round.objects.order_by("code").values_list("code", flat=True)[:2000]),
        ],
        "saved": [("", _("Choose")), *((one.code, one.name) for one in audience.SAVED.values())],
        "fields": sorted({name for one in audience.SAVED.values() for name in one.fields}),
        "columns": lists.columns_of(row.pk) if row and row.to == TextCampaign.To.FILE else [],
        "staff": list(User.objects.filter(is_active=True, pk__in=_owners(request, words)).values_list("pk", "name")),
        "sender": settings.TEXT_SENDER,
        "most_lines": lists.MOST_LINES,
        "problems": problems or {},
        "errors": errors_of(problems or {}),
    }
    return render(request, "workspace/engagement/text_form.html", context, status=422 if problems else 200)


def _owners(request: HttpRequest, words: dict[str, str]) -> list[UUID]:
    """Whoever plans it, who answers for it already, and the people of their teams."""
    by = actor(request)
    held = User.objects.filter(posts_held__post__team__in=by.teams, is_active=True).values_list("pk", flat=True)
    already = as_uuid(words.get("owner", ""))
    return [UUID(by.id), *([already] if already else []), *list(held.distinct()[:200])]


@staff(may=SEE)
@never_cache
@require_safe
def campaign(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    row, at, by = _campaign(campaign_id), now(), actor(request)
    going = row.state not in (Texting.DRAFT, Texting.APPROVED, Texting.DROPPED)
    counts = results.progress(row) if going else {}
    may_plan = may(by, campaigns.PLAN).allowed
    sees = may(by, "customers.see").allowed
    if sees:
        ledger.looked(by=by, at=at, customer_id=None, page="workspace.text_campaign")
    because = dict(WrittenText.Because.choices)
    context = {
        "row": row,
        "purpose": PURPOSES[row.purpose],
        "whole": framed(row.words, many=True),
        "length": length_of(framed(row.words, many=True)),
        "examples": results.examples(row) if sees else [],
        "problems": row.problems if sees else [],
        "left_out": [(because.get(code, code), number) for code, number in audience.left_out(row.pk).items()],
        "counts": counts,
        "gone": sum(counts.get(name, 0) for name in ("sent", "delivered", "failed")),
        "may_stop_more": row.state == Texting.SENDING or (row.state == Texting.SENT and counts.get("waiting", 0) > 0),
        "replies": single.replies_to(row.pk) if going and sees else [],
        "names": names_of([row.written_by, row.approved_by, row.stopped_by, str(row.owner_id)]),
        "owner": str(row.owner_id),
        "needs_approval": campaigns.needs_approval(row),
        "above": settings.TEXT_APPROVAL_ABOVE,
        "goes_now": results.may_go_now(row, at=at),
        "may_plan": may_plan,
        "may_approve": may(by, campaigns.APPROVE).allowed and row.written_by != by.id,
    }
    return render(request, "workspace/engagement/text_campaign.html", context)


@staff(may=campaigns.APPROVE)
@require_POST
def approve(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    by = actor(request)
    seen = text_inputs.seen_at(request.POST.get("seen", ""))
    act = lambda: campaigns.approve(campaign_id, by=by, at=now(), seen=seen)  # noqa: E731
    return done(
        request, act, _("It is approved, and can be sent."), to="workspace:text_campaign", arguments=[campaign_id]
    )


@staff(may=campaigns.PLAN)
@require_POST
def send(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    by = actor(request)
    act = lambda: campaigns.send(campaign_id, by=by, at=now())  # noqa: E731
    return done(request, act, _("It is going out."), to="workspace:text_campaign", arguments=[campaign_id])


@staff(may=campaigns.PLAN)
@require_POST
def stop(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    by, because = actor(request), typed(request, "because")["because"]
    act = lambda: campaigns.stop(campaign_id, because=because, by=by, at=now())  # noqa: E731
    words = _("It is stopped: nothing more of it goes.")
    return done(request, act, words, to="workspace:text_campaign", arguments=[campaign_id])
