"""The demo's repair is in the list of everything of whose it is."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from townhall.cases.models import Case
from townhall.catalogue import operations as catalogue
from townhall.clocks.seeds import seed_reference_data as seed_clocks
from townhall.config.demo import homes, loading
from townhall.contacts.seeds import seed_reference_data
from townhall.core.actors import SYSTEM
from townhall.customers.models import Customer
from townhall.forms import operations as forms
from townhall.workspace import timeline
from townhall.workspace.timeline import Wanted

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)


def test_the_tenants_repair_is_in_the_list_of_everything_of_hers() -> None:
    seed_reference_data()
    seed_clocks()
    loading._load_places()
    loading._load_people(NOW)
    catalogue.load_packs(catalogue.OUR_PACKS, by=SYSTEM, at=NOW)
    forms.load_forms(catalogue.OUR_PACKS, by=SYSTEM, at=NOW)

    homes.load_homes(at=NOW)

    thea = Customer.objects.get(name=homes.TENANT)
    listed = timeline.of_customer(thea.pk, by=SYSTEM, wanted=Wanted(kind="case")).rows
    assert [one.cases[0].id for one in listed] == [Case.objects.get().pk]
