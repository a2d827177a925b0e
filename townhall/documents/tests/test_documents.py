from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import transaction

from townhall.core.actors import PUBLIC, SYSTEM
from townhall.core.errors import BadInput, NotFound
from townhall.core.money import Pence
from townhall.documents import heard, operations, printing, queries
from townhall.documents.models import Document
from townhall.documents.operations import PAGE, PDF
from townhall.documents.tests.makers import (
    ADVISER,
    CONTRACTOR,
    MONDAY,
    as_customer,
    make_customer,
    make_document,
)
from townhall.forms.definition import Repeat
from townhall.forms.operations.definitions import publish_form
from townhall.forms.operations.sending import send_form
from townhall.forms.tests.makers import make_form, make_page, make_text
from townhall.ledger.models import Entry, Look
from townhall.payments import operations as payments
from townhall.payments.models import Method
from townhall.payments.protocol import Found
from townhall.payments.states import PaymentState
from townhall.payments.tests.makers import make_charge
from townhall.ui import paper
from townhall.ui.tests.reading import Reading

pytestmark = pytest.mark.django_db
TINY_PDF = b"%PDF-1.7\n%%EOF"


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, settings: Any) -> None:
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "files"},
        },
    }


def test_the_same_key_keeps_one_document() -> None:
    sam = make_customer()

    first = make_document(sam.pk, key="bill-1", title="Your bill")
    again = make_document(sam.pk, key="bill-1", title="Something else")

    assert again.pk == first.pk
    assert Document.objects.get().title == "Your bill"
    assert Entry.objects.filter(verb="document.kept").count() == 1


def test_the_copy_of_what_was_sent_in_goes_on_after_what_was_asked_of_each_child() -> None:
    sam = make_customer()
    child = make_page("child", make_text("child"), repeat="children")
    form = make_form(child, make_page("you"), repeats=(Repeat(code="children", title="Children", item="child"),))
    version = publish_form(form, at=MONDAY)
    typed = {"children": [{"child": "Kim"}], "children__more": "no", "you": "Sam of the last page"}
    sent = send_form("hello", version, typed, by=as_customer(sam.pk), at=MONDAY, key="one", channel="web")

    heard.form_sent(sent, customer_id=sam.pk, reference="AB12", at=MONDAY)

    assert [words in Document.objects.get().html for words in ("Kim", "Sam of the last page")] == [True, True]


def test_what_its_transaction_takes_back_leaves_no_document() -> None:
    sam = make_customer()

    with transaction.atomic():
        make_document(sam.pk)
        transaction.set_rollback(True)

    assert not Document.objects.exists()


@pytest.mark.parametrize("wrong", [{"html": ""}, {"html": None, "pdf": b"<html>"}, {"html": "x" * 500_001}])
def test_nothing_and_no_document_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        make_document(make_customer().pk, **wrong)


def test_only_its_customer_and_staff_who_see_customers_read_it_and_each_reading_is_kept() -> None:
    sam, other = make_customer(), make_customer("Ada Other")
    document = make_document(sam.pk)

    for stranger in (as_customer(other.pk), CONTRACTOR, PUBLIC):
        with pytest.raises(NotFound):
            operations.read_document(document.pk, by=stranger, at=MONDAY, way=PAGE)
        assert queries.documents_of(sam.pk, by=stranger).rows == ()
    with pytest.raises(NotFound):
        operations.read_document(document.pk, by=ADVISER, at=MONDAY, way=PDF, customer_id=other.pk)
    operations.read_document(document.pk, by=as_customer(sam.pk), at=MONDAY, way=PAGE)
    operations.read_document(document.pk, by=ADVISER, at=MONDAY, way=PDF)

    looks = Look.objects.filter(customer_id=sam.pk).order_by("id").values_list("actor_kind", "page", "reason")
    assert list(looks) == [("customer", "document.letter", "page"), ("staff", "document.letter", "pdf")]


def test_a_long_list_is_read_page_by_page_without_a_gap() -> None:
    sam = make_customer()
    made = [make_document(sam.pk, at=MONDAY + timedelta(days=number // 2)).pk for number in range(7)]

    seen, after = [], ""
    for _page in range(4):
        page = queries.documents_of(sam.pk, by=as_customer(sam.pk), after=after, size=3)
        seen += [one.id for one in page.rows]
        after = page.after
        if not after:
            break

    assert sorted(seen) == sorted(made)
    assert len(seen) == 7
    assert queries.documents_of(sam.pk, by=ADVISER, kind="bill").rows == []


def test_the_worker_makes_both_pdfs_and_makes_them_once() -> None:
    if not paper.can_print():
        pytest.skip("no PDFs on this machine: WeasyPrint's libraries are missing")
    sam = make_customer()
    document = make_document(sam.pk, html="<h2>Why</h2><p>Because.</p>")

    assert printing.sweep(MONDAY) == 1
    assert printing.sweep(MONDAY + timedelta(hours=1)) == 0

    document.refresh_from_db()
    with default_storage.open(document.pdf_name) as normal, default_storage.open(document.large_name) as large:
        assert Reading(normal.read()).headings == [1, 2]
        assert Reading(large.read()).headings == [1, 2]


def test_a_pdf_from_another_system_is_put_away_as_it_is_even_where_nothing_can_print(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(paper, "can_print", lambda: False)
    sam = make_customer()
    waiting = make_document(sam.pk)
    given = make_document(sam.pk, html=None, pdf=TINY_PDF)

    assert printing.sweep(MONDAY) == 1

    given.refresh_from_db()
    waiting.refresh_from_db()
    with default_storage.open(given.pdf_name) as kept:
        assert kept.read() == TINY_PDF
    assert given.given_pdf is None
    assert waiting.next_attempt_at == MONDAY  # waits, and its page can be read


def test_one_that_cannot_be_made_does_not_stop_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    sam = make_customer()
    bad, good = make_document(sam.pk, title="Bad"), make_document(sam.pk, title="Good")

    def fails(sheet: paper.Sheet, *, large: bool = False) -> bytes:
        if sheet.title == "Bad":
            raise ValueError
        return TINY_PDF

    monkeypatch.setattr(paper, "can_print", lambda: True)
    monkeypatch.setattr(paper, "as_pdf", fails)
    for attempt in range(7):
        printing.sweep(MONDAY + timedelta(minutes=10 * attempt))

    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.attempts, bad.next_attempt_at, bad.error) == (5, None, "ValueError")
    assert good.pdf_name
    printing.print_again(bad.pk, at=MONDAY)
    assert printing.sweep(MONDAY) == 1


def test_a_bill_and_its_receipt_become_documents_in_the_customers_language() -> None:
    sam = make_customer(language="cy")
    charge = make_charge(customer_id=sam.pk, due_on=date(2026, 4, 1), description="April <instalment>")
    make_charge(customer_id=sam.pk)  # nothing to pay by a day: no bill
    payment = payments.start(charge.pk, method=Method.PHONE, by=SYSTEM, at=MONDAY)
    found = Found(
        provider_id=payment.provider_id,
        reference=charge.reference,
        state=PaymentState.SUCCESS,
        code="",
        amount_pence=Pence(payment.amount_pence),
    )
    for _twice in range(2):
        payments.record(payment.pk, found, by=SYSTEM, at=MONDAY)

    kept = {one.kind: one for one in Document.objects.filter(customer_id=sam.pk)}
    assert sorted(kept) == ["bill", "statement"]
    assert kept["bill"].language == "cy"
    assert "£120.50" in kept["bill"].html
    assert "April &lt;instalment&gt;" in kept["bill"].html
    assert payment.receipt_number in kept["statement"].html
