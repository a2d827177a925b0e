"""The pages on which the staff text one customer or many."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from townhall.accounts.models import Role
from townhall.cases.tests.makers import make_case
from townhall.core.actors import SYSTEM
from townhall.core.errors import BadInput
from townhall.customers import operations as customers
from townhall.customers.operations import NewCustomer
from townhall.engagement.texting import campaigns
from townhall.engagement.texting.models import TextCampaign, TextReply, WrittenText
from townhall.engagement.texting.planning import Plan
from townhall.notifications import texts
from townhall.workspace.tests.conftest import signed_in_as
from townhall.workspace.views import text_inputs


@pytest.fixture(autouse=True)
def _texting(settings: Any, db: Any) -> None:
    settings.TEXT_PROVIDER, settings.TEXT_APPROVAL_ABOVE, settings.TEXT_SENDER = "demo", 1, "The Council"


def test_a_list_is_texted_from_the_page_with_a_second_persons_approval(officer: Client) -> None:
    client = officer
    ready = client.get("/work/engagement/texting/new?ready=payment-due").content.decode()
    assert "{amount} is due on {due}" in ready
    raw = b"number,name,amount\n07700900101,Sam,5\n07700900102,Lee,6\nnobody,X,1\n"
    form = {"name": "Fees", "purpose": "payment", "words": "{name}: {amount} pounds is due", "to": "file"}
    wrong = client.post("/work/engagement/texting/new", form)
    assert wrong.status_code == 422
    assert "Choose a file" in wrong.content.decode()
    made = client.post("/work/engagement/texting/new", form | {"file": SimpleUploadedFile("list.csv", raw)})
    row = TextCampaign.objects.get()
    assert made["location"] == f"/work/engagement/texting/{row.pk}"
    page = client.get(made["location"]).content.decode()
    assert "The Council: {name}: {amount} pounds is due Text STOP for no more." in page
    assert "is no mobile number" in page
    assert "somebody else approves it first" in page
    assert ">Send it<" not in page
    assert ">Approve it<" not in page
    manager = signed_in_as("mia", team="street-cleansing", role=Role.TEAM_MANAGER)
    assert ">Approve it<" in manager.get(made["location"]).content.decode()
    assert "since you read it" in manager.post(f"{made['location']}/approval", follow=True).content.decode()
    manager.post(f"{made['location']}/approval", {"seen": row.written_at.isoformat()})
    assert "It is going out" in client.post(f"{made['location']}/sending", follow=True).content.decode()
    campaigns.queue(timezone.now())
    assert WrittenText.objects.filter(state="queued").count() == 2
    assert "Stop it now" in client.get(made["location"]).content.decode()
    client.post(f"{made['location']}/end", {"because": "The sums were wrong"})
    assert "The sums were wrong" in client.get(made["location"]).content.decode()
    assert "Fees" in client.get("/work/engagement/texting").content.decode()
    assert "Only an emergency" not in client.get("/work/engagement/texting/standards").content.decode()


def test_a_customer_is_texted_from_their_case_and_the_answer_stands_on_both_pages(officer: Client) -> None:
    customer = customers.create(NewCustomer(name="Noor Resident", phone="07700 900123"), by=SYSTEM, at=timezone.now())
    case = make_case()
    type(case).objects.filter(pk=case.pk).update(customer_id=customer.pk)
    page = f"/work/engagement/customers/{customer.pk}/text?case={case.reference}"
    assert page in officer.get(f"/work/cases/{case.reference}").content.decode()
    assert "07700900123" in officer.get(page).content.decode()
    form = {"case": case.reference, "number": "+447700900123", "words": "Is the gate open?"}
    assert officer.post(page, form | {"words": ""}).status_code == 422
    officer.post(page, form)
    at = timezone.now()
    texts.receive(provider_id="a1", number="447700900123", body="Yes it is", sent_at=at, at=at)
    _answered(at)
    reply = TextReply.objects.get()
    for path in (f"/work/cases/{case.reference}", f"/work/engagement/customers/{customer.pk}/text", "/work/tasks"):
        assert "Yes it is" in officer.get(path).content.decode(), path
    answer = f"/work/engagement/replies/{reply.pk}"
    assert "Yes it is" in officer.get(answer).content.decode()
    officer.post(answer, {"number": "+447700900123", "words": "Thank you"})
    reply.refresh_from_db()
    assert reply.done_at is not None


def _answered(at: datetime) -> None:
    from townhall.engagement import replying

    replying.answer(at)


def test_odd_input_is_refused_and_is_no_error(officer: Client) -> None:
    new = "/work/engagement/texting/new"
    odd: list[dict[str, str]] = [
        {},
        {"owner": "z" * 8 + "-zzzz-zzzz-zzzz-" + "z" * 12},
        {"to": "around", "place": "here", "metres": "--5"},
        {"to": "drawn", "outline": f"{'9' * 400} 1"},
        {"to": "drawn", "outline": f'{{"type": "Polygon", "coordinates": [[[1{"0" * 400}, 5]]]}}'},
        {"to": "drawn", "outline": '{"type": "Polygon", "coordinates": [[[1e999, 5], [NaN, 5]]]}'},
        {"key": "x", "ward": "\x00"},
    ]
    for form in odd:
        assert officer.post(new, form).status_code == 422, form


def test_the_columns_of_a_file_are_named_on_the_form(officer: Client) -> None:
    raw = SimpleUploadedFile("list.csv", b"number,name,amount\n07700900101,Sam,5\n")
    form = {"name": "Fees", "purpose": "payment", "words": "{amount} is due", "to": "file", "file": raw}
    made = officer.post("/work/engagement/texting/new", form)
    assert "Columns of your file: amount, name." in officer.get(f"{made['location']}/change").content.decode()


def test_an_area_is_drawn_in_either_way_and_nonsense_is_said() -> None:
    assert text_inputs.outline("530000 180000\n530100, 180000\n\n530100;180100") == [
        (530000, 180000),
        (530100, 180000),
        (530100, 180100),
    ]
    ring = "[[-0.1,51.5],[-0.09,51.5],[-0.09,51.51],[-0.1,51.5]]"
    shape = f'{{"type": "Feature", "geometry": {{"type": "Polygon", "coordinates": [{ring}]}}}}'
    corners = text_inputs.outline(shape)
    assert len(corners) == 4
    assert all(520_000 < east < 540_000 and 170_000 < north < 190_000 for east, north in corners)
    for wrong in ("here and there", '{"type": "Point"}', "{", '{"type": "Polygon", "coordinates": [[["a", 2]]]}'):
        with pytest.raises(BadInput):
            text_inputs.outline(wrong)
    assert Plan(name="", purpose="", words="", to="").corners == []
