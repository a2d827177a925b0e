"""The moves of a case, each a page with its own form. They work without JavaScript, and nothing typed is lost."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from townhall.accounts.permissions import may
from townhall.accounts.web import actor
from townhall.cases import operations as cases
from townhall.cases.models import Case
from townhall.cases.operations.joining import cases_in
from townhall.cases.states import State
from townhall.core.access import staff
from townhall.core.actors import Actor
from townhall.core.errors import BadInput, RuleBroken, WrongState
from townhall.core.time import now
from townhall.files.models import State as FileState
from townhall.files.models import StoredFile
from townhall.ledger import operations as ledger
from townhall.ui.words import long_date
from townhall.workspace import case_page, presence, reply_prompts
from townhall.workspace import web_forms as forms
from townhall.workspace.moves import BY_CODE, Facts, Move, Standing, facts_of, standing
from townhall.workspace.previews import Preview, preview_of
from townhall.workspace.views.case import decide_photo, joining, near_case
from townhall.workspace.views.desk import as_uuid
from townhall.workspace.views.move_pages import PAGES, Page
from townhall.workspace.views.shared import add_problems, case_or_404


def view_of(code: str) -> Callable[..., HttpResponseBase]:
    """The page of one move, open to those who may make it."""
    move, page = BY_CODE[code], PAGES[code]

    @staff(may=move.may)
    @require_http_methods(["GET", "HEAD", "POST"])
    def view(request: HttpRequest, reference: str) -> HttpResponse:
        case = case_or_404(request, reference)
        if request.method == "POST":
            return _posted(request, case, move, page)
        return _opened(request, case, move, page)

    view.__name__ = view.__qualname__ = f"move_{code.replace('-', '_')}"
    return view


def _opened(request: HttpRequest, case: Case, move: Move, page: Page) -> HttpResponse:
    by, at = actor(request), now()
    facts = facts_of(case, by)
    stands = standing(move, facts, by)
    with transaction.atomic():
        ledger.looked(
            by=by, at=at, customer_id=case.customer_id, case_id=case.pk, page="workspace.move", reason=move.code
        )
        presence.here(case.pk, user_id=UUID(by.id), doing=move.code, at=at)
    form = page.form(None, case=case, by=by)
    if "into" in form.fields and request.GET.get("into"):
        form.fields["into"].initial = request.GET["into"][:40]
    preview = None
    if page.shows_at_once and stands.is_allowed:
        preview, _problem = _preview(case, page, {}, by, at)
    return _draw(request, case, move, page, form, facts=facts, stands=stands, preview=preview)


def _posted(request: HttpRequest, case: Case, move: Move, page: Page) -> HttpResponse:
    by, at = actor(request), now()
    form = page.form(request.POST, request.FILES, case=case, by=by)
    facts = facts_of(case, by)
    stands = standing(move, facts, by)
    draw: dict[str, Any] = {"facts": facts, "stands": stands}
    was = request.POST.get("seen_state", "")
    if was and was != case.state and move.code != "note":
        return _draw(request, case, move, page, form, stale=_moved_on(was, case), status=409, **draw)
    if reply_prompts.TAKE in request.POST:
        return _draw(request, case, move, page, _with_reply(request, case, move, page), **draw)
    if not form.is_valid():
        return _draw(request, case, move, page, form, status=422, **draw)
    if move.code == "tell" and {"approve", "reject"} & request.POST.keys():
        _decide_waiting_photo(request, case, by)
        preview, _problem = _preview(case, page, form.cleaned_data, by, at)
        return _draw(request, case, move, page, form, preview=preview, **draw)
    if "preview" in request.POST:
        preview, problem = _preview(case, page, form.cleaned_data, by, at)
        if problem is not None:
            return _draw(request, case, move, page, form, status=_say_why(case, form, problem), **draw)
        return _draw(request, case, move, page, form, preview=preview, has_preview=True, **draw)
    if _is_to_be_prompted(request, case, move):
        return _draw(request, case, move, page, form, **draw)
    try:
        page.run(case, form.cleaned_data, by, at)
    except RuleBroken as error:
        return _draw(request, case, move, page, form, status=_say_why(case, form, error), **draw)
    return _gone_on(request, case, move, page, form)


def _gone_on(request: HttpRequest, case: Case, move: Move, page: Page, form: forms.MoveForm) -> HttpResponse:
    """It is done: say so, and where it goes on."""
    messages.success(request, str(page.done))
    if _is_late(case, form):
        messages.warning(
            request,
            _("The date is after %(date)s, which the customer was promised.") % {"date": long_date(case.due_on)},
        )
    if move.code == "complete":
        return redirect("workspace:case-tell", case.reference)
    if move.code == "return-offer":  # the case is not theirs to see any more
        presence.gone(case.pk, user_id=UUID(actor(request).id))
        return redirect("workspace:offers")
    return redirect("workspace:case", case.reference)


def _prompts(request: HttpRequest, case: Case, move: Move) -> reply_prompts.Prompts | None:
    """Approved replies beside the box whose words go to the customer, where the move has one."""
    box = reply_prompts.BOXES.get(move.code)
    if box is None:
        return None
    return reply_prompts.of(request.POST.get(box, "")[:10_000], service=case.service_code, field=box)


def _is_to_be_prompted(request: HttpRequest, case: Case, move: Move) -> bool:
    """Whether approved words say this too, and whoever writes was not shown them yet."""
    prompts = _prompts(request, case, move)
    return bool(prompts and prompts.is_own_words and request.POST.get("prompted") != str(prompts.like[0].reply.id))


def _with_reply(request: HttpRequest, case: Case, move: Move, page: Page) -> forms.MoveForm:
    """The page as typed, with the approved words in its box."""
    form = page.form(None, case=case, by=actor(request))
    form.initial = request.POST.dict()
    words = reply_prompts.taken(request.POST.dict(), service=case.service_code)
    if words is not None and move.code in reply_prompts.BOXES:
        form.initial[reply_prompts.BOXES[move.code]] = words
    return form


def _preview(
    case: Case, page: Page, given: Mapping[str, Any], by: Actor, at: datetime
) -> tuple[Preview | None, RuleBroken | None]:
    try:
        return preview_of(case.pk, lambda: page.run(case, given, by, at), at=at), None
    except RuleBroken as error:
        return None, error


def _say_why(case: Case, form: forms.MoveForm, error: RuleBroken) -> int:
    """Put the rule's own sentence on the form, which keeps what was typed; the status to answer with."""
    case.refresh_from_db()
    if isinstance(error, BadInput):
        add_problems(form, error)
        return 422
    form.add_error(None, str(error))
    return 409 if isinstance(error, WrongState) else 403


