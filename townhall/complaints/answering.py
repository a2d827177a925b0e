"""From acknowledgement to the final answer: each step is told to whoever complained, and moves the dates that were promised."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from townhall.accounts.permissions import require
from townhall.clocks import operations as clocks
from townhall.clocks import reference
from townhall.complaints import owning, procedures
from townhall.complaints.models import Complaint, Stage
from townhall.complaints.owning import MANAGERS, require_acting
from townhall.complaints.receiving import KINDS, LONGEST, RECORD, is_service, note
from townhall.complaints.seeds import ACKNOWLEDGE, ENQUIRY, REPLY
from townhall.complaints.states import Finding, State, check_move
from townhall.complaints.telling import tell
from townhall.core.actors import Actor
from townhall.core.errors import BadInput, NotAllowed, NotFound, WrongState
from townhall.forms.typed import clean_text
from townhall.ui.words import long_date

_ENDS = (ACKNOWLEDGE, REPLY, ENQUIRY)


@transaction.atomic
def acknowledge(complaint_id: UUID, *, understood: str, by: Actor, at: datetime) -> Complaint:
    """Say what we understand it to be about, and begin the stage: its reply is promised from this day.

    Raises NotFound, WrongState, NotAllowed, MayNotOwn, BadInput.
    """
    complaint = locked(complaint_id)
    _of_stages(complaint)
    then = State.STAGE_2 if complaint.state == State.ASKED_2 else State.STAGE_1
    check_move(complaint.state, then)
    require_acting(complaint, by, at=at)
    words = _given(understood, "understood", _("Say what you understand the complaint to be about"))
    number = 2 if then == State.STAGE_2 else 1
    rule = procedures.rule(complaint.procedure_id, number)
    assert complaint.due_on is not None  # one that is to be acknowledged has a date
    stage = Stage.objects.filter(complaint=complaint, number=number).first() or Stage(
        complaint=complaint, number=number, asked_at=complaint.received_at, acknowledge_by=complaint.due_on
    )
    clocks.finish(ACKNOWLEDGE, about=complaint.subject, at=at)
    due_on = clocks.start(
        REPLY, about=complaint.subject, at=at, calendar=complaint.procedure.calendar, days=rule.reply_days
    )
    stage.understood, stage.acknowledged_at, stage.first_due_on, stage.due_on = words, at, due_on, due_on
    stage.save()
    complaint.state, complaint.stage, complaint.due_on = then, number, due_on
    complaint.save(update_fields=["state", "stage", "due_on"])
    note("acknowledged", complaint, by=by, at=at, stage=number, due_on=due_on.isoformat())
    tell("acknowledged", complaint, at=at, understood=words)
    return complaint


@transaction.atomic
def settle(complaint_id: UUID, *, words: str, by: Actor, at: datetime) -> Complaint:
    """Put right on the spot, before any stage began, by whoever took it or owns it. Counted, and no formal stage.

    Raises NotFound, NotAllowed, WrongState, BadInput.
    """
    require(by, RECORD)
    complaint = locked(complaint_id)
    _of_stages(complaint)
    check_move(complaint.state, State.SETTLED)
    said = _given(words, "words", _("Say what was done, as they will read it"))
    _end(complaint, State.SETTLED, said, at=at)
    note("settled", complaint, by=by, at=at)
    tell("settled", complaint, at=at, key=at.isoformat(), words=said)
    return complaint


@transaction.atomic
def answer_note(complaint_id: UUID, *, words: str, by: Actor, at: datetime) -> Complaint:
    """Answer a comment, a compliment or a Member's enquiry. Raises NotFound, WrongState, NotAllowed, MayNotOwn, BadInput."""
    complaint = locked(complaint_id)
    if complaint.kind == KINDS.COMPLAINT:
        raise WrongState(_("A complaint is acknowledged and answered, or settled on the spot."))
    check_move(complaint.state, State.NOTED)
    require_acting(complaint, by, at=at)
    said = _given(words, "words", _("Write the answer, as they will read it"))
    clocks.finish(ENQUIRY, about=complaint.subject, at=at)
    _end(complaint, State.NOTED, said, at=at)
    note("noted", complaint, by=by, at=at)
    tell("noted", complaint, at=at, words=said)
    return complaint


