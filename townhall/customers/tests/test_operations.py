from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError, connection

from townhall.accounts.models import Role
from townhall.accounts.queries import actor_for
from townhall.accounts.tests.makers import make_user
from townhall.clocks.tests.makers import make_calendars
from townhall.core.actors import PUBLIC, SYSTEM, Actor
from townhall.core.errors import BadInput, NotAllowed, RuleBroken
from townhall.customers import operations, queries
from townhall.customers.errors import AlreadyThere, NumberTaken
from townhall.customers.models import ContactPoint, Customer, CustomerNumber, Link
from townhall.customers.operations import NewCustomer
from townhall.ledger.models import Entry
from townhall.places.models import Address

MONDAY = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def make_customer(name: str = "Sam Okafor", **more: object) -> Customer:
    return operations.create(NewCustomer(name=name, **more), by=SYSTEM, at=MONDAY)  # type: ignore[arg-type]


def make_address(uprn: str, line: str) -> None:
    Address.objects.create(
        uprn=uprn, line=line, postcode="ZZ11AA", search_text=line.lower(), easting=530_000, northing=180_000
    )


@pytest.mark.django_db
@pytest.mark.capability("CUST-01")
def test_one_record_holds_points_addresses_roles_needs_numbers_and_a_representative() -> None:
    make_address("1001", "12 Harbour Row")
    make_address("1002", "4 Mill Lane")
    sam = make_customer(email="Sam@Example.org", phone="01632 960123", uprn="1001", date_of_birth=date(1980, 3, 27))
    ada = make_customer("Ada Okafor")
    firm = make_customer("Okafor Trading", kind="organisation")
    email = ContactPoint.objects.get(kind="email")
    operations.verify_contact_point(email.pk, by=SYSTEM, at=MONDAY)
    operations.add_address(sam.pk, uprn="1002", moved=True, by=SYSTEM, at=MONDAY + timedelta(days=30))
    for role in ("resident", "landlord"):
        operations.add_role(sam.pk, role=role, by=SYSTEM, at=MONDAY)
    operations.add_number(sam.pk, kind="council_tax", value="CT 12-34", by=SYSTEM, at=MONDAY)
    make_calendars(MONDAY)
    operations.agree_need(sam.pk, need="large_print", detail="18 point", by=SYSTEM, at=MONDAY)
    operations.change(sam.pk, language="yo", preferred_channel="letter", by=SYSTEM, at=MONDAY)
    operations.link(sam.pk, ada.pk, relation="relative", evidence="Letter seen 1 March 2026", by=SYSTEM, at=MONDAY)
    for person in (sam, ada):
        operations.link(firm.pk, person.pk, relation="contact_at", by=SYSTEM, at=MONDAY)

    record = queries.record(sam.pk, by=SYSTEM)

    assert record.points[0].value == "Sam@Example.org"
    assert record.points[0].verified_at == MONDAY
    assert [(one.line, one.until_on is None) for one in record.addresses] == [
        ("4 Mill Lane", True),
        ("12 Harbour Row", False),
    ]
    assert [one.code for one in record.roles] == ["landlord", "resident"]
    assert [(one.code, one.detail) for one in record.numbers] == [("council_tax", "CT 12-34")]
    assert [(one.need, one.detail, one.review_on) for one in record.needs] == [
        ("large_print", "18 point", date(2027, 3, 2))
    ]
    assert (record.language, record.preferred_channel) == ("yo", "letter")
    assert {(one.name, one.acts) for one in record.links} == {("Ada Okafor", True), ("Okafor Trading", False)}
    assert len(queries.record(firm.pk, by=SYSTEM).links) == 2


@pytest.mark.django_db
def test_the_same_email_or_phone_never_makes_two_people_one() -> None:
    sam = make_customer(email="home@example.org", phone="01632 960123")
    ada = make_customer("Ada Okafor", email="home@example.org", phone="01632 960123")

    assert sam.pk != ada.pk
    found = queries.look_up("home@example.org", by=SYSTEM, at=MONDAY)
    assert {one.name for one in found.people} == {"Sam Okafor", "Ada Okafor"}


@pytest.mark.django_db
def test_a_second_click_makes_one_record() -> None:
    first = operations.create(NewCustomer(name="Sam Okafor"), by=SYSTEM, at=MONDAY, key="k1")

    assert operations.create(NewCustomer(name="Sam Okafor"), by=SYSTEM, at=MONDAY, key="k1").pk == first.pk
    assert Customer.objects.count() == 1


@pytest.mark.django_db
def test_the_ledger_says_which_details_changed_and_never_what_they_say() -> None:
    sam = make_customer()

    operations.change(sam.pk, name="Samuel Okafor", by=SYSTEM, at=MONDAY)
    operations.change(sam.pk, name="Samuel Okafor", by=SYSTEM, at=MONDAY)  # nothing new

    entries = list(Entry.objects.filter(verb="customer.changed", customer_id=sam.pk))
    assert [entry.data for entry in entries] == [{"fields": ["name"]}]
    sam.refresh_from_db()
    assert sam.search_name == "samuel okafor"


