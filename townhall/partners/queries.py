"""What pages read of partners: their queue, for those alone whose it is; and what was passed on, received and came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, TextField, Value
from django.db.models.functions import Concat

from townhall.accounts.permissions import may
from townhall.core.actors import Actor
from townhall.core.errors import NotFound
from townhall.customers.accounts import consents
from townhall.customers.accounts.models import Consent
from townhall.customers.models import AccessNeed, CustomerAddress
from townhall.customers.permissions import customers_visible_to
from townhall.customers.queries import need_words, reached_by
from townhall.ledger import operations as ledger
from townhall.partners import bodies
from townhall.partners.models import PURPOSE, LoggedContact, Partner, Passed, Shared
from townhall.partners.states import OPEN_PASSED

MOST = 200


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a partner is told of a customer: their name, and what they agreed to; nothing when the consent does not hold."""

    name: str = ""
    contact: Sequence[str] = ()
    address: str = ""
    needs: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Counted:
    partner: Partner
    contacts: int
    passed: int
    not_received: int
    ended: int


def mine(by: Actor) -> list[Partner]:
    """The partners whose queue this person may see. One query."""
    return list(Partner.objects.filter(bodies.seen_by(by), ended_at=None).select_related("team").order_by("team__name"))


def queue(by: Actor, *, limit: int = MOST) -> list[Passed]:
    """Open referrals of those partners, the oldest first; without those whose consent does not hold. Two queries."""
    purpose = Concat(Value(PURPOSE), OuterRef("partner__team__code"), output_field=TextField())
    held = Consent.objects.filter(customer=OuterRef("customer"), purpose=purpose, withdrawn_at=None)
    rows = Passed.objects.filter(Exists(held), partner__in=[one.pk for one in mine(by)], state__in=OPEN_PASSED)
    return list(rows.select_related("partner__team", "customer").order_by("sent_at", "pk")[:limit])


def holds(passed: Passed) -> bool:
    return passed.customer_id is not None and consents.agreed(passed.customer_id, passed.partner.purpose)


def left(by: Actor, *, limit: int = MOST) -> list[LoggedContact]:
    """What people left for those partners, the oldest first."""
    rows = LoggedContact.objects.filter(partner__in=[one.pk for one in mine(by)], waits=True)
    return list(rows.select_related("partner__team").order_by("at", "pk")[:limit])


def read(passed_id: UUID, *, by: Actor, at: datetime) -> tuple[Passed, Told]:
    """One referral, as those of its queue may read it; the look is written down. Raises NotFound."""
    passed = Passed.objects.select_related("partner__team", "customer").filter(pk=passed_id).first()
    if passed is None or not bodies.may_see_queue(passed.partner, by):
        raise NotFound
    ledger.looked(by=by, at=at, customer_id=passed.customer_id, page="partner.referral", reason="consent")
    return passed, told(passed)


def told(passed: Passed) -> Told:
    """Only while it is open and the consent holds."""
    customer = passed.customer
    if customer is None or passed.state not in OPEN_PASSED or not holds(passed):
        return Told()
    points = reached_by(customer.pk) if Shared.CONTACT in passed.shares else {}
    address, needs = "", []
    if Shared.ADDRESS in passed.shares:
        held = CustomerAddress.objects.filter(customer=customer, until_on=None).order_by("-from_on", "-id").first()
        address = " ".join(part for part in (held.line, held.postcode) if part) if held else ""
    if Shared.NEEDS in passed.shares:
        needs = [need_words(one.need) for one in AccessNeed.objects.filter(customer=customer, ended_at=None)]
    return Told(name=customer.name, contact=[one.value for one in points.values()], address=address, needs=needs)


def of_customer(customer_id: UUID, *, limit: int = 10) -> list[Passed]:
    rows = Passed.objects.filter(customer_id=customer_id).select_related("partner__team")
    return list(rows.order_by("-sent_at", "-pk")[:limit])


def sent(passed_id: UUID, *, by: Actor) -> Passed:
    """One referral, for those of us who may see the customer. Raises NotFound."""
    found = Passed.objects.select_related("partner__team", "customer").filter(pk=passed_id).first()
    if found is None or not may(by, "customers.see").allowed:
        raise NotFound
    if found.customer_id is not None and not customers_visible_to(by).filter(pk=found.customer_id).exists():
        raise NotFound
    return found


def counts(*, since: datetime) -> list[Counted]:
    """Of each partner since then: contacts logged against it, referrals, how many it has not received and how many ended. Three queries."""
    logged = dict(
        LoggedContact.objects.filter(at__gte=since)
        .values_list("partner")
        .annotate(num=Count("id"))
        .values_list("partner", "num")
    )
    rows = (
        Passed.objects.filter(sent_at__gte=since)
        .values("partner")
        .annotate(
            num=Count("id"),
            waiting=Count("id", filter=Q(state="sent")),
            ended=Count("id", filter=~Q(state__in=OPEN_PASSED)),
        )
    )
    passed = {row["partner"]: (row["num"], row["waiting"], row["ended"]) for row in rows}
    none = (0, 0, 0)
    return [
        Counted(
            partner=one,
            contacts=logged.get(one.pk, 0),
            passed=passed.get(one.pk, none)[0],
            not_received=passed.get(one.pk, none)[1],
            ended=passed.get(one.pk, none)[2],
        )
        for one in bodies.every()
    ]
