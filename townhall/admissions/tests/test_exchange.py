"""Files go out by real SFTP and a receipt comes back for each child; every way that this goes wrong is made good (FORM-08)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from townhall.admissions import exporting, formats, queries, receipts, sending
from townhall.admissions.formats import rows_of
from townhall.admissions.models import Application, ExportItem, ExportRun, Round
from townhall.admissions.sftp import Drop, Unreachable
from townhall.admissions.standin import RegionalSystem
from townhall.admissions.tests.makers import (
    AFTER,
    HARBOUR,
    MILL_LANE,
    OPEN,
    ORCHARD,
    a_customer,
    apply,
    make_rounds,
    send,
)
from townhall.cases import operations as cases
from townhall.core.actors import SYSTEM, Actor, ActorKind
from townhall.core.errors import NotAllowed
from townhall.ledger.models import Entry
from townhall.notifications.models import Message

pytestmark = pytest.mark.django_db
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
ADVISER = Actor(kind=ActorKind.STAFF, id="5c0f1d3e-0000-4000-8000-0000000000ab", roles=frozenset({"adviser"}))


@pytest.fixture(autouse=True)
def primary(tmp_path: Path) -> Round:
    return make_rounds(tmp_path)


def states() -> dict[str, str]:
    return dict(Application.objects.order_by("id").values_list("child_name", "state"))


@pytest.mark.capability("FORM-08")
def test_after_the_closing_date_the_round_goes_out_and_each_child_has_a_receipt(
    regional: RegionalSystem, drop: Drop
) -> None:
    kim = apply()
    apply(child_name="Lou New", email="lou@example.org", where="school", building="Mill Lane", helper="Ms Teacher")
    apply(child_name="Ash Refused", schools=[{"school": ORCHARD}])
    gone = apply(child_name="Gone Away")
    cases.withdraw(gone.case_id, by=SYSTEM, at=OPEN)
    regional.mood.refuses = {ORCHARD: "The school is full up to year 2"}

    assert exporting.sweep(AFTER - DAY) == 0, "the closing date itself is a day to change it"
    assert exporting.sweep(AFTER) == 3
    assert exporting.sweep(AFTER) == 0
    assert sending.sweep(AFTER, to=drop) == 1
    (sent,) = (regional.folder / "inbox").iterdir()
    assert sent.name == "primary-2027-0001.taken", "under its real name, and whole"
    rows = rows_of(sent.read_bytes())
    assert [row[0] for row in rows] == ["H", "C", "P", "P", "C", "P", "P", "C", "P", "T"]
    assert rows[-1][1:3] == ["3", "5"]
    assert rows[1][1] == f"{kim.reference}-v1"
    assert "Ms Teacher, Mill Lane" in rows[4]

    assert receipts.sweep(AFTER + MINUTE, to=drop) == 3
    assert states() == {"Kim New": "taken", "Lou New": "taken", "Ash Refused": "refused", "Gone Away": "withdrawn"}
    kim.refresh_from_db()
    assert kim.receipt == regional.numbers[f"{kim.reference}-v1"]
    mails = Message.objects.filter(template="admissions/receipt")
    assert set(mails.values_list("recipient_address", flat=True)) == {"noor@example.org", "lou@example.org"}
    assert kim.receipt in mails.get(subject_id=kim.pk).body_text
    owner = Message.objects.get(template="admissions/attention")
    assert owner.recipient_address == "admissions@example.org"
    assert "full up to year 2" in owner.body_text
    assert [one.child_name for one in queries.stuck()] == ["Ash Refused"]
    assert regional.receipts() == [], "what is kept here is taken away there"
    assert ExportRun.objects.get().state == "done"
    verbs = Entry.objects.filter(verb__startswith="admission_run").order_by("id").values_list("verb", flat=True)
    assert list(verbs) == ["admission_run.made", "admission_run.sent", "admission_run.done"]


def test_an_outage_waits_longer_each_time_tells_the_owner_and_loses_nothing(
    regional: RegionalSystem, drop: Drop
) -> None:
    apply()
    exporting.sweep(AFTER)
    regional.mood.outage = True
    at = AFTER
    for number in range(1, 6):
        assert sending.sweep(at, to=drop) == 0
        run = ExportRun.objects.get()
        assert (run.state, run.attempts) == ("ready", number)
        assert sending.sweep(at, to=drop) == 0
        assert ExportRun.objects.get().attempts == number, "not before it is due"
        at = run.next_attempt_at
    assert run.last_error
    assert "could not be sent" in Message.objects.get(template="admissions/attention").body_text
    regional.mood.outage = False
    assert sending.sweep(at, to=drop) == 1
    assert receipts.sweep(at, to=drop) == 1
    assert states() == {"Kim New": "taken"}


def test_half_a_file_is_never_taken_for_one_and_is_sent_whole(regional: RegionalSystem, drop: Drop) -> None:
    apply()
    exporting.sweep(AFTER)
    regional.mood.cut_after = 100
    assert sending.sweep(AFTER, to=drop) == 0
    (part,) = (regional.folder / "inbox").iterdir()
    assert part.name.endswith(".part")
    assert regional.taken == []
    regional.mood.cut_after = -1
    assert sending.sweep(AFTER + MINUTE, to=drop) == 1
    assert receipts.sweep(AFTER + MINUTE, to=drop) == 1


def test_a_system_that_is_too_slow_is_left_and_asked_again_and_takes_a_child_once(
    regional: RegionalSystem, drop: Drop
) -> None:
    made = apply()
    exporting.sweep(AFTER)
    regional.mood.delay = 1.2
    assert sending.sweep(AFTER, to=replace(drop, seconds=0.8)) == 0
    assert states() == {"Kim New": "received"}
    regional.mood.delay = 0.0
    assert sending.sweep(AFTER + MINUTE, to=drop) == 1
    # The answer to a try that did arrive was lost: the file is there, and stays as it is.
    ExportRun.objects.update(state="ready", next_attempt_at=AFTER)
    assert sending.sweep(AFTER + 2 * MINUTE, to=drop) == 1
    assert set(regional.taken) == {f"{made.reference}-v1"}
    assert len(regional.numbers) == 1
    receipts.sweep(AFTER + 3 * MINUTE, to=drop)
    assert states() == {"Kim New": "taken"}
    assert Message.objects.filter(template="admissions/receipt").count() == 1


def test_receipts_told_twice_are_one_and_half_ones_are_left_until_they_are_whole(
    regional: RegionalSystem, drop: Drop
) -> None:
    apply()
    exporting.sweep(AFTER)
    regional.mood.half_receipts = True
    sending.sweep(AFTER, to=drop)
    assert receipts.sweep(AFTER, to=drop) == 0
    assert (states(), len(regional.receipts())) == ({"Kim New": "sent"}, 1)
    regional.mood.half_receipts, regional.mood.duplicates = False, True
    record = ExportItem.objects.get().record_id
    regional._answer(record, HARBOUR)
    (regional.folder / "receipts" / "stranger.csv").write_bytes(
        formats.receipt_file("TH-NONE-v1", "accepted", number="RA1")
    )
    assert receipts.sweep(AFTER, to=drop) == 2
    assert receipts.sweep(AFTER, to=drop) == 0
    assert (states(), regional.receipts()) == ({"Kim New": "taken"}, ["stranger.csv"])
    assert Message.objects.filter(template="admissions/receipt").count() == 1


def test_what_gets_no_receipt_is_sent_again_under_the_same_record_and_then_has_an_owner(
    regional: RegionalSystem, drop: Drop
) -> None:
    apply()
    silent = apply(child_name="Lou New", schools=[{"school": MILL_LANE}])
    exporting.sweep(AFTER)
    regional.mood.silent_about = {MILL_LANE}
    at = AFTER
    for _day in range(3):
        sending.sweep(at, to=drop)
        receipts.sweep(at, to=drop)
        at += DAY
        receipts.sweep(at, to=drop)
    record = f"{silent.reference}-v1"
    assert regional.taken.count(record) == 3
    assert list(ExportItem.objects.filter(record_id=record).order_by("id").values_list("state", "tries")) == [
        ("sent_again", 1),
        ("sent_again", 2),
        ("missing", 3),
    ]
    assert [one.child_name for one in queries.stuck()] == ["Lou New"]
    assert silent.reference in Message.objects.get(template="admissions/attention").body_text
    # It answers after all.
    ExportRun.objects.filter(number=3).update(state="sent")
    regional.mood.silent_about = set()
    regional._answer(record, MILL_LANE)
    receipts.sweep(at, to=drop)
    assert states() == {"Kim New": "taken", "Lou New": "taken"}
    assert queries.stuck() == []


def test_a_changed_one_goes_out_again_as_its_new_version_and_an_old_receipt_does_not_count(
    regional: RegionalSystem, drop: Drop
) -> None:
    customer = a_customer()
    during: dict[str, Any] = {"kind": "during", "child_born": "2016-01-05", "customer_id": customer}
    made = apply(**during)
    assert exporting.sweep(OPEN) == 0, "it may be changed on the day that it came"
    assert exporting.sweep(OPEN + DAY) == 1
    sending.sweep(OPEN + DAY, to=drop)
    send(**during, schools=[{"school": ORCHARD}], at=OPEN + DAY)
    receipts.sweep(OPEN + DAY, to=drop)
    made.refresh_from_db()
    assert (made.state, made.version, made.receipt) == ("received", 2, "")
    assert exporting.sweep(OPEN + 2 * DAY) == 1
    sending.sweep(OPEN + 2 * DAY, to=drop)
    receipts.sweep(OPEN + 2 * DAY, to=drop)
    made.refresh_from_db()
    assert (made.state, made.receipt) == ("taken", regional.numbers[f"{made.reference}-v2"])
    assert ExportRun.objects.count() == 2


def test_an_officer_need_not_wait_for_the_day(primary: Round) -> None:
    apply()
    with pytest.raises(NotAllowed):
        exporting.export_now(primary.pk, by=ADVISER, at=OPEN)
    run = exporting.export_now(primary.pk, by=SYSTEM, at=OPEN)
    assert run is not None
    assert run.children == 1
    assert exporting.export_now(primary.pk, by=SYSTEM, at=OPEN) is None


def test_another_host_key_or_a_wrong_password_is_not_spoken_with(regional: RegionalSystem, drop: Drop) -> None:
    stranger = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()
    with pytest.raises(Unreachable):
        replace(drop, host_key=stranger).put("a.csv", b"x")
    with pytest.raises(Unreachable):
        replace(drop, password="wrong").put("a.csv", b"x")
    with pytest.raises(Unreachable, match="not known"):
        replace(drop, host_key="/nowhere/host_key.pub").put("a.csv", b"x")
    assert list((regional.folder / "inbox").iterdir()) == []
    replace(drop, host_key=str(regional.folder / "host_key.pub")).put("a.txt", b"x")
    assert [one.name for one in (regional.folder / "inbox").iterdir()] == ["a.txt"]


def test_a_line_cannot_be_broken_by_what_somebody_typed() -> None:
    child = formats.Child(
        record_id="r-v1",
        reference="r",
        version=1,
        is_late=False,
        received_at=OPEN,
        name='Kim "K"\nT,1,2,x',
        born=OPEN.date(),
        uprn="",
        address="1, High Street",
        priority=[],
        applicant_name="",
        applicant_email="",
        applicant_phone="",
        made_at="home",
        helper="",
        evidence=0,
        preferences=[],
    )
    header = formats.Header(council="A", round_code="r", number=1, made_at=OPEN)
    rows = rows_of(formats.TownhallFormat().write(header, [child]).content)
    assert [row[0] for row in rows] == ["H", "C", "T"]
    assert rows[1][6] == 'Kim "K" T,1,2,x'
    with pytest.raises(formats.NotReadable):
        rows_of(formats.TownhallFormat().write(header, [child]).content[:-10])
