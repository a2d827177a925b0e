"""A back office is down: the adviser works on, the pages say so, and everything goes out in its order once it answers."""

from __future__ import annotations

import re
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client

from townhall.cases.models import Case
from townhall.cases.tests.makers import PACKS, make_council
from townhall.connectors import delivering
from townhall.connectors.models import Delivery
from townhall.connectors.standins import Standin
from townhall.connectors.tests.conftest import nothing_kept, waste, waste_server  # noqa: F401 - fixtures
from townhall.contacts.models import Contact
from townhall.core import refreshing
from townhall.core.time import now
from townhall.workspace.tests.test_desk import (  # noqa: F401 - fixtures
    WRAP_UP,
    borough,
    desk,
    make_conversation,
    priya,
    report_values,
)

WARNED = re.compile(r'name="checked"[^>]*value="([^"]+)"|value="([^"]+)"[^>]*name="checked"')
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.capability("INTG-03")
def test_with_the_back_office_down_reports_are_kept_marked_as_waiting_and_sent_in_order(
    waste: Standin,  # noqa: F811
    desk: Client,  # noqa: F811
    tmp_path: Path,
) -> None:
    shutil.copytree(PACKS, tmp_path, dirs_exist_ok=True)
    with (tmp_path / "fly-tipping" / "service.yaml").open("a") as pack:
        pack.write("connector: {target: waste, kind: fly-tip}\n")
    make_council(tmp_path)
    refreshing.forget_all()
    waste.book.change_mood({"outage": True})
    for number in range(3):
        contact = make_conversation(desk)
        path = f"/work/desk/contacts/{contact.pk}"
        values = report_values(key=f"k{number}", description=f"Sofa {number}")
        sent = desk.post(f"{path}/report/fly-tipping", values)
        if (warned := WARNED.search(sent.content.decode())) is not None:  # one near by was seen: this is another
            sent = desk.post(f"{path}/report/fly-tipping", values | {"checked": warned.group(1) or warned.group(2)})
        assert sent.status_code == 302, sent.content.decode()
        desk.post(f"{path}/wrap-up", WRAP_UP)
        delivering.sweep(now() + timedelta(seconds=number))
    cases = list(Case.objects.order_by("opened_at"))
    assert len(cases) == 3
    assert Contact.objects.filter(ended_at__isnull=False).count() == 3
    assert set(Delivery.objects.values_list("state", flat=True)) == {"pending"}

    refreshing.forget_all()
    page = desk.get("/work/customers").content.decode()
    assert "Waste has not answered since" in page
    assert "3 things wait to be sent" in page
    assert "Go on as usual" in page
    of_case = desk.get(f"/work/cases/{cases[0].reference}").content.decode()
    assert "waiting to be sent" in of_case
    assert "Waste has not answered since" in of_case

    waste.book.change_mood({"outage": False})
    later = now() + timedelta(hours=1)
    while delivering.sweep(later):
        pass

    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}
    ids = [str(key) for key in Delivery.objects.order_by("id").values_list("pk", flat=True)]
    assert [job.delivery_id for job in waste.book.jobs()] == ids
    refreshing.forget_all()
    assert "has not answered" not in desk.get("/work/customers").content.decode()
    assert "has not answered" not in desk.get(f"/work/cases/{cases[0].reference}").content.decode()
