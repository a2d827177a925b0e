"""Partner bodies: their desks, their own queue, contacts logged against them, and referrals with consent, receipt and outcome."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from townhall.accounts.models import Role, Team, User
from townhall.accounts.tests.makers import sign_in
from townhall.cases.tests.makers import MONDAY, make_council, make_staff, make_team
from townhall.clocks import sweeps as clocks
from townhall.contacts.models import Contact
from townhall.contacts.seeds import seed_reference_data
from townhall.core.actors import SYSTEM, Actor
from townhall.core.errors import BadInput, NotAllowed, NotFound
from townhall.core.refreshing import forget_all
from townhall.customers import operations as customers
from townhall.customers.accounts import consents
from townhall.customers.models import Customer
from townhall.customers.operations import NewCustomer
from townhall.ledger.models import Look
from townhall.notifications.models import Message
from townhall.partners import bodies, logging, passing, queries
from townhall.partners.bodies import Given
from townhall.partners.errors import NoConsent
from townhall.partners.logging import Logged
from townhall.partners.models import Partner, Passed
from townhall.partners.states import PassedState
from townhall.registers import operations as registers
from townhall.registers.definition import read_folder
from townhall.workspace import timeline
from townhall.workspace.views import desk_customer, partner_queue, partners

pytestmark = pytest.mark.django_db
WORDS = "You may pass my name and what I tell you to Aldermere Advice (fictional)."


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    make_council()
    seed_reference_data()
    kept = [MONDAY]
    for module in (partners, partner_queue):
        monkeypatch.setattr(module, "now", lambda: kept[0])
    return kept


@pytest.fixture
def advice(clock: list[datetime]) -> Partner:
    team = make_team("advice", kind=Team.Kind.PARTNER)
    Team.objects.filter(pk=team.pk).update(email="advice@example.org")
    reader = make_staff("rex", team="customer-services", role=Role.ADVISER)
    emails = [User.objects.get(pk=reader.id).email]
    given = Given(about="Advice on debts", consent=WORDS, line="0800 1234", readers=emails)
    return bodies.keep("advice", given, by=SYSTEM, at=MONDAY)


def client_of(by: Actor) -> Client:
    client = Client()
    sign_in(client, User.objects.get(pk=by.id))
    return client


def text(answer: Any) -> str:
    return str(answer.content.decode())


def mary() -> Customer:
    new = NewCustomer(name="Mary Marsh", kind="person", phone="01632 960123", email="mary@example.org")
    return customers.create(new, by=SYSTEM, at=MONDAY, key="mary")


def refer(partner: Partner, person: Customer, by: Actor, *, key: str = "") -> Passed:
    return passing.refer(
        partner.pk,
        person.pk,
        need="Help with debts",
        shares=["contact"],
        agreed_version=1,
        channel="counter",
        by=by,
        at=MONDAY,
        key=key,
    )


@pytest.mark.capability("CHAN-12")
def test_a_partner_at_our_desk_has_its_rota_its_own_queue_and_what_a_consent_lets_it_see_until_that_is_taken_back(
    advice: Partner, clock: list[datetime]
) -> None:
    """From a desk in the morning to a referral with a receipt and an outcome, one that is forgotten, and one that is stopped."""
    asha, mo = (
        make_staff("asha", team="customer-services", role=Role.ADVISER),
        make_staff("mo", team="corporate", role=Role.TEAM_MANAGER),
    )
    desk, manager = client_of(asha), client_of(mo)
    theirs = client_of(make_staff("dee", team="advice", role=Role.PARTNER))
    manager.post(
        f"/work/partners/{advice.pk}/turns",
        {"weekday": "0", "starts": "09:00", "ends": "12:00", "site": "", "who": "Dee"},
    )
    here = text(desk.get("/work/partners"))
    assert "on the line 0800 1234" in here
    assert "Dee" in here

    said = {
        "channel": "phone",
        "words": "Asked for Dee",
        "name": "Sam Oak",
        "reach": "01632 960777",
        "left": "1",
        "key": "k1",
    }
    asked = desk.post(f"/work/partners/{advice.pk}/contacts", said)
    assert "Ask whether the partner may have their name and number" in text(asked)
    for _ in range(2):
        desk.post(f"/work/partners/{advice.pk}/contacts", said | {"agreed": "1"})
    assert Contact.objects.filter(channel="phone").count() == 1
    assert "Sam Oak" in text(theirs.get("/partner/"))

    person = mary()
    page = f"/work/partners/refer/{person.pk}"
    typed = {
        "partner": str(advice.pk),
        "need": "Help with debts",
        "shares": ["contact"],
        "channel": "counter",
        "version": "1",
        "key": "r1",
    }
    refused = desk.post(page, typed)
    assert "Nothing is passed on without their consent" in text(refused)
    assert WORDS in text(refused)
    sent = desk.post(page, typed | {"agreed": "1"})
    passed = Passed.objects.get()
    assert sent["Location"].endswith(f"/work/partners/referrals/{passed.pk}")

    told = text(theirs.get(f"/partner/{passed.pk}"))
    assert all(words in told for words in ("Mary Marsh", "Help with debts", "mary@example.org"))
    for closed in (
        "/work/partners",
        f"/work/customers/{person.pk}",
        "/work/look-up",
        f"/work/partners/referrals/{passed.pk}",
        "/work/waiting",
    ):
        assert theirs.get(closed).status_code in (403, 404), closed
    assert "Referred to Advice" in text(
        client_of(make_staff("rex", team="customer-services", role=Role.ADVISER)).get("/work/waiting")
    )
    assert "Referred to Advice" not in text(desk.get("/work/waiting"))
    assert "Mary Marsh" not in text(desk.get("/partner/"))
    assert desk.get(f"/partner/{passed.pk}").status_code == 404

    clock[0] = MONDAY + timedelta(days=3)
    clocks.ring_due(clock[0])
    assert Message.objects.filter(recipient_name="Advice", template="staff/knowledge_due").exists()
    theirs.post(f"/partner/{passed.pk}/receive")
    theirs.post(f"/partner/{passed.pk}/finish", {"outcome": "helped", "words": "A plan is agreed"})
    followed = text(desk.get(f"/work/partners/referrals/{passed.pk}"))
    assert "Wording version 1" in followed
    assert "A plan is agreed" in followed
    assert "Mary Marsh" not in text(theirs.get(f"/partner/{passed.pk}"))  # it is over, and so is what they may see

    again = refer(advice, person, asha)
    desk.post(f"/work/partners/referrals/{again.pk}/withdraw", {"channel": "phone"})
    assert Passed.objects.get(pk=again.pk).state == PassedState.STOPPED
    assert "Mary Marsh" not in text(theirs.get("/partner/"))
    assert "took their consent back" in text(theirs.get(f"/partner/{again.pk}"))

    registers.load(read_folder(), at=MONDAY)
    gap = {
        "between": "Housing and Aldermere Advice",
        "happened_on": "2026-03-02",
        "what_happened": "Neither took it",
        "agreed_on": "2026-04-01",
    }
    row = registers.open_row(
        "needs-between-organisations", title="Furniture after a fire", given=gap, by=SYSTEM, at=MONDAY
    )
    assert {one.due for one in row.actions.all()} == {"agree", "check"}


def test_a_consent_that_the_customer_takes_back_in_their_account_holds_at_the_next_look_and_the_next_move(
    advice: Partner, clock: list[datetime]
) -> None:
    asha, dee = (
        make_staff("asha", team="customer-services", role=Role.ADVISER),
        make_staff("dee", team="advice", role=Role.PARTNER),
    )
    person = mary()
    first, second = refer(advice, person, asha), refer(advice, person, asha)
    assert refer(advice, person, asha, key="x").pk == refer(advice, person, asha, key="x").pk
    passing.receive(second.pk, by=dee, at=MONDAY)
    consents.withdraw(person.pk, advice.purpose, channel="account", by=asha, at=MONDAY)
    assert queries.queue(dee) == []
    assert queries.read(first.pk, by=dee, at=MONDAY)[1].name == ""
    with pytest.raises(NoConsent):
        passing.receive(first.pk, by=dee, at=MONDAY)
    assert Passed.objects.get(pk=first.pk).state == PassedState.STOPPED
    assert passing.stop_ended(MONDAY) == 2
    assert passing.stop_ended(MONDAY) == 0
    assert not Passed.objects.exclude(state=PassedState.STOPPED).exists()


def test_another_partner_and_our_own_people_who_are_not_named_see_nothing_of_a_queue(
    advice: Partner, clock: list[datetime]
) -> None:
    asha = make_staff("asha", team="customer-services", role=Role.ADVISER)
    make_team("food-bank", kind=Team.Kind.PARTNER)
    bodies.keep("food-bank", Given(about="Food", consent="You may."), by=SYSTEM, at=MONDAY)
    other = make_staff("flo", team="food-bank", role=Role.PARTNER)
    passed = refer(advice, mary(), asha)
    said = Logged(channel="phone", words="Asked", reach="1", left=True, agreed=True)
    row = logging.log(advice.pk, said, by=asha, at=MONDAY)
    for by in (other, asha):
        assert queries.queue(by) == []
        with pytest.raises(NotFound):
            queries.read(passed.pk, by=by, at=MONDAY)
        with pytest.raises(NotFound):
            passing.receive(passed.pk, by=by, at=MONDAY)
        with pytest.raises(NotAllowed):
            logging.dealt(row.pk, by=by, at=MONDAY)
    with pytest.raises(NotAllowed):
        refer(advice, mary(), other)
    before = consents.wordings()[advice.purpose].version
    forget_all()
    bodies.keep(
        "advice", Given(about="Advice", consent="In other words."), by=SYSTEM, at=datetime(2026, 3, 3, tzinfo=UTC)
    )
    forget_all()
    assert consents.wordings()[advice.purpose].version == before + 1


def test_nothing_typed_is_lost_and_pressing_twice_is_once(advice: Partner, clock: list[datetime]) -> None:
    asha, dee = (
        make_staff("asha", team="customer-services", role=Role.ADVISER),
        make_staff("dee", team="advice", role=Role.PARTNER),
    )
    desk, theirs = client_of(asha), client_of(dee)
    passed = refer(advice, mary(), asha)
    passing.receive(passed.pk, by=dee, at=MONDAY)
    told = theirs.post(f"/partner/{passed.pk}/finish", {"outcome": "", "words": "A plan with the bank"})
    assert told.status_code == 422
    assert "A plan with the bank" in text(told)
    back = theirs.post(f"/partner/{passed.pk}/return", {"words": "My card is 4111 1111 1111 1111"})
    assert back.status_code == 422
    assert "My card is" in text(back)

    said = {"channel": "phone", "words": "Asked for Dee", "name": "Sam Oak", "reach": "1", "left": "1", "key": "k"}
    asked = text(desk.post(f"/work/partners/{advice.pk}/contacts", said))
    assert re.search(r'name="left"[^>]* checked', asked)  # else the next press would log it and leave nothing
    row = logging.log(
        advice.pk, Logged(channel="phone", words="Asked", reach="1", left=True, agreed=True), by=asha, at=MONDAY
    )
    for _ in range(2):
        assert theirs.post(f"/partner/contacts/{row.pk}/dealt").status_code == 302
    assert (
        client_of(make_staff("flo", team="advice", role=Role.PARTNER))
        .post(f"/partner/contacts/{row.pk}/dealt")["Location"]
        .endswith("/partner/")
    )

    manager = client_of(make_staff("mo", team="corporate", role=Role.TEAM_MANAGER))
    turn = {"weekday": "0", "starts": "09:00", "ends": "12:00", "site": "", "who": "Dee"}
    for _ in range(2):
        assert manager.post(f"/work/partners/{advice.pk}/turns", turn).status_code == 302
    assert advice.turns.count() == 1
    for odd in ({"starts": "09:00+01:00"}, {"ends": "x"}, {"weekday": ""}):
        assert manager.post(f"/work/partners/{advice.pk}/turns", turn | odd).status_code == 422
    long = {"partner": str(advice.pk), "need": "x", "channel": "counter", "version": "9" * 5_000, "agreed": "1"}
    assert desk.post(f"/work/partners/refer/{passed.customer_id}", long).status_code == 422


def test_the_queue_asks_as_much_for_many_as_for_one_and_each_look_at_it_is_written_down(
    advice: Partner, clock: list[datetime], django_assert_num_queries: Any
) -> None:
    asha, dee = (
        make_staff("asha", team="customer-services", role=Role.ADVISER),
        make_staff("dee", team="advice", role=Role.PARTNER),
    )
    person = mary()
    for _ in range(5):
        refer(advice, person, asha)
    with django_assert_num_queries(2):
        assert len(queries.queue(dee)) == 5
    client_of(dee).get("/partner/")
    assert Look.objects.filter(actor_id=dee.id, page="partner.queue").count() == 1


def test_only_our_own_people_are_named_for_a_queue_and_no_longer_than_they_are_ours(advice: Partner) -> None:
    make_team("food-bank", kind=Team.Kind.PARTNER)
    other = make_staff("flo", team="food-bank", role=Role.PARTNER)
    given = Given(about="Advice", consent=WORDS, readers=[User.objects.get(pk=other.id).email])
    with pytest.raises(BadInput, match="the council’s own people"):
        bodies.keep("advice", given, by=SYSTEM, at=MONDAY)
    Partner.objects.filter(pk=advice.pk).update(readers=[other.id])
    assert queries.mine(other) == []
    assert not bodies.may_see_queue(Partner.objects.get(pk=advice.pk), other)


def test_what_is_agreed_to_with_a_partner_is_listed_to_those_alone_who_were_passed_on(advice: Partner) -> None:
    person = mary()
    forget_all()
    purposes = {one.purpose for one in consents.listed(consents.given(person.pk))}
    assert "newsletter" in purposes
    assert advice.purpose not in purposes
    refer(advice, person, make_staff("asha", team="customer-services", role=Role.ADVISER))
    assert advice.purpose in {one.purpose for one in consents.listed(consents.given(person.pk))}


def test_the_record_of_somebody_who_was_referred_opens_and_leads_to_the_referral(advice: Partner) -> None:
    asha, person = make_staff("asha", team="customer-services", role=Role.ADVISER), mary()
    sent = refer(advice, person, asha)

    shown = client_of(asha).get(f"/work/customers/{person.pk}?reason=contact&asked=1")

    assert shown.status_code == 200
    assert text(shown).count(f"/work/partners/referrals/{sent.pk}") == 2  # where referrals stand, and in the timeline


def test_each_line_of_the_timeline_that_leads_somewhere_says_who_may_go_there() -> None:
    assert set(timeline.LINKS.values()) == set(desk_customer.MAY_SEE)
