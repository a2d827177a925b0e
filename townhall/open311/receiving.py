"""An update from another system about a report: kept once, and acted on as far as the sender may.

A reporting site (a key without a team) says what the public said: its words reach the staff, an answer to our question goes on with
the case, and "not fixed" opens a report of its own again. A key with a team speaks for who does the work: progress, and the end of
it. An update older than the case's last change leaves the state alone; the same `update_id` again is the same update.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db import transaction

from townhall.cases import operations as cases
from townhall.cases.models import OPEN_STATES, Case, CaseContact, ContractorJob, Note
from townhall.cases.operations.contracting import usual_outcome
from townhall.cases.operations.deciding import add_note
from townhall.cases.operations.parts import open_job
from townhall.cases.states import State
from townhall.contacts import operations as contacts
from townhall.contacts.operations import Given
from townhall.core.actors import Actor
from townhall.core.db import fetch_all
from townhall.core.errors import NotFound, RuleBroken, WrongState
from townhall.core.ids import uuid7
from townhall.forms.readers import is_email
from townhall.notifications.recipients import Recipient

OPENS_AGAIN = frozenset({"open", "reopen"})
UNDER_WAY = frozenset({"in_progress", "planned", "action_scheduled"})
OVER = frozenset({"fixed", "closed"})
NOT_DONE = frozenset({"no_further_action", "not_councils_responsibility", "duplicate", "cancelled"})

# What open311.write lets a key with a team do to that team's cases, by an update and in no other way.
MOVES_OF_A_TEAM = frozenset({"cases.accept", "cases.complete", "cases.tell_customer", "contractor.work"})
_OWN = "SELECT 1 FROM forms_submission WHERE id = %s AND by_kind = 'connector' AND by_id = %s"


@dataclass(frozen=True, kw_only=True)
class NewUpdate:
    """`status` is one of statuses.KNOWN, `sent_at` when the sender says it happened; `wants_mail`: to be told of every change."""

    reference: str
    update_id: str
    status: str
    words: str
    sent_at: datetime
    given: Given
    wants_mail: bool = False


@transaction.atomic
def receive(new: NewUpdate, *, by: Actor, at: datetime) -> tuple[UUID, str]:
    """The case's id, and our id of the update. Raises NotFound for a report that is not there, or is neither the key's nor its team's."""
    case = _case(new.reference)
    kept_as = f"{by.id}:{new.update_id}"
    if earlier := case.notes.filter(update_id=kept_as).first():
        return case.pk, str(earlier.pk)
    is_newer = new.sent_at >= case.updated_at.replace(microsecond=0)
    if case.doer_team_id in by.teams:
        doer = replace(by, scopes=by.scopes | MOVES_OF_A_TEAM)
        _from_those_who_do_it(case, new, kept_as, is_newer=is_newer, by=doer, at=at)
    elif not _is_own(new.reference, by):
        raise NotFound
    else:
        _from_a_site(case, new, kept_as, is_newer=is_newer, by=by, at=at)
    if new.wants_mail and is_email(new.given.email) and case.state in OPEN_STATES:
        cases.follow(case.pk, Recipient(name=new.given.name, email=new.given.email), by=by, at=at)
    kept = case.notes.filter(update_id=kept_as).first()
    return case.pk, str(kept.pk) if kept else new.update_id


def _case(reference: str) -> Case:
    """Locked; of a report that was joined to an earlier one, the earlier."""
    case = Case.objects.select_for_update().filter(reference=reference).first()
    while case is not None and case.merged_into_id is not None:
        case = Case.objects.select_for_update().get(pk=case.merged_into_id)
    if case is None:
        raise NotFound
    return case


def _is_own(reference: str, by: Actor) -> bool:
    """Whether this key made the report, whatever it was joined to since."""
    case_id = Case.objects.filter(reference=reference).values_list("pk", flat=True).first()
    return bool(fetch_all(_OWN, (case_id, by.id)))


def _from_a_site(case: Case, new: NewUpdate, kept_as: str, *, is_newer: bool, by: Actor, at: datetime) -> None:
    is_own = bool(fetch_all(_OWN, (case.pk, by.id)))
    if (
        case.state == State.CLOSED
        and is_own
        and is_newer
        and new.status in OPENS_AGAIN
        and _opened(case, new, kept_as, by=by, at=at)
    ):
        return
    if not new.words:
        return
    _log_contact(case, new, by=by, at=at)
    if case.state == State.WAITING_FOR_CUSTOMER and is_own:
        cases.customer_replied(case.pk, text=new.words, by=by, at=at, update_id=kept_as)
    else:
        add_note(case, Note.Kind.REPLY, new.words, by=by, at=at, update_id=kept_as)


def _opened(case: Case, new: NewUpdate, kept_as: str, *, by: Actor, at: datetime) -> bool:
    """Whether it is open again; not when it was closed too long ago."""
    try:
        with transaction.atomic():
            words = new.words or new.status
            cases.not_fixed(case.pk, text=words, by=by, at=at, is_reporter=True, update_id=kept_as)
    except WrongState:
        return False
    return True


def _log_contact(case: Case, new: NewUpdate, *, by: Actor, at: datetime) -> None:
    contact_id = contacts.log(
        channel="api", service_code=case.service_code, reason_code="change", given=new.given, by=by, at=at
    )
    CaseContact.objects.create(id=uuid7(), case=case, contact_id=contact_id, kind=CaseContact.Kind.MORE, at=at)


def _from_those_who_do_it(case: Case, new: NewUpdate, kept_as: str, *, is_newer: bool, by: Actor, at: datetime) -> None:
    """Moves that the case does not allow now are left out; the words are kept either way."""
    try:
        with transaction.atomic():
            if is_newer and case.state in OPEN_STATES:
                _move(case, new, open_job(case), kept_as, by=by, at=at)
    except RuleBroken:
        case.refresh_from_db()
    if not case.notes.filter(update_id=kept_as).exists() and (new.words or new.status != "unchanged"):
        add_note(case, Note.Kind.STAFF, new.words or new.status, by=by, at=at, update_id=kept_as)


def _move(case: Case, new: NewUpdate, job: ContractorJob | None, kept_as: str, *, by: Actor, at: datetime) -> None:
    if new.status in OVER and job is not None:
        cases.finish_job(job.pk, result=new.words, by=by, at=at)
    elif new.status in OVER:
        outcome = usual_outcome(case)
        cases.complete(case.pk, outcome_code=outcome, outcome_text=new.words, by=by, at=at)
    elif new.status in NOT_DONE and job is not None:
        cases.refuse_job(job.pk, reason=new.words or new.status, by=by, at=at)
    elif new.status in NOT_DONE:
        return
    elif job is not None and new.words:
        cases.post_progress(job.pk, text=new.words, by=by, at=at, update_id=kept_as)
    elif job is not None and new.status in UNDER_WAY:
        cases.accept_job(job.pk, by=by, at=at)
    else:
        if new.status in UNDER_WAY and case.state == State.AWAITING_DECISION:
            cases.accept(case.pk, by=by, at=at)
        if new.words:
            cases.post_update(case.pk, text=new.words, by=by, at=at, update_id=kept_as)
