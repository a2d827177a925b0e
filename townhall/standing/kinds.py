"""The accounts that other systems keep of a customer: one line for each. A council adds its own with `register`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from townhall.connectors.contracts import accounts, electoral, library, premises
from townhall.connectors.contracts.accounts import Benefit, CouncilTax, Leasehold, Rent
from townhall.connectors.contracts.electoral import Elector
from townhall.connectors.contracts.library import Card
from townhall.connectors.contracts.premises import Permits, Waste


@dataclass(frozen=True, kw_only=True)
class Who:
    """What one customer is known by to a system: a number, or home and name."""

    number: str
    uprn: str = ""
    name: str = ""
    key: str = ""  # of this one look


@dataclass(frozen=True, kw_only=True)
class Kind:
    """`read` makes one call, within so many seconds. `form`: what it gives. `service`: whose charge is made when something is paid."""

    code: str
    title: StrOrPromise
    system: StrOrPromise  # in a sentence: "… does not answer"
    target: str  # the connector
    form: type[msgspec.Struct]
    read: Callable[[Who, datetime, float], msgspec.Struct | None]
    number_kind: str = ""  # of CustomerNumber; empty: known by home and name
    service: str = ""
    owed: str = "balance_pence"  # the field with what is to pay
    held_by: str = (
        ""  # the service of the catalogue that holds it: shown only to those with whom it shares (customers.sharing)
    )
    at_desk_only: bool = False  # for staff beside the record; the account has its own page of it


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    _kinds[kind.code] = kind


def every() -> Sequence[Kind]:
    return list(_kinds.values())


def kind_of(code: str) -> Kind | None:
    return _kinds.get(code)


def _by_number(found: Callable[..., msgspec.Struct | None]) -> Callable[[Who, datetime, float], msgspec.Struct | None]:
    return lambda who, at, seconds: found(who.number, at=at, seconds=seconds)


def _at_home(found: Callable[..., msgspec.Struct | None]) -> Callable[[Who, datetime, float], msgspec.Struct | None]:
    return lambda who, at, seconds: found(who.uprn, at=at, seconds=seconds)


def _elector(who: Who, at: datetime, seconds: float) -> Elector | None:
    return electoral.elector(who.uprn, who.name, key=who.key, at=at, seconds=seconds)


for _kind in (
    Kind(
        code="council-tax",
        title=_("Council tax"),
        system=_("The council tax system"),
        target="revenues",
        form=CouncilTax,
        read=_by_number(accounts.council_tax),
        number_kind="council_tax",
        service="council-tax",
        held_by="council-tax-instalments",
    ),
    Kind(
        code="rent",
        title=_("Council rent"),
        system=_("The housing system"),
        target="housing",
        form=Rent,
        read=_by_number(accounts.rent),
        number_kind="rent",
        service="housing-rents",
        held_by="rent-arrangement",
    ),
    Kind(
        code="leasehold",
        title=_("Leasehold account"),
        system=_("The housing system"),
        target="housing",
        form=Leasehold,
        read=_by_number(accounts.leasehold),
        number_kind="leasehold",
        service="leaseholder-works",
        held_by="leaseholder-works",
    ),
    Kind(
        code="library",
        title=_("Library"),
        system=_("The library system"),
        target="library",
        form=Card,
        read=_by_number(library.card),
        number_kind="library",
        service="libraries",
        owed="fines_pence",
    ),
    Kind(
        code="electoral",
        title=_("Electoral register"),
        system=_("The electoral registration system"),
        target="electoral",
        form=Elector,
        read=_elector,
        held_by="register-to-vote",
    ),
    Kind(
        code="benefit",
        title=_("Benefit"),
        system=_("The benefits system"),
        target="benefits",
        form=Benefit,
        read=_by_number(accounts.benefit),
        number_kind="council_tax",
        owed="",
        held_by="housing-benefit-claim",
        at_desk_only=True,
    ),
    Kind(
        code="waste",
        title=_("Bins"),
        system=_("The waste system"),
        target="waste",
        form=Waste,
        read=_at_home(premises.waste),
        owed="",
        held_by="missed-bin",
        at_desk_only=True,
    ),
    Kind(
        code="permits",
        title=_("Parking permits at home"),
        system=_("The parking system"),
        target="permits",
        form=Permits,
        read=_at_home(premises.permits),
        owed="",
        held_by="parking-permit",
        at_desk_only=True,
    ),
):
    register(_kind)
