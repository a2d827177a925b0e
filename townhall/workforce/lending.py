"""A lent backlog: a queue of one service shared for a time with trained people of another team; what they did is counted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Max
from django.utils.translation import gettext as _

from townhall.accounts.models import Role, Team
from townhall.accounts.permissions import require
from townhall.core.actors import Actor
from townhall.core.errors import BadInput, NotAllowed, NotFound, WrongState
from townhall.core.time import council_date
from townhall.ledger import operations as ledger
from townhall.workforce import queries
from townhall.workforce.models import Loan, LoanItem, Module
from townhall.workforce.states import ITEM_NEXT, LOAN_NEXT, ItemState, LoanState, check

LEND: Final = "queues.lend"
MOST_ITEMS: Final = 20_000  # in one go
LONGEST: Final = 4000


@dataclass(frozen=True, kw_only=True)
class NewLoan:
    """avoids: contacts that one item left undone would bring, and why one thinks so."""

    title: str
    service_code: str
    from_team: UUID | None
    to_team: UUID | None
    module: str
    from_on: date
    until_on: date
    how: str
    avoids: Decimal
    avoids_why: str


@transaction.atomic
def lend(new: NewLoan, *, by: Actor, at: datetime) -> Loan:
    """Share a queue for a period. By a manager of the team whose backlog it is, or a senior manager. Raises NotAllowed, BadInput."""
    require(by, LEND)
    _refuse(new, today=council_date(at))
    if new.from_team not in by.teams and Role.SENIOR_MANAGER.value not in by.roles:
        raise NotAllowed(_("A manager of the team whose backlog it is can lend it."))
    assert new.from_team is not None
    assert new.to_team is not None
    made = Loan.objects.create(
        title=new.title,
        service_code=new.service_code,
        from_team_id=new.from_team,
        to_team_id=new.to_team,
        module_id=new.module,
        from_on=new.from_on,
        until_on=new.until_on,
        how=new.how,
        avoids=new.avoids,
        avoids_why=new.avoids_why,
        lent_by=by.id,
        lent_at=at,
    )
    data: dict[str, object] = {"service": new.service_code, "until": new.until_on.isoformat(), "to": str(new.to_team)}
    ledger.record("loan.begun", about=made.subject, by=by, at=at, data=data)
    return made


def _refuse(new: NewLoan, *, today: date) -> None:
    council = set(Team.objects.filter(kind=Team.Kind.COUNCIL, is_active=True).values_list("pk", flat=True))
    knows = Module.objects.filter(pk=new.module, is_active=True).exists()
    rules = (
        ("title", 0 < len(new.title) <= 200, _("Enter a title of 200 characters or fewer")),
        ("service", bool(new.service_code), _("Select a service")),
        ("from_team", new.from_team in council, _("Select whose backlog it is")),
        ("to_team", new.to_team in council - {new.from_team}, _("Select another team that helps")),
        ("module", knows, _("Select the training that it takes")),
        (
            "until_on",
            new.until_on >= max(today, new.from_on),
            _("The last day must be today or later, and not before the first"),
        ),
        ("how", 0 < len(new.how) <= LONGEST, _("Enter what is done with each item")),
        ("avoids", 0 <= new.avoids <= 20, _("Enter contacts avoided by one item, from 0 to 20")),
        ("avoids_why", bool(new.avoids_why), _("Enter where that figure comes from")),
    )
    problems = {name: words for name, holds, words in rules if not holds}
    if problems:
        raise BadInput(problems)


@transaction.atomic
def add_items(loan_id: UUID, lines: Iterable[tuple[str, str]], *, by: Actor, at: datetime) -> int:
    """Items by (reference in the back office, words), in the order in which they are worked; how many were new.

    Raises NotAllowed, NotFound, WrongState, BadInput.
    """
    loan = _locked(loan_id, by=by)
    if loan.state != LoanState.OPEN:
        raise WrongState
    wanted = {reference.strip()[:100]: words.strip()[:500] for reference, words in lines if reference.strip()}
    if not wanted or len(wanted) > MOST_ITEMS:
        raise BadInput({"items": _("Enter from 1 to %(most)s items, one a line") % {"most": MOST_ITEMS}})
    known = set(loan.items.filter(reference__in=list(wanted)).values_list("reference", flat=True))
    first = (loan.items.aggregate(last=Max("position"))["last"] or 0) + 1
    fresh = [(reference, words) for reference, words in wanted.items() if reference not in known]
    LoanItem.objects.bulk_create(
        LoanItem(loan=loan, reference=reference, words=words, position=first + number)
        for number, (reference, words) in enumerate(fresh)
    )
    ledger.record("loan.items_added", about=loan.subject, by=by, at=at, data={"items": len(fresh)})
    return len(fresh)


def sees_items(loan: Loan, by: Actor) -> bool:
    """What is lent is about people: the managers of the two teams and senior managers."""
    return bool(by.teams & {loan.from_team_id, loan.to_team_id}) or Role.SENIOR_MANAGER.value in by.roles


def _locked(loan_id: UUID, *, by: Actor) -> Loan:
    require(by, LEND)
    loan = Loan.objects.select_for_update().filter(pk=loan_id).first()
    if loan is None:
        raise NotFound
    if not sees_items(loan, by):
        raise NotAllowed(_("A manager of one of the two teams can do that."))
    return loan


def waiting(by: Actor, *, at: datetime, limit: int) -> list[LoanItem]:
    """Items lent to one of `by`'s teams today, in their order. One query."""
    today = council_date(at)
    rows = LoanItem.objects.filter(
        state=ItemState.WAITING,
        loan__state=LoanState.OPEN,
        loan__to_team__in=by.teams,
        loan__from_on__lte=today,
        loan__until_on__gte=today,
    )
    return list(rows.select_related("loan").order_by("loan__until_on", "loan_id", "position")[:limit])


