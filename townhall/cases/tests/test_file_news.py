"""A virus in a case's file is said to who sent it and to the team that has the case."""

from __future__ import annotations

import pytest

from townhall.cases.tests.makers import MONDAY, make_case, make_council
from townhall.core.events import publish
from townhall.core.ids import uuid7
from townhall.files.events import FileHeld, FileInfected
from townhall.ledger.models import Entry
from townhall.notifications.models import Message

pytestmark = pytest.mark.django_db


def test_the_sender_and_the_team_are_told_of_a_virus_and_the_team_of_a_file_that_waits() -> None:
    make_council()
    case = make_case()
    ill, slow = uuid7(), uuid7()

    publish(
        FileInfected(file_id=ill, about=case.subject, case_id=case.pk, name="bill.pdf", threat="Some.Virus", at=MONDAY)
    )
    publish(FileHeld(file_id=slow, about=case.subject, case_id=case.pk, name="photo.jpg", at=MONDAY))
    publish(FileHeld(file_id=uuid7(), about=case.subject, case_id=None, name="of a draft", at=MONDAY))

    told = {one.template: one.body_text for one in Message.objects.filter(key__contains="file")}
    assert sorted(told) == ["case/file_infected", "staff/file_held", "staff/file_infected"]
    assert "bill.pdf" in told["case/file_infected"]
    assert "Some.Virus" in told["staff/file_infected"]
    assert "photo.jpg" in told["staff/file_held"]
    assert Entry.objects.filter(verb="case.file_infected", case_id=case.pk).count() == 1
