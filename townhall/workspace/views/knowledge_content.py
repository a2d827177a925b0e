"""Looking after content: tasks from flags, searches that found nothing, words that mean the same, who else deals with what."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from townhall.accounts import directory
from townhall.accounts.permissions import may
from townhall.accounts.web import actor
from townhall.cases.access import cases_visible_to
from townhall.core.access import staff
from townhall.core.errors import BadInput, NotFound, RuleBroken
from townhall.core.references import parse_reference
from townhall.core.time import council_date, now
from townhall.forms.typed import clean_line
from townhall.knowledge import referrals, search, synonyms, tasks
from townhall.knowledge.entries import codes_of
from townhall.knowledge.models import Referral, Task
from townhall.knowledge.permissions import FLAG, SEE, WRITE
from townhall.workspace import knowledge_inputs as inputs
from townhall.workspace.names import names_of
from townhall.workspace.queue import post_title
from townhall.workspace.views.typing_in import done, errors_of, problems_of, typed

MOST = 100


@staff(may=FLAG)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def flag(request: HttpRequest) -> HttpResponse:
    """Say that something is unclear or wrong."""
    asked = request.POST if request.method == "POST" else request.GET
    kind, key = clean_line(asked.get("kind", ""))[:30], clean_line(asked.get("key", ""))[:100]
    try:
        about = search.listed(kind, key)
    except NotFound as error:
        raise Http404 from error
    values = typed(request, "why", "words")
    problems: dict[str, str] = {}
    if request.method == "POST":
        try:
            made = tasks.flag(kind, key, why=values["why"], words=values["words"], by=actor(request), at=now())
        except RuleBroken as error:
            problems = problems_of(error)
        else:
            return redirect("workspace:knowledge_task", made.pk)
    context = {
        "about": about,
        "kind": kind,
        "key": key,
        "typed": values,
        "problems": problems,
        "errors": errors_of(problems),
        "whys": [(one.value, one.label) for one in (Task.Why.UNCLEAR, Task.Why.WRONG)],
    }
    return render(request, "workspace/knowledge/flag.html", context, status=422 if problems else 200)


@staff(may=SEE)
@never_cache
@require_safe
def task_list(request: HttpRequest) -> HttpResponse:
    by, at = actor(request), now()
    mine = "mine" in request.GET
    rows = tasks.open_tasks(post_ids=by.posts if mine else frozenset())
    context = {
        "tasks": [(one, post_title(one.owner_post_id) if one.owner_post_id else "") for one in rows[:MOST]],
        "mine": mine,
        "today": council_date(at),
    }
    return render(request, "workspace/knowledge/tasks.html", context)


def _task(task_id: UUID) -> Task:
    found = Task.objects.select_related("change").filter(pk=task_id).first()
    if found is None:
        raise Http404
    return found


@staff(may=SEE)
@never_cache
@require_safe
def task(request: HttpRequest, task_id: UUID) -> HttpResponse:
    found, by = _task(task_id), actor(request)
    context = {
        "task": found,
        "owner": post_title(found.owner_post_id) if found.owner_post_id else "",
        "owner_code": directory.post_by_id(found.owner_post_id).code if found.owner_post_id else "",
        "posts": inputs.posts(),
        "citations": list(found.citations.order_by("cited_at", "id")),
        "names": names_of({found.opened_by, found.ended_by}),
        "may_write": may(by, WRITE).allowed,
        "may_cite": may(by, "cases.see").allowed and may(by, FLAG).allowed,
        "today": council_date(now()),
    }
    return render(request, "workspace/knowledge/task.html", context)


@staff(may=WRITE)
@require_POST
def end_task(request: HttpRequest, task_id: UUID) -> HttpResponse:
    found, by, values = _task(task_id), actor(request), typed(request, "end", "answer")
    return done(
        request,
        lambda: tasks.end(found.pk, is_done=values["end"] != "dropped", answer=values["answer"], by=by, at=now()),
        _("It is written down."),
        to="workspace:knowledge_task",
        arguments=[task_id],
    )


@staff(may=WRITE)
@require_POST
def give_task(request: HttpRequest, task_id: UUID) -> HttpResponse:
    found, by, values = _task(task_id), actor(request), typed(request, "owner_post")
    return done(
        request,
        lambda: tasks.give(found.pk, owner_post=values["owner_post"], by=by, at=now()),
        _("It has a new owner."),
        to="workspace:knowledge_task",
        arguments=[task_id],
    )


@staff(may=FLAG)
@require_POST
def cite(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Name this as the cause of a case that the reader may see."""
    found, by = _task(task_id), actor(request)
    typed_reference = typed(request, "reference")["reference"]

    def act() -> None:
        reference = parse_reference(typed_reference)
        case = cases_visible_to(by).filter(reference=reference).first() if reference else None
        if case is None:
            raise BadInput({"reference": _("We have no case with that reference")})
        tasks.cite(found.pk, about=case.subject, reference=case.reference, case_id=case.pk, by=by, at=now())

    words = _("The case names this as its cause.")
    return done(request, act, words, to="workspace:knowledge_task", arguments=[task_id])


