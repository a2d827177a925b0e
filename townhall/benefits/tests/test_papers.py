"""What a claim leaves its claimant with: a copy of what they said, and the decision, each as page and accessible PDF."""

from __future__ import annotations

import pytest

from townhall.benefits.tests.makers import CLAIM, FORM, make_benefits
from townhall.cases.operations.from_form import SentForm, open_from_form
from townhall.core.actors import PUBLIC, SYSTEM
from townhall.core.time import now
from townhall.customers import operations as customers
from townhall.customers.operations import NewCustomer
from townhall.documents.models import Document
from townhall.documents.printing import sheet_of
from townhall.forms import queries as forms
from townhall.ui import paper
from townhall.ui.tests.reading import Reading

pytestmark = pytest.mark.django_db


def test_a_claim_leaves_a_copy_of_the_answers_and_the_decision_that_a_screen_reader_can_read() -> None:
    make_benefits()
    pearl = customers.create(NewCustomer(name="Pearl Renter"), by=SYSTEM, at=now())
    sent = SentForm(
        form_code=FORM,
        version=forms.published_version(FORM),
        answers={**CLAIM, "who": {"name": "Pearl <b>Renter</b>"}},
        channel="web",
        key="pearl",
        customer_id=pearl.pk,
    )
    opened = [open_from_form(sent, by=PUBLIC, at=now()) for _twice in range(2)]

    kept = {one.kind: one for one in Document.objects.filter(customer_id=pearl.pk)}
    assert Document.objects.count() == 2
    assert sorted(kept) == ["decision", "summary"]
    assert kept["summary"].reference == kept["decision"].reference == opened[0].reference
    assert "Pearl &lt;b&gt;Renter&lt;/b&gt;" in kept["summary"].html
    assert "£98.50" in kept["summary"].html
    assert "A letter or a bank statement that shows your pension" in kept["decision"].html
    if not paper.can_print():
        pytest.skip("no PDFs on this machine: WeasyPrint's libraries are missing")
    for document in kept.values():
        found = Reading(paper.as_pdf(sheet_of(document)))
        steps = [after - before for before, after in zip(found.headings, found.headings[1:], strict=False)]
        assert found.headings[0] == 1
        assert max(steps) <= 1
        assert found.cells_without_header == 0
        assert found.bookmarks[0] == document.title
