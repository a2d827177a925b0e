"""An adviser rings the back office: the reason first, a manager's authority where the service asks for it, then what was said."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from townhall.accounts import directory
from townhall.accounts.models import Role
from townhall.accounts.permissions import require
from townhall.cases.calling import queries
from townhall.cases.calling.models import BackOfficeCall, CallRule
from townhall.cases.operations.locking import locked, record
from townhall.cases.states import CALL_NEXT, CallState
from townhall.catalogue import queries as catalogue
from townhall.contacts.models import Contact
from townhall.core.actors import SYSTEM, Actor
from townhall.core.cards import refuse_card_numbers
from townhall.core.errors import BadInput, NotAllowed, NotFound, WrongState
from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.core.sweeps import each_by_itself
from townhall.ledger import operations as ledger

AUTHORISE: Final = "calls.authorise"
RING: Final = "cases.chase"  # whoever speaks for a customer about a case
LONGEST: Final = 2000
MOST_MINUTES: Final = 240
LATE: Final = 50  # calls in one sweep


@transaction.atomic
def set_rule(
    service_code: str, *, needs: str, agreed: str, number: str, minutes: int, by: Actor, at: datetime
) -> CallRule:
    """What this service's calls need from now on. Raises NotAllowed, NotFound, BadInput."""
    require(by, AUTHORISE)
    catalogue.service(service_code)
    problems = {}
    if needs not in CallRule.Needs.values:
        problems["needs"] = _("Select which calls need authority")
    if not 1 <= minutes <= MOST_MINUTES:
        problems["minutes"] = _("Enter minutes from 1 to %(most)s") % {"most": MOST_MINUTES}
    if len(agreed) > LONGEST:
        problems["agreed"] = _("This must be 2,000 characters or fewer")
    if problems:
        raise BadInput(problems)
    values = {"needs": needs, "agreed": agreed.strip(), "number": number.strip()[:40], "minutes": minutes}
    row, _made = CallRule.objects.update_or_create(
        service_code=service_code, defaults={**values, "set_by": by.id, "set_at": at}
    )
    about = Subject(kind="call_rule", id=uuid7())
    data: dict[str, object] = {"service": service_code, "needs": needs, "minutes": minutes}
    ledger.record("call_rule.set", about=about, by=by, at=at, data=data)
    return row


@transaction.atomic
def ask(case_id: UUID, *, reason: str, is_inside: bool, by: Actor, at: datetime) -> BackOfficeCall:
    """Say why one wants to ring about a case. Cleared at once, unless its service asks for a manager's authority first.

    One call at a time for an adviser and a case: asking again gives the one that is under way. Raises NotFound, NotAllowed, BadInput.
    """
    case = locked(case_id, by=by, to=RING)
    return _ask(BackOfficeCall(case=case, service_code=case.service_code), reason, is_inside=is_inside, by=by, at=at)


@transaction.atomic
def ask_in_contact(
    contact_id: UUID, *, service_code: str, reason: str, is_inside: bool, by: Actor, at: datetime
) -> BackOfficeCall:
    """As `ask`, in one's own conversation about a service that there is no case of. Raises NotFound, NotAllowed, BadInput."""
    require(by, RING)
    contact = Contact.objects.select_for_update().filter(pk=contact_id, adviser_id=UUID(by.id)).first()
    if contact is None:
        raise NotFound
    if service_code not in {pack.code for pack in catalogue.services()}:
        raise BadInput({"service": _("Select the service whose back office you need")})
    call = BackOfficeCall(contact=contact, service_code=service_code)
    return _ask(call, reason, is_inside=is_inside, by=by, at=at)


def _ask(new: BackOfficeCall, reason: str, *, is_inside: bool, by: Actor, at: datetime) -> BackOfficeCall:
    reason = reason.strip()
    if not reason or len(reason) > LONGEST:
        raise BadInput({"reason": _("Enter why you need to ring, in 2,000 characters or fewer")})
    refuse_card_numbers(reason=reason)
    rows = (
        BackOfficeCall.objects.filter(case=new.case) if new.case else BackOfficeCall.objects.filter(contact=new.contact)
    )
    running = rows.filter(adviser_id=UUID(by.id), state__in=[CallState.ASKED, CallState.CLEARED]).first()
    if running is not None:
        return running
    rule = queries.rule_of(new.service_code)
    needs = rule.needs == CallRule.Needs.ALL or (rule.needs == CallRule.Needs.OUTSIDE and not is_inside)
    new.adviser_id, new.team_id = UUID(by.id), _team_of(by)
    new.reason, new.is_inside, new.needs_authority = reason, is_inside, needs
    new.state = CallState.ASKED if needs else CallState.CLEARED
    new.asked_at, new.answer_by = at, at + timedelta(minutes=rule.minutes) if needs else None
    new.save(force_insert=True)
    _note(new, "call_asked", by=by, at=at, inside=is_inside, authority=needs)
    queries.forget()
    return new


