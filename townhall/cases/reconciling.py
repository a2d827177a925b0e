"""The nightly look at both sides: cases and their items in back-office systems of which one is open and the other closed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import transaction

from townhall.cases.models import Mismatch
from townhall.cases.states import OPEN_IN_SQL
from townhall.connectors import queries as connectors
from townhall.connectors.protocol import Item, LookUpFailed
from townhall.core.db import fetch_all
from townhall.core.ids import uuid7
from townhall.core.turns import take_turn

log = structlog.get_logger()

SETTLING = timedelta(hours=1)  # what changed since then may still be on its way
ASKED_ONE_BY_ONE = 500  # items of one system looked up in a night, beside the list of what is open there
_OPEN_HERE = f"""SELECT DISTINCT ON (c.id) c.id, d.external_id FROM connectors_delivery d JOIN cases_case c ON c.id = d.case_id
    WHERE d.target = %s AND d.external_id <> '' AND c.state IN {OPEN_IN_SQL}
    AND c.updated_at < %s AND d.created_at < %s ORDER BY c.id, d.id DESC"""  # noqa: S608 - constants only
_CLOSED_HERE = f"""SELECT d.external_id, c.id FROM connectors_delivery d JOIN cases_case c ON c.id = d.case_id
    WHERE d.target = %s AND d.external_id = ANY(%s) AND c.updated_at < %s
    AND c.state NOT IN {OPEN_IN_SQL}"""  # noqa: S608 - constants only


@dataclass(frozen=True, kw_only=True)
class Found:
    case_id: UUID
    external_id: str
    status_there: str
    reason: Mismatch.Reason


def sweep(at: datetime) -> int:
    """Look at every connected system once. A system that does not answer keeps yesterday's list. Always 0: there is no second batch."""
    for system in connectors.health(at=at):
        if not system.is_known or not system.is_enabled or system.kind == "webhook":
            continue
        try:
            reconcile(system.target, at=at)
        except LookUpFailed as error:
            log.warning("reconciling.no_answer", target=system.target, error=str(error))
    return 0


def reconcile(target: str, *, at: datetime) -> list[Found]:
    """Compare both sides, and keep what differs; what no longer does is settled. Calls the other system, so never inside a transaction.

    Raises LookUpFailed when it does not answer: then nothing is changed.
    """
    there = {item.external_id: item for item in connectors.open_items(target, at=at)}
    settled = at - SETTLING
    here: dict[UUID, str] = dict(fetch_all(_OPEN_HERE, (target, settled, settled)))
    found = [_open_there(case_id, there[number]) for number, case_id in _closed_here(target, there, before=settled)]
    doubtful = {case_id: number for case_id, number in here.items() if number not in there}
    asked = dict(sorted(doubtful.items())[:ASKED_ONE_BY_ONE])
    states = connectors.states_of(target, asked.values(), at=at)
    found += [
        _open_here(case_id, number, states[number]) for case_id, number in asked.items() if not _is_open(states[number])
    ]
    _keep(target, found, at=at)
    return found


def mismatches(*, target: str = "", limit: int = 200) -> list[Mismatch]:
    """Pairs of which one side is open and the other closed, the newest first, with their cases. One query."""
    rows = Mismatch.objects.filter(settled_at__isnull=True).select_related("case").order_by("-found_at", "-id")
    return list((rows.filter(target=target) if target else rows)[:limit])


def _closed_here(target: str, there: dict[str, Item], *, before: datetime) -> list[tuple[str, UUID]]:
    return [(number, case_id) for number, case_id in fetch_all(_CLOSED_HERE, (target, list(there), before))]


def _open_there(case_id: UUID, item: Item) -> Found:
    return Found(
        case_id=case_id, external_id=item.external_id, status_there=item.status, reason=Mismatch.Reason.OPEN_THERE
    )


def _open_here(case_id: UUID, number: str, item: Item | None) -> Found:
    reason = Mismatch.Reason.UNKNOWN_THERE if item is None else Mismatch.Reason.OPEN_HERE
    return Found(case_id=case_id, external_id=number, status_there=item.status if item else "", reason=reason)


def _is_open(item: Item | None) -> bool:
    return item is not None and item.is_open


@transaction.atomic
def _keep(target: str, found: list[Found], *, at: datetime) -> None:
    """One look at a time: two at once would both put down what is new. A case that was sent twice is one pair, by its last number."""
    take_turn(f"cases.reconcile {target}")
    known = {row.case_id: row for row in Mismatch.objects.select_for_update().filter(target=target, settled_at=None)}
    for one in {one.case_id: one for one in found}.values():
        row = known.pop(one.case_id, None) or Mismatch(id=uuid7(), case_id=one.case_id, target=target, found_at=at)
        row.external_id, row.status_there, row.reason, row.seen_at = one.external_id, one.status_there, one.reason, at
        row.save()
    Mismatch.objects.filter(pk__in=[row.pk for row in known.values()]).update(settled_at=at)
