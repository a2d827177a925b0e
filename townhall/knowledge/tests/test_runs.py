"""A script is gone through in a conversation, its answers kept at every step, and handed to an outside service by a secret link."""

from __future__ import annotations

from datetime import timedelta

import pytest

from townhall.core.errors import BadInput, NotFound
from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.knowledge import entries, handouts, runs
from townhall.knowledge.entries import Written
from townhall.knowledge.models import Entry, Kind
from townhall.knowledge.tests.makers import MONDAY, SCRIPT, People, about, make_entry, make_people

pytestmark = pytest.mark.django_db
CALL = Subject(kind="contact", id=uuid7())
UNTIL = (MONDAY + timedelta(days=90)).date()


def make_script(people: People) -> Entry:
    return make_entry(people, Kind.SCRIPT, title="A swan is lost", body=SCRIPT)


def test_answers_are_kept_changed_and_stay_with_the_version_that_was_begun() -> None:
    people = make_people()
    entry = make_script(people)
    run = runs.begin(entry.pk, about=CALL, by=people.other, at=MONDAY)
    assert runs.begin(entry.pk, about=CALL, by=people.other, at=MONDAY).pk == run.pk
    for step, given in (("which", "black"), ("rare", ""), ("when", "At noon"), ("hurt", "yes")):
        found = runs.answer(run.pk, step=step, given=given, about=CALL, by=people.other, at=MONDAY)
    assert found.walk.at.code == "vet"
    assert found.run.ended_at == MONDAY
    with pytest.raises(BadInput):
        runs.answer(run.pk, step="which", given="green", about=CALL, by=people.other, at=MONDAY)
    again = runs.answer(run.pk, step="which", given="white", about=CALL, by=people.other, at=MONDAY)
    assert [one.step.code for one in again.walk.done] == ["which"]
    assert again.run.ended_at is None

    newer = Written(title="A swan is lost", body=SCRIPT.replace("Which colour", "What colour"), about=about())
    entries.rewrite(entry.pk, newer, held=1, by=people.writer, at=MONDAY)
    entries.offer(entry.pk, by=people.writer, at=MONDAY)
    entries.approve(entry.pk, number=2, by=people.manager, at=MONDAY)
    other = Subject(kind="contact", id=uuid7())
    assert [one.script.steps[0].ask for one in runs.runs_of(CALL)] == ["Which colour is it?"]
    assert runs.runs_of(other) == []
    with pytest.raises(NotFound):
        runs.answer(run.pk, step="which", given="green", about=other, by=people.other, at=MONDAY)


def test_an_answering_service_reads_what_is_in_use_until_its_link_ends() -> None:
    people = make_people()
    entry = make_script(people)
    with pytest.raises(BadInput):
        handouts.make(entry.pk, name="", expires_on=MONDAY.date(), by=people.writer, at=MONDAY)
    made, token = handouts.make(entry.pk, name="Night Line", expires_on=UNTIL, by=people.writer, at=MONDAY)
    assert token not in made.token_hash
    found = handouts.shown(token, at=MONDAY)
    data = handouts.as_data(found)
    assert (data["service_code"], data["steps"][0]["ask"]) == ("lost-swan", "Which colour is it?")
    made.refresh_from_db()
    assert made.seen == 1
    with pytest.raises(NotFound):
        handouts.shown("guess", at=MONDAY)
    with pytest.raises(NotFound):
        handouts.shown(token, at=MONDAY + timedelta(days=91))
    handouts.revoke(made.pk, by=people.writer, at=MONDAY)
    with pytest.raises(NotFound):
        handouts.shown(token, at=MONDAY)
