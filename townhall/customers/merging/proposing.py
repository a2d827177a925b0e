"""Proposals that two records are one customer, made as records come and change; and what staff say of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from townhall.accounts import permissions
from townhall.core.actors import SYSTEM, Actor
from townhall.core.db import dump_json, execute, fetch_all, fetch_one
from townhall.core.errors import BadInput, NotFound, RuleBroken
from townhall.core.sweeps import each_by_itself
from townhall.core.turns import take_turn
from townhall.customers import states
from townhall.customers.matching.candidates import MOST_TOGETHER
from townhall.customers.matching.model import AUTOMATIC, LIKELY, UNKNOWN
from townhall.customers.merging.evidence import is_sure
from townhall.customers.merging.operations import MERGE, Choices, merge
from townhall.customers.merging.said import COLUMNS, Said, said_of
from townhall.customers.merging.weighing import Weighed, in_force, weigh
from townhall.customers.merging_models import Merge, Proposal
from townhall.customers.operations.recording import record

log = structlog.get_logger(__name__)
ONE_AT_A_TIME = 7_202_502  # an advisory lock: two that are compared at once would not see each other
BATCH = 100  # entries of the list in one transaction
MOST_COMPARED = 300  # records with one
FEWEST_DECIDED = 200  # by staff, before Townhall merges by itself
REASONS = ("two_people", "household", "not_sure")

_DUE = """
    DELETE FROM customers_matchdue WHERE id IN (
        SELECT id FROM customers_matchdue ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED) RETURNING customer_id"""
_NOT_DUE = "DELETE FROM customers_matchdue WHERE customer_id = ANY(%s)"
_KEEP = """
    INSERT INTO customers_matchkeys (customer_id, keys) VALUES (%s, %s)
    ON CONFLICT (customer_id) DO UPDATE SET keys = excluded.keys"""
# Who shares a key that few have. A commoner one says little: others are more telling.
_NEAR = """
    SELECT found.id, count(*) FROM unnest(%s::int[]) AS key
    CROSS JOIN LATERAL (
        SELECT array_agg(k.customer_id) AS ids FROM (
            SELECT customer_id FROM customers_matchkeys WHERE keys @> ARRAY[key] LIMIT %s) k) those
    CROSS JOIN LATERAL unnest(those.ids) AS found (id)
    WHERE cardinality(those.ids) <= %s AND found.id <> %s
    GROUP BY found.id ORDER BY count(*) DESC, found.id LIMIT %s"""
# What staff said of those that Townhall would have merged; a merge that was taken apart counts as two customers.
_MEASURED = """
    SELECT count(*) FILTER (WHERE state = 'merged'), count(*) FILTER (WHERE state = 'rejected') FROM customers_proposal
    WHERE bits >= %s AND state IN ('merged', 'rejected') AND decided_by <> ''"""


@dataclass(frozen=True, kw_only=True)
class Looked:
    """What comparing one customer with the others came to. `apart`: those who agree in much and are two people all the same."""

    proposed: Sequence[Proposal]
    apart: Sequence[Weighed]


@dataclass(frozen=True, kw_only=True)
class Precision:
    """Of the pairs above the mark for merging without asking, as staff decided them."""

    right: int
    wrong: int

    @property
    def decided(self) -> int:
        return self.right + self.wrong

    @property
    def share(self) -> float | None:
        return self.right / self.decided if self.decided else None


def propose(at: datetime) -> int:
    """A sweep: compare who came or changed. Returns how many entries of the list it took."""
    with transaction.atomic():
        if not _alone():
            return 0
        due = [row[0] for row in fetch_all(_DUE, (BATCH,))]
        ids = sorted(set(due))
        if ids:
            execute(_NOT_DUE, (ids,))
            _compare(ids, at=at)
    if due:
        merge_the_sure(at)
    return len(due)


def _compare(customer_ids: Sequence[UUID], *, at: datetime) -> None:
    """All of them; where one cannot be compared the others are, and that one is when its record changes again."""
    try:
        with transaction.atomic():
            compare_with_all(customer_ids, at=at)
    except Exception:
        log.exception("customers.not_compared", customer_ids=[str(one) for one in customer_ids])
        if len(customer_ids) > 1:
            for one in customer_ids:
                _compare([one], at=at)


def compare_with_all(customer_ids: Sequence[UUID], *, at: datetime) -> list[Weighed]:
    """Put these under their keys, weigh each against whoever shares one, and propose, or take back what does not hold any more."""
    said = said_of(customer_ids)
    with connection.cursor() as cursor:  # a key that few have is not guessed to be common, whatever the statistics say
        cursor.execute("SET LOCAL enable_seqscan = off")
    for one in said.values():
        execute(_KEEP, (one.id, sorted(one.keys)))
    weighed: list[Weighed] = []
    for kind in sorted({one.kind for one in said.values()}):
        weights = in_force(kind)
        for one in said.values():
            if one.kind == kind:
                pairs = [(one, other) for other in _near(one) if other.kind == kind]
                found = weigh(pairs, weights)
                _put_down(one.id, found, at=at)
                weighed += found
    return weighed


def _near(one: Said) -> Iterable[Said]:
    rows = fetch_all(_NEAR, (sorted(one.keys), MOST_TOGETHER + 1, MOST_TOGETHER, one.id, MOST_COMPARED))
    return said_of([row[0] for row in rows]).values()


def _put_down(customer_id: UUID, weighed: Sequence[Weighed], *, at: datetime) -> None:
    likely = {(one.one, one.other): one for one in weighed if one.bits >= LIKELY and not one.apart}
    known = Proposal.objects.select_for_update().filter(Q(one=customer_id) | Q(other=customer_id))
    for proposal in known.order_by("pk"):
        found = likely.pop((proposal.one_id, proposal.other_id), None)
        if found is not None:
            _again(proposal, found, at=at)
        elif proposal.state == states.State.PROPOSED:
            _withdraw(proposal, at=at)
    Proposal.objects.bulk_create(
        [Proposal(one_id=found.one, other_id=found.other, proposed_at=at, **_kept(found)) for found in likely.values()],
        ignore_conflicts=True,
    )


def _again(proposal: Proposal, found: Weighed, *, at: datetime) -> None:
    """Rejected or merged it stays, unless the records say something else of each other now."""
    if proposal.state == states.State.MERGED or (
        proposal.state == states.State.REJECTED and proposal.said == _said(found)
    ):
        return
    if proposal.state != states.State.PROPOSED:
        states.check_move(states.State(proposal.state), states.State.PROPOSED)
        proposal.state, proposal.proposed_at, proposal.decided_at = states.State.PROPOSED, at, None
        proposal.decided_by = proposal.reason = ""
    for name, value in _kept(found).items():
        setattr(proposal, name, value)
    proposal.save()


def _withdraw(proposal: Proposal, *, at: datetime) -> None:
    states.check_move(states.State(proposal.state), states.State.WITHDRAWN)
    proposal.state, proposal.decided_at, proposal.reason = states.State.WITHDRAWN, at, "changed"
    proposal.save(update_fields=["state", "decided_at", "reason"])


def _kept(found: Weighed) -> dict[str, object]:
    return {
        "bits": round(found.bits, 2),
        "evidence": [list(one) for one in found.evidence],
        "said": _said(found),
        "weights": found.version,
    }


def _said(found: Weighed) -> str:
    return sha256(dump_json([[name, level] for name, level, _bits in found.evidence]).encode()).hexdigest()[:16]


@transaction.atomic
def look_again(customer_id: UUID, *, by: Actor, at: datetime) -> Looked:
    """Compare one customer with the others now, and say who was left out and why. Raises NotAllowed, NotFound."""
    permissions.require(by, MERGE)
    take_turn(ONE_AT_A_TIME)
    if not said_of([customer_id]):
        raise NotFound
    weighed = compare_with_all([customer_id], at=at)
    found = Proposal.objects.filter(Q(one=customer_id) | Q(other=customer_id), state=states.State.PROPOSED)
    return Looked(
        proposed=list(found.order_by("-bits", "-pk")),
        apart=[one for one in weighed if one.apart and one.bits >= LIKELY],
    )


@transaction.atomic
def accept(proposal_id: UUID, *, kept_id: UUID, by: Actor, at: datetime, choices: Choices | None = None) -> Merge:
    """They are one customer: `kept_id` stands. Twice is once. Raises NotAllowed, NotFound, BadInput, WrongState."""
    permissions.require(by, MERGE)
    proposal = Proposal.objects.filter(pk=proposal_id).first()
    if proposal is None:
        raise NotFound
    if kept_id not in (proposal.one_id, proposal.other_id):
        raise BadInput({"kept": _("Select which record stands")})
    merged_id = proposal.other_id if kept_id == proposal.one_id else proposal.one_id
    return merge(kept_id, merged_id, by=by, at=at, choices=choices, proposal=str(proposal_id))


@transaction.atomic
def reject(proposal_id: UUID, *, reason: str, by: Actor, at: datetime) -> Proposal:
    """They are two, and not proposed again unless the records change. Twice is once.

    Raises NotAllowed, NotFound, BadInput, WrongState.
    """
    permissions.require(by, MERGE)
    if reason not in REASONS:
        raise BadInput({"reason": _("Select why they are two customers")})
    proposal = Proposal.objects.select_for_update().filter(pk=proposal_id).first()
    if proposal is None:
        raise NotFound
    if proposal.state == states.State.REJECTED:
        return proposal
    states.check_move(states.State(proposal.state), states.State.REJECTED)
    proposal.state, proposal.reason, proposal.decided_at, proposal.decided_by = states.State.REJECTED, reason, at, by.id
    proposal.save(update_fields=["state", "reason", "decided_at", "decided_by"])
    for one, other in ((proposal.one_id, proposal.other_id), (proposal.other_id, proposal.one_id)):
        record("kept_apart", one, by=by, at=at, proposal=str(proposal_id), other=str(other), reason=reason)
    return proposal


def measured() -> Precision:
    """How often staff agreed with what Townhall would have merged by itself. One statement."""
    row = fetch_one(_MEASURED, (AUTOMATIC,))
    return Precision(right=row[0], wrong=row[1]) if row else Precision(right=0, wrong=0)


def merges_by_itself() -> bool:
    """Whether the council asked for it, and what staff decided shows the precision it asked for."""
    stated: float = settings.MERGE_AT_PRECISION
    found = measured()
    return stated > 0 and found.decided >= FEWEST_DECIDED and found.right / found.decided >= stated


def merge_the_sure(at: datetime) -> int:
    """Merge what is above the mark, and agrees in name, birth date and one way to reach them. The longer known record stands."""
    if not merges_by_itself():
        return 0
    above = Proposal.objects.filter(state=states.State.PROPOSED, bits__gte=AUTOMATIC).select_related("one")
    sure = [one for one in above.order_by("-bits", "-pk")[:BATCH] if is_sure(one.one.kind, _levels(one))]

    def go(one: Proposal) -> int:
        try:
            merge(one.one_id, one.other_id, by=SYSTEM, at=at, proposal=str(one.pk))
        except RuleBroken:
            return 0
        return 1

    return each_by_itself(sure, go)


def _levels(proposal: Proposal) -> dict[str, int]:
    """By column; UNKNOWN where either record says nothing."""
    return dict.fromkeys(COLUMNS[proposal.one.kind], UNKNOWN) | {name: level for name, level, _b in proposal.evidence}


def _alone() -> bool:
    row = fetch_one("SELECT pg_try_advisory_xact_lock(%s)", (ONE_AT_A_TIME,))
    return bool(row and row[0])
