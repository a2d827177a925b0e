"""Merging customers with rows in every table that refers to them, whichever those are: the tables are found, not listed."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from psycopg import sql

from townhall.core.actors import SYSTEM
from townhall.core.db import fetch_all
from townhall.core.errors import WrongState
from townhall.customers import merging, operations, words
from townhall.customers.accounts.models import AccountLink, Consent
from townhall.customers.merging import moving
from townhall.customers.merging import operations as merge_operations
from townhall.customers.merging.references import KEPT_AS_IT_WAS, LEFT, Reference, references
from townhall.customers.merging_models import Merge
from townhall.customers.models import ContactPoint, Customer
from townhall.customers.operations import NewCustomer, create

MONDAY = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
# Words for people in the name of a column that is neither a foreign key nor called customer_id.
PEOPLE = re.compile(
    "customer|person|people|resident|trader|member|holder|caller|applicant|claimant|tenant|parent|child|carer|behalf|representative"
)
UNIQUE = count(100_000)
# What the database's own rules want of a row, where any value will not do.
SPECIAL: dict[str, dict[str, Any]] = {
    "customers_link": {"evidence": "Letter seen"},
    "documents_document": {"html": "<p>Dear customer</p>"},
    "safety_marker": {"severity": 1, "precautions": ["two"]},
}


def model_of(table: str) -> type[models.Model]:
    return next(one for one in apps.get_models(include_auto_created=True) if one._meta.db_table == table)


def value_for(field: models.Field[Any, Any], number: int, attempt: int = 0) -> Any:
    """Something that fits the column, different for each number where it is text. Every other attempt fills what may be empty."""
    if field.has_default() and not (field.choices and attempt > 3):
        return field.get_default()
    if field.null and attempt % 2 == 0:
        return None
    if field.unique:
        number = next(UNIQUE)
    if field.choices:
        values = [value for value, _label in field.flatchoices]
        return values[(number + attempt // 2) % len(values)]
    target: Any = field.target_field if isinstance(field, models.ForeignKey) else field
    kind: str = target.get_internal_type()
    makers: dict[str, Callable[[], Any]] = {
        "UUIDField": lambda: UUID(int=number),
        "DateTimeField": lambda: MONDAY,
        "DateField": lambda: date(2026, 3, 2),
        "TimeField": MONDAY.time,
        "JSONField": dict,
        "ArrayField": list,
        "BooleanField": lambda: False,
        "FloatField": lambda: 1.0,
        "DecimalField": lambda: 1,
        "BinaryField": lambda: b"",
        "SlugField": lambda: f"s-{number}",
        "EmailField": lambda: f"p{number}@example.org",
        "TextField": lambda: f"T{number}",
        "CharField": lambda: f"T{number}",
    }
    return makers.get(kind, lambda: number)()


def make_row(reference: Reference, customer_id: UUID, number: int) -> None:
    """A row that the database's rules for its table allow: other values are tried until they do."""
    for attempt in range(40):
        try:
            with transaction.atomic():
                return _make_row(reference, customer_id, number, attempt)
        except IntegrityError as error:
            if "violates check constraint" not in str(error):
                raise
            refused = error
    raise AssertionError(f"Say in SPECIAL what a row of {reference.table} needs.") from refused


def _make_row(reference: Reference, customer_id: UUID, number: int, attempt: int) -> None:
    model = model_of(reference.table)
    values: dict[str, Any] = {}
    for field in model._meta.local_concrete_fields:
        if not isinstance(field, models.AutoField | models.BigAutoField) and field.column != reference.column:
            values[field.attname] = value_for(field, number, attempt)
    special = SPECIAL.get(reference.table, {})
    values |= {name: value(number) if callable(value) else value for name, value in special.items()}
    name = next(field.attname for field in model._meta.local_concrete_fields if field.column == reference.column)
    model._base_manager.create(**{**values, name: customer_id})


@pytest.fixture
def people(db: None) -> Iterator[list[UUID]]:
    """Four customers with rows everywhere. What those rows point at is not there: it is looked for at a commit, which never comes."""
    with transaction.atomic():
        yield make_people(4)
        transaction.set_rollback(True)


def everything() -> dict[str, list[str]]:
    """Every row of every table that refers to customers, and the customers."""
    kept = {}
    for table in sorted({one.table for one in references()} | {"customers_customer"}):
        statement = sql.SQL("SELECT to_jsonb(t)::text FROM {} t ORDER BY 1").format(sql.Identifier(table))
        kept[table] = [row[0] for row in fetch_all(statement.as_string(None))]
    return kept