def _note(call: BackOfficeCall, what: str, *, by: Actor, at: datetime, **data: object) -> None:
    """On the history of the case, or of whoever the conversation is with."""
    if call.case is not None:
        record(call.case, f"case.{what}", by=by, at=at, call=str(call.pk), **data)
        return
    assert call.contact is not None
    ledger.record(
        f"contact.{what}",
        about=Subject(kind="contact", id=call.contact.pk),
        by=by,
        at=at,
        customer_id=call.contact.customer_id,
        data={"call": str(call.pk), "service": call.service_code, **data},
    )


def _team_of(by: Actor) -> UUID | None:
    """The team whose manager is asked: of several the first that has one."""
    teams = sorted(by.teams)
    return next((team for team in teams if directory.manager_of(team)), teams[0] if teams else None)


@transaction.atomic
def answer(call_id: UUID, *, yes: bool, reason: str, by: Actor, at: datetime) -> BackOfficeCall:
    """A team manager says yes or no, with a reason. Raises NotAllowed, NotFound, WrongState when it was answered or is too late."""
    require(by, AUTHORISE)
    call = _locked(call_id, lambda row: True)
    if str(call.adviser_id) == by.id:
        raise NotAllowed(_("Somebody else has to authorise your own call."))
    if Role.SENIOR_MANAGER.value not in by.roles and call.team_id not in by.teams:
        raise NotAllowed(_("A manager of the adviser's own team authorises this."))
    if not reason.strip() or len(reason) > LONGEST:
        raise BadInput({"reason": _("Enter your reason, in 2,000 characters or fewer")})
    if call.answer_by is not None and call.answer_by < at and call.state == CallState.ASKED:
        raise WrongState(_("The time to answer is over. The adviser can ask again."))
    _move(call, CallState.CLEARED if yes else CallState.REFUSED)
    call.answered_at, call.answered_by_id, call.answer = at, UUID(by.id), reason.strip()
    call.save(update_fields=["state", "answered_at", "answered_by", "answer"])
    _note(call, f"call_{call.state}", by=by, at=at)
    queries.forget()
    return call


@transaction.atomic
def made(call_id: UUID, *, spoke_with: str, outcome: str, by: Actor, at: datetime) -> BackOfficeCall:
    """The call was made: with whom, and what came of it. By its adviser. Raises NotFound, WrongState, BadInput."""
    call = _locked(call_id, lambda row: str(row.adviser_id) == by.id)
    problems = {}
    if not spoke_with.strip():
        problems["spoke_with"] = _("Enter who you spoke with")
    if not outcome.strip() or len(outcome) > LONGEST:
        problems["outcome"] = _("Enter what came of it, in 2,000 characters or fewer")
    if problems:
        raise BadInput(problems)
    refuse_card_numbers(outcome=outcome)
    _move(call, CallState.MADE)
    call.made_at, call.spoke_with, call.outcome = at, spoke_with.strip()[:200], outcome.strip()
    call.save(update_fields=["state", "made_at", "spoke_with", "outcome"])
    _note(call, "call_made", by=by, at=at, inside=call.is_inside)
    return call


@transaction.atomic
def drop(call_id: UUID, *, by: Actor, at: datetime) -> BackOfficeCall:
    """The adviser no longer needs it. Raises NotFound, WrongState."""
    call = _locked(call_id, lambda row: str(row.adviser_id) == by.id)
    _move(call, CallState.DROPPED)
    call.save(update_fields=["state"])
    _note(call, "call_dropped", by=by, at=at)
    queries.forget()
    return call


def time_out(at: datetime) -> int:
    """The sweep: calls that no manager answered in time are not authorised; how many."""
    return each_by_itself(_late(at), partial(_timed_out, at=at))


def _late(at: datetime) -> Iterable[UUID]:
    rows = BackOfficeCall.objects.filter(state=CallState.ASKED, answer_by__lt=at).order_by("answer_by")
    return list(rows.values_list("pk", flat=True)[:LATE])


@transaction.atomic
def _timed_out(call_id: UUID, at: datetime) -> int:
    rows = BackOfficeCall.objects.select_for_update(skip_locked=True, of=("self",)).select_related("case", "contact")
    call = rows.filter(pk=call_id, state=CallState.ASKED).first()
    if call is None:
        return 0
    _move(call, CallState.TIMED_OUT)
    call.save(update_fields=["state"])
    _note(call, "call_timed_out", by=SYSTEM, at=at)
    queries.forget()
    return 1


def _locked(call_id: UUID, is_theirs: Callable[[BackOfficeCall], bool]) -> BackOfficeCall:
    rows = BackOfficeCall.objects.select_for_update(of=("self",)).select_related("case", "contact")
    call = rows.filter(pk=call_id).first()
    if call is None or not is_theirs(call):
        raise NotFound
    return call


def _move(call: BackOfficeCall, to: CallState) -> None:
    if to not in CALL_NEXT[CallState(call.state)]:
        raise WrongState
    call.state = to
