"""A telephone interpreter in the conversation that is going on. The agency is asked outside any transaction."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from townhall.accounts import permissions
from townhall.connectors.contracts import interpreting
from townhall.connectors.contracts.interpreting import Call
from townhall.connectors.protocol import LookUpFailed, Refused
from townhall.core.actors import Actor, ActorKind
from townhall.core.errors import BadInput, NotFound
from townhall.inclusion.languages import LANGUAGES
from townhall.inclusion.models import InterpreterCall
from townhall.inclusion.states import CALL_NEXT, CallState
from townhall.ledger import operations as ledger
from townhall.notifications.recipients import full_number

log = structlog.get_logger(__name__)
TARGET = "interpreters"
MEET = "needs.meet"
BATCH = 20
LOOK = timedelta(seconds=5)
GIVEN_UP = timedelta(minutes=5)  # nobody came
LONGEST = timedelta(hours=4)
OPEN = (CallState.ASKED, CallState.CONNECTED)


@transaction.atomic
def ask(
    contact_id: UUID, *, language: str, customer_id: UUID | None, third: str = "", by: Actor, at: datetime
) -> InterpreterCall:
    """Ask for an interpreter; a second press while one is on the way is the same call. third: who joins, by number.

    Raises NotAllowed, BadInput.
    """
    permissions.require(by, MEET)
    number = full_number(third) if third.strip() else ""
    problems = {}
    if language not in LANGUAGES or language in ("en", "bfi"):
        problems["language"] = _("Select a language")
    if third.strip() and not number:
        problems["third"] = _("Enter a phone number, like 01632 960 001")
    if problems:
        raise BadInput(problems)
    open_call = (
        InterpreterCall.objects.select_for_update().filter(contact_id=contact_id, state__in=OPEN, by=by.id).first()
    )
    if open_call is not None:
        return open_call
    made = InterpreterCall.objects.create(
        contact_id=contact_id,
        customer_id=customer_id,
        language=language,
        third_number=number,
        by=UUID(by.id),
        asked_at=at,
        next_look_at=at,
    )
    data: dict[str, object] = {"contact": str(contact_id), "language": language, "lines": 3 if number else 2}
    ledger.record("interpreter.asked", about=made.subject, by=by, at=at, customer_id=customer_id, data=data)
    return made


def put_through(call_id: UUID, *, at: datetime) -> InterpreterCall:
    """Have the agency call, or look how far it is. Never inside a transaction. Where it does not answer the worker asks again."""
    call = InterpreterCall.objects.get(pk=call_id)
    if call.next_look_at is None:
        return call
    try:
        if not call.provider_id:
            answer = interpreting.start(
                TARGET, language=call.language, third=call.third_number, key=str(call.pk), at=at
            )
        else:
            answer = interpreting.call(TARGET, call.provider_id, at=at) or Refused("")
    except (LookUpFailed, NotFound) as error:
        log.info("interpreter.no_answer", call_id=str(call_id), error=type(error).__name__)
        return _later(call, at)
    return heard(call_id, answer, at=at)


@transaction.atomic
def _later(call: InterpreterCall, at: datetime) -> InterpreterCall:
    found = InterpreterCall.objects.select_for_update().get(pk=call.pk)
    if found.state == CallState.ASKED and at - found.asked_at > GIVEN_UP:
        return _move(found, CallState.FAILED, at=at)
    found.next_look_at = at + LOOK
    found.save(update_fields=["next_look_at"])
    return found


@transaction.atomic
def heard(call_id: UUID, answer: Call | Refused, *, at: datetime) -> InterpreterCall:
    """What the agency says of a call."""
    call = InterpreterCall.objects.select_for_update().get(pk=call_id)
    if call.next_look_at is None:
        return call
    if isinstance(answer, Refused):
        return _move(call, CallState.FAILED, at=at)
    call.provider_id, call.join = answer.id[:100], answer.join[:100]
    call.connected_at = answer.connected_at or call.connected_at
    if answer.pence is not None:
        call.cost_pence = max(0, answer.pence)
    state = {"connected": CallState.CONNECTED, "ended": CallState.ENDED, "failed": CallState.FAILED}.get(answer.status)
    if state is CallState.ENDED:
        call.ended_at = answer.ended_at or at
    call.next_look_at = at + LOOK
    if state is not None and state != call.state and state in CALL_NEXT[CallState(call.state)]:
        return _move(call, state, at=at)
    if at - call.asked_at > LONGEST:
        return _move(call, CallState.ENDED if call.connected_at else CallState.FAILED, at=at)
    call.save()
    return call


def _move(call: InterpreterCall, state: CallState, *, at: datetime) -> InterpreterCall:
    call.state = state
    if state in (CallState.ENDED, CallState.FAILED):
        call.next_look_at, call.ended_at = None, call.ended_at or at
    else:
        call.next_look_at = at + LOOK
    call.save()
    data: dict[str, object] = {"language": call.language, "seconds": call.seconds_to_connect, "pence": call.cost_pence}
    by = Actor(kind=ActorKind.CONNECTOR, id=TARGET)
    ledger.record(
        f"interpreter.{state.value}", about=call.subject, by=by, at=at, customer_id=call.customer_id, data=data
    )
    return call


def hang_up(call_id: UUID, *, by: Actor, at: datetime) -> InterpreterCall:
    """The interpreter is not needed any more; the cost comes with the answer. Raises NotAllowed, NotFound."""
    permissions.require(by, MEET)
    call = InterpreterCall.objects.filter(pk=call_id, by=by.id).first()
    if call is None:
        raise NotFound
    if call.next_look_at is None or not call.provider_id:
        return call
    try:
        answer = interpreting.end(TARGET, call.provider_id, key=f"{call.pk}-end", at=at)
    except (LookUpFailed, NotFound):
        return call
    return call if isinstance(answer, Refused) else heard(call_id, answer, at=at)


def look_at_calls(at: datetime) -> int:
    """The worker's part: how far those calls are that are not over."""
    due = InterpreterCall.objects.filter(next_look_at__lte=at).order_by("next_look_at").values_list("pk", flat=True)
    found = list(due[:BATCH])
    for call_id in found:
        put_through(call_id, at=at)
    return 0  # each is looked at again some seconds later, not at once


def of_contact(contact_id: UUID) -> InterpreterCall | None:
    """The latest in this conversation. One query."""
    return InterpreterCall.objects.filter(contact_id=contact_id).order_by("-asked_at").first()
