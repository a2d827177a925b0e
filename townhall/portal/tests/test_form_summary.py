"""A copy of a sent form for who has no account: an accessible PDF that only the browser that sent it can take, for two hours."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client, override_settings

from townhall.cases.models import Case
from townhall.forms.models import Submission
from townhall.portal.tests.test_form_languages import YOU, in_two_languages
from townhall.portal.tests.test_forms import follow_on, moving, publish, to_the_check
from townhall.ui import paper
from townhall.ui.paper import Sheet
from townhall.ui.tests.reading import Reading

__all__ = ["in_two_languages"]  # fixture
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("borough")]
COPY = "/forms/moving/copy-of-answers"


@pytest.fixture
def printer(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is printed, as it is: the pages behind the PDFs."""
    if not paper.can_print():
        pytest.skip("no PDFs on this machine: WeasyPrint's libraries are missing")
    printed: list[str] = []
    really = paper.as_pdf

    def as_pdf(sheet: Sheet, *, large: bool = False) -> bytes:
        printed.append(paper.as_page(sheet, large=large))
        return really(sheet, large=large)

    monkeypatch.setattr(paper, "as_pdf", as_pdf)
    return printed


def test_who_sent_a_form_without_an_account_takes_a_copy_away(client: Client, printer: list[str]) -> None:
    publish(moving())
    received = client.get(follow_on(client, to_the_check(client), {})).content.decode()
    case = Case.objects.get()
    assert case.customer_id is None
    assert re.search(rf'href="{COPY}">a copy of your answers', received)

    answer = client.get(COPY)

    assert answer["Content-Type"] == "application/pdf"
    assert "no-store" in answer["Cache-Control"]
    found = Reading(answer.content)
    assert found.headings[:2] == [1, 2]
    assert str(found.root.Lang) == "en-GB"
    for words in ("Sam Example", "Kim", case.reference):
        assert words in printer[0]
    assert len(client.get(f"{COPY}?large").content) > 1000


@pytest.mark.usefixtures("printer")
def test_nobody_else_and_nobody_later(client: Client) -> None:
    publish(moving())
    assert client.get(COPY).status_code == 404
    check = to_the_check(client)
    assert client.get(COPY).status_code == 404  # not sent yet
    received = follow_on(client, check, {})
    stranger = Client()
    assert stranger.get(received).status_code == 200  # who has the address of the confirmation page
    assert stranger.get(COPY).status_code == 404
    stranger.cookies["form-moving"] = "guessed"
    assert stranger.get(COPY).status_code == 404

    sent = Submission.objects.filter(form_code="moving")
    sent.update(received_at=sent.get().received_at - timedelta(hours=3))
    later = client.get(COPY)
    assert later.status_code == 404
    assert "two hours" in later.content.decode()


@pytest.mark.usefixtures("in_two_languages")
def test_a_form_filled_in_in_welsh_is_copied_in_welsh(printer: list[str]) -> None:
    client = Client()
    client.get("/forms/garden-waste/bins?language=cy")
    client.post("/forms/garden-waste/bins", {"bins": "1"})
    address = {"address-line1": "1 Mill Lane", "address-town": "Fernvale", "address-postcode": "ZZ1 1ZZ"}
    client.post("/forms/garden-waste/address", address)
    client.post("/forms/garden-waste/you", YOU)
    client.post("/forms/garden-waste/check")
    with override_settings(SCREEN_LANGUAGES=["en-gb", "cy"]):
        found = Reading(client.get("/forms/garden-waste/copy-of-answers").content)
    assert str(found.root.Lang) == "cy"
    assert "Enw llawn" in printer[0]
