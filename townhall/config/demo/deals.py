"""Two traders of Aldermere and what they offer this month: two deals that are shown, and one that waits for an answer. All invented."""

from __future__ import annotations

from datetime import datetime

from townhall.accounts.residents import passwords, registering
from townhall.core.actors import SYSTEM
from townhall.customers.accounts.links import opened_by
from townhall.engagement.deals import operations as deals
from townhall.engagement.deals.operations import Offer

TRADER, OTHER_TRADER = "baker@example.org", "nets@example.org"  # to try out
_TRADERS = (
    (TRADER, "Bo Crustworthy", "Quay Bakery (fictional)", "3 Harbour Row, Aldermere"),
    (OTHER_TRADER, "Ness Tidewell", "The Net Loft Café (fictional)", "9 Market Street, Aldermere"),
)
_OFFERS = (  # whose, what, what customers get, terms, at most, shown
    (0, "A loaf for £1", "Any small loaf for £1 when you buy a hot drink.", "Before noon, one loaf for each voucher.", 100, True),
    (1, "Two cakes for one", "Buy a slice of cake and get a second one free.", "Monday to Thursday.", None, True),
    (0, "Bake with us", "A place in our Saturday class at half price.", "", 12, False),
)  # fmt: skip


def load_deals(*, password: str, at: datetime) -> None:
    """Once, into a fresh demo; through the operations. `password`: of the traders' accounts."""
    kept = passwords.hashed(password)
    month = deals.months(at)[0]
    traders = []
    for email, name, organisation, _where in _TRADERS:
        account = registering.open_account(
            email=email, name=name, password=kept, kind="business", organisation=organisation, at=at
        )
        traders.append(next(one for one in opened_by(account.pk, at=at) if one.is_organisation))
    for whose, title, words, terms, most, is_shown in _OFFERS:
        asked = Offer(title=title, offer=words, terms=terms, most=most, month=month, where=_TRADERS[whose][3])
        made = deals.offer(traders[whose].customer_id, asked, by=traders[whose].actor, at=at)
        if is_shown:
            deals.approve(made.pk, by=SYSTEM, at=at)
