"""Accept, decline, schedule, ask the customer, and their answer."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from townhall.cases.events import CaseAccepted
from townhall.cases.models import Case, Extension, Follower, Note
from townhall.cases.operations.back_office_jobs import call_off, send_again
from townhall.cases.operations.locking import locked, move, record
from townhall.cases.operations.parts import cancel_parts, send_job_again
from townhall.cases.operations.telling import tell_followers
from townhall.cases.states import OPEN, State, check_move
from townhall.catalogue import queries as catalogue
from townhall.clocks import operations as clocks
from townhall.clocks import queries as clock_queries
from townhall.core.actors import SYSTEM, Actor
from townhall.core.cards import refuse_card_numbers
from townhall.core.errors import BadInput, NotFound, WrongState
from townhall.core.events import publish
from townhall.core.ids import uuid7
from townhall.core.time import council_date

DECIDED_CLOCKS = ("case.promise", "case.referral", "case.decision")


@transaction.atomic
def accept(case_id: UUID, *, by: Actor, at: datetime, scheduled_on: date | None = None) -> Case:
    """Say that the council will do it, on a date if one is known."""
    case = locked(case_id, by=by, to="cases.accept")
    # What was done is opened again by `not_fixed`, not by accepting it anew.
    if case.state not in (State.AWAITING_DECISION, State.WAITING_FOR_CUSTOMER):
        raise WrongState(_("Only a case that awaits a decision can be accepted."))
    if scheduled_on is not None:
        _check_date(scheduled_on, at=at)
    was_waiting = case.state == State.WAITING_FOR_CUSTOMER
    move(case, State.ACCEPTED, by=by, at=at, accepted_at=at, scheduled_on=scheduled_on)
    if was_waiting:
        stop_waiting(case, by=by, at=at)
    tell_followers(case, "accepted", at=at, change=_change(at), context={"scheduled_on": scheduled_on})
    publish(CaseAccepted(case_id=case.pk, service_code=case.service_code, at=at))
    return case


@transaction.atomic
def decline(case_id: UUID, *, reason_code: str, by: Actor, at: datetime, words: str = "") -> Case:
    """Say that the council will not do it, with one of the service's policy reasons; the customer is sent the explanation.

    Raises BadInput when the reason is not one of the service's.
    """
    case = locked(case_id, by=by, to="cases.decline")
    refusal = catalogue.service(case.service_code).refusal(reason_code)
    if refusal is None:
        raise BadInput({"reason_code": _("Select a policy reason")})
    move(case, State.DECLINED, by=by, at=at, decline_reason=reason_code, closed_at=at)
    record(case, "case.declined_because", by=by, at=at, reason=reason_code)
    told = tell_followers(
        case, "declined", at=at, change=_change(at), context={"explanation": refusal.explanation, "words": words}
    )
    if told:
        case.told_at = at
        case.save(update_fields=["told_at"])
    let_go(case, by=by, at=at)
    return case


@transaction.atomic
def decide_again(case_id: UUID, *, by: Actor, at: datetime) -> Case:
    """Take back a decision to decline, or a withdrawal, or a referral that was returned."""
    case = locked(case_id, by=by, to="cases.reopen")
    if case.state not in (State.DECLINED, State.REFERRED, State.WITHDRAWN):
        raise WrongState(_("Only a case that was declined, passed on or withdrawn can be decided again."))
    move(case, State.AWAITING_DECISION, by=by, at=at, decline_reason="", closed_at=None, told_at=None)
    start_clocks_again(case, by=by, at=at)
    tell_followers(case, "reopened", at=at, change=_change(at))
    return case


@transaction.atomic
def schedule(case_id: UUID, *, on: date, by: Actor, at: datetime) -> Case:
    """Give, or change, the date on which the work will be done. Followers are told when it changes."""
    case = locked(case_id, by=by, to="cases.schedule")
    if case.state != State.ACCEPTED:
        raise WrongState(_("Only accepted work can be given a date. Accept it first."))
    set_date(case, on, by=by, at=at)
    return case


def set_date(case: Case, on: date, *, by: Actor, at: datetime) -> None:
    """As `schedule`, for accepted work already locked. Raises BadInput for a date that is over."""
    _check_date(on, at=at)
    if case.scheduled_on == on:
        return
    was = case.scheduled_on
    case.scheduled_on = on
    case.updated_at = at
    case.save(update_fields=["scheduled_on", "updated_at"])
    record(case, "case.scheduled", by=by, at=at, on=on.isoformat(), was=was.isoformat() if was else None)
    tell_followers(
        case,
        "date_changed" if was else "scheduled",
        at=at,
        change=_change(at),
        context={"scheduled_on": on, "was": was, "reason": ""},
    )


@transaction.atomic
def ask_customer(case_id: UUID, *, question: str, by: Actor, at: datetime) -> Case:
    """Ask the customer something that the work has to wait for. The promise waits with it, where its clock may."""
    case = locked(case_id, by=by, to="cases.ask_customer")
    question = question.strip()
    if not question:
        raise BadInput({"question": _("Enter the question for the customer")})
    move(case, State.WAITING_FOR_CUSTOMER, by=by, at=at)
    add_note(case, Note.Kind.QUESTION, question, by=by, at=at)
    clocks.pause("case.promise", about=case.subject, at=at, reason="waiting_for_customer", by=by)
    days = catalogue.service(case.service_code).clocks.customer_reply_days
    reply_by = clocks.start("case.customer_reply", about=case.subject, at=at, case_id=case.pk, days=days)
    tell_followers(
        case, "waiting_for_customer", at=at, change=_change(at), context={"question": question, "reply_by": reply_by}
    )
    return case


@transaction.atomic
def customer_replied(case_id: UUID, *, text: str, by: Actor, at: datetime, update_id: str = "") -> Case:
    """The answer to our question, from the customer or typed by an adviser: the case goes on where it was."""
    case = Case.objects.select_for_update().get(pk=case_id)
    if case.state != State.WAITING_FOR_CUSTOMER:
        raise WrongState(_("We are not waiting for an answer on this report any more."))
    text = text.strip()
    if not text:
        raise BadInput({"reply": _("Enter your answer")})
    add_note(case, Note.Kind.REPLY, text, by=by, at=at, update_id=update_id)
    move(case, State.ACCEPTED if case.accepted_at else State.AWAITING_DECISION, by=by, at=at)
    stop_waiting(case, by=by, at=at)
    return case


def stop_waiting(case: Case, *, by: Actor, at: datetime) -> None:
    """The answer came, or is not needed: the promise runs on, later by what the wait took."""
    clocks.finish("case.customer_reply", about=case.subject, at=at)
    due_on = clocks.resume("case.promise", about=case.subject, at=at, by=by)
    if due_on != case.due_on:
        change_due(case, due_on, by=by, at=at)


def go_on_without_answer(case: Case, *, at: datetime) -> None:
    """The time for an answer is over, for a case already locked: it goes back to where it was, and its promise runs on."""
    move(case, State.ACCEPTED if case.accepted_at else State.AWAITING_DECISION, by=SYSTEM, at=at)
    record(case, "case.not_answered", by=SYSTEM, at=at)
    stop_waiting(case, by=SYSTEM, at=at)


@transaction.atomic
def withdraw(case_id: UUID, *, by: Actor, at: datetime) -> Case:
    """The customer no longer needs it."""
    case = locked(case_id, by=by, to="cases.decline")
    move(case, State.WITHDRAWN, by=by, at=at, closed_at=at)
    let_go(case, by=by, at=at)
    return case


@transaction.atomic
def withdraw_own(follower_id: UUID, *, by: Actor, at: datetime) -> Case:
    """Whoever reported it says that it is not needed any more. Only while nobody else follows it.

    Raises NotFound for somebody who follows no longer, WrongState when its work is over.
    """
    found = Follower.objects.filter(pk=follower_id, ended_at__isnull=True).first()
    if found is None:
        raise NotFound
    case = Case.objects.select_for_update().get(pk=found.case_id)
    follower = Follower.objects.select_for_update().get(pk=follower_id)
    if follower.ended_at is not None or follower.case_id != case.pk:
        raise WrongState
    check_move(State(case.state), State.WITHDRAWN)
    if not follower.is_reporter or case.followers > 1:
        raise WrongState(_("Other people follow this report, so it stays open. You can stop following it."))
    move(case, State.WITHDRAWN, by=by, at=at, closed_at=at)
    let_go(case, by=by, at=at)
    return case


@transaction.atomic
def extend_decision(case_id: UUID, *, until_on: date, reason: str, by: Actor, at: datetime) -> Case:
    """An approved later limit for a case past its age, with a reason; followers are told the new date.

    Raises NotAllowed for anyone who may not approve extensions.
    """
    case = locked(case_id, by=by, to="cases.extend")
    if case.state not in {state.value for state in OPEN}:
        raise WrongState(_("This case has been decided."))
    if not reason.strip():
        raise BadInput({"reason": _("Enter the reason for more time")})
    if until_on <= council_date(at):
        raise BadInput({"until_on": _("The new date must be in the future")})
    Extension.objects.create(case=case, until_on=until_on, reason=reason.strip(), approved_by=by.id, at=at)
    clocks.extend("case.decision", about=case.subject, due_on=until_on, reason="approved_extension", by=by, at=at)
    record(case, "case.extended", by=by, at=at, until_on=until_on.isoformat())
    change_due(case, until_on, by=by, at=at, reason=reason.strip())
    return case


def change_due(case: Case, due_on: date, *, by: Actor, at: datetime, reason: str = "") -> None:
    """A new expected date: kept, written down and told."""
    was = case.due_on
    case.due_on = due_on
    case.updated_at = at
    case.save(update_fields=["due_on", "updated_at"])
    record(case, "case.due_changed", by=by, at=at, due_on=due_on.isoformat(), was=was.isoformat())
    tell_followers(
        case, "date_changed", at=at, change=_change(at), context={"was": was, "reason": reason, "scheduled_on": due_on}
    )


def add_note(case: Case, kind: Note.Kind, text: str, *, by: Actor, at: datetime, update_id: str = "") -> Note:
    """Keep words about a case. Raises BadInput for a card number."""
    refuse_card_numbers(text=text)
    note = Note.objects.create(
        id=uuid7(), case=case, kind=kind, text=text, by_kind=by.kind.value, by_id=by.id, at=at, update_id=update_id
    )
    record(case, f"case.note_{kind.value}", by=by, at=at, note=str(note.pk))
    return note


def start_clocks_again(case: Case, *, by: Actor, at: datetime) -> None:
    """A case that was over is open again: a new date is promised, its limits count from now, and whoever did the work has it again."""
    limits = catalogue.service(case.service_code).clocks
    calendar, days = _promised(case)
    case.due_on = clocks.start(
        "case.promise",
        about=case.subject,
        at=at,
        case_id=case.pk,
        calendar=calendar,
        days=days,
    )
    case.save(update_fields=["due_on"])
    clocks.start("case.referral", about=case.subject, at=at, case_id=case.pk, days=limits.referral_days)
    clocks.start("case.decision", about=case.subject, at=at, case_id=case.pk, days=limits.decision_days)
    send_job_again(case, by=by, at=at)
    send_again(case, by=by, at=at)


def _promised(case: Case) -> tuple[str, int]:
    """The calendar and days first promised on a case, which its routing may have made others than the service's."""
    first = clock_queries.first_about("case.promise", case.subject)
    if first is not None and first.amount is not None:
        return first.calendar, first.amount
    published = catalogue.service(case.service_code).published
    return published.calendar, published.days


def let_go(case: Case, *, by: Actor, at: datetime) -> None:
    """A case that is over without work: nothing is owed on it any more, and whoever was to do it or a part of it is told."""
    for kind in (*DECIDED_CLOCKS, "case.customer_reply"):
        clocks.stop(kind, about=case.subject, at=at)
    cancel_parts(case, by=by, at=at)
    call_off(case, by=by, at=at)


def _check_date(on: date, *, at: datetime) -> None:
    if on < council_date(at):
        raise BadInput({"scheduled_on": _("The date must be today or later")})


def _change(at: datetime) -> str:
    return at.isoformat()
