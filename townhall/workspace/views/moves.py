"""The moves of a case, each a page with its own form. They work without JavaScript, and nothing typed is lost."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods
from django_stubs_ext import StrOrPromise

from townhall.accounts.permissions import may
from townhall.accounts.web import actor
from townhall.cases import operations as cases
from townhall.cases.models import Case, Handoff
from townhall.cases.operations.joining import cases_in
from townhall.cases.states import State
from townhall.core.access import staff
from townhall.core.actors import Actor
from townhall.core.errors import BadInput, RuleBroken, WrongState
from townhall.core.time import now
from townhall.files import operations as files
from townhall.files.models import State as FileState
from townhall.files.models import StoredFile
from townhall.ledger import operations as ledger
from townhall.ui.words import long_date
from townhall.workspace import case_page, presence
from townhall.workspace import web_forms as forms
from townhall.workspace.moves import BY_CODE, Facts, Move, Standing, facts_of, standing
from townhall.workspace.previews import Preview, preview_of
from townhall.workspace.views.case import near_case
from townhall.workspace.views.shared import add_problems, case_or_404

Run = Callable[[Case, Mapping[str, Any], Actor, datetime], object]


@dataclass(frozen=True, kw_only=True)
class Page:
    """How a move is drawn and made. `tells`: whether customers are sent something, so that it can be previewed."""

    form: type[forms.MoveForm]
    run: Run
    button: StrOrPromise
    done: StrOrPromise
    tells: bool = False
    shows_at_once: bool = False  # the preview is there when the page opens
    about: StrOrPromise = ""


def _offer_of(case: Case) -> UUID:
    found = case.handoffs.filter(state=Handoff.State.OFFERED).values_list("pk", flat=True).first()
    if found is None:
        raise WrongState(_("This offer has already been answered."))
    return found


def _complete(case: Case, given: Mapping[str, Any], by: Actor, at: datetime) -> object:
    """The photo is kept first: it is work of its own, and stays with the case when the move is refused."""
    if given.get("photo"):
        files.store(given["photo"], about=case.subject, purpose="after", by=by, at=at, case_id=case.pk, field="photo")
    return cases.complete(case.pk, outcome_code=given["outcome_code"], outcome_text=given["outcome_text"], by=by, at=at)


def _merge(case: Case, given: Mapping[str, Any], by: Actor, at: datetime) -> object:
    into = case_page.visible(given["into"], by=by)
    if into is None:
        raise BadInput({"into": _("There is no report with that reference that you may see")})
    return cases.merge(case.pk, into_id=into.pk, by=by, at=at)


def _split(case: Case, given: Mapping[str, Any], by: Actor, at: datetime) -> object:
    parts = [
        cases.Part(
            service_code=given[f"service_{number}"], title=given[f"title_{number}"], days=given[f"days_{number}"] or 0
        )
        for number in range(1, forms.PARTS + 1)
        if given[f"service_{number}"]
    ]
    return cases.split(case.pk, parts, by=by, at=at)


PAGES: Mapping[str, Page] = {
    "accept": Page(
        form=forms.Accept,
        run=lambda case, given, by, at: cases.accept(case.pk, scheduled_on=given["scheduled_on"], by=by, at=at),
        button=gettext_lazy("Accept"),
        done=gettext_lazy("Accepted."),
        tells=True,
    ),
    "decline": Page(
        form=forms.Decline,
        run=lambda case, given, by, at: cases.decline(
            case.pk, reason_code=given["reason_code"], words=given["words"], by=by, at=at
        ),
        button=gettext_lazy("Decline and send the explanation"),
        done=gettext_lazy("Declined. The customer is sent the explanation."),
        tells=True,
    ),
    "ask": Page(
        form=forms.Ask,
        run=lambda case, given, by, at: cases.ask_customer(case.pk, question=given["question"], by=by, at=at),
        button=gettext_lazy("Send the question"),
        done=gettext_lazy("The question is on its way. The case waits for the answer."),
        tells=True,
    ),
    "schedule": Page(
        form=forms.Schedule,
        run=lambda case, given, by, at: cases.schedule(case.pk, on=given["scheduled_on"], by=by, at=at),
        button=gettext_lazy("Set the date"),
        done=gettext_lazy("The date is set."),
        tells=True,
    ),
    "complete": Page(
        form=forms.Complete,
        run=_complete,
        button=gettext_lazy("End the work"),
        done=gettext_lazy("The work has ended. Now tell the customer."),
        about=gettext_lazy(
            "Ending the work is the first tick. The customer is told next, with a preview of the message."
        ),
    ),
    "tell": Page(
        form=forms.Tell,
        run=lambda case, given, by, at: cases.tell(case.pk, words=given.get("words", ""), by=by, at=at),
        button=gettext_lazy("Send and close"),
        done=gettext_lazy("Everyone who follows is told, and the case is closed."),
        tells=True,
        shows_at_once=True,
    ),
    "close": Page(
        form=forms.CloseWithoutMessage,
        run=lambda case, given, by, at: cases.close_without_message(
            case.pk, reason=given["no_message_reason"], by=by, at=at
        ),
        button=gettext_lazy("Close without a message"),
        done=gettext_lazy("Closed. The reason is kept."),
    ),
    "take": Page(
        form=forms.Take,
        run=lambda case, given, by, at: cases.take(case.pk, post_id=UUID(given["post"]), by=by, at=at),
        button=gettext_lazy("Take it"),
        done=gettext_lazy("It is yours."),
    ),
    "put-back": Page(
        form=forms.Nothing,
        run=lambda case, given, by, at: cases.put_back(case.pk, by=by, at=at),
        button=gettext_lazy("Put it back"),
        done=gettext_lazy("It is back with the team."),
    ),
    "offer": Page(
        form=forms.Offer,
        run=lambda case, given, by, at: cases.offer(
            case.pk, to_team_id=UUID(given["to_team"]), note=given["note"], by=by, at=at
        ),
        button=gettext_lazy("Offer it"),
        done=gettext_lazy("Offered. It stays with you until they accept."),
    ),
    "accept-offer": Page(
        form=forms.Nothing,
        run=lambda case, given, by, at: cases.accept_offer(_offer_of(case), by=by, at=at),
        button=gettext_lazy("Accept the offer"),
        done=gettext_lazy("Your team has the case now."),
        tells=True,
        about=gettext_lazy("From now on your team does the work. Everyone who follows is told."),
    ),
    "return-offer": Page(
        form=forms.ReturnOffer,
        run=lambda case, given, by, at: cases.return_offer(_offer_of(case), reason=given["reason"], by=by, at=at),
        button=gettext_lazy("Return it"),
        done=gettext_lazy("Returned to the team that offered it, with your reason."),
    ),
    "withdraw-offer": Page(
        form=forms.Nothing,
        run=lambda case, given, by, at: cases.withdraw_offer(_offer_of(case), by=by, at=at),
        button=gettext_lazy("Withdraw the offer"),
        done=gettext_lazy("The offer is withdrawn."),
    ),
    "merge": Page(
        form=forms.Merge,
        run=_merge,
        button=gettext_lazy("Join them"),
        done=gettext_lazy("Joined. Everyone who followed this report follows the other one now."),
        tells=True,
    ),
    "unmerge": Page(
        form=forms.Nothing,
        run=lambda case, given, by, at: cases.unmerge(case.pk, by=by, at=at),
        button=gettext_lazy("Take the joining back"),
        done=gettext_lazy("This report goes on by itself, with those who followed it."),
    ),
    "refer": Page(
        form=forms.Refer,
        run=lambda case, given, by, at: cases.refer(case.pk, body=given["body"], by=by, at=at),
        button=gettext_lazy("Pass it on"),
        done=gettext_lazy("Passed on, and the customer is told."),
        tells=True,
    ),
    "extend": Page(
        form=forms.Extend,
        run=lambda case, given, by, at: cases.extend_decision(
            case.pk, until_on=given["until_on"], reason=given["reason"], by=by, at=at
        ),
        button=gettext_lazy("Approve more time"),
        done=gettext_lazy("Approved. The customer is told the new date."),
        tells=True,
    ),
    "decide-again": Page(
        form=forms.Nothing,
        run=lambda case, given, by, at: cases.decide_again(case.pk, by=by, at=at),
        button=gettext_lazy("Decide again"),
        done=gettext_lazy("The case awaits a decision again."),
        tells=True,
    ),
    "reopen": Page(
        form=forms.Reopen,
        run=lambda case, given, by, at: cases.reopen(case.pk, reason=given["reason"], by=by, at=at),
        button=gettext_lazy("Open it again"),
        done=gettext_lazy("The case is open again, with its owner."),
        tells=True,
    ),
    "update": Page(
        form=forms.Update,
        run=lambda case, given, by, at: cases.post_update(case.pk, text=given["text"], by=by, at=at),
        button=gettext_lazy("Tell everyone who follows"),
        done=gettext_lazy("Everyone who follows is told."),
        tells=True,
    ),
    "split": Page(
        form=forms.Split,
        run=_split,
        button=gettext_lazy("Give them their parts"),
        done=gettext_lazy("The parts are given. This team still leads, and gives the one reply."),
        about=gettext_lazy("Each service does its part. Your team keeps the case, its promise and the one reply."),
    ),
    "contractor": Page(
        form=forms.Contractor,
        run=lambda case, given, by, at: cases.send_to_contractor(
            case.pk,
            team_id=UUID(given["team"]),
            contract_ref=given["contract_ref"],
            obligations=given["obligations"],
            days=given["days"],
            by=by,
            at=at,
        ),
        button=gettext_lazy("Send it to the contractor"),
        done=gettext_lazy("The contractor has it. The customer sees their progress as if it were ours."),
        tells=True,
    ),
    "contractor-back": Page(
        form=forms.Nothing,
        run=lambda case, given, by, at: cases.cancel_job(case.pk, by=by, at=at),
        button=gettext_lazy("Take it back"),
        done=gettext_lazy("The work is with the team that sent it."),
        tells=True,
    ),
    "withdraw": Page(
        form=forms.Nothing,
        run=lambda case, given, by, at: cases.withdraw(case.pk, by=by, at=at),
        button=gettext_lazy("Withdraw it"),
        done=gettext_lazy("Withdrawn."),
        about=gettext_lazy("The customer told us that they no longer need this."),
    ),
    "note": Page(
        form=forms.StaffNote,
        run=lambda case, given, by, at: cases.add_staff_note(case.pk, text=given["text"], by=by, at=at),
        button=gettext_lazy("Add the note"),
        done=gettext_lazy("The note is added."),
    ),
}


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
    if not form.is_valid():
        return _draw(request, case, move, page, form, status=422, **draw)
    if "preview" in request.POST:
        preview, problem = _preview(case, page, form.cleaned_data, by, at)
        if problem is not None:
            return _draw(request, case, move, page, form, status=_say_why(case, form, problem), **draw)
        return _draw(request, case, move, page, form, preview=preview, has_preview=True, **draw)
    try:
        page.run(case, form.cleaned_data, by, at)
    except RuleBroken as error:
        return _draw(request, case, move, page, form, status=_say_why(case, form, error), **draw)
    messages.success(request, str(page.done))
    if _is_late(case, form):
        messages.warning(
            request,
            _("The date is after %(date)s, which the customer was promised.") % {"date": long_date(case.due_on)},
        )
    if move.code == "complete":
        return redirect("workspace:case-tell", case.reference)
    if move.code == "return-offer":  # the case is not theirs to see any more
        presence.gone(case.pk, user_id=UUID(by.id))
        return redirect("workspace:offers")
    return redirect("workspace:case", case.reference)


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
        "near": case_page.seen_by(actor(request), near_case(case)) if move.code == "merge" else [],
        "waiting_photos": _waiting_photos(case) if move.code == "tell" and stands.is_allowed else [],
        "may_approve": may(actor(request), "files.approve").allowed,
        "is_late": _is_late(case, form),
    }
    return render(request, "workspace/move.html", context, status=status)


def _waiting_photos(case: Case) -> list[StoredFile]:
    """Photos that the public would not see when the customer is told now; also those of the reports joined to this one."""
    waiting = StoredFile.objects.filter(case_id__in=cases_in(case.pk), state=FileState.PRIVATE)
    return list(waiting.filter(content_type__startswith="image/").order_by("created_at"))


def _is_late(case: Case, form: forms.MoveForm) -> bool:
    """Whether the form's date for the work is after the promise."""
    on = getattr(form, "cleaned_data", {}).get("scheduled_on") if form.is_bound else None
    return on is not None and on > case.due_on


def part_view(end: str) -> Callable[..., HttpResponseBase]:
    """The page that ends one service's part of a case: done, or not needed."""
    is_done = end == "done"
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
            run=lambda case, given, by, at: (
                cases.end_task(task_id, result=given["result"], by=by, at=at)
                if is_done
                else cases.cancel_task(task_id, reason=given["reason"], by=by, at=at)
            ),
            button=move.name,
            done=gettext_lazy("The part has ended."),
        )
        return _posted(request, case, move, page) if request.method == "POST" else _opened(request, case, move, page)

    view.__name__ = view.__qualname__ = f"part_{end}"
    return view
