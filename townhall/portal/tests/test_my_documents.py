"""My documents: read as a page, taken away as a PDF, and nobody else's."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from townhall.accounts.residents.models import ResidentAccount
from townhall.core.actors import SYSTEM
from townhall.core.subjects import Subject
from townhall.core.time import now
from townhall.documents import operations, printing
from townhall.documents.models import Document
from townhall.ledger.models import Look
from townhall.payments.tests.makers import make_charge
from townhall.portal.tests.residents import customer_of, make_account, signed_in
from townhall.ui import paper

pytestmark = pytest.mark.django_db


def _letter(account: ResidentAccount) -> Document:
    return operations.keep_document(
        customer_id=customer_of(account),
        kind="decision",
        title="Our decision about your permit",
        about=Subject(kind="case", id=customer_of(account)),
        key=f"decision-{account.pk}",
        html="<p><strong>You have it.</strong></p>",
        by=SYSTEM,
        at=now(),
    )


@pytest.mark.capability("ACCT-07")
def test_a_bill_and_a_decision_are_found_from_home_read_as_a_page_and_kept_as_pdfs() -> None:
    sam = make_account()
    browser = signed_in(sam)
    assert "There are no documents yet" in browser.get(reverse("portal:documents")).content.decode()
    make_charge(customer_id=customer_of(sam), due_on=date(2026, 4, 1), description="Council tax for April")
    decision = _letter(sam)

    home = browser.get(reverse("portal:account")).content.decode()
    assert "Bill: Council tax for April" in home
    assert reverse("portal:documents") in home
    page = browser.get(reverse("portal:document", args=[decision.pk])).content.decode()
    assert "<strong>You have it.</strong>" in page
    assert "The PDF is being made" in page
    assert browser.get(reverse("portal:document_pdf", args=[decision.pk])).status_code == 404
    only = browser.get(reverse("portal:documents"), {"kind": "decision"}).content.decode()
    assert "Our decision" in only
    assert "Council tax" not in only

    if not paper.can_print():
        pytest.skip("no PDFs on this machine: WeasyPrint's libraries are missing")
    printing.sweep(now())
    listed = browser.get(reverse("portal:documents")).content.decode()
    assert listed.count("PDF in large print") == 2
    for name in ("portal:document_pdf", "portal:document_large"):
        answer = browser.get(reverse(name, args=[decision.pk]))
        assert answer.content.startswith(b"%PDF-1.7")
        assert "our-decision-about-your-permit" in answer["Content-Disposition"]
        assert "no-store" in answer["Cache-Control"]
    seen = Look.objects.filter(customer_id=customer_of(sam), page="document.decision").order_by("id")
    assert list(seen.values_list("reason", flat=True)) == ["page", "pdf", "pdf", "large"]


def test_another_resident_and_nobody_find_nothing() -> None:
    sam, other = make_account(), make_account("Ada Other")
    document = _letter(sam)
    paths = [reverse(f"portal:{name}", args=[document.pk]) for name in ("document", "document_pdf", "document_large")]

    for path in paths:
        assert signed_in(other).get(path).status_code == 404
        assert Client().get(path).status_code == 302
    assert not Look.objects.filter(customer_id=customer_of(sam)).exists()


def test_two_records_of_one_kind_have_links_that_say_how_they_differ() -> None:
    sam = make_account()
    browser = signed_in(sam)
    for reference in ("TH-AAAA-1111", "TH-BBBB-2222"):
        operations.keep_document(
            customer_id=customer_of(sam), kind="summary", title="What you told us: Apply for a permit", reference=reference,
            about=Subject(kind="case", id=customer_of(sam)), key=reference, html="<p>It.</p>", by=SYSTEM, at=now(),
        )  # fmt: skip
    for path in ("portal:documents", "portal:account"):
        page = browser.get(reverse(path)).content.decode()
        links = re.findall(r'<a class="govuk-link" href="[^"]+">(What you told us[^<]*)</a>', page)
        assert len(links) == len(set(links)) == 2, (path, links)
