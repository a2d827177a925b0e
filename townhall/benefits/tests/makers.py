"""Made-up benefit claims for tests."""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import townhall.catalogue
from townhall.benefits.models import RuleSet
from townhall.benefits.seeds import seed_reference_data
from townhall.cases.models import Case
from townhall.cases.operations.from_form import SentForm, open_from_form
from townhall.cases.tests.makers import make_council
from townhall.core.actors import PUBLIC, SYSTEM
from townhall.core.refreshing import forget_all
from townhall.core.tests.keepsakes import kept
from townhall.core.time import now
from townhall.forms import queries as forms
from townhall.forms.operations.loading import load_forms

PACKS = Path(townhall.catalogue.__file__).parent / "packs"
FORM = "housing-benefit-claim"
CLAIM: dict[str, Any] = {
    "reason": "pension_age",
    "address": {"line1": "12 Mill Lane", "town": "Aldermere", "postcode": "ZZ1 1ZZ"},
    "landlord": "council",
    "rent": 9_850,
    "has_partner": "no",
    "has_children": "no",
    "has_adults": "no",
    "income": ["pension"],
    "pension": 18_000,
    "savings": "small",
    "change_soon": "no",
    "who": {"name": "Pearl Renter"},
    "national_insurance": "QQ123456C",
    "email": "pearl@example.org",
}
SELF_EMPLOYED = {"income": ["self_employed"], "profit": 60_000}


@kept
def make_benefits() -> None:
    """The council with the claim's service alone, its form and its rules, and no draw."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        for code in (FORM, "council-tax-move", "single-person-discount"):
            shutil.copytree(PACKS / code, folder / code)
        make_council(folder)
        load_forms(folder, by=SYSTEM, at=now())
    seed_reference_data(at=now())
    share_checked(0)
    forget_all()


def share_checked(percent: float) -> None:
    """By chance nothing, or everything, is drawn: what these tests are about does not hang on a key."""
    row = RuleSet.objects.get(version=1)
    row.rules = {**row.rules, "sample_percent": percent}
    row.save()


def claim(**changed: Any) -> Case:
    new = SentForm(
        form_code=FORM,
        version=forms.published_version(FORM),
        answers={**CLAIM, **changed},
        channel="web",
        key=str(uuid4()),
    )
    return Case.objects.get(pk=open_from_form(new, by=PUBLIC, at=now()).case_id)
