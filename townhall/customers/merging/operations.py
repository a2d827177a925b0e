"""Merging two records, and taking a merge back. One at a time: merges are rare and short, and so their order is plain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from townhall.accounts import permissions
from townhall.core.actors import Actor, ActorKind
from townhall.core.errors import BadInput, NotFound, WrongState
from townhall.core.sweeps import each_by_itself
from townhall.core.time import council_date
from townhall.core.turns import take_turn
from townhall.customers import states, words
from townhall.customers.merging import moving as rows
from townhall.customers.merging.aliases import also_known_as, standing
from townhall.customers.merging.moving import Moving
from townhall.customers.merging_models import Merge, Proposal
from townhall.customers.models import ContactPoint, Customer, CustomerAddress
from townhall.customers.operations.recording import record

MERGE = "customers.merge"
ONE_AT_A_TIME = 7_202_501  # an advisory lock
FOLLOW_AFTER = timedelta(minutes=1)  # a request that began before the merge is over by then
FOLLOW_UNTIL = timedelta(hours=1)
FOLLOWED = 20  # merges in a sweep
# A customer's own columns that one of two records has to stand for.
DETAILS = ("name", "date_of_birth", "preferred_channel", "language")


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What stands of two records. `from_merged`: those of DETAILS that the merged record says better; what the kept one does not know
    is taken from it anyway. `ended`: contact points and addresses that hold no more."""

    from_merged: frozenset[str] = frozenset()
    ended: frozenset[UUID] = frozenset()


@transaction.atomic
def merge(
    kept_id: UUID, merged_id: UUID, *, by: Actor, at: datetime, choices: Choices | None = None, proposal: str = ""
) -> Merge:
    """Make one record part of another. Twice is once. Old ids go on working, and all can be taken back by `unmerge`.

    `proposal`: the id of the one it follows, for the ledger. Raises NotAllowed, NotFound, BadInput for a person and an organisation or a
    record with itself, WrongState when either is part of another record already.
    """
    _require(by)
    kept, merged = _both(kept_id, merged_id)
    if merged.merged_into_id == kept_id:
        return Merge.objects.get(merged_id=merged_id, undone_at=None)
    if kept.merged_into_id or merged.merged_into_id:
        raise WrongState(_("One of these records is part of another already. Open that one."))
    if kept.kind != merged.kind:
        raise BadInput({"kind": _("A person and an organisation are never one customer")})
    made = Merge.objects.create(
        kept=kept, merged=merged, at=at, by_kind=by.kind.value, by_id=by.id, follow_at=at + FOLLOW_AFTER
    )
    moving = Moving(merge_id=made.pk, kept_id=kept_id, merged_id=merged_id, at=at)
    _let_stand(moving, kept, merged, choices or Choices())
    rows.move_all(moving)
    Customer.objects.filter(pk=merged_id).update(merged_into=kept, word_keys=[], words="")
    words.put_down([kept_id])
    _decided(kept_id, merged_id, made, by=by, at=at)
    told = {"proposal": proposal} if proposal else {}
    record("merged", kept_id, by=by, at=at, merge=str(made.pk), merged=str(merged_id), **told)
    record("merged_into", merged_id, by=by, at=at, merge=str(made.pk), kept=str(kept_id))
    return made


@transaction.atomic
def unmerge(merge_id: UUID, *, by: Actor, at: datetime, reason: str = "") -> Merge:
    """Take a merge back: the record stands again with exactly what was its own. Twice is once.

    What came to the record that stands since stays with it; what somebody changed since keeps the change. Records that were merged
    later, into this one or the other, stay merged where they are. Raises NotAllowed, NotFound.
    """
    _require(by)
    take_turn(ONE_AT_A_TIME)
    found = Merge.objects.filter(pk=merge_id).first()
    if found is None:
        raise NotFound
    top = standing(found.kept_id) or found.kept_id
    tree = sorted({top, found.kept_id, found.merged_id, *also_known_as(top)})
    list(Customer.objects.select_for_update().filter(pk__in=tree).order_by("pk"))
    if found.undone_at is not None:
        return found
    Customer.objects.filter(pk=found.merged_id).update(merged_into=None)
    rows.take_back(merge_id)
    found.undone_at, found.follow_at = at, None
    found.save(update_fields=["undone_at", "follow_at"])
    for one in (top, found.merged_id):
        _settle(one, at=at)
        words.put_down([one])
    Proposal.objects.filter(merge=found, state__in=states.before(states.State.REJECTED)).update(
        state=Proposal.State.REJECTED, reason="taken_apart", decided_at=at, decided_by=_staff(by), merge=None
    )
    told = {"reason": reason} if reason else {}
    record("unmerged", found.merged_id, by=by, at=at, merge=str(merge_id), kept=str(found.kept_id), **told)
    record("unmerged_from", top, by=by, at=at, merge=str(merge_id), merged=str(found.merged_id))
    return found


