"""Post as it comes in: kept byte for byte, once, and indexed to a customer and a case without losing its channel."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.core.files.storage import default_storage

from townhall.accounts.models import Role
from townhall.cases.models import Case, CaseContact
from townhall.cases.tests.makers import MONDAY, make_case, make_council, make_staff
from townhall.contacts import operations as contacts
from townhall.contacts.models import Contact
from townhall.contacts.seeds import seed_reference_data
from townhall.core.actors import SYSTEM, Actor
from townhall.core.errors import BadInput, NotAllowed, WrongState
from townhall.core.ids import uuid7
from townhall.core.time import council_date
from townhall.customers import operations as customers
from townhall.customers.models import Customer
from townhall.customers.operations import NewCustomer
from townhall.documents import papers
from townhall.files.models import StoredFile
from townhall.intake import arriving, faxes, folder, indexing, queries
from townhall.intake.arriving import Came, Post
from townhall.intake.indexing import To
from townhall.intake.models import Piece, Refused, Source
from townhall.intake.tests.makers import fax, page, scan

pytestmark = pytest.mark.django_db
FRIDAY = datetime(2026, 2, 27, 15, 0, tzinfo=UTC)


@pytest.fixture
def asha() -> Actor:
    make_council()
    seed_reference_data()
    return make_staff("asha", team="customer-services", role=Role.ADVISER)


def letter(by: Actor, words: str = "A letter", *, key: str = "") -> Piece:
    came = Came(channel="letter", source=Source.UPLOAD, received_at=FRIDAY)
    return arriving.take_document(scan(words), "scan.pdf", came, by=by, at=MONDAY, key=key)


def mary(by: Actor) -> Customer:
    return customers.create(NewCustomer(name="Mary Marsh", kind="person"), by=by, at=MONDAY, key="mary")


def original(piece: Piece) -> bytes:
    assert piece.original_file_id is not None
    with default_storage.open(StoredFile.objects.get(pk=piece.original_file_id).storage_name) as kept:
        content: bytes = kept.read()
    return content


def test_a_fax_is_kept_byte_for_byte_and_its_pages_are_read_the_right_way_up(asha: Actor) -> None:
    sent = fax("Page one", "Page two")
    came = Came(channel="fax", source=Source.UPLOAD, received_at=FRIDAY, line="02079460000", sender="A solicitor")
    piece = arriving.take_document(sent, "fax.tif", came, by=asha, at=MONDAY)
    assert original(piece) == sent
    paper, file = queries.shown(piece)
    assert paper is not None
    assert paper.content_type == "application/pdf"
    content, _file = queries.content(file.pk if file else None)
    assert content.count(b"/Type /Page\n") == 2 or b"/Count 2" in content
    assert arriving.take_document(sent, "again.tif", came, by=asha, at=MONDAY).pk == piece.pk
    with pytest.raises(BadInput, match="could not be opened"):
        arriving.take_document(sent[:200], "cut.tif", came, by=asha, at=MONDAY)


def test_what_is_indexed_together_is_one_contact_by_its_own_channel_and_taken_back_it_leaves_no_trace_there(
    asha: Actor,
) -> None:
    person, first, second = mary(asha), letter(asha, "The letter"), letter(asha, "Its enclosure")
    case = make_case()
    indexing.index([first.pk, second.pk], To(customer_id=person.pk, case_id=case.pk), by=asha, at=MONDAY)
    [contact] = Contact.objects.filter(channel="letter")
    assert (contact.customer_id, contact.started_at) == (person.pk, FRIDAY)
    assert CaseContact.objects.filter(case=case, contact=contact).count() == 1
    assert {one.title for one in papers.of_case(case.pk)} == {"scan.pdf"}
    assert len(papers.of_customer(person.pk, by=asha)) == 2
    with pytest.raises(WrongState):
        indexing.index([first.pk], To(customer_id=person.pk), by=asha, at=MONDAY)

    other = customers.create(NewCustomer(name="Mark Marsh", kind="person"), by=asha, at=MONDAY, key="mark")
    for piece in (first, second):
        with pytest.raises(BadInput):
            indexing.take_back(piece.pk, why=" ", by=asha, at=MONDAY)
        indexing.take_back(piece.pk, why="It is Mark's", by=asha, at=MONDAY)
    assert papers.of_customer(person.pk, by=asha) == []
    assert papers.of_case(case.pk) == []
    assert not Contact.objects.filter(customer=person).exists()
    assert not CaseContact.objects.filter(contact=contact).exists()
    indexing.index([first.pk, second.pk], To(customer_id=other.pk), by=asha, at=MONDAY)
    assert len(papers.of_customer(other.pk, by=asha)) == 2
    assert Contact.objects.filter(channel="letter").count() == 1  # it came once, whoever it is from


def test_a_new_case_is_opened_for_what_came_and_stays_open_when_that_is_taken_back(asha: Actor) -> None:
    person, piece = mary(asha), letter(asha)
    with pytest.raises(BadInput) as wrong:
        indexing.index([piece.pk], To(customer_id=person.pk, opens_case=True), by=asha, at=MONDAY)
    assert set(wrong.value.problems) == {"service", "words"}
    to = To(customer_id=person.pk, opens_case=True, service_code="fly-tipping", words="A sofa in the lane")
    [done] = indexing.index([piece.pk], to, by=asha, at=MONDAY)
    assert done.case_id is not None
    case = Case.objects.get(pk=done.case_id)
    assert (case.origin_channel, case.customer_id, case.is_public) == ("letter", person.pk, False)
    indexing.take_back(piece.pk, why="Not hers", by=asha, at=MONDAY)
    assert Case.objects.get(pk=case.pk).state == "awaiting_decision"
    assert Piece.objects.get().contact_id is None


def test_the_scanners_folder_is_emptied_once_what_lay_there_is_kept_and_nothing_is_lost(
    tmp_path: Path, settings: Any, asha: Actor
) -> None:
    settings.POST_FOLDER = str(tmp_path)
    sent = fax("From the machine")
    put(tmp_path / "fax_20260227T1405_02079460000_3.tif", sent)
    put(tmp_path / "letter_20260227_Rates_office.pdf", scan("To the rates office"))
    put(tmp_path / "picture.pdf", scan("No date"))
    put(tmp_path / "letter_20260231_x.pdf", scan("No such day"))
    put(tmp_path / "letter_20260227_y.pdf", b"MZ not a document")
    put(tmp_path / "letter_20260227_being_written.pdf", scan("Half"), age=1)
    while folder.sweep(MONDAY):
        pass
    machine, rates = Piece.objects.get(channel="fax"), Piece.objects.get(channel="letter")
    assert (machine.line, machine.received_at, original(machine) == sent) == (
        "02079460000",
        FRIDAY.replace(hour=14, minute=5),
        True,
    )
    assert rates.title == "Rates office"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["letter_20260227_being_written.pdf", "refused"]
    assert {one.name for one in Refused.objects.all()} == {
        "picture.pdf",
        "letter_20260231_x.pdf",
        "letter_20260227_y.pdf",
    }
    put(tmp_path / "fax_20260227T1405_02079460000_3.tif", sent)  # as if it had died before the file was removed
    folder.sweep(MONDAY)
    assert Piece.objects.count() == 2
    assert not (tmp_path / "fax_20260227T1405_02079460000_3.tif").exists()


def put(path: Path, content: bytes, *, age: int = 600) -> None:
    """A file that somebody wrote so many seconds before MONDAY."""
    path.write_bytes(content)
    written = (MONDAY - timedelta(seconds=age)).timestamp()
    os.utime(path, (written, written))


def test_a_post_told_twice_is_one_and_who_may_not_deal_with_post_does_not(asha: Actor) -> None:
    post = Post(network="Chirp", external_id="77", words="My bin again!", posted_at=FRIDAY, sender="@mary")
    first = arriving.take_post(post, source=Source.API, by=SYSTEM, at=MONDAY)
    assert arriving.take_post(post, source=Source.API, by=SYSTEM, at=MONDAY).pk == first.pk
    with pytest.raises(BadInput):
        arriving.take_post(Post(network="", words="", posted_at=FRIDAY), source=Source.HAND, by=asha, at=MONDAY)
    auditor = make_staff("ida", team="corporate", role=Role.AUDITOR)
    with pytest.raises(NotAllowed):
        indexing.set_aside(first.pk, why="Spam", by=auditor, at=MONDAY)
    indexing.set_aside(first.pk, why="An advertisement", by=asha, at=MONDAY)
    assert queries.listed(by=asha).rows == []
    indexing.take_back(first.pk, why="It was not", by=asha, at=MONDAY)
    assert [one.pk for one in queries.listed(by=asha).rows] == [first.pk]


def test_a_long_fax_is_made_into_a_pdf_part_by_part_and_one_with_absurd_dots_stays_small(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(faxes, "HELD_PIXELS", 1_000_000)  # one page of it, upright
    made = faxes.as_pdf(fax("One", "Two", "Three"), name="fax.tif", field="file")
    with pikepdf.open(BytesIO(made)) as pdf:
        boxes = [[round(float(side)) for side in found.mediabox] for found in pdf.pages]
    assert boxes == [[0, 0, 311, 412]] * 3
    absurd = BytesIO()
    page("Wide").save(absurd, format="TIFF", dpi=(60_000, 1))
    with pikepdf.open(BytesIO(faxes.as_pdf(absurd.getvalue(), name="fax.tif", field="file"))) as pdf:
        assert round(float(pdf.pages[0].mediabox[3])) == 198  # 550 dots at 200 an inch
    monkeypatch.setattr(faxes, "MOST_OF_ALL", 1_000_000)
    with pytest.raises(BadInput, match="too large"):
        faxes.as_pdf(fax("One", "Two", "Three"), name="fax.tif", field="file")


def test_a_name_that_nobody_can_write_or_a_file_that_nobody_may_read_stops_nothing_behind_it(
    tmp_path: Path, settings: Any, asha: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.POST_FOLDER = str(tmp_path)
    put(Path(os.fsdecode(os.fsencode(tmp_path) + b"/letter_20260227_Caf\xe9.pdf")), scan("To the cafe"))
    put(Path(os.fsdecode(os.fsencode(tmp_path) + b"/Caf\xe9.pdf")), scan("No date"))
    put(tmp_path / f"{'x' * 250}.pdf", scan("A long name"))
    put(tmp_path / "letter_20260227_closed.pdf", scan("Closed"))
    put(tmp_path / "letter_20260227_4111111111111111.pdf", scan("A card"))
    read = folder._content_of

    def closed(path: Path) -> bytes:
        if "closed" in path.name:
            raise PermissionError
        return read(path)

    monkeypatch.setattr(folder, "_content_of", closed)
    assert folder.sweep(MONDAY) == 5
    assert Piece.objects.get().title == "Caf\ufffd"
    names = set(Refused.objects.values_list("name", flat=True))
    assert {"Caf\ufffd.pdf", "letter_20260227_closed.pdf"} < names
    assert not any("4111" in name for name in names)
    assert [one.name for one in tmp_path.iterdir()] == ["refused"]
    assert len(list((tmp_path / "refused").iterdir())) == 4


def test_the_contact_of_what_was_misfiled_is_put_right_with_it(asha: Actor) -> None:
    """A letter came on Friday; a call on Sunday cannot be what it came back about. On Monday it is taken for a fax, and put right."""
    person, piece = mary(asha), letter(asha)
    sunday = FRIDAY + timedelta(days=2)
    call = contacts.Past(
        id=uuid7(),
        channel="phone",
        service_code="pothole",
        reason_code="report",
        at=sunday,
        given=contacts.Given(),
        customer_id=person.pk,
    )
    contacts.log_one(call)
    Contact.objects.filter(pk=call.id).update(outcome="resolved")
    indexing.index([piece.pk], To(customer_id=person.pk, service_code="pothole"), by=asha, at=MONDAY)
    assert Contact.objects.get(pk=call.id).not_resolved_at is None
    assert Contact.objects.get(channel="letter").repeats_id is None

    indexing.take_back(piece.pk, why="It was a fax", by=asha, at=MONDAY)
    with pytest.raises(BadInput, match="four digits"):
        fax_of(piece, "0026-02-27", by=asha)
    fax_of(piece, "2026-02-26", by=asha)
    indexing.index([piece.pk], To(customer_id=person.pk, service_code="pothole"), by=asha, at=MONDAY)
    [contact] = Contact.objects.exclude(pk=call.id)
    assert (contact.channel_id, contact.given_name) == ("fax", "Mary Marsh")
    assert council_date(contact.started_at).isoformat() == "2026-02-26"


def fax_of(piece: Piece, day: str, *, by: Actor) -> None:
    indexing.correct(piece.pk, channel="fax", received_on=day, title="", sender="", by=by, at=MONDAY)


def test_only_what_came_by_one_channel_is_one_contact_and_the_next_scans_are_offered_with_a_scan(asha: Actor) -> None:
    person = mary(asha)
    pieces = [letter(asha, f"Page {number}") for number in range(30)]
    beside = {one.pk for one in queries.together_with(pieces[25], by=asha)}
    assert {pieces[24].pk, pieces[26].pk} <= beside
    assert len(beside) <= 20
    post = Post(network="Chirp", external_id="1", words="Hello", posted_at=FRIDAY)
    told = arriving.take_post(post, source=Source.API, by=SYSTEM, at=MONDAY)
    with pytest.raises(BadInput, match="same channel"):
        indexing.index([told.pk, pieces[0].pk], To(customer_id=person.pk), by=asha, at=MONDAY)
    first = Post(network="Chirp", external_id="2", words="Hello", posted_at=datetime.min.replace(tzinfo=UTC))
    with pytest.raises(BadInput):
        arriving.take_post(first, source=Source.API, by=SYSTEM, at=MONDAY)
