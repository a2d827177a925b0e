"""Layouts of letters and emails on screen, and what officers write with them from the page of a case and of a customer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from townhall.accounts.models import Role
from townhall.cases.models import Case
from townhall.cases.tests.makers import make_case
from townhall.core.actors import SYSTEM
from townhall.core.time import now
from townhall.customers import operations as customers
from townhall.customers.models import Customer
from townhall.customers.operations import NewCustomer, Ways
from townhall.documents import printing
from townhall.documents.layout_models import Layout, Written
from townhall.documents.models import Document
from townhall.inclusion.models import FormatRequest
from townhall.knowledge import library, personal
from townhall.knowledge.models import Entry
from townhall.knowledge.published_models import GivenOut
from townhall.ledger.models import Entry as LedgerEntry
from townhall.notifications import sending
from townhall.notifications.letters import folder
from townhall.notifications.models import Letter, Message
from townhall.notifications.recipients import Recipient
from townhall.notifications.tests.mail_server import Post, post_office
from townhall.ui import paper
from townhall.ui.tests.reading import Reading
from townhall.workspace.tests.conftest import signed_in_as

needs_printer = pytest.mark.skipif(not paper.can_print(), reason="no PDFs here: WeasyPrint's libraries are missing")
WORDS = {
    "heading": "Your report {{ reference }}",
    "body": "Dear {{ name }},\n\n{{ words: sorry }}\n\n## What we found\n\n{{ ask: What we found }}\n\n{{ own words }}",
    "signature": "{{ writer }}\n{{ council }}",
    "accessibility": "For large print call {{ phone }}.",
}


@pytest.fixture
def post(settings: Settings, tmp_path: Path) -> Iterator[Post]:
    settings.DATA_DIR, settings.LETTER_PROVIDER = tmp_path, "folder"
    with post_office(settings) as office:
        yield office


@pytest.fixture
def manager() -> Client:
    library.forget()
    Entry.objects.create(
        code="sorry",
        kind="reply",
        title="Sorry",
        body="We are **sorry** about this.",
        version=3,
        made_at=now(),
        changed_at=now(),
    )
    return signed_in_as("mo", team="street-cleansing", role=Role.TEAM_MANAGER)


@pytest.fixture
def sam() -> Customer:
    new = NewCustomer(name="Sam Okafor", email="sam@example.org", address="12 Mill Lane, Aldermere, ZZ1 1LD")
    return customers.create(new, by=SYSTEM, at=now())


def make_layout(manager: Client, **more: str) -> Layout:
    answer = manager.post(
        "/work/layouts/new", {"title": "Outcome", "kind": "letter", "writer": "officer", **WORDS, **more}
    )
    assert answer.status_code == 302, re.findall(r"Error:</span>([^<]+)", answer.content.decode())
    return Layout.objects.latest("made_at")


def begin(staff: Client, where: str, layout: Layout) -> str:
    answer = staff.post(where, {"layout": str(layout.pk)})
    assert answer["Location"].startswith("/work/writing/")
    return answer["Location"]


def case_of(customer: Customer) -> Case:
    return make_case(reporter=Recipient(name=customer.name, email="sam@example.org", customer_id=customer.pk), at=now())


@needs_printer
@pytest.mark.capability("MAIL-06")
def test_a_letter_is_worded_once_filled_from_the_case_and_comes_out_in_the_print_they_need(
    manager: Client, officer: Client, sam: Customer, post: Post
) -> None:
    # A layout, worded on screen by a manager: a field that is not there is refused, and nothing typed is lost.
    wrong = manager.post(
        "/work/layouts/new", {"title": "Outcome", "kind": "letter", "writer": "officer", **WORDS, "body": "{{ wish }}"}
    )
    assert "There is no field “wish”" in wrong.content.decode()
    assert "For large print call" in wrong.content.decode()
    layout = make_layout(manager)
    home = f"/work/layouts/{layout.pk}"
    manager.post(f"{home}/change", {**WORDS, "signature": "The mayor", "note": "The mayor signs"})
    changed = manager.get(f"{home}/compare?from=1&to=2").content.decode()
    assert "Gone: {{ writer }}" in changed.replace("&#123;", "{")
    assert "New: The mayor" in changed
    assert "The mayor signs" in changed
    assert "Mo" in manager.get(home).content.decode()
    assert manager.get(f"{home}/versions/2/pdf?large=1")["Content-Type"] == "application/pdf"
    manager.post(f"{home}/versions/1/use")
    assert officer.post(f"{home}/versions/2/use").status_code == 403

    # Written from the case's page; the fields are filled, and what is missing is said.
    case = case_of(sam)
    customers.agree_need(sam.pk, need="large_print", by=SYSTEM, at=now())
    customers.change(sam.pk, preferred_channel="letter", by=SYSTEM, at=now())
    assert f"/work/cases/{case.reference}/letters" in officer.get(f"/work/cases/{case.reference}").content.decode()
    draft = begin(officer, f"/work/cases/{case.reference}/letters", layout)
    refused = officer.post(draft, {"more": "My own paragraph.", "format": "braille", "send": "1"})
    page = refused.content.decode()
    assert refused.status_code == 422
    assert "Enter: What we found" in page
    assert "My own paragraph." in page
    assert re.search(r'value="braille"[^>]*selected', page)
    assert "My own paragraph." in officer.get(draft).content.decode()  # also after the error, and later
    assert "in large print" in officer.get(draft).content.decode()
    filled = {"ask-what-we-found": "The sofa was gone.", "more": "My own paragraph."}
    officer.post(draft, {**filled, "preview": "1"})
    shown = Reading(officer.get(f"{draft}/pdf").content)
    assert shown.headings[:2] == [1, 2]

    sent = officer.post(draft, {**filled, "send": "1", "format": "braille"}, follow=True)
    assert "It is sent" in sent.content.decode()
    written = Written.objects.get()
    message = Message.objects.get(pk=str(written.message_id))
    assert (message.channel, message.template_version, message.case_id) == ("letter", "outcome v1", case.pk)
    assert written.replies == ["sorry v3"]
    assert "We are **sorry** about this." in message.body_text
    assert officer.post(draft, {**filled, "send": "1"}).status_code == 200  # twice is once
    assert Message.objects.filter(template="written/letter").count() == 1
    assert FormatRequest.objects.get(format="braille").document_id == written.document_id

    # It is printed as PDF/UA in large print, and who printed and posted it is kept.
    sending.run(now())
    assert folder().joinpath(f"{message.pk.hex}.pdf").exists()
    queue = officer.get("/work/letters").content.decode()
    assert f"Your report {case.reference}" in queue
    pdf = officer.get(f"/work/letters/{message.pk}/pdf").content
    read = Reading(pdf)
    assert str(read.root.Lang) == "en-GB"
    assert bool(read.root.MarkInfo.Marked)
    assert b"pdfuaid" in read.root.Metadata.read_bytes()
    assert pdf == bytes(Letter.objects.get(pk=message.pk).pdf or b"")
    for _press in (1, 2):
        officer.post("/work/letters", {"letter": str(message.pk), "step": "printed"})
    assert LedgerEntry.objects.filter(verb="letter.printed").count() == 1
    officer.post("/work/letters", {"letter": str(message.pk), "step": "posted"})
    assert "No letter waits" in officer.get("/work/letters").content.decode()

    # It is with the documents of the customer, and the chain is on the page of the case.
    printing.sweep(now())
    document = Document.objects.get(pk=str(written.document_id))
    assert (document.customer_id, document.subject_id, bool(document.large_name)) == (sam.pk, case.pk, True)
    assert printing.sheet_of(document).to == ("Sam Okafor", "12 Mill Lane", "Aldermere", "ZZ1 1LD")
    chain = officer.get(f"/work/cases/{case.reference}/letters").content.decode()
    for words in ("Given to be printed and posted", "Printed", "Posted", "outcome v1"):
        assert words in chain


def test_an_email_from_the_customers_page_goes_as_a_person_wrote_it(
    manager: Client, officer: Client, sam: Customer, post: Post
) -> None:
    body = "Dear {{ name }},\n\n{{ own words }}"
    layout = make_layout(
        manager,
        kind="email",
        writer="member",
        heading="From your councillor",
        body=body,
        signature="Cllr {{ ask: Member }}",
    )
    draft = begin(officer, f"/work/customers/{sam.pk}/letters", layout)
    officer.post(draft, {"ask-member": "Ada Ward", "more": "", "reply": "sorry", "add_reply": "1"})
    officer.post(draft, {"ask-member": "Ada Ward", "more": Written.objects.get().more, "send": "1"})
    sending.run(now())
    [mail] = post.mails
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert mail["Subject"] == "From your councillor"
    assert mail["Auto-Submitted"] is None
    assert "We are **sorry** about this." in text
    assert "Cllr Ada Ward" in text
    assert "For large print call" in text
    kept = Document.objects.get(customer_id=sam.pk)
    assert (kept.kind, printing.sheet_of(kept).to) == ("letter", ())


def test_ones_own_address_in_an_email_is_meant_and_written_down_or_not_sent(
    manager: Client, officer: Client, sam: Customer, post: Post, settings: Settings
) -> None:
    settings.COUNCIL_DOMAINS = ["council.example"]
    personal.forget()
    layout = make_layout(manager, kind="email", body="{{ own words }}")
    draft = begin(officer, f"/work/customers/{sam.pk}/letters", make_layout(manager, title="Plain", kind="email",
        heading="Hello", body="{{ own words }}"))  # fmt: skip
    words = {"more": "Write to jo.bloggs@council.example", "send": "1"}
    page = officer.post(draft, words)
    assert page.status_code == 422
    assert "I mean to give this address" in page.content.decode()
    assert not Message.objects.filter(template="written/email").exists()
    officer.post(draft, {**words, "sure": "yes"})
    assert GivenOut.objects.get().address == "jo.bloggs@council.example"
    Layout.objects.filter(pk=layout.pk).update(service_codes=["lost-swan"])
    other = officer.post(f"/work/customers/{sam.pk}/letters", {"layout": str(layout.pk)}, follow=True)
    assert "This layout is for another service" in other.content.decode()
    personal.forget()


def test_what_they_said_chooses_the_way_and_with_none_left_the_draft_stays(
    manager: Client, officer: Client, sam: Customer, post: Post
) -> None:
    layout = make_layout(manager, kind="email", heading="News", body="{{ own words }}")
    case = case_of(sam)
    customers.choose_channels(sam.pk, case.service_code, Ways(first="letter", refused=["email"]), by=SYSTEM, at=now())
    draft = begin(officer, f"/work/cases/{case.reference}/letters", layout)
    assert "This is how they want to hear from us" in officer.get(draft).content.decode()
    for one in sam.addresses.all():
        customers.end_address(one.pk, until_on=date(2030, 1, 1), by=SYSTEM, at=now())
    page = officer.post(draft, {"more": "Kept words", "send": "1"})
    assert page.status_code == 422
    assert "They asked us not to write to them this way" in page.content.decode()
    assert Written.objects.get().more == "Kept words"
    assert not Message.objects.filter(template__startswith="written/").exists()
    officer.post(f"{draft}/discarded")
    assert Written.objects.get().state == "discarded"


def test_another_teams_case_and_a_case_field_without_a_case(
    manager: Client, officer: Client, sam: Customer, post: Post
) -> None:
    layout = make_layout(manager)
    other = make_case("pothole", reporter=Recipient(name="Sam", email="sam@example.org", customer_id=sam.pk), at=now())
    highways = signed_in_as("hal", team="highways", role=Role.OFFICER)
    theirs = begin(highways, f"/work/cases/{other.reference}/letters", layout)
    assert officer.get(theirs).status_code == 404
    assert officer.get(f"/work/cases/{other.reference}/letters").status_code == 404
    draft = begin(officer, f"/work/customers/{sam.pk}/letters", layout)
    page = officer.post(draft, {"ask-what-we-found": "Nothing", "send": "1"}).content.decode()
    assert "write from the case’s page" in page


def test_officers_are_offered_their_own_layouts_before_those_of_members(
    manager: Client, officer: Client, sam: Customer
) -> None:
    make_layout(manager, title="A Member’s email", writer="member")
    make_layout(manager, title="Outcome")
    make_layout(manager, title="Apology")
    page = officer.get(f"/work/cases/{case_of(sam).reference}/letters").content.decode()
    offered = re.findall(r"<option value=\"[^\"]+\">([^<(]+) \(", page)
    assert offered == ["Apology", "Outcome", "A Member’s email"]