def follow(at: datetime) -> int:
    """Move what was written under an old id by who began before the merge was done. A sweep; for an hour after each merge."""
    due = list(Merge.objects.filter(follow_at__lte=at).order_by("follow_at")[:FOLLOWED].values_list("pk", flat=True))
    return each_by_itself(due, partial(_follow, at=at))


@transaction.atomic
def _follow(merge_id: UUID, *, at: datetime) -> int:
    take_turn(ONE_AT_A_TIME)
    found = Merge.objects.filter(pk=merge_id, undone_at=None).first()
    if found is None:
        return 1
    top = standing(found.kept_id) or found.kept_id
    list(Customer.objects.select_for_update().filter(pk__in=[top, *also_known_as(top)]).order_by("pk"))
    _settle(top, at=at)
    is_over = at - found.at >= FOLLOW_UNTIL
    found.follow_at = None if is_over else found.at + FOLLOW_UNTIL
    found.save(update_fields=["follow_at"])
    return 1


def _settle(top: UUID, *, at: datetime) -> None:
    """Every merge below a record that stands, the furthest first: what could not go to it before, or came since, goes."""
    into: dict[UUID, list[Merge]] = {}
    for one in Merge.objects.filter(merged_id__in=also_known_as(top), undone_at=None).order_by("at", "id"):
        into.setdefault(one.kept_id, []).append(one)

    def down(customer_id: UUID) -> None:
        for one in into.get(customer_id, []):
            down(one.merged_id)
            rows.move_all(Moving(merge_id=one.pk, kept_id=one.kept_id, merged_id=one.merged_id, at=at))

    down(top)


def _let_stand(moving: Moving, kept: Customer, merged: Customer, choices: Choices) -> None:
    for name in DETAILS:
        theirs = getattr(merged, name)
        if theirs and (name in choices.from_merged or not getattr(kept, name)):
            moving.change("customers_customer", kept.pk, name, theirs)
            if name == "name":  # they change places: by the one that does not stand the customer is found too
                moving.change("customers_customer", kept.pk, "search_name", merged.search_name)
                moving.change("customers_customer", merged.pk, "name", kept.name)
                moving.change("customers_customer", merged.pk, "search_name", kept.search_name)
    both = Q(customer_id__in=(kept.pk, merged.pk), pk__in=choices.ended)
    for point in ContactPoint.objects.filter(both, ended_at=None):
        moving.change("customers_contactpoint", point.pk, "ended_at", moving.at)
    today = council_date(moving.at)
    for address in CustomerAddress.objects.filter(both, until_on=None).exclude(from_on__gt=today):
        moving.change("customers_customeraddress", address.pk, "until_on", today)


def _decided(kept_id: UUID, merged_id: UUID, made: Merge, *, by: Actor, at: datetime) -> None:
    """The proposal of these two is answered; other open ones of the merged record are withdrawn, and the kept one is compared again."""
    one, other = sorted((kept_id, merged_id))
    Proposal.objects.filter(one=one, other=other, state__in=states.before(states.State.MERGED)).update(
        state=Proposal.State.MERGED, decided_at=at, decided_by=_staff(by), reason="", merge=made
    )
    open_ones = Proposal.objects.filter(state__in=states.before(states.State.WITHDRAWN))
    open_ones.filter(Q(one=merged_id) | Q(other=merged_id)).update(
        state=Proposal.State.WITHDRAWN, decided_at=at, decided_by="", reason="merged"
    )


def _both(kept_id: UUID, merged_id: UUID) -> Sequence[Customer]:
    if kept_id == merged_id:
        raise BadInput({"merged": _("A record is not merged with itself")})
    take_turn(ONE_AT_A_TIME)
    found = {
        one.pk: one for one in Customer.objects.select_for_update().filter(pk__in=(kept_id, merged_id)).order_by("pk")
    }
    if len(found) < 2:
        raise NotFound
    return found[kept_id], found[merged_id]


def _require(by: Actor) -> None:
    if by.kind is not ActorKind.SYSTEM:
        permissions.require(by, MERGE)


def _staff(by: Actor) -> str:
    return by.id if by.is_staff else ""