def _moved_on(was: str, case: Case) -> str:
    before = State(was).label if was in State.values else was
    return _(
        "This case has moved on since you opened this page: it was “%(was)s” and is now “%(state)s”. Nothing was done."
    ) % {"was": before, "state": State(case.state).label}


def _draw(
    request: HttpRequest,
    case: Case,
    move: Move,
    page: Page,
    form: forms.MoveForm,
    *,
    facts: Facts,
    stands: Standing,
    preview: Preview | None = None,
    has_preview: bool = False,
    stale: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "case": case,
        "move": move,
        "page": page,
        "form": form,
        "state": State(case.state),
        "stands": stands,
        "preview": preview,
        "has_preview": has_preview or preview is not None,
        "stale": stale,
        "prompts": _prompts(request, case, move) if stands.is_allowed else None,
        **_to_join(case, actor(request), is_asked=move.code == "merge"),
        "waiting_photos": _waiting_photos(case) if move.code == "tell" and stands.is_allowed else [],
        "may_approve": may(actor(request), "files.approve").allowed,
        "is_late": _is_late(case, form),
    }
    return render(request, "workspace/move.html", context, status=status)


def _to_join(case: Case, by: Actor, *, is_asked: bool) -> dict[str, object]:
    """The reports nearby that may be joined with one click."""
    found = case_page.seen_by(by, near_case(case)) if is_asked else []
    offered = joining(case, found)
    return {"near": [one for one in found if one.id in offered], "joining": offered}


def _waiting_photos(case: Case) -> list[StoredFile]:
    """Photos that the public would not see when the customer is told now; also those of the reports joined to this one."""
    waiting = StoredFile.objects.filter(case_id__in=cases_in(case.pk), state=FileState.PRIVATE)
    return list(waiting.filter(content_type__startswith="image/").order_by("created_at"))


def _decide_waiting_photo(request: HttpRequest, case: Case, by: Actor) -> None:
    """The buttons of a photo are of the same form as the message, so that what was typed stays."""
    if not may(by, "files.approve").allowed:
        raise PermissionDenied
    photo_id = as_uuid(request.POST.get("approve") or request.POST.get("reject") or "")
    if photo_id is None:
        raise Http404
    decide_photo(request, case, photo_id, is_approved="approve" in request.POST)


def _is_late(case: Case, form: forms.MoveForm) -> bool:
    """Whether the form's date for the work is after the promise."""
    on = getattr(form, "cleaned_data", {}).get("scheduled_on") if form.is_bound else None
    return on is not None and on > case.due_on


def part_view(end: str) -> Callable[..., HttpResponseBase]:
    """The page that ends one service's part of a case: done, or not needed."""
    is_done = end == "done"
    end_or_cancel: Callable[..., object] = cases.end_task if is_done else cases.cancel_task
    move = Move(
        code=f"part-{end}",
        name=gettext_lazy("End this part") if is_done else gettext_lazy("This part is not needed"),
        may="cases.complete" if is_done else "cases.split",
        why_not=lambda facts, by: "",
    )

    @staff(may=move.may)
    @require_http_methods(["GET", "HEAD", "POST"])
    def view(request: HttpRequest, reference: str, task_id: UUID) -> HttpResponse:
        case = case_or_404(request, reference)
        if not case.tasks.filter(pk=task_id).exists():
            raise Http404
        page = Page(
            form=forms.EndPart if is_done else forms.CancelPart,
            run=lambda case, given, by, at: end_or_cancel(task_id, **given, by=by, at=at),
            button=move.name,
            done=gettext_lazy("The part has ended."),
        )
        return _posted(request, case, move, page) if request.method == "POST" else _opened(request, case, move, page)

    view.__name__ = view.__qualname__ = f"part_{end}"
    return view
