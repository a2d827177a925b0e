"""Where the topics of alerts that another app or system knows of come from: the one list of such links."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from townhall.connectors.contracts import library
from townhall.core.errors import NotFound
from townhall.core.money import Pence, pounds
from townhall.customers.models import CustomerNumber
from townhall.customers.typed import normalised_number
from townhall.engagement import reminding
from townhall.engagement.reminding import Due
from townhall.permits import queries as permits
from townhall.permits.issuing import token_of
from townhall.ui.words import long_date


def connect() -> None:
    reminding.register("permits", ending_permits)
    reminding.register("library", loans_and_fines)


def ending_permits(first: date, last: date, at: datetime) -> Iterator[Sequence[Due]]:
    """Parking permits that run out and that nobody renews."""
    yield [
        Due(
            key=f"{one.number}:{one.ends_on}",
            words=_("Parking permit %(number)s for %(mark)s ends on %(on)s")
            % {"number": one.number, "mark": one.mark, "on": long_date(one.ends_on)},
            source="permits",
            customer_id=one.customer_id,
            context={"link": f"{settings.PUBLIC_URL}/permits/{token_of(one.permit_id)}"},
        )
        for one in permits.ending_between(first, last)
        if one.customer_id is not None
    ]


def loans_and_fines(first: date, last: date, at: datetime) -> Iterator[Sequence[Due]]:
    """What the library says of the cards that our customers are known by; none without a library system. Raises LookUpFailed."""
    link = f"{settings.PUBLIC_URL}/account/accounts/library"
    try:
        for loans in library.due_between(first, last, at=at):
            holders = _holders([loan.card for loan in loans])
            yield [_of_loan(loan, holder, link) for loan in loans if (holder := _of(holders, loan.card))]
        for fines in library.fines(at=at):
            holders = _holders([fine.card for fine in fines])
            yield [_of_fine(fine, holder, link, at=at) for fine in fines if (holder := _of(holders, fine.card))]
    except NotFound:
        return


def _of_loan(loan: library.Loan, holder: UUID, link: str) -> Due:
    advice = _("You can renew it until then.") if loan.is_renewable else _("It cannot be renewed again.")
    return Due(
        key=f"loan:{loan.id}:{loan.due_on}",
        words=_("“%(title)s” is due back on %(on)s") % {"title": loan.title, "on": long_date(loan.due_on)},
        source=library.TARGET,
        customer_id=holder,
        context={"link": link, "advice": advice},
    )


def _of_fine(fine: library.Fine, holder: UUID, link: str, *, at: datetime) -> Due:
    """Told once a month as long as it is owed."""
    return Due(
        key=f"fine:{fine.card}:{fine.pence}:{at:%Y-%m}",
        words=_("There is %(pounds)s to pay") % {"pounds": pounds(Pence(fine.pence))},
        source=library.TARGET,
        customer_id=holder,
        context={"link": link, "advice": ""},
    )


def _holders(cards: Sequence[str]) -> dict[str, UUID]:
    """Whose cards these are, by the number as it is kept. One query."""
    wanted = [normalised_number(card) for card in cards]
    rows = CustomerNumber.objects.filter(kind=CustomerNumber.Kind.LIBRARY, normalised__in=wanted)
    return dict(rows.values_list("normalised", "customer_id"))


def _of(holders: dict[str, UUID], card: str) -> UUID | None:
    return holders.get(normalised_number(card))