@pytest.mark.django_db
def test_an_ended_point_comes_back_unverified() -> None:
    sam = make_customer(email="sam@example.org")
    point = ContactPoint.objects.get()
    operations.verify_contact_point(point.pk, by=SYSTEM, at=MONDAY)
    operations.end_contact_point(point.pk, by=SYSTEM, at=MONDAY)
    assert queries.record(sam.pk, by=SYSTEM).email == ""

    operations.add_contact_point(sam.pk, kind="email", value="SAM@example.org", by=SYSTEM, at=MONDAY)

    point.refresh_from_db()
    assert (point.ended_at, point.verified_at, ContactPoint.objects.count()) == (None, None, 1)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": "  "}, "name"),
        ({"name": "!!"}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"email": "nobody"}, "email"),
        ({"phone": "12"}, "phone"),
        ({"kind": "robot"}, "kind"),
        ({"date_of_birth": date(2050, 1, 1)}, "date_of_birth"),
        ({"uprn": "404"}, "address"),
        ({"address": "Somewhere", "postcode": "nonsense"}, "postcode"),
    ],
)
def test_what_cannot_be_kept_is_named_and_nothing_is_made(wrong: dict[str, object], field: str) -> None:
    with pytest.raises(BadInput) as refused:
        make_customer(**{"name": "Sam", **wrong})  # type: ignore[arg-type]

    assert list(refused.value.problems) == [field]
    assert not Customer.objects.exists()


@pytest.mark.django_db
def test_a_representative_needs_evidence_of_authority() -> None:
    sam, ada = make_customer(), make_customer("Ada Okafor")

    with pytest.raises(BadInput) as refused:
        operations.link(sam.pk, ada.pk, relation="adviser", by=SYSTEM, at=MONDAY)
    assert list(refused.value.problems) == ["evidence"]
    with pytest.raises(BadInput):
        operations.link(sam.pk, ada.pk, relation="contact_at", by=SYSTEM, at=MONDAY)  # a person has no contacts
    with pytest.raises(BadInput):
        operations.link(sam.pk, sam.pk, relation="relative", evidence="Letter", by=SYSTEM, at=MONDAY)
    with pytest.raises(IntegrityError):  # and the database holds the line
        Link.objects.create(customer=sam, representative=ada, relation="relative", from_on=date(2026, 3, 2))


@pytest.mark.django_db
def test_an_address_is_present_once() -> None:
    make_address("1001", "12 Harbour Row")
    sam = make_customer(uprn="1001")

    with pytest.raises(AlreadyThere):
        operations.add_address(sam.pk, uprn="1001", by=SYSTEM, at=MONDAY)


@pytest.mark.django_db
def test_only_those_who_may_see_or_change_a_record() -> None:
    sam = make_customer(email="sam@example.org")
    auditor = actor_for(make_user(roles=(Role.AUDITOR,)), at=MONDAY)
    contractor = actor_for(make_user(roles=(Role.CONTRACTOR,)), at=MONDAY)
    protection = actor_for(make_user(roles=(Role.DATA_PROTECTION_OFFICER,)), at=MONDAY)

    for by in (auditor, contractor, PUBLIC):
        with pytest.raises(NotAllowed):
            queries.look_up("sam@example.org", by=by, at=MONDAY)
        with pytest.raises(NotAllowed):
            operations.create(NewCustomer(name="Eve"), by=by, at=MONDAY)
    for by in (auditor, contractor):
        with pytest.raises(NotAllowed):
            queries.record(sam.pk, by=by)
    with pytest.raises(RuleBroken):
        queries.record(sam.pk, by=PUBLIC)
    assert queries.record(sam.pk, by=protection).name == "Sam Okafor"
    with pytest.raises(NotAllowed):
        operations.change(sam.pk, name="Eve", by=protection, at=MONDAY)


def at_once(*work: Callable[[], object]) -> list[object]:
    """What each did, or the error it met, all begun together."""
    barrier, results = threading.Barrier(len(work)), [None] * len(work)

    def run(index: int, one: Callable[[], object]) -> None:
        barrier.wait()
        try:
            results[index] = one()  # type: ignore[call-overload]
        except Exception as error:  # noqa: BLE001 - what it was is asserted on
            results[index] = error  # type: ignore[call-overload]
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(index, one)) for index, one in enumerate(work)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return list(results)


def giving(customer_id: UUID, by: Actor) -> Callable[[], object]:
    return lambda: operations.add_number(customer_id, kind="account", value="AC 77", by=by, at=MONDAY)


@pytest.mark.django_db(transaction=True)
def test_of_eight_who_give_the_same_number_to_different_customers_one_does() -> None:
    people = [make_customer(f"Person {letter}") for letter in "ABCDEFGH"]

    results = at_once(*(giving(one.pk, SYSTEM) for one in people))

    assert sum(isinstance(one, CustomerNumber) for one in results) == 1
    refused = [one for one in results if isinstance(one, NumberTaken)]
    assert len(refused) == 7
    holder = CustomerNumber.objects.get().customer_id
    assert {one.holder_id for one in refused} == {holder}
    assert Entry.objects.filter(verb="customer.number_added").count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_eight_clicks_on_the_same_form_one_record_comes() -> None:
    results = at_once(
        *(lambda: operations.create(NewCustomer(name="Sam Okafor"), by=SYSTEM, at=MONDAY, key="same") for _ in range(8))
    )

    assert len({one.pk for one in results if isinstance(one, Customer)}) == 1
    assert all(isinstance(one, Customer) for one in results)
    assert Customer.objects.count() == 1
