from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection

from townhall.core.actors import Actor, ActorKind
from townhall.core.ids import uuid7
from townhall.ledger import queries, searching
from townhall.ledger.models import Entry
from townhall.ledger.partitions import make_partitions
from townhall.ledger.searching import Sought
from townhall.ledger.tests.makers import NOON, write_entries, write_looks

PRIYA = Actor(kind=ActorKind.STAFF, id="priya")
OMAR = Actor(kind=ActorKind.STAFF, id="omar")
HOUR = timedelta(hours=1)
pytestmark = pytest.mark.django_db


@pytest.mark.capability("CASE-01")
def test_a_cases_history_is_read_oldest_first_page_by_page() -> None:
    case = uuid7()
    write_entries(5, case_id=case)
    write_entries(5)

    first = queries.history_of_case(case, size=3)
    second = queries.history_of_case(case, size=3, after=first.after)

    assert [row.data["n"] for row in [*first.rows, *second.rows]] == [0, 1, 2, 3, 4]
    assert second.after == ""


def test_a_customers_history_is_read_newest_first_with_that_of_merged_records() -> None:
    ann, ann_again, somebody = uuid7(), uuid7(), uuid7()
    write_entries(3, customer_id=ann)
    write_entries(3, customer_id=ann_again, at=NOON + timedelta(seconds=30))
    write_entries(3, customer_id=somebody)

    pages, after = [], ""
    while True:
        page = queries.history_of_customer(ann, also=[ann_again], size=4, after=after)
        pages.append([(row.customer_id, row.data["n"]) for row in page.rows])
        after = page.after
        if not after:
            break

    newest_first = [(who, n) for n in (2, 1, 0) for who in (ann_again, ann)]
    assert pages == [newest_first[:4], newest_first[4:]]


def test_rows_of_the_same_moment_are_neither_skipped_nor_repeated_between_pages() -> None:
    customer = uuid7()
    for _ in range(5):
        write_entries(1, customer_id=customer)
    seen: list[UUID] = []
    after = ""
    while True:
        page = queries.history_of_customer(customer, size=2, after=after)
        seen += [row.id for row in page.rows]
        after = page.after
        if not after:
            break
    assert len(seen) == len(set(seen)) == 5


@pytest.mark.parametrize("cursor", ["x", "WyJhIiwgImIiXQ", "é"])
def test_a_cursor_that_makes_no_sense_gives_the_first_page(cursor: str) -> None:
    case = uuid7()
    write_entries(2, case_id=case)
    assert len(queries.history_of_case(case, after=cursor).rows) == 2


@pytest.mark.capability("GOVN-03")
def test_the_data_protection_officer_sees_who_looked_at_a_customer_and_what_a_user_looked_at() -> None:
    ann, ben = uuid7(), uuid7()
    write_looks(1, by=PRIYA, customer_id=ann)
    write_looks(1, by=OMAR, customer_id=ann, at=NOON + HOUR)
    write_looks(1, by=PRIYA, customer_id=ben, at=NOON + HOUR)
    since, until = NOON - HOUR, NOON + 2 * HOUR

    assert [row.actor_id for row in queries.looks_at_customer(ann, since=since, until=until).rows] == ["omar", "priya"]
    assert [row.customer_id for row in searching.looks(Sought(since=since, until=until, staff=["priya"])).rows] == [
        ben,
        ann,
    ]
    assert [row.actor_id for row in queries.looks_at_customer(ann, since=NOON, until=NOON + HOUR).rows] == ["priya"]
    assert searching.looks(Sought(since=since, until=until, staff=[])).rows == []


def test_the_data_protection_officer_sees_what_a_user_did() -> None:
    write_entries(2, by=PRIYA)
    write_entries(1, by=OMAR)
    rows = searching.entries(Sought(since=NOON, until=NOON + HOUR, staff=["priya"])).rows
    assert [row.data["n"] for row in rows] == [1, 0]


def test_a_follower_gets_what_no_late_commit_can_precede() -> None:
    write_entries(3)  # in this test's own transaction, which has not ended
    assert queries.settled(position=0, entry_id=UUID(int=0), limit=10) == []


def test_a_month_is_made_once_and_takes_its_rows() -> None:
    march = NOON.date()
    assert make_partitions(march, march) == 2  # one for what happened, one for what was looked at
    assert make_partitions(march, march) == 0
    write_entries(1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ledger_entry_2026_03")
        assert cursor.fetchone() == (1,)


def test_a_month_with_rows_in_the_default_partition_is_left_there() -> None:
    write_entries(1)
    assert make_partitions(NOON.date(), NOON.date()) == 1  # of ledger_look only
    assert Entry.objects.count() == 1
