"""A made-up street half in a permit zone, and people who ask for permits there."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import townhall.catalogue
from townhall.accounts.models import Team
from townhall.cases.operations.from_form import SentForm, open_from_form
from townhall.cases.tests.makers import make_council
from townhall.core.actors import PUBLIC, SYSTEM, Actor, ActorKind
from townhall.core.refreshing import forget_all
from townhall.forms import queries as forms
from townhall.forms.operations.loading import load_forms
from townhall.payments import operations as payments
from townhall.payments.models import Charge, Method, Payment
from townhall.payments.protocol import Found
from townhall.payments.seeds import seed_reference_data as seed_payments
from townhall.payments.states import PaymentState
from townhall.permits.models import Permit
from townhall.permits.seeds import seed_reference_data
from townhall.places.models import Address, Area, Site

PACKS = Path(townhall.catalogue.__file__).parent / "packs"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
INSIDE, NEXT_DOOR, OUTSIDE = "100001", "100002", "100003"
OFFICER = Actor(kind=ActorKind.STAFF, id="5c0f1d3e-0000-4000-8000-0000000000aa", roles=frozenset({"officer"}))
ADVISER = Actor(kind=ActorKind.STAFF, id="5c0f1d3e-0000-4000-8000-0000000000ab", roles=frozenset({"adviser"}))
ASKED: dict[str, Any] = {
    "kind": "new",
    "mark": "ZZ12 ABC",
    "engine": "middle",
    "months": "12",
    "who": {"name": "Pat Parker"},
    "email": "pat@example.org",
}


def officer(team: str = "parking") -> Actor:
    return replace(OFFICER, teams=frozenset(Team.objects.filter(code=team).values_list("pk", flat=True)))


def make_zone(folder: Path) -> None:
    """Zone A holds 12 and 14 Mill Lane; 40 Mill Lane is outside. The main centre takes cards for permits."""
    for code in ("parking-permit", "council-tax-move"):
        shutil.copytree(PACKS / code, folder / code)
    make_council(folder)
    load_forms(folder, by=SYSTEM, at=NOON)
    seed_payments()
    seed_reference_data()
    ring = [[530_000, 180_000], [530_500, 180_000], [530_500, 180_500], [530_000, 180_500]]
    Area.objects.create(kind="zone", code="A", name="Zone A", rings=[ring])
    for uprn, line, easting in (
        (INSIDE, "12 Mill Lane, Aldermere, ZZ1 1AA", 530_100),
        (NEXT_DOOR, "14 Mill Lane, Aldermere, ZZ1 1AA", 530_110),
        (OUTSIDE, "40 Mill Lane, Aldermere, ZZ1 1AB", 530_900),
    ):
        Address.objects.create(
            uprn=uprn,
            line=line,
            postcode=line[-7:].replace(" ", ""),
            search_text=line.lower(),
            easting=easting,
            northing=180_100,
        )
    for code, name in (("main-centre", "Main centre"), ("library", "Library")):
        Site.objects.create(code=code, name=name)
    payments.open_counter("main-centre", "parking-permit", live_on=NOON.date(), by=SYSTEM, at=NOON)
    forget_all()


def ask(uprn: str = INSIDE, *, at: datetime = NOON, by: Actor = PUBLIC, key: str = "", **changed: Any) -> Permit:
    """Send the form in; nothing is paid yet."""
    new = SentForm(
        form_code="parking-permit",
        version=forms.published_version("parking-permit"),
        answers={**ASKED, "address": {"uprn": uprn, "line": "", "zone": "A"}, **changed},
        channel="web",
        key=key or str(uuid4()),
    )
    return Permit.objects.get(case_id=open_from_form(new, by=by, at=at).case_id)


def pay(permit: Permit, *, at: datetime = NOON, charge: Charge | None = None) -> Payment:
    """By phone, so that no provider is needed."""
    owed = charge or Charge.objects.get(subject_kind="case", subject_id=permit.case_id)
    payment = payments.start(owed.pk, method=Method.PHONE, by=SYSTEM, at=at)
    found = Found(
        provider_id=payment.provider_id,
        reference="",
        state=PaymentState.SUCCESS,
        code="",
        amount_pence=payment.amount_pence,
    )
    return payments.record(payment.pk, found, by=SYSTEM, at=at)
