"""Evidence that holds a virus: the appellant is told, and the team that decides."""

from __future__ import annotations

import pytest

from townhall.core.actors import PUBLIC
from townhall.core.events import publish
from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.files import operations as files
from townhall.files import scanning
from townhall.files.events import FileHeld
from townhall.files.models import StoredFile
from townhall.ledger.models import Entry
from townhall.notifications.models import Message
from townhall.penalties.tests.makers import NOON, make_appeal, picture

pytestmark = pytest.mark.django_db


def test_the_appellant_and_the_team_are_told_of_a_virus_and_the_team_of_a_file_that_waits() -> None:
    made = make_appeal()
    ill = files.store(picture("receipt.png"), about=Subject(kind="draft", id=made.pk), purpose="evidence",
                      by=PUBLIC, at=NOON, field="files")  # fmt: skip
    files.attach([ill.pk], about=made.subject, case_id=None, draft_id=made.pk)
    StoredFile.objects.filter(pk=ill.pk).update(scan="waiting")

    scanning._quarantine(StoredFile.objects.get(pk=ill.pk), "Some.Virus", at=NOON)
    publish(FileHeld(file_id=uuid7(), about=made.subject, case_id=None, name="slow.png", at=NOON))

    told = {one.template: one for one in Message.objects.filter(template__contains="file")}
    assert sorted(told) == ["penalty/file_infected", "staff/appeal_file_held", "staff/appeal_file_infected"]
    to_appellant = told["penalty/file_infected"]
    assert to_appellant.recipient_address == "olu@example.org"
    assert "receipt.png" in to_appellant.body_text
    assert made.reference in to_appellant.body_text
    assert "Some.Virus" in told["staff/appeal_file_infected"].body_text
    assert "slow.png" in told["staff/appeal_file_held"].body_text
    entry = Entry.objects.get(verb="penalty.file_infected")
    assert entry.subject_id == made.notice_id
