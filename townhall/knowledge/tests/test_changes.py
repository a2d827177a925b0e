"""A change of law opens a task for each part it touches, all due on one day, and goes live once nothing is missing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from townhall.core.errors import BadInput, WrongState
from townhall.core.refreshing import forget_all
from townhall.knowledge import changes, entries, tasks
from townhall.knowledge.changes import Planned
from townhall.knowledge.entries import Written
from townhall.knowledge.errors import NotReady
from townhall.knowledge.models import Change, Kind, Task
from townhall.knowledge.tests.makers import MONDAY, OWNER, SCRIPT, about, make_entry, make_people

pytestmark = pytest.mark.django_db
READY = (MONDAY + timedelta(days=28)).date()
LATER = MONDAY + timedelta(days=7)
PLANNED = Planned(
    title="Swans may be fed",
    why="law",
    words="From April.",
    service_codes=("lost-swan",),
    owner_post=OWNER,
    ready_on=READY,
    owners={"training": OWNER, "scripts": "swans-officer"},
)


def words(change_id: UUID) -> list[str]:
    forget_all()
    return [one.words for one in changes.missing(Change.objects.get(pk=change_id))]


@pytest.mark.capability("KNOW-05")
def test_a_change_of_law_is_ready_when_its_tasks_are_done_and_what_it_touches_was_signed_off_anew() -> None:
    people = make_people()
    procedure = make_entry(
        people, Kind.PROCEDURE, title="Catching swans", client_team="swans-team", service_codes=("lost-swan",)
    )
    with pytest.raises(BadInput):
        changes.plan(replace(PLANNED, owners={}), by=people.manager, at=LATER)
    change = changes.plan(PLANNED, by=people.manager, at=LATER)
    opened = {task.part: task for task in Task.objects.filter(change=change)}
    assert {(part, task.due_on) for part, task in opened.items()} == {("training", READY), ("scripts", READY)}
    with pytest.raises(NotReady):
        changes.go_live(change.pk, by=people.manager, at=LATER)

    for task in opened.values():
        tasks.end(task.pk, is_done=True, answer="Done.", by=people.writer, at=LATER)
    assert words(change.pk) == [
        "Lost swan has no script in use",
        "“Catching swans” was neither changed nor read again since",
    ]
    newer = Written(
        title="Catching swans",
        body="Feed them first.",
        about=about(client_team="swans-team", service_codes=("lost-swan",)),
    )
    entries.rewrite(procedure.pk, newer, held=1, by=people.writer, at=LATER)
    entries.offer(procedure.pk, by=people.writer, at=LATER)
    assert "A version of “Catching swans” is not approved yet" in words(change.pk)
    entries.approve(procedure.pk, number=2, by=people.other, at=LATER)
    make_entry(people, Kind.SCRIPT, title="A swan is lost", body=SCRIPT, at=LATER)
    assert words(change.pk) == []
    changes.go_live(change.pk, by=people.manager, at=LATER)
    with pytest.raises(WrongState):
        changes.drop(change.pk, by=people.manager, at=LATER)


def test_another_readiness_date_moves_every_task_and_a_dropped_change_ends_them() -> None:
    people = make_people()
    change = changes.plan(PLANNED, by=people.manager, at=MONDAY)
    later = READY + timedelta(days=7)
    changes.move(change.pk, ready_on=later, by=people.manager, at=MONDAY)
    assert {one.due_on for one in Task.objects.all()} == {later}
    changes.drop(change.pk, by=people.manager, at=MONDAY)
    assert {one.state for one in Task.objects.all()} == {"dropped"}
