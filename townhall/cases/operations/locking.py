"""Taking a case in hand: the row as it is now, locked, and only if `by` may see it."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from townhall.accounts.permissions import may
from townhall.cases.access import cases_visible_to, has_only_a_part, is_only_offered
from townhall.cases.models import Case
from townhall.cases.states import State, check_move
from townhall.core.actors import Actor, ActorKind
from townhall.core.errors import NotAllowed, NotFound
from townhall.ledger import operations as ledger

ONLY_OFFERED = _("This case is only offered to your team. Accept or return the offer first.")
ONLY_A_PART = _("Your team has only a part of this case. You can end that part, and add a note.")
# What a team may do to a case that it is offered, or has a part of, besides answering and ending its part.
_WHILE_ASIDE = frozenset({"cases.note", "cases.chase"})


def locked(case_id: UUID, *, by: Actor, to: str, answering: bool = False, of_part: bool = False) -> Case:
    """The case, locked until the transaction ends. `to` is the capability needed, for example "cases.decide".

    Raises NotFound when `by` may not see it, NotAllowed when they may see it but not do this.
    Several cases are locked in primary-key order. answering: it is an offer of this case that is answered, which is all that a team
    may do to a case it is only offered. of_part: it is a part of this case that is ended, which is all that the team of a part may do.
    """
    visible = cases_visible_to(by).filter(pk=case_id).values("pk")
    case = Case.objects.select_for_update(of=("self",)).filter(pk__in=visible).first()
    if case is None:
        raise NotFound
    if by.kind in (ActorKind.STAFF, ActorKind.CONNECTOR):
        decision = may(by, to)
        if not decision.allowed:
            raise NotAllowed(decision.reason)
    if not answering and to not in _WHILE_ASIDE:
        if is_only_offered(case, by):
            raise NotAllowed(str(ONLY_OFFERED))
        if not of_part and has_only_a_part(case, by):
            raise NotAllowed(str(ONLY_A_PART))
    return case


def move(case: Case, to: State, *, by: Actor, at: datetime, verb: str = "", **fields: object) -> None:
    """Check the move, make it with `fields`, and write it down: as `verb`, where the state it ends in is not what happened."""
    was = State(case.state)
    check_move(was, to)
    case.state = to
    case.updated_at = at
    for name, value in fields.items():
        setattr(case, name, value)
    case.save(update_fields=["state", "updated_at", *fields])
    on, outcome = fields.get("scheduled_on"), fields.get("outcome_code")
    said = {"on": on.isoformat()} if isinstance(on, date) else {}
    said |= {"outcome": str(outcome)} if outcome else {}
    record(case, verb or f"case.{to.value}", by=by, at=at, was=was.value, **said)


def record(case: Case, verb: str, *, by: Actor, at: datetime, **data: object) -> None:
    ledger.record(
        verb, about=case.subject, by=by, at=at, case_id=case.pk, customer_id=case.customer_id, data=data or None
    )
