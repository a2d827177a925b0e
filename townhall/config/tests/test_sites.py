"""A post at a site: what its role gives holds there only, whatever else its holder holds."""

from __future__ import annotations

from datetime import date
from typing import Any
from unittest.mock import patch
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from townhall.accounts import fields, operations, permissions, sites
from townhall.accounts.models import Authenticator, Post, PostHolder, Role, User
from townhall.accounts.queries import actor_for, staff_actor
from townhall.accounts.tests.makers import PASSWORD, SECRET, code_now, sign_in
from townhall.cases.tests.makers import make_council, make_staff
from townhall.core.actors import SYSTEM, Actor
from townhall.core.db import execute
from townhall.core.errors import BadInput, NotAllowed, NotFound
from townhall.core.money import Pence
from townhall.core.refreshing import forget_all
from townhall.core.sealing import sealed
from townhall.core.time import council_date, now
from townhall.customers import operations as customers
from townhall.customers.models import Customer
from townhall.customers.operations import NewCustomer
from townhall.governance.tests.makers import make_person, put
from townhall.payments import income, queries
from townhall.payments.models import Charge, Method, Payment
from townhall.payments.operations import request_refund, start
from townhall.payments.tests.makers import make_charge
from townhall.places.models import Site
from townhall.safety import learning
from townhall.workforce import training
from townhall.workforce.models import Gate, Module
from townhall.workspace import timeline

TEAM = uuid4()
CIVIC, NORTH = "civic-centre", "north-office"


@pytest.fixture
def _places(db: Any) -> None:
    make_council()
    Site.objects.create(code=CIVIC, name="Civic Centre")
    Site.objects.create(code=NORTH, name="North office")
    forget_all()


POSTS = st.lists(
    st.tuples(st.sampled_from([role.value for role in Role]), st.sampled_from(["", CIVIC, NORTH])), max_size=6
)


@settings(max_examples=150, deadline=None)
@given(posts=POSTS, trained=st.sets(st.sampled_from(sorted(fields.FIELDS))))
def test_posts_together_reach_what_one_of_them_reaches_with_the_same_training_and_never_more(
    posts: list[tuple[str, str]], trained: set[str]
) -> None:
    """Roles, sites and training: the whole is the union of its posts, and a site or missing training only takes away."""

    def holding(held: list[tuple[str, str]]) -> Actor:
        return staff_actor(uuid4(), [(role, TEAM, uuid4(), site) for role, site in held])

    def reaches(by: Actor, code: str, site: str) -> bool:
        has = fields.sees(by, code) if code in fields.FIELDS else permissions.may(by, code).allowed
        return has and sites.reaches(by, code, site)

    asked = patch.object(fields, "_asked", [lambda _user, name, _on: name in trained])
    with asked, patch.object(permissions, "_owners", [lambda _service: TEAM]):
        whole, alone = holding(posts), [holding([one]) for one in posts]
        everywhere = holding([(role, "") for role, _site in posts])
        for code in (*fields.FIELDS, *permissions.CAPABILITIES):
            for site in ("", CIVIC, NORTH):
                one = reaches(whole, code, site)
                assert one is any(reaches(each, code, site) for each in alone), (code, site)
                assert not one or reaches(everywhere, code, site), (code, site)
                assert not one or code not in fields.FIELDS or code in trained, code


def somebody(name: str, *posts: tuple[Role, str]) -> Actor:
    """Somebody who holds these posts, each at its site."""
    by = User.objects.create(email=f"{name}@example.org", name=name.title())
    for role, site in posts:
        held = make_staff(f"first-{name}-{role}", team="corporate", role=role, post=f"{name}-{role}-{site or 'all'}")
        post = Post.objects.get(pk__in=held.posts)
        if site:
            operations.set_site(post.pk, site, by=SYSTEM, at=now())
        PostHolder.objects.create(post=post, user=by, from_on=date(2020, 1, 1))
    return actor_for(by, at=now())


def client_of(by: Actor) -> Client:
    client = Client()
    sign_in(client, User.objects.get(pk=by.id))
    return client


