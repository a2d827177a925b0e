"""Every topic of alerts: what was turned on is told once, from its source, by the way that was asked for, with what became of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest

from townhall.cases.events import FollowersTold
from townhall.core.actors import SYSTEM, Actor, ActorKind
from townhall.core.errors import BadInput
from townhall.core.events import publish
from townhall.core.ids import uuid7
from townhall.core.loading import load
from townhall.core.loading.records import of_feed
from townhall.core.subjects import Subject
from townhall.customers.accounts import consents
from townhall.engagement import alerting, heard, queries, reminding, subscribing
from townhall.engagement.models import AlertItem, AlertSubscription
from townhall.engagement.reminding import Due
from townhall.engagement.subscribing import Wish
from townhall.engagement.tests.makers import HOME, NIGHT, NOON, customer_of, make_account, make_home, subscribed
from townhall.engagement.tests.makers import publish as applied
from townhall.engagement.topics import TOPICS
from townhall.neighbourhood.intake import CrewReport, crew_reported
from townhall.neighbourhood.loading import EVENTS
from townhall.neighbourhood.models import AddressRound, Round
from townhall.notifications import operations as notifications
from townhall.notifications import sending
from townhall.notifications.models import Message
from townhall.notifications.recipients import Recipient
from townhall.payments.tests.makers import make_charge
from townhall.places.models import Address, Street

pytestmark = pytest.mark.django_db
CREW = Actor(kind=ActorKind.CONNECTOR, id="waste", scopes=frozenset({"incidents.declare"}))
MOBILE = "07700 900123"
SOURCES = {
    "planning": "planning-system",
    "missed-bin": "waste",
    "events": "what-is-on",
    "council-tax": "test",
    "library": "library",
    "permits": "permits",
    "requests": "cases",
}


@pytest.fixture(autouse=True)
def _told(settings: Any) -> None:
    settings.ALERTS_QUIET, settings.TEXT_PROVIDER = "21:00-08:00", "demo"


def themselves(customer: UUID) -> Actor:
    return Actor(kind=ActorKind.CUSTOMER, id=str(customer))


def turned_on(topic: str, *, email: str = "noor@example.org", **wish: Any) -> UUID:
    """By somebody with an account; the customer."""
    account = make_account(email)
    customer = customer_of(account)
    wanted = Wish(topic=topic, email=account.email, customer_id=customer, **wish)
    subscribing.turn_on(wanted, by=themselves(customer), at=NOON)
    return customer


def told(topic: str) -> list[str]:
    sent = Message.objects.filter(template=TOPICS[topic].template)
    return sorted(sent.values_list("recipient_address", flat=True))


def make_round(code: str, *uprns: str, stream: str = "refuse") -> None:
    Round.objects.create(
        code=code, stream=stream, weekday=0, first_on=date(2026, 1, 5), ends_at=time(15, 30), service_code="missed-bin"
    )
    for uprn in uprns:
        AddressRound.objects.create(uprn=uprn, usrn="7001", round_id=code)


def on_street(*uprns: str) -> None:
    Street.objects.create(usrn="7001", name="Harbour Row", search_text="harbour row", easting=1, northing=1)
    for uprn in uprns:
        make_home(uprn)
    Address.objects.filter(uprn__in=uprns).update(street_id="7001")


def reported(event_id: str, *, at: datetime = NOON, **where: str) -> None:
    report = CrewReport(
        event_id=event_id,
        round_code="refuse-mon",
        on=NOON.date(),
        kind="blocked",
        detail="A van across the lane",
        return_on=date(2026, 3, 4),
    )
    crew_reported(replace(report, uprn=where.get("uprn", ""), usrn=where.get("usrn", "")), by=CREW, at=at)


def test_a_bin_that_was_not_emptied_is_told_with_its_reason_to_the_homes_it_touches() -> None:
    on_street("100001", "100002", "100003")
    make_round("refuse-mon", "100001", "100002")
    make_round("garden-mon", "100003", stream="garden")
    subscribed("one@example.org", topic="missed-bin", uprn="100001")
    subscribed("two@example.org", topic="missed-bin", uprn="100002")
    subscribed("garden@example.org", topic="missed-bin", uprn="100003")

    reported("e1", usrn="7001")
    reported("e2", usrn="7001", at=NOON + timedelta(hours=1))  # another lorry says the same
    alerting.tell_of_items(NOON + timedelta(hours=1))

    assert told("missed-bin") == ["one@example.org", "two@example.org"]
    [first, _second] = Message.objects.filter(template="alert/missed_bin").order_by("recipient_address")
    assert first.subject_line == "Refuse not collected on Monday 2 March 2026"
    assert "could not get past parked vehicles" in first.body_text
    assert "A van across the lane" in first.body_text
    assert {one.source for one in queries.newest()} == {"waste"}


def test_a_report_of_one_address_touches_nobody_else_and_in_the_night_it_waits() -> None:
    on_street("100001", "100002")
    make_round("refuse-mon", "100001", "100002")
    subscribed("one@example.org", topic="missed-bin", uprn="100001")
    subscribed("two@example.org", topic="missed-bin", uprn="100002")
    reported("e1", uprn="100002", at=NIGHT)
    alerting.tell_of_items(NIGHT)
    [message] = Message.objects.filter(template="alert/missed_bin")
    assert message.recipient_address == "two@example.org"
    assert message.next_attempt_at == NIGHT.replace(day=3, hour=8, minute=0)


def listed(*rows: dict[str, Any], source: str = "what-is-on", at: datetime = NOON) -> None:
    usual = {"title": "Saturday market", "starts": "2026-03-07T09:00:00Z", "easting": 530_000, "northing": 180_000}
    records = of_feed([usual | row for row in rows], name=source)
    counts = load(replace(records, system=source), EVENTS, by=SYSTEM, at=at)
    assert not counts.refused


@pytest.mark.capability("ENGA-02")
def test_an_event_near_by_is_told_once_whoever_publishes_it_and_however_often() -> None:
    make_home()
    make_home("100009", east=2_000)
    subscribed("near@example.org", topic="events")
    subscribed("far@example.org", topic="events", uprn="100009")

    listed({"id": "1", "location": "Square"})
    listed({"id": "1", "location": "Square", "description": "Now with cheese"}, at=NOON + timedelta(hours=1))
    listed({"id": "x9", "location": "The  SQUARE".replace("The  ", "")}, source="market-site")
    listed({"id": "2", "location": "Square", "starts": "2026-03-14T09:00:00Z"})  # the next week's, of the same month
    listed({"id": "old", "title": "Fair", "starts": "2026-02-01T09:00:00Z"})
    alerting.tell_of_items(NOON + timedelta(hours=1))

    assert told("events") == ["near@example.org"]
    assert AlertItem.objects.count() == 1
    listed({"id": "3", "location": "Square", "starts": "2026-04-04T09:00:00Z"})
    alerting.tell_of_items(NOON + timedelta(hours=2))
    assert len(told("events")) == 2, "next month's is news again"


def test_what_other_systems_say_is_soon_due_is_told_once_to_its_holder_by_text(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reminding, "_sources", {})
    permit_holder = turned_on("permits", phone=MOBILE, by_text=True)
    reader = turned_on("library", email="ola@example.org", phone="")
    stranger = customer_of(make_account("stranger@example.org"))
    asked: list[tuple[date, date]] = []

    def permits(first: date, last: date, at: datetime) -> Any:
        asked.append((first, last))
        for holder in (permit_holder, stranger):
            one = Due(
                key=f"PP1:{holder}",
                words="Permit PP1 ends on 20 March",
                source="permits",
                customer_id=holder,
                context={"link": "/p"},
            )
            yield [one]

    def library(first: date, last: date, at: datetime) -> Any:
        loan = Due(
            key="loan:7:2026-03-04",
            words="A loan is due on 4 March",
            source="library",
            customer_id=reader,
            context={"link": "/l", "advice": ""},
        )
        fine = Due(
            key="fine:250",
            words="There is £2.50 to pay",
            source="library",
            customer_id=reader,
            context={"link": "/l", "advice": ""},
        )
        yield [loan, fine]

    reminding.register("permits", permits)
    reminding.register("library", library)
    assert reminding.remind_of("permits", NIGHT) == 0
    assert not asked, "nothing is asked in the quiet hours"
    assert [reminding.remind_of("permits", NOON) for _again in range(2)] == [1, 0]
    assert [reminding.remind_of("library", NOON) for _again in range(2)] == [2, 0]
    assert asked[0] == (date(2026, 3, 2), date(2026, 3, 30))

    assert told("permits") == ["07700900123"]
    assert told("library") == ["ola@example.org"] * 2
    assert [one.words for one in queries.told_to(permit_holder)] == ["Permit PP1 ends on 20 March"]
    assert {(one.words, one.source) for one in queries.told_to(reader)} == {
        ("A loan is due on 4 March", "library"),
        ("There is £2.50 to pay", "library"),
    }


def test_the_queries_of_a_page_of_what_is_due_do_not_grow_with_it(django_assert_max_num_queries: Any) -> None:
    holders = [turned_on("permits", email=f"r{number}@example.org") for number in range(3)]
    page = [Due(key=str(one), words="Soon", source="x", customer_id=one, context={"link": "/"}) for one in holders]
    with django_assert_max_num_queries(4):  # two reads and the transaction's own
        assert reminding.remind(TOPICS["permits"], page, at=NOON) == 3


def test_news_of_ones_own_request_comes_as_was_asked_and_never_twice_the_same_way() -> None:
    by_text = turned_on("requests", phone=MOBILE, by_text=True)
    by_mail = turned_on("requests", email="ola@example.org")
    nobody = customer_of(make_account("quiet@example.org"))
    keys = {}
    for customer, email in ((by_text, "noor@example.org"), (by_mail, "ola@example.org"), (nobody, "quiet@example.org")):
        keys[customer] = f"case-done-{customer}"
        about = Subject(kind="case", id=uuid7())
        to = Recipient(email=email, customer_id=customer)
        notifications.send("check", to=to, about=about, key=keys[customer], context={}, at=NOON)
    event = FollowersTold(
        case_id=uuid7(), reference="TH-1", service="Litter", update="done", messages=keys, from_at=NOON, at=NOON
    )
    publish(event)
    publish(event)
    assert AlertItem.objects.count() == 2
    alerting.tell_of_items(NOON)

    [text] = Message.objects.filter(template="alert/request")
    assert (text.channel, text.recipient_address) == ("text", "07700900123")
    assert [one.channel for one in queries.told_to(by_mail)] == ["email"], "the case's own mail is the alert"
    assert [one.channel for one in queries.told_to(by_text)] == ["text"]
    assert not queries.told_to(nobody)


def test_news_that_was_undone_before_it_went_out_is_no_news() -> None:
    customer = turned_on("requests", phone=MOBILE, by_text=True)
    case_id, later = uuid7(), NOON + timedelta(minutes=10)
    to = Recipient(email="noor@example.org", customer_id=customer)
    about = Subject(kind="case", id=case_id)
    notifications.send("check", to=to, about=about, key="k", context={}, at=NOON, case_id=case_id, not_before=later)
    heard.followers_told(
        FollowersTold(
            case_id=case_id,
            reference="TH-1",
            service="Litter",
            update="done",
            messages={customer: "k"},
            from_at=later,
            at=NOON,
        )
    )
    assert alerting.tell_of_items(NOON) == 0, "it waits as long as the change can be undone"
    notifications.withdraw(case_id=case_id, made_at=NOON, by=SYSTEM, at=NOON)
    alerting.tell_of_items(later)
    assert not told("requests")


@pytest.mark.capability("ENGA-01")
def test_one_person_turns_everything_on_and_hears_of_each_thing_once_with_where_it_came_from() -> None:
    on_street(HOME)
    make_round("refuse-mon", HOME)
    customer = turned_on("planning", uprn=HOME)
    by = themselves(customer)
    email = "noor@example.org"
    for topic in ("missed-bin", "events", "council-tax", "library", "permits", "requests", "deals"):
        phone = MOBILE if topic in ("missed-bin", "permits", "requests") else ""
        wish = Wish(topic=topic, email=email, customer_id=customer, uprn=HOME, phone=phone, by_text=bool(phone))
        subscribing.turn_on(wish, by=by, at=NOON)
    make_charge(reference="70001234", customer_id=customer, due_on=date(2026, 3, 7))
    make_charge(reference="70001235", customer_id=customer, due_on=date(2026, 3, 7), by_direct_debit=True)
    notifications.send(
        "check",
        to=Recipient(email=email, customer_id=customer),
        about=Subject(kind="case", id=uuid7()),
        key="case-1",
        context={},
        at=NOON,
    )
    for _twice in range(2):
        applied({"reference": "26/00123/FUL"})
        reported("e1", uprn=HOME)
        listed({"id": "1", "location": "Square"})
        event = FollowersTold(
            case_id=uuid7(),
            reference="TH-1",
            service="Litter",
            update="done",
            messages={customer: "case-1"},
            from_at=NOON,
            at=NOON,
        )
        publish(event)
        alerting.tell_of_items(NOON)
        reminding.remind_of_council_tax(NOON)
        for topic in ("library", "permits"):
            context = {"link": "/x", "advice": ""}
            due = Due(key="1", words=f"{topic} is due", source=topic, customer_id=customer, context=context)
            reminding.remind(TOPICS[topic], [due], at=NOON)

    for message in sending.claim(at=NOON):
        sending.mark_sent(message, provider_id="", at=NOON)
    found = {one.topic: one for one in queries.told_to(customer)}
    assert len(queries.told_to(customer)) == len(found) == 7
    assert {str(TOPICS[code].name): source for code, source in SOURCES.items()} == {
        topic: one.source for topic, one in found.items()
    }
    assert {one.made_at for one in found.values()} == {NOON}
    assert {one.state for one in found.values()} == {"sent"}
    by_text = {topic for topic, one in found.items() if one.channel == "text"}
    assert by_text == {str(TOPICS[code].name) for code in ("missed-bin", "permits", "requests")}


def test_each_alert_keeps_where_it_came_from_when_and_what_became_of_it() -> None:
    make_home()
    customer = turned_on("events", uprn=HOME)
    listed({"id": "1", "location": "Square"})
    alerting.tell_of_items(NOON)
    [message] = sending.claim(at=NOON)
    sending.mark_sent(message, provider_id="", at=NOON)
    [one] = queries.told_to(customer)
    assert (one.source, one.made_at, one.state, one.address) == ("what-is-on", NOON, "sent", "noor@example.org")


def test_who_takes_back_that_we_may_text_gets_the_same_by_email() -> None:
    make_home()
    customer = turned_on("events", uprn=HOME, phone=MOBILE, by_text=True)
    assert consents.agreed(customer, "text-alerts")
    consents.withdraw(customer, "text-alerts", channel="web", by=themselves(customer), at=NOON)
    listed({"id": "1", "location": "Square"})
    alerting.tell_of_items(NOON)
    assert told("events") == ["noor@example.org"]


@pytest.mark.parametrize("topic", ["permits", "requests", "library", "deals"])
def test_what_only_a_record_tells_needs_an_account(topic: str) -> None:
    with pytest.raises(BadInput) as refused:
        subscribing.turn_on(Wish(topic=topic, email="sam@example.org"), by=SYSTEM, at=NOON)
    assert "email" in refused.value.problems
    assert not AlertSubscription.objects.exists()
