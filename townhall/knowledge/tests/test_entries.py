"""Words are in use once a second person said so; what was in use can always be read again, and is read again in time."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from townhall.clocks.models import Clock
from townhall.core.errors import BadInput, NotAllowed, NotFound, WrongState
from townhall.knowledge import entries, queries
from townhall.knowledge.entries import Written
from townhall.knowledge.errors import ChangedMeanwhile, NotTheService, SecondPerson
from townhall.knowledge.models import Kind
from townhall.knowledge.tests.makers import MONDAY, SCRIPT, about, make_entry, make_people
from townhall.ledger.models import Entry as LedgerEntry

pytestmark = pytest.mark.django_db
REPLY = Written(
    title="Lost swans",
    body="We look for every swan.",
    about=about(topic="Where is my swan?", service_codes=("lost-swan",)),
)


def test_a_reply_is_in_use_once_a_second_person_approved_it_and_its_older_words_stay() -> None:
    people = make_people()
    made = entries.write(Kind.REPLY, REPLY, by=people.writer, at=MONDAY)
    assert queries.replies_for(service="lost-swan") == []
    with pytest.raises(WrongState):
        entries.approve(made.pk, number=1, by=people.manager, at=MONDAY)
    entries.offer(made.pk, by=people.writer, at=MONDAY)
    with pytest.raises(NotAllowed):
        entries.approve(made.pk, number=1, by=people.writer, at=MONDAY)
    entries.approve(made.pk, number=1, by=people.manager, at=MONDAY)
    assert [one.text for one in queries.replies_for(service="lost-swan")] == ["We look for every swan."]
    assert queries.replies_for(service="something-else") == []
    assert Clock.objects.get(subject_id=made.pk, state="running").due_at.date() == date(2027, 3, 2)

    newer = Written(title="Lost swans", body="A warden looks for every swan.", note="Says who", about=REPLY.about)
    entries.rewrite(made.pk, newer, held=1, by=people.writer, at=MONDAY)
    with pytest.raises(ChangedMeanwhile):
        entries.rewrite(made.pk, REPLY, held=1, by=people.writer, at=MONDAY)
    assert queries.replies_for()[0].text == "We look for every swan."
    entries.offer(made.pk, by=people.writer, at=MONDAY)
    entries.send_back(made.pk, number=2, words="Which warden?", by=people.manager, at=MONDAY)
    entries.offer(made.pk, by=people.writer, at=MONDAY)
    entries.approve(made.pk, number=2, by=people.manager, at=MONDAY)
    assert queries.replies_for(topic="Where is my swan?")[0].text == "A warden looks for every swan."
    assert [one.state for one in queries.versions_of(made)] == ["approved", "replaced"]
    verbs = list(LedgerEntry.objects.filter(subject_id=made.pk).order_by("at", "id").values_list("verb", flat=True))
    assert verbs.count("knowledge.approved") == 2


def test_a_manager_who_wrote_it_does_not_approve_it_either() -> None:
    people = make_people()
    made = entries.write(Kind.REPLY, REPLY, by=people.manager, at=MONDAY)
    entries.offer(made.pk, by=people.manager, at=MONDAY)
    with pytest.raises(SecondPerson):
        entries.approve(made.pk, number=1, by=people.manager, at=MONDAY)


def test_what_staff_alone_read_is_opened_to_everybody_by_a_second_person_alone() -> None:
    people = make_people()
    entry = make_entry(people, title="How we price", body="Secret sums.")
    wide = Written(title="How we price", body="Secret sums.", about=about(audience="public"))
    with pytest.raises(NotAllowed):
        entries.rewrite(entry.pk, wide, held=1, by=people.writer, at=MONDAY)
    with pytest.raises(NotFound):
        queries.public_article(entry.code)
    entries.rewrite(entry.pk, wide, held=1, by=people.manager, at=MONDAY)
    assert queries.public_article(entry.code).body == "Secret sums."


def test_a_procedure_is_signed_off_by_the_service_it_describes() -> None:
    people = make_people()
    with pytest.raises(BadInput, match="signs it off"):
        entries.write(Kind.PROCEDURE, Written(title="A", body="B", about=about()), by=people.writer, at=MONDAY)
    written = Written(title="Catching swans", body="With a net.", about=about(client_team="swans-team"))
    made = entries.write(Kind.PROCEDURE, written, by=people.writer, at=MONDAY)
    entries.offer(made.pk, by=people.writer, at=MONDAY)
    with pytest.raises(NotTheService):
        entries.approve(made.pk, number=1, by=people.manager, at=MONDAY)
    signed = entries.approve(made.pk, number=1, by=people.other, at=MONDAY)
    assert signed.versions.get().decided_by == people.other.id
    to_oneself = Written(title="Catching swans", body="With bread.", about=about(client_team="words-team"))
    with pytest.raises(NotTheService):
        entries.rewrite(made.pk, to_oneself, held=1, by=people.writer, at=MONDAY)


def test_what_is_read_again_falls_due_later_and_what_is_withdrawn_is_out_of_use() -> None:
    people = make_people()
    entry = make_entry(people, Kind.REPLY, topic="Swans")
    later = MONDAY + timedelta(days=300)
    with pytest.raises(BadInput):
        entries.review(entry.pk, next_on=later.date(), by=people.writer, at=later)
    entries.review(entry.pk, next_on=date(2027, 9, 1), by=people.writer, at=later)
    assert Clock.objects.get(subject_id=entry.pk, state="running").due_at.date() == date(2027, 9, 1)
    entries.withdraw(entry.pk, by=people.writer, at=later)
    assert queries.replies_for() == []
    assert not Clock.objects.filter(subject_id=entry.pk, state="running").exists()


def test_a_script_is_found_by_its_service() -> None:
    people = make_people()
    make_entry(people, Kind.SCRIPT, title="A swan is lost", body=SCRIPT)
    [found] = queries.scripts_for("lost-swan")
    assert (found.title, found.script.steps[0].code) == ("A swan is lost", "which")
    with pytest.raises(BadInput, match="no step elsewhere"):
        entries.write(
            Kind.SCRIPT,
            Written(title="Bad", body=SCRIPT.replace("then: rare", "then: elsewhere"), about=about()),
            by=people.writer,
            at=MONDAY,
        )
