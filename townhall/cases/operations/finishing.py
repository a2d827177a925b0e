"""Ending the work, telling the customer (two ticks), reopening, and passing to another organisation."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from townhall.cases.events import CaseClosed
from townhall.cases.models import Case, Note, Task
from townhall.cases.operations.deciding import DECIDED_CLOCKS, add_note, let_go, start_clocks_again
from townhall.cases.operations.locking import locked, move
from townhall.cases.operations.parts import open_job, withdraw_offers
from townhall.cases.operations.telling import tell_followers
from townhall.cases.states import State, check_move
from townhall.catalogue import queries as catalogue
from townhall.clocks import operations as clocks
from townhall.clocks import queries as clock_queries
from townhall.core.actors import Actor
from townhall.core.errors import BadInput, WrongState
from townhall.core.events import publish
from townhall.core.time import council_date
from townhall.files.models import Purpose
from townhall.files.queries import photos_of_cases


@transaction.atomic
def complete(case_id: UUID, *, outcome_code: str, outcome_text: str, by: Actor, at: datetime) -> Case:
    """First tick: the work is over, with an outcome of the service. The customer is still to be told.

    Raises BadInput for an outcome that is not the service's, WrongState while a task is open.
    """
    case = locked(case_id, by=by, to="cases.complete")
    end_work(case, outcome_code=outcome_code, outcome_text=outcome_text, by=by, at=at)
    return case


def end_work(case: Case, *, outcome_code: str, outcome_text: str, by: Actor, at: datetime) -> None:
    """As `complete`, for a case already locked."""
    codes = {outcome.code for outcome in catalogue.service(case.service_code).outcomes}
    if outcome_code not in codes:
        raise BadInput({"outcome_code": _("Select what was done")})
    check_move(State(case.state), State.DONE)
    if case.tasks.filter(state=Task.State.OPEN).exists():
        raise WrongState(_("A part of this case is still open. End every part first."))
    if open_job(case) is not None:
        raise WrongState(_("A contractor still has this work. Wait for them to finish, or cancel their job first."))
    withdraw_offers(case, by=by, at=at)
    move(
        case,
        State.DONE,
        by=by,
        at=at,
        work_ended_at=at,
        outcome_code=outcome_code,
        outcome_text=outcome_text.strip(),
        accepted_at=case.accepted_at or at,
    )
    clocks.finish("case.promise", about=case.subject, at=at)
    clocks.stop("case.customer_reply", about=case.subject, at=at)
    clocks.start("case.telling", about=case.subject, at=at, case_id=case.pk)


@transaction.atomic
def tell(case_id: UUID, *, by: Actor, at: datetime, words: str = "") -> Case:
    """Second tick: tell everyone who follows what was done, and close."""
    case = locked(case_id, by=by, to="cases.tell_customer")
    close_telling(case, by=by, at=at, words=words)
    return case


def close_telling(case: Case, *, by: Actor, at: datetime, words: str = "", not_before: datetime | None = None) -> None:
    """As `tell`, for a case already locked. not_before: hold the messages until then."""
    check_move(State(case.state), State.CLOSED)
    context = done_context(
        case,
        words=words,
        outcome_code=case.outcome_code,
        outcome_text=case.outcome_text,
        reopen_until=_start_reopen_window(case, at=at),
    )
    tell_followers(case, "done", at=at, change=at.isoformat(), context=context, not_before=not_before)
    _close(case, by=by, at=at, told_at=at)


def done_context(
    case: Case, *, words: str, outcome_code: str, outcome_text: str, reopen_until: date
) -> dict[str, object]:
    """What the message of the second tick says."""
    outcomes = catalogue.service(case.service_code).outcomes
    return {
        "outcome": next((one.name for one in outcomes if one.code == outcome_code), ""),
        "outcome_text": outcome_text,
        "words": words,
        "reopen_until": reopen_until,
        "has_photo": _shows_photo_after(case),
    }


def _shows_photo_after(case: Case) -> bool:
    """Whether the public page has a photo of the finished work. One query, where the service shows photos."""
    if not catalogue.service(case.service_code).public.photos:
        return False
    shown = photos_of_cases([case.pk], only_approved=True).get(case.pk, [])
    return any(photo.purpose == Purpose.AFTER for photo in shown)


@transaction.atomic
def close_without_message(case_id: UUID, *, reason: str, by: Actor, at: datetime) -> Case:
    """Close finished work without a message, for a reason that is kept."""
    case = locked(case_id, by=by, to="cases.tell_customer")
    if not reason.strip():
        raise BadInput({"no_message_reason": _("Enter why the customer is not told")})
    check_move(State(case.state), State.CLOSED)
    _start_reopen_window(case, at=at)
    _close(case, by=by, at=at, no_message_reason=reason.strip())
    return case


def _close(case: Case, *, by: Actor, at: datetime, **fields: object) -> None:
    move(case, State.CLOSED, by=by, at=at, verb="", closed_at=at, **fields)
    for kind in (*DECIDED_CLOCKS, "case.telling"):
        clocks.finish(kind, about=case.subject, at=at)
    publish(CaseClosed(case_id=case.pk, service_code=case.service_code, at=at))


def _start_reopen_window(case: Case, *, at: datetime) -> date:
    """The last date on which "not fixed" opens the case again."""
    days = catalogue.service(case.service_code).clocks.reopen_days
    return clocks.start("case.reopen_window", about=case.subject, at=at, case_id=case.pk, days=days)


def reopen_until(case: Case) -> date | None:
    """The last date on which "not fixed" reopens a closed case; None for one that is not closed."""
    return clock_queries.due_on("case.reopen_window", case.subject) if case.state == State.CLOSED else None


@transaction.atomic
def not_fixed(case_id: UUID, *, text: str, by: Actor, at: datetime, is_reporter: bool, update_id: str = "") -> Case:
    """A follower says that it is not fixed: within the allowed time the same case opens again, with its owner.

    Raises WrongState when it is not closed or too late.
    """
    case = Case.objects.select_for_update().get(pk=case_id)
    until = reopen_until(case)
    if until is None:
        raise WrongState(_("This report is not closed."))
    if not is_reporter:
        raise WrongState(_("Only somebody who follows this report can say that it is not fixed."))
    if council_date(at) > until:
        raise WrongState(_("It was closed too long ago to open again. Make a new report."))
    _open_again(case, by=by, at=at)
    if text.strip():
        add_note(case, Note.Kind.REPLY, text.strip(), by=by, at=at, update_id=update_id)
    return case


@transaction.atomic
def reopen(case_id: UUID, *, reason: str, by: Actor, at: datetime) -> Case:
    """Open ended work again because staff found that it is not over. Followers are told; the reason stays with staff."""
    case = locked(case_id, by=by, to="cases.reopen")
    if not reason.strip():
        raise BadInput({"reason": _("Enter why it is opened again")})
    _open_again(case, by=by, at=at)
    add_note(case, Note.Kind.STAFF, reason.strip(), by=by, at=at)
    return case


def _open_again(case: Case, *, by: Actor, at: datetime) -> None:
    move(
        case,
        State.ACCEPTED,
        by=by,
        at=at,
        verb="case.reopened",
        closed_at=None,
        work_ended_at=None,
        told_at=None,
        no_message_reason="",
        outcome_code="",
        outcome_text="",
        scheduled_on=None,
    )
    for kind in ("case.reopen_window", "case.telling", *DECIDED_CLOCKS):
        clocks.stop(kind, about=case.subject, at=at)
    start_clocks_again(case, by=by, at=at)
    tell_followers(case, "reopened", at=at, change=at.isoformat())


@transaction.atomic
def refer(case_id: UUID, *, body: str, by: Actor, at: datetime) -> Case:
    """Pass on to an organisation outside the council. `body` is its name, told to the customer."""
    case = locked(case_id, by=by, to="cases.decline")
    if not body.strip():
        raise BadInput({"body": _("Enter who it was passed to")})
    move(case, State.REFERRED, by=by, at=at, closed_at=at, public_note=body.strip())
    let_go(case, by=by, at=at)
    tell_followers(case, "handed_on", at=at, change=at.isoformat(), context={"body": body.strip()})
    return case
