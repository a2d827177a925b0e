from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from pytest_django import DjangoAssertNumQueries

from townhall.catalogue import operations, queries
from townhall.catalogue.errors import PackRefused
from townhall.catalogue.models import Service, ServiceVersion
from townhall.catalogue.reading import BadPack, read_pack
from townhall.catalogue.tests.makers import MONDAY, PRIYA, make_pack, write_folder
from townhall.core.errors import NotFound, WrongState
from townhall.ledger.models import Entry

pytestmark = pytest.mark.django_db


def test_loading_twice_is_loading_once(tmp_path: Path) -> None:
    write_folder(tmp_path, make_pack("one"), make_pack("two"))

    assert operations.load_packs(tmp_path, by=PRIYA, at=MONDAY) == ["one", "two"]
    assert operations.load_packs(tmp_path, by=PRIYA, at=MONDAY + timedelta(days=1)) == []

    assert ServiceVersion.objects.count() == 2
    assert Entry.objects.filter(verb="service.added").count() == 2
    assert queries.entry("one").updated_at == MONDAY


def test_only_what_changed_gets_a_new_version(tmp_path: Path) -> None:
    write_folder(tmp_path, make_pack("one"), make_pack("two"))
    operations.load_packs(tmp_path, by=PRIYA, at=MONDAY)
    write_folder(tmp_path, make_pack("two", published={"days": 9}))

    assert operations.load_packs(tmp_path, by=PRIYA, at=MONDAY + timedelta(days=1)) == ["two"]

    assert (queries.entry("one").version, queries.entry("two").version) == (1, 2)
    assert queries.as_of("two", 1).published.days == 5
    assert queries.as_of("two", 2).published.days == 9
    assert [line.version for line in queries.versions("two")] == [2, 1]


def test_one_bad_pack_and_none_is_loaded(tmp_path: Path) -> None:
    write_folder(tmp_path, make_pack("one"), make_pack("two", related=["nowhere"]))

    with pytest.raises(BadPack, match=r"two/service.yaml:1: \$.related\[0\]: There is no service 'nowhere'."):
        operations.load_packs(tmp_path, by=PRIYA, at=MONDAY)

    assert not Service.objects.exists()


@pytest.mark.capability("KNOW-02")
def test_what_is_read_follows_an_edit_at_once(tmp_path: Path) -> None:
    write_folder(tmp_path, make_pack("one"))
    operations.load_packs(tmp_path, by=PRIYA, at=MONDAY)
    assert queries.service("one").published.days == 5

    refused = [{"code": "private", "reason": "It is private", "explanation": "The owner has to do it."}]
    changes = {"published": {"days": 1}, "done": "We fetch it.", "refused": refused}
    operations.edit("one", changes, version=1, by=PRIYA, at=MONDAY)

    after = queries.service("one")
    assert after.published.days == 1
    assert after.done == "We fetch it."
    assert [one.reason for one in after.refused] == ["It is private"]


def test_an_edit_is_a_version_with_who_and_what_in_the_ledger(tmp_path: Path) -> None:
    write_folder(tmp_path, make_pack("one"))
    operations.load_packs(tmp_path, by=PRIYA, at=MONDAY)

    operations.edit("one", {"name": "Lost heron"}, version=1, by=PRIYA, at=MONDAY)

    entry = Entry.objects.get(verb="service.changed")
    assert (entry.actor_id, entry.data) == ("priya", {"code": "one", "version": 2, "keys": ["name"]})
    assert Service.objects.get(code="one").name == "Lost heron"
    assert [pack.code for pack in queries.search("lost heron")] == ["one"]


def test_an_edit_of_what_has_moved_on_is_refused(tmp_path: Path) -> None:
    write_folder(tmp_path, make_pack("one"))
    operations.load_packs(tmp_path, by=PRIYA, at=MONDAY)
    operations.edit("one", {"name": "Lost heron"}, version=1, by=PRIYA, at=MONDAY)

    with pytest.raises(WrongState):
        operations.edit("one", {"name": "Lost goose"}, version=1, by=PRIYA, at=MONDAY)


@pytest.mark.parametrize(
    "changes", [{"colour": "red"}, {"published": {"days": -1}}, {"refused": []}, {"code": "two"}, {"related": ["none"]}]
)
def test_an_edit_that_would_not_do_changes_nothing(tmp_path: Path, changes: dict[str, object]) -> None:
    write_folder(tmp_path, make_pack("one"))
    operations.load_packs(tmp_path, by=PRIYA, at=MONDAY)

    with pytest.raises(PackRefused):
        operations.edit("one", changes, version=1, by=PRIYA, at=MONDAY)

    assert queries.entry("one").version == 1


def test_a_service_that_is_not_live_is_kept_but_not_found(tmp_path: Path) -> None:
    write_folder(tmp_path, make_pack("one"), make_pack("two", live=False))
    operations.load_packs(tmp_path, by=PRIYA, at=MONDAY)

    assert [pack.code for pack in queries.services()] == ["one"]
    assert queries.service("two").code == "two"
    assert queries.search("two") == []


def test_a_service_that_does_not_exist_is_not_found() -> None:
    with pytest.raises(NotFound):
        queries.service("nowhere")
    with pytest.raises(NotFound):
        operations.export_yaml("nowhere")


def test_a_service_comes_back_from_yaml_as_it_went(tmp_path: Path) -> None:
    write_folder(tmp_path, make_pack("one", keywords=["yes", "12:30", "naïve 🦢"], done="a\n\n- b\n"))
    operations.load_packs(tmp_path, by=PRIYA, at=MONDAY)

    assert read_pack(operations.export_yaml("one")) == queries.service("one")


def test_questions_within_a_few_seconds_cost_no_query(
    tmp_path: Path, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    write_folder(tmp_path, make_pack("one"))
    operations.load_packs(tmp_path, by=PRIYA, at=MONDAY)
    queries.service("one")

    with django_assert_num_queries(0):
        assert [queries.service("one").code for _ in range(1000)] == ["one"] * 1000


def test_a_change_by_another_process_is_seen_at_the_next_look(tmp_path: Path) -> None:
    write_folder(tmp_path, make_pack("one"))
    operations.load_packs(tmp_path, by=PRIYA, at=MONDAY)
    before = queries.service("one")
    queries.forget()
    assert queries.service("one") is before  # looked, and nothing was new

    Service.objects.update(version=2, pack={**Service.objects.get().pack, "name": "Lost heron"})
    queries.forget()

    assert queries.service("one").name == "Lost heron"