def make_people(count: int) -> list[UUID]:
    made = []
    for number in range(count):
        new = NewCustomer(name=f"Ada{number} Quill", email="ada@example.org", phone=f"0163296000{number}")
        made.append(create(new, by=SYSTEM, at=MONDAY).pk)
    for place, customer_id in enumerate(made):
        for number, reference in enumerate(references()):
            own = 1000 + number * 10 + place
            make_row(reference, customer_id, own)
            if may_clash(
                reference
            ):  # one that says the same for everybody; where the first does so already, it is enough
                with suppress(IntegrityError), transaction.atomic():
                    make_row(reference, customer_id, 900)
    words.put_down(made)
    return made


def may_clash(reference: Reference) -> bool:
    model = model_of(reference.table)
    names = {field.name for field in model._meta.local_concrete_fields if field.column == reference.column}
    constraints = [one for one in model._meta.constraints if isinstance(one, models.UniqueConstraint)]
    return not reference.is_key and any(names & set(one.fields) for one in constraints)


QUICK = (Phase.explicit, Phase.reuse, Phase.generate)  # a failing order is short enough to read as it is
STEPS = st.lists(st.tuples(st.booleans(), st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=7)


def run(steps: Sequence[tuple[bool, int, int]], people: Sequence[UUID]) -> None:
    for is_merge, first, second in steps:
        if is_merge:
            if first != second:
                chosen = frozenset({"name", "language"} if first > second else ())
                choices = merging.Choices(from_merged=chosen)
                try:
                    merging.merge(people[first], people[second], by=SYSTEM, at=MONDAY, choices=choices)
                except WrongState:
                    continue
        else:
            in_force = list(Merge.objects.filter(undone_at=None).order_by("pk"))
            if in_force:
                merging.unmerge(in_force[(first * 4 + second) % len(in_force)].pk, by=SYSTEM, at=MONDAY)
        for one in Merge.objects.filter(undone_at=None):
            state = moving.Moving(merge_id=one.pk, kept_id=one.kept_id, merged_id=one.merged_id, at=MONDAY)
            assert moving.move_all(state) == 0, "a row that could go to the record that stands was left behind"


def test_merging_and_unmerging_in_any_order_gives_every_row_of_every_table_back(people: list[UUID]) -> None:
    before = everything()

    @settings(max_examples=12, phases=QUICK, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(steps=STEPS, order=st.randoms(use_true_random=False))
    def any_order(steps: list[tuple[bool, int, int]], order: Any) -> None:
        with transaction.atomic():
            run(steps, people)
            left = list(Merge.objects.filter(undone_at=None).values_list("pk", flat=True))
            order.shuffle(left)
            for merge_id in left:
                merging.unmerge(merge_id, by=SYSTEM, at=MONDAY)
            after = everything()
            for table, rows in before.items():
                assert after[table] == rows, table
            transaction.set_rollback(True)

    any_order()


def test_every_column_that_may_hold_a_customer_is_known_to_merging() -> None:
    """A new table is followed by itself when it refers to customers by a foreign key, or by a column called customer_id.

    A column that does neither has to be said, with `merging.also_refers`.
    """
    known = {(one.table, one.column) for one in references()}
    for model in apps.get_models(include_auto_created=True):
        table = model._meta.db_table
        for field in model._meta.local_concrete_fields:
            is_customers = field.remote_field is not None and field.remote_field.model is Customer
            may_be = (
                field.remote_field is None and isinstance(field, models.UUIDField) and PEOPLE.search(str(field.column))
            )
            if (is_customers or may_be) and table not in LEFT and (table, field.column) not in KEPT_AS_IT_WAS:
                assert (table, field.column) in known, f"Is {table}.{field.column} a customer's?"
    for table, column in (("cases_case", "customer_id"), ("customers_link", "representative_id")):
        assert (table, column) in known
    assert not {table for table, _column in known} & LEFT
    assert {model._meta.db_table for model in apps.get_models()} >= LEFT


@pytest.mark.django_db
def test_every_reference_is_found_by_an_index() -> None:
    """Merging looks for a customer's rows in every table: with millions of them none may be read to its end."""
    indexed = {
        (table, column)
        for table, column in fetch_all(
            """SELECT c.relname, a.attname FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0] WHERE c.relnamespace = 'public'::regnamespace"""
        )
    }
    indexed.add(("forms_draft", "on_behalf_of"))  # of a few thousand drafts that expire
    assert sorted(f"{one.table}.{one.column}" for one in references() if (one.table, one.column) not in indexed) == []


def test_a_row_goes_along_and_comes_back_alone(people: list[UUID]) -> None:
    """What came to the record that stands after the merge stays with it."""
    kept, merged, third, _fourth = people
    first = merging.merge(kept, merged, by=SYSTEM, at=MONDAY)
    points = {one.value: one for one in ContactPoint.objects.filter(customer_id=kept)}
    assert {"01632960000", "01632960001"} <= set(points)
    merging.merge(third, kept, by=SYSTEM, at=MONDAY)
    later = operations.add_contact_point(third, kind="phone", value="01632 960777", by=SYSTEM, at=MONDAY)

    merging.unmerge(first.pk, by=SYSTEM, at=MONDAY + timedelta(days=1))

    theirs = ContactPoint.objects.filter(customer_id=merged).values_list("value", flat=True)
    assert "01632960001" in theirs
    assert "01632960000" not in theirs
    later.refresh_from_db()
    assert later.customer_id == third
    assert merging.standing(merged) == merged
    assert merging.standing(kept) == third
    assert merging.also_known_as(third) == [kept]


def test_the_last_answer_to_a_purpose_stands_and_an_account_opens_the_record_once(people: list[UUID]) -> None:
    kept, merged, _third, _fourth = people
    given = Consent.objects.create(customer_id=kept, purpose="news", version=1, channel="web", given_at=MONDAY)
    Consent.objects.create(
        customer_id=merged,
        purpose="news",
        version=1,
        channel="web",
        given_at=MONDAY - timedelta(days=9),
        withdrawn_at=MONDAY + timedelta(days=1),
        withdrawn_channel="phone",
    )
    account = UUID(int=5)
    for customer_id, level in ((kept, 1), (merged, 3)):
        AccountLink.objects.create(account_id=account, customer_id=customer_id, level=level, since=MONDAY)

    made = merging.merge(kept, merged, by=SYSTEM, at=MONDAY + timedelta(days=2))

    given.refresh_from_db()
    assert given.withdrawn_at == MONDAY + timedelta(days=1)
    opened = AccountLink.objects.get(account_id=account, ended_at=None)
    assert (opened.customer_id, opened.level) == (kept, 3)
    merging.unmerge(made.pk, by=SYSTEM, at=MONDAY + timedelta(days=3))
    assert Consent.objects.get(pk=given.pk).withdrawn_at is None
    links = AccountLink.objects.filter(account_id=account, ended_at=None).order_by("level")
    assert [(one.customer_id, one.level) for one in links] == [(kept, 1), (merged, 3)]


def test_what_somebody_changed_since_the_merge_is_kept(people: list[UUID]) -> None:
    kept, merged, _third, _fourth = people
    made = merging.merge(kept, merged, by=SYSTEM, at=MONDAY, choices=merging.Choices(from_merged=frozenset({"name"})))
    assert Customer.objects.get(pk=kept).name == "Ada1 Quill"
    operations.change(kept, name="Ada Lovell", by=SYSTEM, at=MONDAY)

    merging.unmerge(made.pk, by=SYSTEM, at=MONDAY)

    assert list(Customer.objects.filter(pk__in=people[:2]).order_by("name").values_list("name", flat=True)) == [
        "Ada Lovell",
        "Ada1 Quill",
    ]


def test_what_was_written_under_the_old_id_during_a_merge_follows(people: list[UUID]) -> None:
    kept, merged, _third, _fourth = people
    made = merging.merge(kept, merged, by=SYSTEM, at=MONDAY)
    late = ContactPoint.objects.create(customer_id=merged, kind="phone", value="1", normalised="+441632960555")

    assert merge_operations.follow(MONDAY + timedelta(minutes=2)) == 1

    late.refresh_from_db()
    assert late.customer_id == kept
    merging.unmerge(made.pk, by=SYSTEM, at=MONDAY)
    late.refresh_from_db()
    assert late.customer_id == merged


@pytest.mark.django_db(transaction=True)
def test_two_merges_at_once_in_both_directions_make_one() -> None:
    ada, also_ada = (create(NewCustomer(name="Ada Quill"), by=SYSTEM, at=MONDAY).pk for _number in range(2))
    gate = threading.Barrier(6)
    said: list[str] = []

    def go(first: UUID, second: UUID) -> None:
        gate.wait()
        try:
            merging.merge(first, second, by=SYSTEM, at=MONDAY)
            said.append("merged")
        except WrongState:
            said.append("refused")
        finally:
            connection.close()

    pairs = [(ada, also_ada), (also_ada, ada)] * 3
    threads = [threading.Thread(target=go, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["merged"] * 3 + ["refused"] * 3  # the same way round twice is once
    assert Merge.objects.filter(undone_at=None).count() == 1
    assert Customer.objects.filter(merged_into=None).count() == 1