def taken_at(site: str, customer: Customer) -> Payment:
    charge = make_charge(at=now())
    Charge.objects.filter(pk=charge.pk).update(state="paid", closed_at=now())
    made: Payment = put(
        "payments_payment",
        charge_id=charge.pk,
        method="terminal",
        amount_pence=1200,
        kind_code="council-tax",
        site_code=site,
        state="success",
        finished_at=now(),
        created_at=now(),
        customer_id=customer.pk,
        email="",
    )
    execute(
        """INSERT INTO payments_income ("on", kind_code, method, site_code, payments, pence, refunds, refunded_pence)
           VALUES (%s, 'council-tax', 'terminal', %s, 1, 1200, 0, 0)""",
        (council_date(now()), site),
    )
    return made


@pytest.mark.usefixtures("_places")
def test_money_taken_at_a_counter_is_for_those_who_work_there() -> None:
    sam = make_person("Sam Okafor")
    here, there, online = (taken_at(site, sam) for site in (CIVIC, NORTH, ""))
    clerk = somebody("rhys", (Role.RECEPTIONIST, CIVIC))
    client = client_of(clerk)

    listed = client.get("/work/payments").content.decode()
    assert here.charge.reference in listed
    assert there.charge.reference not in listed
    assert online.charge.reference not in listed
    assert "You see what was taken at: Civic Centre." in listed
    assert client.get(f"/work/payments/{here.pk}").status_code == 200
    assert client.get(f"/work/payments/{there.pk}").status_code == 404
    assert client.get(f"/work/counter/payments/{there.pk}").status_code == 404
    with pytest.raises(NotAllowed, match="Civic Centre"):
        start(there.charge_id, method=Method.TERMINAL, by=clerk, at=now(), site_code=NORTH)
    counter = client.get("/work/counter").content.decode()
    assert "North office" not in counter
    # A second post at another site adds what it gives there, and no more: the first stays where it was.
    both = somebody("finn", (Role.RECEPTIONIST, CIVIC), (Role.FINANCE, NORTH))
    assert {one.pk for one in queries.payments(by=both).rows} == {here.pk, there.pk}
    with pytest.raises(NotAllowed, match="North office"):
        request_refund(here.pk, amount_pence=Pence(100), reason="Paid twice", by=both, at=now())
    today = council_date(now())
    found = income.report(first_on=today, last_on=today, by="site_code", step="day", seen_by=both)
    assert [(line.what, line.pence) for line in found] == [(NORTH, 1200)]
    everywhere = somebody("sue", (Role.RECEPTIONIST, CIVIC), (Role.SENIOR_MANAGER, ""))
    assert {one.pk for one in queries.payments(by=everywhere).rows} == {here.pk, there.pk, online.pk}


@pytest.mark.usefixtures("_places")
def test_incidents_racks_and_notes_of_a_counter_are_for_those_who_work_there() -> None:
    sam = make_person("Sam Okafor")
    notes = {site: f"Whispered at {site or 'the telephone'}" for site in (CIVIC, NORTH, "")}
    put("contacts_channel", code="counter")
    for site, words in notes.items():
        put(
            "contacts_contact",
            channel_id="counter",
            customer_id=sam.pk,
            site_code=site,
            notes=words,
            started_at=now(),
            service_code="",
            adviser_id=uuid4(),
        )
    incidents = {
        site: put("safety_incident", site_id=site, key=str(uuid4()), customer_id=None, state="reported", team_ids=[])
        for site in (CIVIC, NORTH)
    }
    manager = somebody("mo", (Role.TEAM_MANAGER, CIVIC))
    client = client_of(manager)

    seen = str(timeline.of_customer(sam.pk, by=manager).rows)
    assert notes[CIVIC] in seen
    assert notes[""] in seen, "a telephone call belongs to no site"
    assert notes[NORTH] not in seen
    listed = client.get("/work/safety/incidents").content.decode()
    assert str(incidents[CIVIC].pk) in listed
    assert str(incidents[NORTH].pk) not in listed
    assert client.get(f"/work/safety/incidents/{incidents[NORTH].pk}").status_code == 404
    with pytest.raises(NotFound):
        learning.close(incidents[NORTH].pk, findings="Nothing", by=manager, at=now())
    racks = client.get("/work/leaflets/racks", {"site": NORTH}).content.decode()
    assert "North office" not in racks


