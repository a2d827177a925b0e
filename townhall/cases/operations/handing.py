"""Taking a case, and handing it on. Until an offer is accepted, the sender stays responsible."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from townhall.accounts import directory
from townhall.accounts.models import Team
from townhall.cases.models import OPEN_STATES, Case, Handoff
from townhall.cases.operations.locking import locked, record
from townhall.cases.operations.parts import cancel_job_of
from townhall.cases.operations.telling import context_of, tell_followers
from townhall.catalogue import queries as catalogue
from townhall.clocks import operations as clocks
from townhall.clocks import queries as clock_queries
from townhall.core.actors import Actor
from townhall.core.errors import BadInput, NotAllowed, WrongState
from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.core.time import council_date
from townhall.notifications import operations as notifications
from townhall.notifications.recipients import Recipient
from townhall.workforce import gates
from townhall.workforce import queries as training


@transaction.atomic
def take(case_id: UUID, *, post_id: UUID, by: Actor, at: datetime) -> Case:
    """Take the doing of a case for one's post. Of several at once, one has it and the others are told who."""
    case = locked(case_id, by=by, to="cases.take")
    post = directory.post_by_id(post_id)
    if post_id not in by.posts or post.team_id != case.doer_team_id:
        raise NotAllowed(_("Only the team that does this work can take it."))
    if case.state not in OPEN_STATES:
        raise WrongState(_("This case is no longer open."))
    if case.doer_post_id == post_id:
        return case
    _require_training(case, by=by, at=at)
    if case.doer_post_id is not None:
        raise WrongState(
            _("%(holder)s has already taken this case.") % {"holder": directory.post_by_id(case.doer_post_id).title}
        )
    case.doer_post_id = post_id
    case.save(update_fields=["doer_post"])
    record(case, "case.taken", by=by, at=at, post=post.code)
    return case


def _require_training(case: Case, *, by: Actor, at: datetime) -> None:
    """Where the council asks for a training module for this service. Raises NotAllowed."""
    module = gates.module_of(f"service.{case.service_code}")
    if module and by.is_staff and not training.in_date(by.id, module, council_date(at)):
        raise NotAllowed(_("Cases of this service are for people whose training is in date: see your training."))


@transaction.atomic
def put_back(case_id: UUID, *, by: Actor, at: datetime) -> Case:
    """Give a taken case back to its team."""
    case = locked(case_id, by=by, to="cases.take")
    if case.doer_post_id is None:
        return case
    case.doer_post_id = None
    case.save(update_fields=["doer_post"])
    record(case, "case.put_back", by=by, at=at)
    return case


@transaction.atomic
def offer(case_id: UUID, *, to_team_id: UUID, note: str, by: Actor, at: datetime) -> Handoff:
    """Offer a case to another team. The sender stays responsible until they accept.

    Raises WrongState when it is already on offer or over, BadInput when offered to the team that has it.
    """
    case = locked(case_id, by=by, to="cases.hand_off")
    if case.state not in OPEN_STATES:
        raise WrongState(_("This case is no longer open."))
    if case.handoffs.filter(state=Handoff.State.OFFERED).exists():
        raise WrongState(_("This case is already on offer to another team."))
    if to_team_id == case.doer_team_id:
        raise BadInput({"to_team": _("Select a team other than the one that has it")})
    to_team = directory.team_by_id(to_team_id)
    if to_team.kind == Team.Kind.CONTRACTOR:
        raise BadInput({"to_team": _("Work goes to a contractor under a contract. Send it to them as a job.")})
    handoff_id = uuid7()
    hours = catalogue.service(case.service_code).clocks.handoff_hours
    clocks.start(
        "case.handoff", about=_subject(handoff_id), at=at, case_id=case.pk, days=hours
    )  # the kind counts hours
    (clock,) = clock_queries.clocks_about(_subject(handoff_id))
    handoff = Handoff.objects.create(
        id=handoff_id,
        case=case,
        from_team_id=case.doer_team_id,
        to_team_id=to_team_id,
        note=note.strip(),
        offered_at=at,
        answer_due_at=clock.due_at,
    )
    record(
        case,
        "case.offered",
        by=by,
        at=at,
        handoff=str(handoff_id),
        from_team=directory.team_by_id(case.doer_team_id).code,
        to_team=to_team.code,
    )
    return handoff


