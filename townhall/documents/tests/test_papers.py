"""What somebody sends us is kept once, belongs to customers and cases, and is found by its words."""

from __future__ import annotations

import zlib
from datetime import date
from uuid import UUID

import pytest
from django.core.files.storage import default_storage

from townhall.core.actors import Actor
from townhall.core.errors import BadInput, NotAllowed, NotFound
from townhall.core.ids import uuid7
from townhall.documents import papers, pdf_text, prints
from townhall.documents.models import Paper, Printed
from townhall.documents.tests.makers import ADVISER, CONTRACTOR, MONDAY, make_customer
from townhall.files.models import StoredFile
from townhall.files.tests.makers import pdf, picture, upload
from townhall.ledger.models import Look
from townhall.ui import paper
from townhall.ui.paper import Sheet

pytestmark = pytest.mark.django_db
CASE = uuid7()


def simple_pdf(words: str) -> bytes:
    """One page, its words packed, in a font that has no map of its own."""
    shown = zlib.compress(
        f"BT /F1 12 Tf 72 700 Td ({words}) Tj 0 -20 Td [(sec) -20 (ond) -400 (line \\(two\\))] TJ ET".encode()
    )
    return pdf(
        b"3 0 obj << /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >> endobj",
        b"4 0 obj << /Filter /FlateDecode /Length %d >>\nstream\n" % len(shown) + shown + b"\nendstream endobj",
        b"5 0 obj << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> endobj",
    )


def test_the_words_of_a_pdf_are_read_and_what_is_no_pdf_has_none() -> None:
    assert pdf_text.text_of(simple_pdf("Dear council,")) == "Dear council,\nsecond line (two)"
    assert pdf_text.text_of(b"%PDF-1.7 nonsense \xff\x00 3 0 obj << /Type /Page /Contents 9 0 R >> endobj") == ""
    bomb = zlib.compress(b"0" * 80_000_000)
    stream = b"4 0 obj << /Filter /FlateDecode >>\nstream\n" + bomb + b"\nendstream endobj"
    assert pdf_text.text_of(pdf(b"3 0 obj << /Type /Page /Contents 4 0 R >> endobj", stream)) == ""


@pytest.mark.skipif(not paper.can_print(), reason="nothing here can make PDFs (WeasyPrint needs pango)")
def test_our_own_letters_can_be_read_with_their_accents_and_ligatures() -> None:
    sheet = Sheet(
        title="Off the café",
        body="<p>The officer’s first office: £5.</p>",
        language="en",
        on=date(2026, 3, 2),
        reference="",
    )
    text = " ".join(pdf_text.text_of(paper.as_pdf(sheet)).split())
    assert "Off the café" in text
    assert "The officer’s first office: £5." in text


def test_a_document_is_stored_once_linked_to_customer_and_case_and_found_by_what_it_says() -> None:
    ann, sam = make_customer("Ann Reed"), make_customer("Sam Okafor")
    letter = simple_pdf("The badger sett under my garage")
    first = papers.keep(upload("letter.pdf", letter), title="Their letter", customer_id=ann.pk, by=ADVISER, at=MONDAY)
    again = papers.keep(upload("copy.pdf", letter), customer_id=sam.pk, case_id=CASE, by=ADVISER, at=MONDAY)
    assert (first.is_new, again.is_new, again.paper.pk) == (True, False, first.paper.pk)
    assert StoredFile.objects.count() == 1
    scan = papers.keep(
        upload("scan.jpg", picture()), title="Tenancy, signed", customer_id=ann.pk, by=ADVISER, at=MONDAY
    )
    assert scan.paper.is_scan

    [found] = papers.search("badgers garage", by=ADVISER)
    assert found.title == "Their letter"
    assert "badger sett" in found.excerpt
    assert [one.title for one in papers.search("tenancy", by=ADVISER)] == ["Tenancy, signed"]
    assert papers.search("badgers", by=CONTRACTOR) == []
    assert {one.id for one in papers.of_customer(ann.pk, by=ADVISER)} == {first.paper.pk, scan.paper.pk}
    assert [one.id for one in papers.of_case(CASE)] == [first.paper.pk]

    _paper, links = papers.read(first.paper.pk, by=ADVISER, at=MONDAY)
    assert [one.customer_id for one in links] == [ann.pk, sam.pk]
    assert set(Look.objects.filter(page="paper").values_list("customer_id", flat=True)) == {ann.pk, sam.pk}
    with pytest.raises(NotFound):
        papers.read(first.paper.pk, by=CONTRACTOR, at=MONDAY)
    stored = StoredFile.objects.get(pk=first.paper.file_id)
    assert papers.sees_file(ADVISER, stored)
    assert not papers.sees_file(CONTRACTOR, stored)
    assert default_storage.exists(stored.storage_name)


def test_what_belongs_to_a_case_of_another_service_is_found_and_read_by_nobody_it_is_closed_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ann, asked = make_customer("Ann Reed"), []

    def closed_to(_by: Actor, customer_id: UUID) -> list[UUID]:
        asked.append(customer_id)
        return [CASE]

    theirs, open_case = [
        papers.keep(
            upload("a.pdf", simple_pdf(f"Badger {case}")), customer_id=ann.pk, case_id=case, by=ADVISER, at=MONDAY
        ).paper
        for case in (CASE, uuid7())
    ]
    monkeypatch.setattr(papers, "closed_to", closed_to)

    assert [one.id for one in papers.search("badger", by=ADVISER)] == [open_case.pk]
    assert asked == [ann.pk]
    with pytest.raises(NotFound):
        papers.read(theirs.pk, by=ADVISER, at=MONDAY)
    assert not papers.sees_file(ADVISER, StoredFile.objects.get(pk=theirs.file_id))
    assert papers.sees_file(ADVISER, StoredFile.objects.get(pk=open_case.file_id))


def test_what_cannot_be_kept_is_refused_by_name() -> None:
    ann = make_customer()
    with pytest.raises(BadInput, match="whose document"):
        papers.keep(upload("a.pdf", simple_pdf("a")), by=ADVISER, at=MONDAY)
    with pytest.raises(BadInput, match="not a photo or a PDF"):
        papers.keep(upload("a.exe", b"MZ\x90"), customer_id=ann.pk, by=ADVISER, at=MONDAY)
    with pytest.raises(NotAllowed):
        papers.keep(upload("a.pdf", simple_pdf("a")), customer_id=ann.pk, by=CONTRACTOR, at=MONDAY)
    assert not Paper.objects.exists()


def test_prints_are_counted_by_day_and_service() -> None:
    for pages in (2, 3):
        prints.note(service_code="pothole", what="letter", pages=pages, on=date(2026, 3, 2))
    row = Printed.objects.get()
    assert (row.times, row.pages) == (2, 5)