@staff(may=SEE)
@never_cache
@require_safe
def missed_list(request: HttpRequest) -> HttpResponse:
    return render(
        request,
        "workspace/knowledge/missed.html",
        {"misses": search.misses(), "may_write": may(actor(request), WRITE).allowed},
    )


@staff(may=WRITE)
@require_POST
def settle(request: HttpRequest, missed_id: UUID) -> HttpResponse:
    """It is found by now, need not be, means the same as something else, or somebody shall write about it."""
    by, at = actor(request), now()
    row = next((one for one in search.misses(limit=500) if one.pk == missed_id), None)
    if row is None:
        raise Http404
    values = typed(request, "how", "same")
    if values["how"] == "task":
        made = tasks.open_for_miss(row.words, by=by, at=at)
        search.settle(row.pk, by=by, at=at)
        return redirect("workspace:knowledge_task", made.pk)

    def act() -> None:
        if values["how"] == "same":
            synonyms.keep([row.words, *codes_of(values["same"])], by=by, at=at)
            search.settle_found(by=by, at=at)
        else:
            search.settle(row.pk, by=by, at=at)

    return done(request, act, _("It is settled."), to="workspace:knowledge_missed")


@staff(may=WRITE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def synonym_list(request: HttpRequest) -> HttpResponse:
    """Words that mean the same; a set is changed or taken away by its own button."""
    by, at = actor(request), now()
    values = typed(request, "words", "set", "remove")
    problems: dict[str, str] = {}
    if request.method == "POST":
        try:
            set_id = UUID(values["set"]) if values["set"] else None
            if values["remove"] and set_id:
                synonyms.remove(set_id, by=by, at=at)
            else:
                synonyms.keep(codes_of(values["words"]), by=by, at=at, set_id=set_id)
            settled = search.settle_found(by=by, at=at)
        except ValueError as error:
            raise Http404 from error
        except RuleBroken as error:
            problems = problems_of(error)
        else:
            _say_settled(request, len(settled))
            return redirect("workspace:knowledge_synonyms")
    context = {
        "sets": synonyms.every(),
        "typed": values if problems else dict.fromkeys(values, ""),
        "problems": problems,
        "errors": errors_of(problems),
    }
    return render(request, "workspace/knowledge/synonyms.html", context, status=422 if problems else 200)


def _say_settled(request: HttpRequest, settled: int) -> None:
    messages.success(request, _("It is kept."))
    if settled:
        words = ngettext(
            "%(num)d search that found nothing finds something now.",
            "%(num)d searches that found nothing find something now.",
            settled,
        )
        messages.success(request, words % {"num": settled})


@staff(may=SEE)
@never_cache
@require_safe
def referral_list(request: HttpRequest) -> HttpResponse:
    context = {
        "lines": referrals.shown(referrals.every(), at=now()),
        "may_write": may(actor(request), WRITE).allowed,
    }
    return render(request, "workspace/knowledge/referrals.html", context)


@staff(may=WRITE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def referral(request: HttpRequest, referral_id: UUID | None = None) -> HttpResponse:
    """Enter somebody outside, change what is said of them, or end it."""
    by, at = actor(request), now()
    row = Referral.objects.filter(pk=referral_id, ended_at=None).first() if referral_id else None
    if referral_id and row is None:
        raise Http404
    values = typed(request, *inputs.REFERRAL) if request.method == "POST" else _as_typed(row)
    problems: dict[str, str] = {}
    if request.method == "POST":
        try:
            if "end" in request.POST and row is not None:
                referrals.end(row.pk, by=by, at=at)
            else:
                referrals.keep(inputs.referral(values), by=by, at=at, referral_id=referral_id)
        except RuleBroken as error:
            problems = problems_of(error)
        else:
            messages.success(request, _("It is kept."))
            return redirect("workspace:knowledge_referrals")
    context = {
        "row": row,
        "typed": values,
        "problems": problems,
        "errors": errors_of(problems),
        "posts": inputs.posts(),
        "services": inputs.services(),
    }
    return render(request, "workspace/knowledge/referral.html", context, status=422 if problems else 200)


def _as_typed(row: Referral | None) -> dict[str, str]:
    if row is None:
        return dict.fromkeys(inputs.REFERRAL, "")
    return {
        "name": row.name,
        "deals_with": row.deals_with,
        "keywords": ", ".join(row.keywords),
        "services": ", ".join(row.service_codes),
        "phone": row.phone,
        "email": row.email,
        "link": row.link,
        "hours": row.hours,
        "owner_post": directory.post_by_id(row.owner_post_id).code if row.owner_post_id else "",
        "review_on": row.review_on.isoformat() if row.review_on else "",
    }