@transaction.atomic
def extend(complaint_id: UUID, *, due_on: date, why: str, by: Actor, at: datetime) -> Complaint:
    """A later date for the reply, with the reason, which they are sent with the ombudsman's details.

    Past what the procedure allows a manager has to do it. Raises NotFound, WrongState, NotAllowed, MayNotOwn, BadInput, NotLater.
    """
    complaint = locked(complaint_id)
    if complaint.state not in (State.STAGE_1, State.STAGE_2):
        raise WrongState(_("A reply that was promised is extended: acknowledge it first."))
    require_acting(complaint, by, at=at)
    reason = _given(why, "why", _("Give the reason: they are sent it"))
    stage = complaint.stages.get(number=complaint.stage)
    assert stage.first_due_on is not None
    allowed = procedures.rule(complaint.procedure_id, complaint.stage).extend_days
    calendar = reference.calendar(complaint.procedure.calendar)
    latest = calendar.add_working_days(stage.first_due_on, allowed) if allowed else stage.first_due_on
    if due_on > latest and not by.roles & MANAGERS:
        raise NotAllowed(_("Past %(date)s a manager has to decide it.") % {"date": long_date(latest)})
    clocks.extend(REPLY, about=complaint.subject, due_on=due_on, reason="told to the customer", by=by, at=at)
    stage.due_on, stage.extended_why = due_on, reason
    stage.save(update_fields=["due_on", "extended_why"])
    complaint.due_on = due_on
    complaint.save(update_fields=["due_on"])
    note("extended", complaint, by=by, at=at, due_on=due_on.isoformat(), beyond=due_on > latest)
    tell("extended", complaint, at=at, key=f"{complaint.stage}-{due_on}", why=reason)
    return complaint


@transaction.atomic
def answer(complaint_id: UUID, *, finding: str, reply: str, by: Actor, at: datetime) -> Complaint:
    """The reply with its finding ends the stage: at stage 1 with how to go on, at stage 2 with the ombudsman.

    Raises NotFound, WrongState, NotAllowed, MayNotOwn, BadInput.
    """
    complaint = locked(complaint_id)
    then = State.ANSWERED_2 if complaint.state == State.STAGE_2 else State.ANSWERED_1
    check_move(complaint.state, then)
    require_acting(complaint, by, at=at)
    if finding not in Finding.values:
        raise BadInput({"finding": _("Select what you found")})
    words = _given(reply, "reply", _("Write the reply, as they will read it"))
    stage = complaint.stages.get(number=complaint.stage)
    stage.finding, stage.reply, stage.answered_at, stage.answered_by = finding, words, at, UUID(by.id)
    stage.save()
    met = clocks.finish(REPLY, about=complaint.subject, at=at)
    _end(complaint, then, "", at=at)
    note("answered", complaint, by=by, at=at, stage=complaint.stage, finding=finding, clock=str(met or ""))
    tell("answered", complaint, at=at, finding=Finding(finding).label, words=words, is_final=then == State.ANSWERED_2)
    return complaint


@transaction.atomic
def go_on(complaint_id: UUID, *, by: Actor, at: datetime) -> Complaint:
    """They are not content: what was settled is looked into after all; what was answered at stage 1 goes to stage 2, with no reason asked.

    `by`: themselves, or staff for them. Raises NotFound, NotAllowed, WrongState.
    """
    if by.is_staff:
        require(by, RECORD)
    complaint = locked(complaint_id)
    then = State.RECEIVED if complaint.state == State.SETTLED else State.ASKED_2
    check_move(complaint.state, then)
    number = 1 if then == State.RECEIVED else 2
    rule = procedures.rule(complaint.procedure_id, number)
    calendar = complaint.procedure.calendar
    complaint.due_on = clocks.start(
        ACKNOWLEDGE, about=complaint.subject, at=at, calendar=calendar, days=rule.acknowledge_days
    )
    complaint.state, complaint.ended_at, complaint.ended_words = then, None, ""
    if number == 2:
        assert complaint.due_on is not None
        Stage.objects.create(complaint=complaint, number=2, asked_at=at, acknowledge_by=complaint.due_on)
        _pass_on(complaint, at=at)
    complaint.save()
    note("went_on", complaint, by=by, at=at, stage=number, due_on=complaint.due_on.isoformat())
    tell("went_on", complaint, at=at, key=at.isoformat(), next_stage=number)
    owning.tell_owner(complaint, at=at, why="given")
    return complaint


