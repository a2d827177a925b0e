"""Following, merging and unmerging: many reporters, one case, every one of them told."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from townhall.cases.models import OPEN_STATES, Case, Follower
from townhall.cases.operations.deciding import let_go, start_clocks_again
from townhall.cases.operations.locking import locked, move, record
from townhall.cases.operations.telling import as_recipient, context_for, context_of
from townhall.cases.states import State, check_move
from townhall.catalogue import queries as catalogue
from townhall.core.actors import Actor, ActorKind
from townhall.core.errors import BadInput, NotFound, WrongState
from townhall.core.ids import uuid7
from townhall.notifications import operations as notifications
from townhall.notifications.recipients import Recipient, email_address


@transaction.atomic
def follow(case_id: UUID, recipient: Recipient, *, by: Actor, at: datetime) -> Follower:
    """Follow a case instead of making another. Following twice is once. Each follower beyond the first raises its priority.

    Raises BadInput without an address that mail can reach, WrongState when the case is over.
    """
    if not email_address(recipient.email):
        raise BadInput({"email": _("Enter an email address in the correct format, like name@example.com")})
    case = _following_case(case_id)
    existing = _follows(case, recipient.email)
    if existing is not None:
        return existing
    follower = Follower.objects.create(
        id=uuid7(),
        case=case,
        original_case_id=case.pk,
        customer_id=recipient.customer_id,
        name=recipient.name,
        email=recipient.email.strip(),
        phone=recipient.phone,
        prefers=recipient.prefers or "",
        since=at,
    )
    _count(case)
    record(case, "case.followed", by=by, at=at, follower=str(follower.pk), followers=case.followers)
    notifications.send(
        "case/following",
        to=recipient,
        about=case.subject,
        key=f"case-following-{follower.pk}",
        context={**context_of(case), **context_for(follower, case.reference)},
        at=at,
        case_id=case.pk,
    )
    return follower


@transaction.atomic
def stop_following(follower_id: UUID, *, by: Actor, at: datetime) -> None:
    found = Follower.objects.filter(pk=follower_id).first()
    if found is None:
        raise NotFound
    case = Case.objects.select_for_update().get(pk=found.case_id)
    follower = Follower.objects.get(pk=follower_id)  # whoever moves or ends one holds its case
    if follower.case_id != case.pk:  # joined to another report while we waited
        stop_following(follower_id, by=by, at=at)
    elif follower.ended_at is None:
        follower.ended_at = at
        follower.save(update_fields=["ended_at"])
        _count(case)
        record(case, "case.unfollowed", by=by, at=at, follower=str(follower_id))


@transaction.atomic
def merge(case_id: UUID, *, into_id: UUID, by: Actor, at: datetime) -> Case:
    """Join a duplicate to the case it repeats. Its followers move across and are told; both are locked in key order.

    What was asked for by a form is never a repeat of another's: only the service itself joins those (an application sent again).
    Raises BadInput for a case into itself, WrongState when either is over, merged or from a form. Returns the case that goes on.
    """
    if case_id == into_id:
        raise BadInput({"into": _("A case cannot be joined to itself")})
    cases = {one: locked(one, by=by, to="cases.merge") for one in sorted((case_id, into_id))}
    case, into = cases[case_id], cases[into_id]
    if by.kind is not ActorKind.SYSTEM and any(catalogue.service(one.service_code).form for one in (case, into)):
        raise WrongState(_("Each application is a person's own, so it cannot be joined to another."))
    if into.state not in OPEN_STATES and into.state != State.CLOSED:
        raise WrongState(_("The case to join it to is not open."))
    check_move(State(case.state), State.MERGED)
    move(case, State.MERGED, by=by, at=at, merged_into=into, closed_at=at)
    let_go(case, by=by, at=at)
    for follower in case.follower_rows.select_for_update().filter(ended_at__isnull=True).order_by("id"):
        _move_follower(follower, into, own_reference=case.reference, at=at)
    _count(case)
    _count(into)
    record(into, "case.joined_by", by=by, at=at, other=str(case.pk), followers=into.followers)
    return into


def _move_follower(follower: Follower, into: Case, *, own_reference: str, at: datetime) -> None:
    try:
        with transaction.atomic():
            follower.case = into
            follower.save(update_fields=["case"])
    except IntegrityError:  # the same address already follows: once is enough
        follower.refresh_from_db()
        follower.ended_at = at
        follower.save(update_fields=["ended_at"])
        return
    notifications.send(
        "case/merged",
        to=as_recipient(follower),
        about=into.subject,
        key=f"case-merged-{into.pk}-{follower.pk}-{at.isoformat()}",
        context={**context_of(into), **context_for(follower, into.reference), "own_reference": own_reference},
        at=at,
        case_id=into.pk,
    )


@transaction.atomic
def unmerge(case_id: UUID, *, by: Actor, at: datetime) -> Case:
    """Take a wrong merge back: the case goes on where it was, and the followers who came with it go back with it."""
    found = Case.objects.filter(pk=case_id).first()
    if found is None or found.merged_into_id is None:
        raise WrongState(_("This case is not joined to another."))
    ends_in = _goes_on_in(found)
    cases = {one: locked(one, by=by, to="cases.merge") for one in sorted((case_id, ends_in))}
    case, into = cases[case_id], cases[ends_in]
    back = State.ACCEPTED if case.accepted_at else State.AWAITING_DECISION
    merged_at = case.closed_at
    move(case, back, by=by, at=at, merged_into=None, closed_at=None)
    start_clocks_again(case, by=by, at=at)
    came_with_it = Follower.objects.filter(original_case_id__in=cases_in(case.pk))
    came_with_it.filter(case=case, ended_at=merged_at).update(ended_at=None)
    came_with_it.filter(case=into).update(case=case)
    _count(case)
    _count(into)
    record(into, "case.parted_from", by=by, at=at, other=str(case.pk), followers=into.followers)
    return case


def _goes_on_in(case: Case) -> UUID:
    """The case in which a merged one goes on, however many were joined on the way."""
    while case.merged_into_id is not None:
        case = Case.objects.get(pk=case.merged_into_id)
    return case.pk


def cases_in(case_id: UUID) -> list[UUID]:
    """The case and every case that was joined to it, directly or not."""
    found = [case_id]
    new = found
    while new:
        new = list(Case.objects.filter(merged_into_id__in=new).values_list("pk", flat=True))
        found = [*found, *new]
    return found


def _following_case(case_id: UUID) -> Case:
    case = Case.objects.select_for_update().filter(pk=case_id).first()
    if case is None:
        raise NotFound
    if case.merged_into_id is not None:
        return _following_case(case.merged_into_id)
    if case.state not in OPEN_STATES:
        raise WrongState(_("This report is closed, so there is nothing left to follow."))
    return case


def _follows(case: Case, email: str) -> Follower | None:
    return case.follower_rows.filter(email__iexact=email.strip(), ended_at__isnull=True).first()


def _count(case: Case) -> None:
    """Count who follows; each one beyond the first adds one to the priority."""
    before = case.followers
    case.followers = case.follower_rows.filter(ended_at__isnull=True).count()
    case.priority += max(case.followers - 1, 0) - max(before - 1, 0)
    case.save(update_fields=["followers", "priority"])
