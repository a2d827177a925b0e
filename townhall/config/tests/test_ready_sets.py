"""The five ready-made sets of FORM-10: each form, sent by a resident and by an adviser for a customer, is a case with an owner."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from townhall.cases.models import Case
from townhall.cases.operations.from_form import SentForm, open_from_form
from townhall.cases.tests.makers import MONDAY, make_council
from townhall.catalogue.operations import OUR_PACKS
from townhall.clocks.models import Clock
from townhall.contacts.models import Contact
from townhall.contacts.seeds import seed_reference_data
from townhall.core.actors import PUBLIC, SYSTEM, Actor, ActorKind
from townhall.core.time import council_date
from townhall.customers import operations as customers
from townhall.customers.operations import NewCustomer
from townhall.forms import engine, queries
from townhall.forms.importing.trying import way_to_check
from townhall.forms.models import Submission
from townhall.forms.operations.loading import load_forms

pytestmark = pytest.mark.django_db

SETS = {
    "council tax": ("council-tax-move", "single-person-discount", "council-tax-instalments", "direct-debit"),
    "rents": ("rent-arrangement",),
    "repairs": ("housing-repair",),
    "leaseholders": ("leaseholder-works",),
    "electoral registration": ("register-to-vote",),
}
ADVISER = Actor(kind=ActorKind.STAFF, id="5c0f1d3e-0000-4000-8000-0000000000aa", roles=frozenset({"adviser"}))


@pytest.mark.capability("FORM-10")
def test_each_form_of_each_set_is_sent_by_a_resident_and_by_an_adviser_for_a_customer(tmp_path: Path) -> None:
    codes = [code for of_set in SETS.values() for code in of_set]
    for code in codes:
        shutil.copytree(OUR_PACKS / code, tmp_path / code)
    seed_reference_data()
    make_council(tmp_path)
    load_forms(tmp_path, by=SYSTEM, at=MONDAY)
    thea = customers.create(NewCustomer(name="Thea Tenantley"), by=SYSTEM, at=MONDAY)

    for code in codes:
        version = queries.published_version(code)
        way = way_to_check(queries.flow(code, version=version).form, today=council_date(MONDAY))
        assert isinstance(way, engine.Path), code
        for by, customer_id in ((PUBLIC, None), (ADVISER, thea.pk)):
            sent = SentForm(
                form_code=code,
                version=version,
                answers=way.answers,
                channel="web_form" if by is PUBLIC else "phone",
                key=f"{code}-{by.kind}",
                on_behalf_of=customer_id,
            )
            case = Case.objects.get(pk=open_from_form(sent, by=by, at=MONDAY).case_id)
            assert case.service_code == code
            assert case.doer_team_id is not None
            assert Clock.objects.filter(case_id=case.pk).exists()
            kept = Submission.objects.get(pk=case.pk)
            assert kept.answers
            [contact] = Contact.objects.filter(service_code=code, channel_id=sent.channel)
            assert contact.customer_id == customer_id