def _pass_on(complaint: Complaint, *, at: datetime) -> None:
    """Stage 2 is for somebody else of the grade that it asks for; the post that answers for it stays when there is nobody."""
    found = owning.who_may(complaint, at=at)
    complaint.owner_id = found[0].user_id if found else None
    if found:
        complaint.keeper_post_id = found[0].post_id


@transaction.atomic
def redirect(complaint_id: UUID, *, route: str, how: str, by: Actor, at: datetime) -> Complaint:
    """Another way to appeal covers it: they are told how to use it, and that they can take this decision to the ombudsman.

    Raises NotFound, WrongState, NotAllowed, MayNotOwn, BadInput.
    """
    complaint = locked(complaint_id)
    check_move(complaint.state, State.REDIRECTED)
    require_acting(complaint, by, at=at)
    if route not in Complaint.Route.values:
        raise BadInput({"route": _("Select which way covers it")})
    words = _given(how, "how", _("Say how they use it, with the address or number"))
    complaint.route = route
    _stop_clocks(complaint, at=at)
    _end(complaint, State.REDIRECTED, words, at=at)
    note("redirected", complaint, by=by, at=at, route=route)
    tell("redirected", complaint, at=at, words=words, route=Complaint.Route(route).label)
    return complaint


@transaction.atomic
def withdraw(complaint_id: UUID, *, why: str, by: Actor, at: datetime) -> Complaint:
    """They do not go on with it. By staff with what they said. Raises NotFound, NotAllowed, WrongState, BadInput."""
    if by.is_staff:
        require(by, RECORD)
    complaint = locked(complaint_id)
    check_move(complaint.state, State.WITHDRAWN)
    words = _given(why, "why", _("Say why they withdraw it")) if by.is_staff else clean_text(why).strip()[:LONGEST]
    _stop_clocks(complaint, at=at)
    _end(complaint, State.WITHDRAWN, words, at=at)
    note("withdrawn", complaint, by=by, at=at)
    tell("withdrawn", complaint, at=at)
    return complaint


@transaction.atomic
def name_service(complaint_id: UUID, *, service: str, by: Actor, at: datetime) -> Complaint:
    """The service that an open one is about, as it came without one or with another. It stays with its owner, who may give it on.

    service: a code of the catalogue; "" for none in particular. Raises NotFound, WrongState, NotAllowed, BadInput.
    """
    require(by, owning.OWN)
    complaint = locked(complaint_id)
    if not complaint.is_open:
        raise WrongState
    if not owning.is_in_charge(complaint, by):
        raise NotAllowed(_("Its owner, or a manager of the team that it is with, does that."))
    if service and not is_service(service):
        raise BadInput({"service": _("Select a service")})
    was = complaint.service_code
    if service != was:
        complaint.service_code = service
        complaint.save(update_fields=["service_code"])
        note("service_changed", complaint, by=by, at=at, was=was)
    return complaint


def locked(complaint_id: UUID) -> Complaint:
    """Raises NotFound."""
    found = Complaint.objects.select_for_update().filter(pk=complaint_id).first()
    if found is None:
        raise NotFound
    return found


def _of_stages(complaint: Complaint) -> None:
    if complaint.kind != KINDS.COMPLAINT:
        raise WrongState(_("Only a complaint has stages: answer this one."))


def _end(complaint: Complaint, state: State, words: str, *, at: datetime) -> None:
    if state == State.SETTLED:
        clocks.finish(ACKNOWLEDGE, about=complaint.subject, at=at)
    complaint.state, complaint.ended_words, complaint.ended_at, complaint.due_on = state, words, at, None
    complaint.save(update_fields=["state", "ended_words", "ended_at", "due_on", "route"])


def _stop_clocks(complaint: Complaint, *, at: datetime) -> None:
    for kind in _ENDS:
        clocks.stop(kind, about=complaint.subject, at=at)


def _given(words: str, field: str, problem: str) -> str:
    """Raises BadInput."""
    text = clean_text(words).strip()
    if not text:
        raise BadInput({field: problem})
    if len(text) > LONGEST:
        raise BadInput({field: _("Use %(most)s characters or fewer") % {"most": f"{LONGEST:,}"}})
    return text
