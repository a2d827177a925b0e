"""Deals of local traders: offered, decided, taken, used, and closed when their month is over."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Count
from django.utils import translation
from django.utils.translation import gettext as _

from townhall.accounts.permissions import require
from townhall.core.actors import SYSTEM, Actor, ActorKind
from townhall.core.errors import BadInput, NotFound, WrongState
from townhall.core.time import council_date, start_of
from townhall.customers.models import Customer
from townhall.customers.queries import reached_by
from townhall.documents.models import Kind
from townhall.documents.operations import keep_document, language_of
from townhall.documents.wording import worded
from townhall.engagement import heard, quiet
from townhall.engagement.deals.codes import new_code, parse_code
from townhall.engagement.deals.models import Deal, Voucher
from townhall.engagement.models import AlertItem
from townhall.engagement.states import Deal as State
from townhall.engagement.states import check_deal
from townhall.ledger import operations as ledger
from townhall.notifications import operations as notifications
from townhall.notifications.recipients import Recipient
from townhall.ui.words import long_date

DECIDE = "deals.decide"
ASK_BEFORE = timedelta(days=7)  # of the month's end, when traders are asked to renew
BATCH = 50
LONGEST = {"title": 80, "offer": 500, "terms": 1_000, "where": 200}
MOST = 100_000


@dataclass(frozen=True, kw_only=True)
class Offer:
    """What a trader typed. `most`: vouchers; None without a limit. `month`: any day of it."""

    title: str
    offer: str
    month: date
    terms: str = ""
    where: str = ""
    most: int | None = None


@transaction.atomic
def offer(trader_id: UUID, asked: Offer, *, by: Actor, at: datetime, renews: UUID | None = None) -> Deal:
    """A trader's offer, for staff to read. `renews`: the deal of an earlier month that goes on; each is renewed once.

    Raises NotFound when `by` is not that organisation, BadInput, WrongState.
    """
    trader = _trader(trader_id, by=by)
    _check(asked, at=at)
    earlier = _to_renew(renews, trader_id, asked.month) if renews else None
    try:
        with transaction.atomic():
            made = Deal.objects.create(
                trader_id=trader_id,
                trader_name=trader.name,
                title=asked.title.strip(),
                offer=asked.offer.strip(),
                terms=asked.terms.strip(),
                where=asked.where.strip(),
                most=asked.most,
                month=asked.month.replace(day=1),
                offered_at=at,
                renews=earlier,
            )
    except IntegrityError as error:
        raise WrongState(_("You have offered this again already.")) from error
    _record("deal.offered", made, by=by, at=at)
    return made


def _trader(trader_id: UUID, *, by: Actor) -> Customer:
    if by.kind is ActorKind.CUSTOMER and by.id != str(trader_id):
        raise NotFound
    found = Customer.objects.filter(pk=trader_id, kind=Customer.Kind.ORGANISATION, merged_into__isnull=True).first()
    if found is None:
        raise NotFound
    return found


def _to_renew(deal_id: UUID, trader_id: UUID, month: date) -> Deal:
    found = Deal.objects.filter(pk=deal_id, trader_id=trader_id).first()
    if found is None:
        raise NotFound
    if month.replace(day=1) <= found.month:
        raise WrongState(_("This deal is of that month already."))
    return found


def _check(asked: Offer, *, at: datetime) -> None:
    missing = {"title": _("Enter what you offer, in a few words"), "offer": _("Enter what customers get")}
    too_long = {
        name: _("Use at most %(longest)s characters") % {"longest": longest}
        for name, longest in LONGEST.items()
        if len(getattr(asked, name)) > longest
    }
    problems = {name: words for name, words in missing.items() if not getattr(asked, name).strip()} | too_long
    if asked.most is not None and not 1 <= asked.most <= MOST:
        problems["most"] = _("Enter a number from 1 to 100,000, or leave it empty")
    if asked.month.replace(day=1) not in months(at):
        problems["month"] = _("Select this month or the next")
    if problems:
        raise BadInput(problems)


def months(at: datetime) -> tuple[date, date]:
    """The first days of this month and the next."""
    this = council_date(at).replace(day=1)
    return this, last_of(this) + timedelta(days=1)


def last_of(month: date) -> date:
    return month.replace(day=monthrange(month.year, month.month)[1])


@transaction.atomic
def approve(deal_id: UUID, *, by: Actor, at: datetime) -> Deal:
    """It is shown for its month, and those who asked for deals are told. Raises NotAllowed, NotFound, WrongState."""
    deal = _decide(deal_id, State.APPROVED, by=by, at=at)
    data = {
        "title": deal.title,
        "offer": deal.offer,
        "trader": deal.trader_name,
        "link": f"{settings.PUBLIC_URL}/deals/{deal.pk}",
        "words": f"{deal.title}, {deal.trader_name}",
    }
    scope, from_at = AlertItem.Scope.EVERYBODY, max(at, start_of(deal.month))
    heard.keep("deals", str(deal.pk), source="deals", data=data, at=from_at, scope=scope)
    _tell_trader(deal, approved=True, at=at)
    return deal


@transaction.atomic
def decline(deal_id: UUID, *, reason: str, by: Actor, at: datetime) -> Deal:
    """It is not shown, and the trader hears why. Raises NotAllowed, NotFound, BadInput without a reason, WrongState."""
    if not reason.strip():
        raise BadInput({"reason": _("Enter why, as the trader reads it")})
    deal = _decide(deal_id, State.DECLINED, by=by, at=at, reason=reason.strip())
    _tell_trader(deal, approved=False, at=at)
    return deal


def _decide(deal_id: UUID, then: State, *, by: Actor, at: datetime, reason: str = "") -> Deal:
    require(by, DECIDE)
    deal = _locked(deal_id)
    check_deal(deal.state, then)
    if then is State.APPROVED and deal.month < council_date(at).replace(day=1):
        raise WrongState(_("The month of this offer is over."))
    deal.state, deal.reason, deal.decided_by, deal.decided_at = then, reason, by.id, at
    deal.save(update_fields=["state", "reason", "decided_by", "decided_at"])
    _record(f"deal.{then.value}", deal, by=by, at=at)
    return deal


@transaction.atomic
def withdraw(deal_id: UUID, *, by: Actor, at: datetime) -> Deal:
    """The trader takes it back. Vouchers that were taken stay good until the end of the month. Raises NotFound, WrongState."""
    deal = _locked(deal_id)
    _trader(deal.trader_id, by=by)
    check_deal(deal.state, State.WITHDRAWN)
    deal.state, deal.ended_at = State.WITHDRAWN, at
    deal.save(update_fields=["state", "ended_at"])
    AlertItem.objects.filter(topic="deals", key=str(deal.pk), told_at__isnull=True).delete()
    _record("deal.withdrawn", deal, by=by, at=at)
    return deal


@transaction.atomic
def take(deal_id: UUID, customer_id: UUID, *, by: Actor, at: datetime) -> Voucher:
    """A voucher of their own; asked for again, the same. Raises NotFound, and WrongState when it is not shown now or all are taken."""
    deal = _locked(deal_id)
    held = Voucher.objects.filter(deal=deal, customer_id=customer_id).first()
    if held is not None:
        return held
    if deal.state != State.APPROVED or deal.month != council_date(at).replace(day=1):
        raise WrongState(_("This deal is not on just now."))
    if deal.most is not None and deal.issued >= deal.most:
        raise WrongState(_("All vouchers of this deal are taken."))
    made = Voucher.objects.create(deal=deal, customer_id=customer_id, code=new_code(), issued_at=at)
    deal.issued += 1
    deal.save(update_fields=["issued"])
    about = made.subject
    ledger.record("voucher.issued", about=about, by=by, at=at, customer_id=customer_id, data={"deal": str(deal.pk)})
    _keep(made, deal, by=by, at=at)
    return made


def _keep(made: Voucher, deal: Deal, *, by: Actor, at: datetime) -> None:
    """The voucher is among its holder's documents, as it was taken."""
    about = {"code": made.code, "deal": deal, "ends_on": last_of(deal.month)}
    language = language_of(made.customer_id)
    with translation.override(language):
        title = _("Voucher: %(deal)s") % {"deal": deal.title}
    keep_document(
        customer_id=made.customer_id,
        kind=Kind.VOUCHER,
        title=title,
        about=made.subject,
        key=f"voucher-{made.pk}",
        html=worded("voucher", about, language=language),
        reference=made.code,
        language=language,
        by=by,
        at=at,
    )


