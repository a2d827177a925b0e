"""Made-up rounds and families who apply in them."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import townhall.catalogue
from townhall.accounts.models import Team
from townhall.admissions.models import Application, Round, Version
from townhall.admissions.rounds import Dates, set_round
from townhall.cases.operations.from_form import FromForm, SentForm, open_from_form
from townhall.cases.tests.makers import make_council
from townhall.core.actors import PUBLIC, SYSTEM, Actor
from townhall.core.refreshing import forget_all
from townhall.customers import operations as customers
from townhall.customers.operations import NewCustomer
from townhall.forms import queries as forms
from townhall.forms.operations.loading import load_forms

PACKS = Path(townhall.catalogue.__file__).parent / "packs"
OPEN = datetime(2026, 11, 20, 12, tzinfo=UTC)  # the round is open
AFTER = datetime(2027, 1, 16, 12, tzinfo=UTC)  # the day after the closing date
HARBOUR, MILL_LANE, ORCHARD = "9992001", "9992002", "9992004"
CHILD: dict[str, Any] = {
    "where": "home",
    "child_name": "Kim New",
    "child_born": "2022-10-05",
    "kind": "primary",
    "address": {"line1": "12 Mill Lane", "town": "Aldermere", "postcode": "ZZ1 1AA"},
    "priority": ["none"],
    "schools": [{"school": HARBOUR}, {"school": MILL_LANE, "sibling": "Lou New", "sibling_born": "2019-05-02"}],
    "schools__more": "no",
    "who": {"name": "Noor New"},
    "email": "noor@example.org",
}


def make_rounds(folder: Path) -> Round:
    """The service alone; a round for primary schools until 15 January 2027, and places during the year."""
    for code in ("school-place", "council-tax-move"):
        shutil.copytree(PACKS / code, folder / code)
    make_council(folder)
    load_forms(folder, by=SYSTEM, at=OPEN)
    Team.objects.filter(code="school-admissions").update(email="admissions@example.org")
    set_round(
        Dates(code="during-2026", name="Places during the year", kind="during", opens_on=date(2026, 9, 1)),
        by=SYSTEM,
        at=OPEN,
    )
    forget_all()
    return set_round(
        Dates(
            code="primary-2027",
            name="Primary school, September 2027",
            kind="primary",
            opens_on=date(2026, 9, 1),
            closes_on=date(2027, 1, 15),
            late_until=date(2027, 3, 31),
            offers_on=date(2027, 4, 16),
            born_from=date(2022, 9, 1),
            born_until=date(2023, 8, 31),
        ),
        by=SYSTEM,
        at=OPEN,
    )


def send(
    *, at: datetime = OPEN, by: Actor = PUBLIC, customer_id: UUID | None = None, key: str = "", **changed: Any
) -> FromForm:
    new = SentForm(
        form_code="school-place",
        version=forms.published_version("school-place"),
        answers={**CHILD, **changed},
        channel="web",
        key=key or str(uuid4()),
        customer_id=customer_id,
    )
    return open_from_form(new, by=by, at=at)


def apply(**changed: Any) -> Application:
    """Send the form in; its application."""
    return Version.objects.select_related("application").get(case_id=send(**changed).case_id).application


def a_customer() -> UUID:
    return customers.create(NewCustomer(name="Noor New"), by=SYSTEM, at=OPEN).pk
