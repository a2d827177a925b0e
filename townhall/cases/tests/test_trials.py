from __future__ import annotations

import pytest

from townhall.accounts.models import Role
from townhall.cases import operations
from townhall.cases.operations.telling import TRIAL_ROLE
from townhall.cases.tests.makers import MONDAY, make_case, make_council, make_staff
from townhall.catalogue import operations as catalogue
from townhall.catalogue import queries
from townhall.core.actors import SYSTEM
from townhall.customers.models import Customer, CustomerRole
from townhall.notifications.models import Message
from townhall.notifications.recipients import Recipient

pytestmark = pytest.mark.django_db


@pytest.mark.capability("CASE-05")
def test_an_update_on_trial_goes_to_the_small_group_and_to_nobody_else() -> None:
    make_council()
    updates = [{"update": "received"}, {"update": "accepted", "trial_group": "spring"}]
    updates += [{"update": "declined"}, {"update": "done"}]
    catalogue.edit(
        "fly-tipping", {"updates": updates}, version=queries.entry("fly-tipping").version, by=SYSTEM, at=MONDAY
    )
    ada = Customer.objects.create(name="Ada", search_name="ada", created_at=MONDAY)
    CustomerRole.objects.create(customer=ada, role=TRIAL_ROLE, detail="spring")
    officer = make_staff("olu", team="street-cleansing", role=Role.OFFICER)
    case = make_case(reporter=Recipient(name="Ada", email="ada@example.org", customer_id=ada.pk))
    operations.follow(case.pk, Recipient(email="bo@example.org"), by=SYSTEM, at=MONDAY)

    operations.accept(case.pk, by=officer, at=MONDAY)

    sent = Message.objects.filter(case_id=case.pk, template="case/accepted")
    assert list(sent.values_list("recipient_address", flat=True)) == ["ada@example.org"]
