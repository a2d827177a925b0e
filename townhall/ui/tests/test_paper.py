"""What we print is a tagged PDF that a screen reader can go through, in one typeface, and it fetches nothing."""

from __future__ import annotations

import socket
import threading
from datetime import date

import pytest

from townhall.ui import paper
from townhall.ui.paper import Sheet, printing
from townhall.ui.tests.reading import Reading

pytestmark = pytest.mark.django_db  # the name of the council's operation is on every sheet

PIXEL = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
BODY = f"""<p>Llŷn, Łódź, Αθήνα and Đà Nẵng in one typeface, <strong>with weight</strong>.</p>
<h2>What to pay</h2>
<table><caption>What it is for</caption>
<thead><tr><th scope="col">What</th><th scope="col">Amount</th></tr></thead>
<tbody><tr><th scope="row">Council tax</th><td>£120.50</td></tr><tr><th scope="row">Fire service</th><td>£3.10</td></tr></tbody></table>
<h2>How</h2><h3>Online</h3><ul><li>At <a href="https://www.aldermere.example.org/pay">our website</a></li><li>By phone</li></ul>
<p><img src="{PIXEL}" alt="A square code that leads to the page to pay"></p>"""
SHEET = Sheet(
    title="Your bill",
    body=BODY,
    language="cy",
    on=date(2026, 3, 2),
    to=("Sam Okafor", "1 Mill Lane"),
    reference="70001234",
)
needs_printer = pytest.mark.skipif(not paper.can_print(), reason="no PDFs here: WeasyPrint's libraries are missing")


@needs_printer
@pytest.mark.parametrize("large", [False, True])
def test_a_screen_reader_finds_language_title_headings_tables_links_and_pictures(large: bool) -> None:
    found = Reading(paper.as_pdf(SHEET, large=large))

    assert str(found.root.Lang) == "cy"
    assert bool(found.root.MarkInfo.Marked)
    assert bool(found.root.ViewerPreferences.DisplayDocTitle)
    assert str(found.pdf.docinfo["/Title"]) == "Your bill"
    assert 'pdfuaid:part="1"' in found.metadata
    assert "Your bill" in found.metadata
    assert found.headings == [1, 2, 2, 3]
    assert found.bookmarks == ["Your bill"]
    tags = [tag for tag, _element in found.elements]
    assert (tags.count("Table"), tags.count("TH"), tags.count("TD"), tags.count("LI")) == (1, 4, 2, 2)
    assert "Caption" in tags
    assert found.cells_without_header == 0
    assert [str(one.Alt) for tag, one in found.elements if tag == "Figure"] == [
        "A square code that leads to the page to pay"
    ]
    assert tags.count("Link") == 1
    assert found.links_without_words == 0
    assert all("/StructParents" in page for page in found.pdf.pages)


@needs_printer
def test_everything_is_in_our_one_typeface_and_in_the_file() -> None:
    found = Reading(paper.as_pdf(SHEET))

    assert found.fonts == {"Townhall", "Townhall-Bold"}
    for page in found.pdf.pages:
        for font in page.Resources.Font.values():
            below = font.DescendantFonts[0]
            assert any(f"/FontFile{kind}" in below.FontDescriptor for kind in ("", "2", "3"))
            assert "/ToUnicode" in font


@needs_printer
def test_nothing_is_below_10_points_and_in_large_print_nothing_below_16() -> None:
    normal, large = Reading(paper.as_pdf(SHEET)), Reading(paper.as_pdf(SHEET, large=True))

    assert min(normal.sizes) >= 10
    assert normal.usual_size == 12
    assert min(large.sizes) >= 16
    assert large.usual_size == 18


@needs_printer
def test_nothing_in_a_document_makes_us_open_an_address_or_a_file() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.3)
        port = server.getsockname()[1]
        called: list[bool] = []

        def listen() -> None:
            try:
                server.accept()[0].close()
                called.append(True)
            except TimeoutError:
                return

        thread = threading.Thread(target=listen)
        thread.start()
        hostile = "".join(
            f'<img src="{address}" alt="x"><link rel="stylesheet" href="{address}"><style>@import url("{address}");</style>'
            for address in (f"http://127.0.0.1:{port}/x", "file:///etc/hostname")
        )
        made = paper.as_pdf(Sheet(title="Hostile", body=hostile))
        thread.join()

    assert not called
    assert made.startswith(b"%PDF-1.7")


def test_without_its_libraries_the_page_stays_and_the_reason_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    printing.can_print.cache_clear()
    monkeypatch.setattr(printing, "FACES", {"no-such-face.ttf": 400})
    printing._printer.cache_clear()
    try:
        assert not paper.can_print()
        with pytest.raises(paper.NoPrinter, match="no-such-face"):
            paper.as_pdf(SHEET)
        assert "<h1>Your bill</h1>" in paper.as_page(SHEET)
    finally:
        printing._printer.cache_clear()
        printing.can_print.cache_clear()
