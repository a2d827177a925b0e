"""Repairs that were asked for with the form, and the housing system as a real server."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

import townhall.catalogue
from townhall.cases.operations.from_form import SentForm, open_from_form
from townhall.cases.tests.makers import make_council
from townhall.connectors import operations as connectors
from townhall.connectors import records, registry, signing
from townhall.connectors.contracts.slots import Slot
from townhall.connectors.standins import Standin, Standins
from townhall.core.actors import PUBLIC, SYSTEM
from townhall.core.refreshing import forget_all
from townhall.core.time import now
from townhall.forms import queries as forms
from townhall.forms.operations.loading import load_forms
from townhall.housing import queries
from townhall.housing.models import Repair, Visit

PACKS = Path(townhall.catalogue.__file__).parent / "packs"
LATER = timedelta(minutes=5)
ANSWERS: dict[str, Any] = {
    "danger": "no",
    "home": "council",
    "room": "kitchen",
    "what_kitchen": "leak",
    "address": {"line1": "1 Mill Lane", "town": "Aldermere", "postcode": "ZZ1 1AA"},
    "who": {"name": "Tam Tenant"},
    "email": "tam@example.org",
    "phone": "07700 900982",
}


@pytest.fixture
def housing(transactional_db: None, settings: Any, tmp_path: Path) -> Iterator[Standin]:
    """The council with the form of repairs, and its housing system over real HTTP."""
    settings.TEXT_PROVIDER = "demo"
    folder = tmp_path / "housing-repair"
    shutil.copytree(PACKS / "housing-repair", folder)
    pack = folder / "service.yaml"
    pack.write_text(re.sub(r"(?m)^related:.*$", "related: []", pack.read_text()))
    make_council(tmp_path)
    load_forms(tmp_path, by=SYSTEM, at=now())
    forget_all()
    registry.forget()
    standin = Standin("housing", secret=signing.secret_of("housing"), tell_url="")
    server = Standins([standin])
    server.start()
    connectors.set_connector("housing", name="Housing", kind="records", base_url=server.url("housing"), at=now())
    records.forget()
    yield standin
    server.stop()
    records.forget()
    registry.forget()


def make_repair(**changed: Any) -> Repair:
    new = SentForm(
        form_code="housing-repair",
        version=forms.published_version("housing-repair"),
        answers={**ANSWERS, **changed},
        channel="web",
        key=str(uuid4()),
    )
    opened = open_from_form(new, by=PUBLIC, at=now())
    found = queries.of_case(opened.case_id)
    assert found is not None
    return found


def free(repair: Repair) -> list[Slot]:
    days = queries.free_times(repair, at=now())
    assert days is not None
    return [slot for day in days for slot in day.slots]


def fresh(visit: Visit) -> Visit:
    return Visit.objects.select_related("repair").get(pk=visit.pk)