@transaction.atomic
def redeem(typed: str, trader_id: UUID, *, by: Actor, at: datetime) -> Voucher:
    """The trader takes a voucher in, once. Raises BadInput for what is no code of theirs, WrongState when it was used or is over."""
    _trader(trader_id, by=by)
    code = parse_code(typed)
    if code is None:
        raise BadInput({"code": _("Check the code: it looks like DV-7K3M-92QX")})
    rows = Voucher.objects.select_for_update(of=("self",)).select_related("deal")
    voucher = rows.filter(code=code, deal__trader_id=trader_id).first()
    if voucher is None:
        raise BadInput({"code": _("There is no such voucher of your deals")})
    if voucher.redeemed_at is not None:
        words = _("This voucher was used on %(on)s.") % {"on": long_date(council_date(voucher.redeemed_at))}
        raise WrongState(words)
    if council_date(at) > last_of(voucher.deal.month):
        words = _("This voucher was good until %(on)s.") % {"on": long_date(last_of(voucher.deal.month))}
        raise WrongState(words)
    voucher.redeemed_at = at
    voucher.save(update_fields=["redeemed_at"])
    data: dict[str, object] = {"deal": str(voucher.deal_id)}
    ledger.record("voucher.redeemed", about=voucher.subject, by=by, at=at, customer_id=voucher.customer_id, data=data)
    return voucher