@pytest.mark.usefixtures("_places")
def test_an_administrator_says_where_a_post_works_and_everybody_reads_what_is_decided() -> None:
    boss = client_of(somebody("adam", (Role.ADMINISTRATOR, "")))
    clerk = somebody("rhys", (Role.RECEPTIONIST, ""))
    [post] = clerk.posts
    assert "Rhys" in boss.get("/work/posts").content.decode()

    said = boss.post(f"/work/posts/{post}/site", {"site": "nowhere"}, follow=True).content.decode()
    assert "Select a site of the list" in said
    boss.post(f"/work/posts/{post}/site", {"site": NORTH})

    mine = client_of(clerk).get("/work/access").content.decode()
    assert "Yes, North office" in mine
    assert "Own site only: Payments taken at a site’s counter" in mine
    assert client_of(clerk).get("/work/posts").status_code == 403
    assert "at North office only" in boss.get(f"/staff/people/{clerk.id}").content.decode()
    with pytest.raises(BadInput):
        operations.set_site(post, "nowhere", by=SYSTEM, at=now())


@pytest.mark.capability("GOVN-03")
@pytest.mark.usefixtures("_places")
def test_one_sign_in_opens_what_role_site_and_training_allow_and_every_look_and_change_is_kept_for_the_dpo() -> None:
    """The whole of GOVN-03: in one walk through the pages, from signing in to the search."""
    sam = customers.create(
        NewCustomer(name="Sam Okafor", email="sam@example.org", date_of_birth=date(1980, 2, 3)),
        by=SYSTEM,
        at=now(),
        key="1",
    )
    here, there = taken_at(CIVIC, sam), taken_at(NORTH, sam)
    rhys = somebody("rhys", (Role.RECEPTIONIST, CIVIC))
    module = Module.objects.create(code="privacy", name="Privacy")
    Gate.objects.create(code="field.customer.date_of_birth", module=module, set_by="", set_at=now())
    forget_all()

    # One sign-in, with a second factor, and no page asks again.
    user = User.objects.get(pk=rhys.id)
    user.set_password(PASSWORD)
    user.save()
    Authenticator.objects.create(user=user, secret=sealed(SECRET), confirmed_at=now())
    desk = Client()
    desk.post("/staff/sign-in", {"email": user.email, "password": PASSWORD})
    assert desk.get("/work/payments").status_code == 302, "a password alone opens nothing"
    desk.post("/staff/second-factor", {"code": code_now()})

    # The role opens the page and closes another, the site narrows it, the training opens a field of the record.
    record = f"/work/customers/{sam.pk}"
    money = desk.get("/work/payments").content.decode()
    assert (here.charge.reference in money, there.charge.reference in money) == (True, False)
    assert desk.get(f"/work/payments/{there.pk}").status_code == 404
    assert desk.get("/work/audit").status_code == 403
    assert "1980" not in desk.get(record, {"reason": "check", "asked": "1"}).content.decode()
    training.record_passes(module.pk, [UUID(rhys.id)], passed_on=council_date(now()), by=SYSTEM, at=now())
    assert "1980" in desk.get(record, {"reason": "check", "asked": "1"}).content.decode()
    desk.post(f"{record}/details", {"name": "Samuel Okafor", "kind": "person", "language": "en"})
    sam.refresh_from_db()
    assert sam.name == "Samuel Okafor"

    # The officer for data protection finds the looks and the change by the customer's name; nobody edits them.
    dpo = client_of(somebody("edith", (Role.DATA_PROTECTION_OFFICER, "")))
    looks = dpo.get("/work/audit", {"kind": "looks", "subject": "Okafor", "staff": "rhys", "reason": "check"}).content
    assert "A customer’s record" in looks.decode()
    changes = dpo.get("/work/audit", {"kind": "changes", "subject": "Okafor", "staff": "rhys"}).content.decode()
    assert "Record changed" in changes
    assert dpo.get("/work/audit.csv", {"kind": "looks", "staff": "rhys"}).status_code == 200
    for table in ("ledger_look", "ledger_entry"):
        for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET actor_id = ''"):
            with (
                pytest.raises(DatabaseError, match="only ever added to"),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(statement)
