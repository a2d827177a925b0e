"""A flag becomes a task that rings, that a case names as its cause, and that somebody ends with what was done."""

from __future__ import annotations

from datetime import timedelta

import pytest

from townhall.clocks.events import ClockRang
from townhall.clocks.sweeps import ring_due
from townhall.core.errors import BadInput, WrongState
from townhall.core.events import subscribe
from townhall.core.ids import uuid7
from townhall.core.refreshing import forget_all
from townhall.core.subjects import Subject
from townhall.knowledge import ringing, tasks
from townhall.knowledge.tests.makers import MONDAY, make_entry, make_people
from townhall.ledger.models import Entry as LedgerEntry
from townhall.notifications.models import Message

pytestmark = pytest.mark.django_db


def test_a_task_rings_its_owner_then_the_manager_and_is_cited_and_done() -> None:
    subscribe(ClockRang, ringing.clock_rang)
    people = make_people()
    make_entry(people)
    forget_all()
    task = tasks.flag("knowledge", "swans", why="unclear", words="Which swans?", by=people.other, at=MONDAY)
    ring_due(MONDAY + timedelta(days=15))
    assert {one.template for one in Message.objects.all()} == {"staff/knowledge_due"}
    assert Message.objects.filter(recipient_name="Post").count() == 0
    told = Message.objects.count()
    ring_due(MONDAY + timedelta(days=30))
    assert Message.objects.count() > told
    assert LedgerEntry.objects.filter(verb="knowledge.escalated", subject_id=task.pk).exists()

    case = Subject(kind="case", id=uuid7())
    for _twice in range(2):
        tasks.cite(task.pk, about=case, reference="TH-1", by=people.other, at=MONDAY, case_id=case.id)
    assert [one.task.words for one in tasks.cited_by(case)] == ["Which swans?"]
    assert LedgerEntry.objects.filter(verb="knowledge.cited", case_id=case.id).count() == 1
    with pytest.raises(BadInput):
        tasks.end(task.pk, is_done=True, answer=" ", by=people.writer, at=MONDAY)
    tasks.end(task.pk, is_done=True, answer="It says mute swans now.", by=people.writer, at=MONDAY)
    with pytest.raises(WrongState):
        tasks.end(task.pk, is_done=True, answer="Again.", by=people.writer, at=MONDAY)
    assert not tasks.open_tasks().exists()