def taken_by(by: Actor, *, limit: int) -> list[LoanItem]:
    """What this person has in hand. One query."""
    rows = LoanItem.objects.filter(state=ItemState.TAKEN, taken_by_id=UUID(by.id)).select_related("loan")
    return list(rows.order_by("taken_at")[:limit])


def may_take(loan: Loan, by: Actor, *, at: datetime) -> bool:
    """Of the helping team, and trained in it. One query."""
    return loan.to_team_id in by.teams and queries.in_date(by.id, loan.module_id, council_date(at))


@transaction.atomic
def take(item_id: UUID, *, by: Actor, at: datetime) -> LoanItem:
    """Make an item one's own, for those trained in it. Raises NotAllowed, and WrongState when somebody else has it."""
    rows = LoanItem.objects.select_for_update(skip_locked=True, of=("self",)).select_related("loan")
    item = rows.filter(pk=item_id).first()
    if item is None:
        raise WrongState
    today = council_date(at)
    loan = item.loan
    if not may_take(loan, by, at=at):
        raise NotAllowed(_("This is for people of the helping team who are trained in it."))
    if loan.state != LoanState.OPEN or not loan.from_on <= today <= loan.until_on:
        raise WrongState(_("The queue is not shared at the moment."))
    check(ITEM_NEXT, ItemState(item.state), ItemState.TAKEN)
    item.state, item.taken_by_id, item.taken_at = ItemState.TAKEN, UUID(by.id), at
    item.save(update_fields=["state", "taken_by_id", "taken_at"])
    ledger.record("loan_item.taken", about=loan.subject, by=by, at=at, data={"item": str(item.pk)})
    return item


@transaction.atomic
def finish_item(item_id: UUID, *, outcome: str, note: str = "", by: Actor, at: datetime) -> LoanItem:
    """outcome: done in the back-office system; returned to its own service, with why; waiting: put back for somebody else.

    By whoever took it. Raises NotFound, WrongState, BadInput.
    """
    item = LoanItem.objects.select_for_update(of=("self",)).select_related("loan").filter(pk=item_id).first()
    if item is None or str(item.taken_by_id) != by.id:
        raise NotFound
    if outcome not in (ItemState.DONE, ItemState.RETURNED, ItemState.WAITING):
        raise BadInput({"outcome": _("Select what became of it")})
    if outcome == ItemState.RETURNED and not note.strip():
        raise BadInput({"note": _("Enter why it goes back")})
    check(ITEM_NEXT, ItemState(item.state), ItemState(outcome))
    item.state, item.note = outcome, note.strip()[:500]
    if outcome == ItemState.WAITING:
        item.taken_by, item.taken_at = None, None
    else:
        item.ended_at = at
    item.save(update_fields=["state", "note", "taken_by", "taken_at", "ended_at"])
    ledger.record(f"loan_item.{outcome}", about=item.loan.subject, by=by, at=at, data={"item": str(item.pk)})
    return item


@transaction.atomic
def close(loan_id: UUID, *, by: Actor, at: datetime) -> Loan:
    """The help is over; what is in hand can still be finished. Raises NotAllowed, NotFound, WrongState."""
    loan = _locked(loan_id, by=by)
    check(LOAN_NEXT, LoanState(loan.state), LoanState.CLOSED)
    loan.state = LoanState.CLOSED
    loan.save(update_fields=["state"])
    ledger.record("loan.closed", about=loan.subject, by=by, at=at)
    return loan


@dataclass(frozen=True, kw_only=True)
class LoanReport:
    loan: Loan
    waiting: int
    taken: int
    done: int
    returned: int
    people: int  # who did any

    @property
    def avoided(self) -> Decimal:
        """Contacts avoided: items done, by the figure that was given when the queue was lent."""
        return (self.loan.avoids * self.done).quantize(Decimal("0.1"))


def reports(*, loan_ids: Sequence[UUID] | None = None) -> list[LoanReport]:
    """Each loan with what was done, the newest first. Two queries."""
    rows = Loan.objects.select_related("from_team", "to_team", "module")
    if loan_ids is not None:
        rows = rows.filter(pk__in=list(loan_ids))
    found = list(rows.order_by("-from_on", "-pk")[:100])
    counted = (
        LoanItem.objects.filter(loan__in=found)
        .values("loan_id", "state")
        .annotate(items=Count("pk"), people=Count("taken_by", distinct=True))
    )
    by_state = {(row["loan_id"], row["state"]): row for row in counted}
    return [_reported(loan, by_state) for loan in found]


def _reported(loan: Loan, counted: Mapping[tuple[UUID, str], Mapping[str, Any]]) -> LoanReport:
    def number(state: ItemState, of: str = "items") -> int:
        return int(counted.get((loan.pk, state.value), {}).get(of, 0))

    return LoanReport(
        loan=loan,
        waiting=number(ItemState.WAITING),
        taken=number(ItemState.TAKEN),
        done=number(ItemState.DONE),
        returned=number(ItemState.RETURNED),
        people=number(ItemState.DONE, "people"),
    )
