"""Each day the provider's list is laid beside ours, and what does not agree is kept until somebody has settled it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from townhall.accounts.permissions import require
from townhall.core.actors import Actor
from townhall.core.errors import BadInput, NotFound, WrongState
from townhall.core.ids import uuid7
from townhall.core.time import council_date, start_of
from townhall.ledger import operations as ledger
from townhall.payments import protocol, setting_up
from townhall.payments.models import Difference, Method, Payment, ReconciliationRun, SettlementLine
from townhall.payments.protocol import Found, ProviderDown
from townhall.payments.states import REFUNDS_UNDER_WAY, UNFINISHED, PaymentState

log = structlog.get_logger(__name__)
DAYS_BACK = 3  # days compared each time, so that what was late is seen, and a night without the provider is made good
PROVIDERS = {setting_up.ONLINE: Method.CARD, setting_up.TERMINAL: Method.TERMINAL}


@dataclass(frozen=True, kw_only=True)
class Finding:
    kind: Difference.Kind
    provider_id: str
    payment: Payment | None
    theirs: Found | None


def sweep(at: datetime) -> int:
    """Compare the days before today with every provider. Returns 0: a daily sweep is done after one round."""
    today = council_date(at)
    for code, method in PROVIDERS.items():
        if setting_up.takes(method):
            for days in range(DAYS_BACK, 0, -1):
                _try_one(code, today - timedelta(days=days), at=at)
    return 0


def _try_one(code: str, on: date, *, at: datetime) -> None:
    try:
        reconcile(code, on=on, at=at)
    except ProviderDown as error:
        log.warning("reconciliation.not_done", provider=code, on=on.isoformat(), error=str(error))


def reconcile(code: str, *, on: date, at: datetime) -> ReconciliationRun:
    """Compare the payments begun on a council date. Never inside a transaction. Raises ProviderDown.

    Payments that are not over on our side are left to the sweep that asks about them.
    """
    since, until = start_of(on), start_of(on + timedelta(days=1))
    theirs = {one.provider_id: one for one in protocol.provider(code).listed(since=since, until=until)}
    ours = _ours(code, theirs, since=since, until=until)
    found = [one for one in compare(ours, theirs) if not _is_moving(one)]
    return _write(code, on, ours, theirs, found, at=at)


def _ours(code: str, theirs: Iterable[str], *, since: datetime, until: datetime) -> dict[str, Payment]:
    """Our payments of the day, and any others that they list: midnight is not the same moment on both sides."""
    begun = Payment.objects.filter(provider=code, created_at__gte=since, created_at__lt=until).exclude(provider_id="")
    listed = Payment.objects.filter(provider=code, provider_id__in=list(theirs))
    return {one.provider_id: one for one in (*begun, *listed)}


def compare(ours: dict[str, Payment], theirs: dict[str, Found]) -> Iterator[Finding]:
    """Where the two lists do not agree about money. What nobody paid on either side is no difference."""
    for provider_id in sorted({*ours, *theirs}):
        our, their = ours.get(provider_id), theirs.get(provider_id)
        kind = _difference(our, their)
        if kind is not None:
            yield Finding(kind=kind, provider_id=provider_id, payment=our, theirs=their)


def _difference(our: Payment | None, their: Found | None) -> Difference.Kind | None:
    paid_there = their is not None and their.state is PaymentState.SUCCESS
    if our is None:
        return Difference.Kind.NOT_HERE if paid_there else None
    if our.state in UNFINISHED:
        return None
    paid_here = our.state == PaymentState.SUCCESS
    if their is None:
        return Difference.Kind.NOT_THERE if paid_here else None
    if paid_here != paid_there:
        return Difference.Kind.STATE
    if not paid_here:
        return None
    if our.amount_pence != their.amount_pence:
        return Difference.Kind.AMOUNT
    return Difference.Kind.REFUND if our.refunded_pence != their.refunded_pence else None


def _is_moving(finding: Finding) -> bool:
    """The provider counts a refund from its beginning, and we when it is done: one on its way is no difference."""
    return (
        finding.kind is Difference.Kind.REFUND
        and finding.payment is not None
        and finding.payment.refunds.filter(state__in=REFUNDS_UNDER_WAY).exists()
    )


@transaction.atomic
def _write(
    code: str,
    on: date,
    ours: dict[str, Payment],
    theirs: dict[str, Found],
    found: list[Finding],
    *,
    at: datetime,
) -> ReconciliationRun:
    for finding in found:
        _keep(code, on, finding, at=at)
    SettlementLine.objects.bulk_create(
        (
            SettlementLine(
                provider=code, provider_id=one.provider_id, settled_on=one.settled_on, pence=one.amount_pence
            )
            for one in theirs.values()
            if one.settled_on is not None
        ),
        ignore_conflicts=True,
    )
    taken = [one for one in ours.values() if one.state == PaymentState.SUCCESS]
    paid = [one for one in theirs.values() if one.state is PaymentState.SUCCESS]
    return ReconciliationRun.objects.create(
        id=uuid7(),
        provider=code,
        on=on,
        done_at=at,
        ours=len(taken),
        theirs=len(paid),
        our_pence=sum(one.amount_pence for one in taken),
        their_pence=sum(one.amount_pence for one in paid),
        differences=len(found),
    )


def _keep(code: str, on: date, finding: Finding, *, at: datetime) -> None:
    """Once, however often it is found."""
    our, their = finding.payment, finding.theirs
    refunds = finding.kind is Difference.Kind.REFUND
    Difference.objects.get_or_create(
        provider=code,
        provider_id=finding.provider_id,
        kind=finding.kind,
        defaults={
            "payment": our,
            "reference": their.reference if their else "",
            "our_pence": None if our is None else our.refunded_pence if refunds else our.amount_pence,
            "their_pence": None if their is None else their.refunded_pence if refunds else their.amount_pence,
            "our_state": our.state if our else "",
            "their_state": their.state.value if their else "",
            "on": on,
            "found_at": at,
        },
    )


@transaction.atomic
def settle(difference_id: UUID, *, how: str, by: Actor, at: datetime) -> Difference:
    """Somebody has seen to a difference and says how. Raises NotAllowed, NotFound, BadInput, WrongState."""
    require(by, "payments.reconcile")
    difference = Difference.objects.select_for_update().filter(pk=difference_id).first()
    if difference is None:
        raise NotFound
    if not how.strip():
        raise BadInput({"how": _("Enter what was done about it")})
    if difference.settled_at is not None:
        raise WrongState
    difference.settled_at, difference.settled_by, difference.settled_how = at, by.id, how.strip()
    difference.save(update_fields=["settled_at", "settled_by", "settled_how"])
    data: dict[str, object] = {"kind": difference.kind, "provider": difference.provider}
    ledger.record("difference.settled", about=difference.subject, by=by, at=at, data=data)
    return difference
