"""The page of each move of a case: its form, the operation that its answers go to, and what is said when it is done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from townhall.cases import operations as cases
from townhall.cases.models import Case, Handoff
from townhall.core.actors import Actor
from townhall.core.errors import BadInput, WrongState
from townhall.files import operations as files
from townhall.workspace import case_page
from townhall.workspace import web_forms as forms

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


def gives(operation: Callable[..., object], **named: str) -> Run:
    """Run an operation on the case with what the form asked: each answer under its own name, or the one it has in `named`.

    What is chosen from a list of records, an argument that ends in `_id`, is handed on as a UUID.
    """

    def run(case: Case, given: Mapping[str, Any], by: Actor, at: datetime) -> object:
        arguments = {named.get(name, name): value for name, value in given.items()}
        typed = {name: UUID(value) if name.endswith("_id") else value for name, value in arguments.items()}
        return operation(case.pk, **typed, by=by, at=at)

    return run


def answers(operation: Callable[..., object]) -> Run:
    """As `gives`, for an operation on the offer that the case is under."""

    def run(case: Case, given: Mapping[str, Any], by: Actor, at: datetime) -> object:
        return operation(_offer_of(case), **given, by=by, at=at)

    return run


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
        run=gives(cases.accept),
        button=gettext_lazy("Accept"),
        done=gettext_lazy("Accepted."),
        tells=True,
    ),
    "decline": Page(
        form=forms.Decline,
        run=gives(cases.decline),
        button=gettext_lazy("Decline and send the explanation"),
        done=gettext_lazy("Declined. The customer is sent the explanation."),
        tells=True,
    ),
    "ask": Page(
        form=forms.Ask,
        run=gives(cases.ask_customer),
        button=gettext_lazy("Send the question"),
        done=gettext_lazy("The question is on its way. The case waits for the answer."),
        tells=True,
    ),
    "schedule": Page(
        form=forms.Schedule,
        run=gives(cases.schedule, scheduled_on="on"),
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
            "This says that the work is over. The customer is told on the next page, where you see the message first."
        ),
    ),
    "tell": Page(
        form=forms.Tell,
        run=gives(cases.tell),
        button=gettext_lazy("Send and close"),
        done=gettext_lazy("Everyone who follows is told, and the case is closed."),
        tells=True,
        shows_at_once=True,
    ),
    "close": Page(
        form=forms.CloseWithoutMessage,
        run=gives(cases.close_without_message, no_message_reason="reason"),
        button=gettext_lazy("Close without a message"),
        done=gettext_lazy("Closed. The reason is kept."),
    ),
    "take": Page(
        form=forms.Take,
        run=gives(cases.take, post="post_id"),
        button=gettext_lazy("Take it"),
        done=gettext_lazy("It is yours."),
    ),
    "put-back": Page(
        form=forms.Nothing,
        run=gives(cases.put_back),
        button=gettext_lazy("Put it back"),
        done=gettext_lazy("It is back with the team."),
    ),
    "offer": Page(
        form=forms.Offer,
        run=gives(cases.offer, to_team="to_team_id"),
        button=gettext_lazy("Offer it"),
        done=gettext_lazy("Offered. It stays with you until they accept."),
    ),
    "accept-offer": Page(
        form=forms.Nothing,
        run=answers(cases.accept_offer),
        button=gettext_lazy("Accept the offer"),
        done=gettext_lazy("Your team has the case now."),
        tells=True,
        about=gettext_lazy("From now on your team does the work. Everyone who follows is told."),
    ),
    "return-offer": Page(
        form=forms.ReturnOffer,
        run=answers(cases.return_offer),
        button=gettext_lazy("Return it"),
        done=gettext_lazy("Returned to the team that offered it, with your reason."),
    ),
    "withdraw-offer": Page(
        form=forms.Nothing,
        run=answers(cases.withdraw_offer),
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
        run=gives(cases.unmerge),
        button=gettext_lazy("Take the joining back"),
        done=gettext_lazy("This report goes on by itself, with those who followed it."),
    ),
    "refer": Page(
        form=forms.Refer,
        run=gives(cases.refer),
        button=gettext_lazy("Pass it on"),
        done=gettext_lazy("Passed on, and the customer is told."),
        tells=True,
    ),
    "extend": Page(
        form=forms.Extend,
        run=gives(cases.extend_decision),
        button=gettext_lazy("Approve more time"),
        done=gettext_lazy("Approved. The customer is told the new date."),
        tells=True,
    ),
    "decide-again": Page(
        form=forms.Nothing,
        run=gives(cases.decide_again),
        button=gettext_lazy("Decide again"),
        done=gettext_lazy("The case awaits a decision again."),
        tells=True,
    ),
    "reopen": Page(
        form=forms.Reopen,
        run=gives(cases.reopen),
        button=gettext_lazy("Open it again"),
        done=gettext_lazy("The case is open again, with its owner."),
        tells=True,
    ),
    "update": Page(
        form=forms.Update,
        run=gives(cases.post_update),
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
        run=gives(cases.send_to_contractor, team="team_id"),
        button=gettext_lazy("Send it to the contractor"),
        done=gettext_lazy("The contractor has it. The customer sees their progress as if it were ours."),
        tells=True,
    ),
    "contractor-back": Page(
        form=forms.Nothing,
        run=gives(cases.cancel_job),
        button=gettext_lazy("Take it back"),
        done=gettext_lazy("The work is with the team that sent it."),
        tells=True,
    ),
    "withdraw": Page(
        form=forms.Nothing,
        run=gives(cases.withdraw),
        button=gettext_lazy("Withdraw it"),
        done=gettext_lazy("Withdrawn."),
        about=gettext_lazy("The customer told us that they no longer need this."),
    ),
    "councillor": Page(
        form=forms.Councillor,
        run=gives(cases.reached_councillor),
        button=gettext_lazy("Keep it"),
        done=gettext_lazy("It is kept that this case reached a councillor."),
        about=gettext_lazy(
            "That somebody had to go to a councillor counts as a failure of ours, with its cause, in the monthly list."
        ),
    ),
    "note": Page(
        form=forms.StaffNote,
        run=gives(cases.add_staff_note),
        button=gettext_lazy("Add the note"),
        done=gettext_lazy("The note is added."),
    ),
}
