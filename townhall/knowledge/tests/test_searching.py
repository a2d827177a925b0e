"""One search for everybody: synonyms, slips of the fingers, what is for staff only, and what nobody found."""

from __future__ import annotations

from datetime import timedelta

import pytest

from townhall.catalogue import operations as catalogue
from townhall.catalogue.tests.makers import make_pack
from townhall.core.actors import PUBLIC, SYSTEM
from townhall.core.errors import BadInput, NotFound
from townhall.core.refreshing import forget_all
from townhall.knowledge import referrals, search, synonyms, tasks
from townhall.knowledge.models import Audience, Kind, Missed
from townhall.knowledge.referrals import Given
from townhall.knowledge.states import TaskState
from townhall.knowledge.tests.makers import MONDAY, OWNER, make_entry, make_people

pytestmark = pytest.mark.django_db
OPEN, STAFF = Missed.Door.PUBLIC, Missed.Door.STAFF


def titles(text: str, door: Missed.Door) -> list[str]:
    forget_all()
    return [one.title for one in search.find(text, door=door)]


def test_services_articles_and_referrals_are_found_by_synonyms_and_misspelt() -> None:
    people = make_people()
    make_entry(people, title="Feeding cygnets", body="Bread is bad for them.", audience=Audience.PUBLIC)
    make_entry(people, Kind.PROCEDURE, title="Catching swans at night", body="Net.", client_team="swans-team")
    referrals.keep(
        Given(name="Swan hospital", deals_with="Hurt waterfowl", phone="01632 960001", owner_post=OWNER),
        by=people.writer,
        at=MONDAY,
    )
    assert titles("fedding cygnetts", OPEN) == ["Feeding cygnets"]
    assert "Catching swans at night" in titles("catching swans", STAFF)
    assert "Catching swans at night" not in titles("catching swans", OPEN)
    assert "Lost swan" in titles("lost swann", OPEN)
    assert titles("hurt waterfowl", OPEN) == ["Swan hospital"]
    assert titles("bread", OPEN) == ["Feeding cygnets"]

    assert titles("baby birds", OPEN) == []
    synonyms.keep(["baby birds", "Cygnets"], by=people.writer, at=MONDAY)
    assert titles("feeding baby birds", OPEN)[0] == "Feeding cygnets"
    with pytest.raises(BadInput):
        synonyms.keep(["swan", "the"], by=people.writer, at=MONDAY)


def test_a_word_that_a_service_lists_as_misspelt_finds_what_others_spell_rightly() -> None:
    people = make_people()
    make_entry(people, title="Getting rid of a mattress", body="Take it away.", audience=Audience.PUBLIC)
    packs = [
        make_pack(code, keywords=["mattress"], misspellings=["matress"]) for code in ("large-things", "dumped-waste")
    ]
    catalogue.keep_packs(packs, by=SYSTEM, at=MONDAY)
    for typed in ("mattress", "matress", "matresses"):
        assert "Getting rid of a mattress" in titles(typed, OPEN), typed


def test_a_search_asks_the_database_nothing_once_things_are_read(django_assert_num_queries: object) -> None:
    people = make_people()
    make_entry(people, title="Feeding cygnets", audience=Audience.PUBLIC)
    forget_all()
    search.find("cygnets", door=OPEN)
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert search.find("cygnet", door=OPEN)


def test_what_nobody_found_is_counted_without_anything_personal_and_settled_when_it_is_found() -> None:
    people = make_people()
    for text in ("Otters", "the otter", "otters ab@example.org 07700900123 AB12"):
        search.missed(text, door=OPEN, at=MONDAY)
    search.missed("07700 900123", door=OPEN, at=MONDAY)
    search.missed("Unicorns", door=STAFF, at=MONDAY)
    assert [(one.words, one.times) for one in search.misses()] == [("otter", 3), ("unicorn", 1)]
    task = tasks.open_for_miss("otter", by=people.writer, at=MONDAY)
    assert (task.why, task.state) == ("missing", TaskState.OPEN)
    synonyms.keep(["otter", "lost swan"], by=people.writer, at=MONDAY)
    forget_all()
    assert [one.words for one in search.settle_found(by=people.writer, at=MONDAY)] == ["otter"]
    search.missed("otters", door=OPEN, at=MONDAY)
    assert {one.words for one in search.misses()} == {"otter", "unicorn"}
    assert search.forget_old(MONDAY + timedelta(days=91)) == 1


def test_anybody_flags_what_is_wrong_and_staff_only_words_stay_staffs() -> None:
    people = make_people()
    make_entry(people, title="Feeding cygnets", audience=Audience.PUBLIC)
    make_entry(people, title="Secrets of swans")
    forget_all()
    made = tasks.flag("knowledge", "feeding-cygnets", why="wrong", words="Seeds, not bread.", by=PUBLIC, at=MONDAY)
    assert made.due_on == (MONDAY + timedelta(days=14)).date()
    again = tasks.flag("knowledge", "feeding-cygnets", why="wrong", words="Still bread.", by=PUBLIC, at=MONDAY)
    assert again.pk == made.pk
    assert "Still bread." in again.words
    with pytest.raises(NotFound):
        tasks.flag("knowledge", "secrets-of-swans", why="wrong", words="?", by=PUBLIC, at=MONDAY)
    with pytest.raises(BadInput):
        tasks.flag("knowledge", "feeding-cygnets", why="missing", words="", by=PUBLIC, at=MONDAY)
