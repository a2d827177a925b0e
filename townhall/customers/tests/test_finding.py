from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from townhall.core.actors import SYSTEM
from townhall.core.db import fetch_all
from townhall.customers import finding, operations, queries, words
from townhall.customers.models import Customer
from townhall.customers.tests.test_operations import MONDAY, make_address, make_customer
from townhall.ledger.models import Look
from townhall.places import queries as places

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _people() -> Customer:
    make_address("1001", "12 harbour row")
    make_customer(
        "Sam Okafor", email="sam@example.org", phone="01632 960123", uprn="1001", date_of_birth=date(1980, 3, 27)
    )
    make_customer("Samantha Okonkwo", phone="07700 900982", uprn="1001")
    make_customer("Ada Lovegrove", date_of_birth=date(1980, 3, 27))
    sam = Customer.objects.get(name="Sam Okafor")
    operations.add_number(sam.pk, kind="notice", value="PCN 44-120", by=SYSTEM, at=MONDAY)
    return sam


def names(typed: str) -> list[str]:
    return [one.name for one in queries.look_up(typed, by=SYSTEM, at=MONDAY).people]


@pytest.mark.capability("CUST-07")
@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("SAM@EXAMPLE.ORG", ["Sam Okafor"]),
        ("+44 1632 960123", ["Sam Okafor"]),
        ("01632960123", ["Sam Okafor"]),
        ("1632960123", ["Sam Okafor"]),
        ("27/3/1980", ["Ada Lovegrove", "Sam Okafor"]),
        ("Lovegrove 27/3/1980", ["Ada Lovegrove"]),
        ("27 March 1980 okaf", ["Sam Okafor"]),
        ("ZZ1 1AA", ["Sam Okafor", "Samantha Okonkwo"]),
        ("okafor zz11aa", ["Sam Okafor"]),
        ("zz1 1aa okonkwo", ["Samantha Okonkwo"]),
        ("1001", ["Sam Okafor", "Samantha Okonkwo"]),
        ("12 Harbour Row", ["Sam Okafor", "Samantha Okonkwo"]),
        ("pcn44120", ["Sam Okafor"]),
        ("PCN 44-120", ["Sam Okafor"]),
        ("okafor", ["Sam Okafor"]),
        ("Okafor, Sam", ["Sam Okafor"]),
        ("sam", ["Sam Okafor", "Samantha Okonkwo"]),
        ("ada luvgrove", ["Ada Lovegrove"]),  # misspelt
        ("sam okafor 12 harbour row", ["Sam Okafor", "Samantha Okonkwo"]),  # a line of everything; the likest is first
        ("12 harber row, okafer sam", ["Sam Okafor", "Samantha Okonkwo"]),
        ("okonkwo 12 harbour rd zz1 1ab", ["Samantha Okonkwo"]),  # the postcode is mistaken
        ("nobody@example.org", []),
        ("Zzyzx Qqq", []),
    ],
)
def test_customers_are_found_by_whatever_is_said(typed: str, expected: list[str]) -> None:
    found = names(typed)

    assert sorted(found) == sorted(expected)


def test_the_best_comes_first() -> None:
    make_customer("Samuel Samson")

    assert names("sam okafor")[0] == "Sam Okafor"
    assert names("samantha okonkwo")[0] == "Samantha Okonkwo"


def test_the_likest_of_a_household_comes_first_and_a_new_name_is_found_at_once() -> None:
    assert names("12 harber row, okafer sam")[0] == "Sam Okafor"
    assert names("samanta 12 harbor row")[0] == "Samantha Okonkwo"
    operations.change(Customer.objects.get(name="Samantha Okonkwo").pk, name="Samantha Thwaite", by=SYSTEM, at=MONDAY)
    assert names("twaite 12 harbour row")[0] == "Samantha Thwaite"


@pytest.mark.capability("CUST-07")
def test_somebody_who_moved_is_found_by_the_old_address_with_slips() -> None:
    ada = Customer.objects.get(name="Ada Lovegrove")
    make_address("1003", "77 saltings way")
    make_address("1004", "8 orchard end")
    operations.add_address(ada.pk, uprn="1003", by=SYSTEM, at=MONDAY)
    operations.add_address(ada.pk, uprn="1004", moved=True, by=SYSTEM, at=MONDAY)
    assert names("lovgrove ada 77 saltins way") == ["Ada Lovegrove"]


def test_those_who_came_by_a_loader_get_their_words_from_the_worker() -> None:
    Customer.objects.update(words=None, word_keys=None)
    assert names("12 harber row, okafer sam") == []
    assert words.put_down_missing(MONDAY) == 3
    assert words.put_down_missing(MONDAY) == 0
    assert names("12 harber row, okafer sam")[0] == "Sam Okafor"


def test_a_past_address_finds_them_after_those_who_live_there() -> None:
    sam = Customer.objects.get(name="Sam Okafor")
    make_address("1002", "4 mill lane")
    operations.add_address(sam.pk, uprn="1002", moved=True, by=SYSTEM, at=MONDAY)

    assert names("1001") == ["Samantha Okonkwo", "Sam Okafor"]


@pytest.mark.parametrize(
    "typed",
    ["sam@example.org", "okafor zz1 1aa", "12 harbour row", "ada luvgrove", "1001", "27/3/1980", "nobody at all"],
)
def test_looking_up_takes_three_statements_at_most_and_a_line_in_the_ledger(
    typed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def counting(query: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        asked.append(query)
        return fetch_all(query, parameters)

    monkeypatch.setattr(finding, "fetch_all", counting)
    monkeypatch.setattr(places, "fetch_all", counting)

    found = queries.look_up(typed, by=SYSTEM, at=MONDAY)

    assert 1 <= len(asked) <= 3
    looks = [(look.page, look.reason) for look in Look.objects.all()]
    assert looks == ([("customer.lookup", found.typed.kind.value)] if found.people else [])


def test_seeing_nobody_writes_nothing() -> None:
    names("nobody@example.org")

    assert not Look.objects.exists()


def test_doubles_are_shown_before_a_record_is_made() -> None:
    def alike(**who: str) -> list[str]:
        return [one.name for one in queries.alike(by=SYSTEM, at=MONDAY, **who)]  # type: ignore[arg-type]

    assert alike(name="Somebody Else", email="sam@example.org") == ["Sam Okafor"]
    assert alike(name="Sam Okafr") == ["Sam Okafor"]
    assert [
        one.name for one in queries.alike(name="Sam Okafor", born=date(1955, 1, 1), by=SYSTEM, at=MONDAY)
    ] == []  # somebody of the same name, born another day