@transaction.atomic
def accept_offer(handoff_id: UUID, *, by: Actor, at: datetime) -> Handoff:
    """The receiving team takes it over: from now on they do the work, and followers are told."""
    handoff, case = _answering(handoff_id, by=by)
    case.doer_team_id = handoff.to_team_id
    case.doer_post_id = None
    case.updated_at = at
    case.hops = F("hops") + 1
    case.save(update_fields=["doer_team", "doer_post", "hops", "updated_at"])
    case.refresh_from_db()
    _answer(handoff, case, Handoff.State.ACCEPTED, by=by, at=at)
    cancel_job_of(case, by=by, at=at)
    tell_followers(case, "handed_on", at=at, change=str(handoff_id))
    return handoff


@transaction.atomic
def return_offer(handoff_id: UUID, *, reason: str, by: Actor, at: datetime) -> Handoff:
    """The receiving team gives it back with a reason; the sender was responsible all along."""
    handoff, case = _answering(handoff_id, by=by)
    if not reason.strip():
        raise BadInput({"reason": _("Enter why you are returning it")})
    handoff.reason = reason.strip()
    case.hops = F("hops") + 1
    case.save(update_fields=["hops"])
    case.refresh_from_db()
    _answer(handoff, case, Handoff.State.RETURNED, by=by, at=at)
    _mail_sender(handoff, case, at=at)
    return handoff


@transaction.atomic
def withdraw_offer(handoff_id: UUID, *, by: Actor, at: datetime) -> Handoff:
    """The sender thinks better of it."""
    found = Handoff.objects.filter(pk=handoff_id).first()
    if found is None:
        raise WrongState
    case = locked(found.case_id, by=by, to="cases.hand_off")
    handoff = Handoff.objects.select_for_update().get(pk=handoff_id)
    _still_offered(handoff)
    _answer(handoff, case, Handoff.State.WITHDRAWN, by=by, at=at)
    return handoff


def _answering(handoff_id: UUID, *, by: Actor) -> tuple[Handoff, Case]:
    """The offer and its case, locked in that order: case, then offer. Only the receiving team may answer."""
    found = Handoff.objects.filter(pk=handoff_id).first()
    if found is None:
        raise WrongState
    case = locked(found.case_id, by=by, to="cases.hand_off", answering=True)
    handoff = Handoff.objects.select_for_update().get(pk=handoff_id)
    if by.is_staff and handoff.to_team_id not in by.teams:
        raise NotAllowed(_("Only the team it was offered to can answer."))
    _still_offered(handoff)
    return handoff, case


def _still_offered(handoff: Handoff) -> None:
    if handoff.state != Handoff.State.OFFERED:
        raise WrongState(_("This offer has already been answered."))


def _answer(handoff: Handoff, case: Case, state: Handoff.State, *, by: Actor, at: datetime) -> None:
    handoff.state = state
    handoff.answered_at = at
    handoff.save(update_fields=["state", "answered_at", "reason"])
    clocks.finish("case.handoff", about=_subject(handoff.pk), at=at)
    record(case, f"case.offer_{state.value}", by=by, at=at, handoff=str(handoff.pk), hops=case.hops)


def _mail_sender(handoff: Handoff, case: Case, *, at: datetime) -> None:
    """The team that offered it is told why it came back."""
    sender = directory.team_by_id(handoff.from_team_id)
    notifications.send(
        "staff/offer_returned",
        to=Recipient(name=sender.name, email=sender.email),
        about=case.subject,
        key=f"offer-returned-{handoff.pk}",
        context={
            **context_of(case),
            "returned_by": directory.team_by_id(handoff.to_team_id).name,
            "reason": handoff.reason,
        },
        at=at,
        case_id=case.pk,
    )


def _subject(handoff_id: UUID) -> Subject:
    return Subject(kind="handoff", id=handoff_id)