def close_those_over(at: datetime) -> int:
    """Deals whose month is over, shown or still waiting; how many."""
    with transaction.atomic():
        over = Deal.objects.select_for_update(skip_locked=True).filter(
            state__in=[State.APPROVED, State.OFFERED], month__lt=council_date(at).replace(day=1)
        )
        found = list(over.order_by("month", "id")[:BATCH])
        for deal in found:
            check_deal(deal.state, State.CLOSED)
            deal.state, deal.ended_at = State.CLOSED, at
            deal.save(update_fields=["state", "ended_at"])
            _record("deal.closed", deal, by=SYSTEM, at=at)
    return len(found)


def ask_to_renew(at: datetime) -> int:
    """In the last week of a month its traders are asked whether they offer the same again; how many deals that was."""
    if quiet.over_at(at) != at:
        return 0
    this, following = months(at)
    if council_date(at) < following - ASK_BEFORE:
        return 0
    with transaction.atomic():
        shown = Deal.objects.select_for_update(skip_locked=True, of=("self",)).filter(
            state=State.APPROVED, month=this, asked_at__isnull=True
        )
        found = list(shown.filter(renewed_by__isnull=True).order_by("id")[:BATCH])
        used = _redeemed(found)
        for deal in found:
            deal.asked_at = at
            deal.save(update_fields=["asked_at"])
            context = {
                "title": deal.title,
                "month": month_words(following),
                "ends_on": last_of(this),
                "issued": deal.issued,
                "redeemed": used.get(deal.pk, 0),
                "link": f"{settings.PUBLIC_URL}/deals/yours/{deal.pk}/renewal",
            }
            _send("deal/renew", deal, context, at=at)
    return len(found)


def _redeemed(deals: list[Deal]) -> dict[UUID, int]:
    rows = Voucher.objects.filter(deal__in=deals, redeemed_at__isnull=False).values("deal_id")
    return {row["deal_id"]: row["count"] for row in rows.annotate(count=Count("id"))}


def month_words(month: date) -> str:
    """July 2026."""
    return long_date(month).split(" ", 1)[1]


def _tell_trader(deal: Deal, *, approved: bool, at: datetime) -> None:
    context = {
        "title": deal.title,
        "approved": approved,
        "reason": deal.reason,
        "month": month_words(deal.month),
        "link": f"{settings.PUBLIC_URL}/deals/yours",
    }
    _send("deal/decided", deal, context, at=at)


def _send(template: str, deal: Deal, context: dict[str, object], *, at: datetime) -> None:
    email = reached_by(deal.trader_id).get("email")
    to = Recipient(name=deal.trader_name, email=email.normalised if email else "", customer_id=deal.trader_id)
    notifications.send(template, to=to, about=deal.subject, key=f"{template}-{deal.pk}", context=context, at=at)


def _locked(deal_id: UUID) -> Deal:
    deal = Deal.objects.select_for_update().filter(pk=deal_id).first()
    if deal is None:
        raise NotFound
    return deal


def _record(verb: str, deal: Deal, *, by: Actor, at: datetime) -> None:
    ledger.record(verb, about=deal.subject, by=by, at=at, customer_id=deal.trader_id)
