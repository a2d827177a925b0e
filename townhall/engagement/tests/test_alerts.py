"""Alerts: what is turned on is told once, when it may be, and stops at one click."""

from __future__ import annotations

from datetime import date, timedelta
from email import message_from_bytes
from typing import Any
from uuid import UUID

import pytest

from townhall.core.actors import PUBLIC, SYSTEM, Actor, ActorKind
from townhall.core.errors import BadInput, NotFound
from townhall.customers.accounts import consents
from townhall.engagement import alerting, queries, quiet, reminding, subscribing
from townhall.engagement.models import Alert, AlertItem, AlertSubscription
from townhall.engagement.subscribing import Wish
from townhall.engagement.tests.makers import (
    HOME,
    NIGHT,
    NOON,
    customer_of,
    make_account,
    make_home,
    publish,
    subscribed,
)
from townhall.notifications import sending
from townhall.notifications.mail import as_email
from townhall.notifications.models import Message
from townhall.payments import operations as payments
from townhall.payments.tests.makers import make_charge

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _hours(settings: Any) -> None:
    settings.ALERTS_QUIET = "21:00-08:00"


def told(template: str = "alert/planning") -> list[str]:
    return sorted(Message.objects.filter(template=template).values_list("recipient_address", flat=True))


@pytest.mark.capability("ENGA-02")
def test_a_new_application_is_told_within_each_persons_own_distance() -> None:
    for uprn, east in (("100001", 0), ("100002", 800), ("100003", 811), ("100004", 1_600)):
        make_home(uprn, east=east)
    subscribed("here@example.org")
    subscribed("near@example.org", uprn="100002")
    subscribed("beyond@example.org", uprn="100003")
    subscribed("wide@example.org", uprn="100004", radius_m=1_609)
    assert AlertSubscription.objects.get(email="here@example.org").radius_m == 805

    publish({"reference": "26/00123/FUL"})
    assert alerting.tell_of_items(NOON) == 1

    assert told() == ["here@example.org", "near@example.org", "wide@example.org"]
    assert AlertItem.objects.get().told == 3


@pytest.mark.capability("ENGA-02")
def test_one_item_makes_one_alert_even_when_it_is_published_anew() -> None:
    make_home()
    make_home("100009", east=50)
    subscribed()
    subscribed(uprn="100009")  # two circles of one person
    publish({"reference": "26/00123/FUL"})
    alerting.tell_of_items(NOON)
    publish({"reference": "26/00123/FUL", "description": "A bigger shed"}, at=NOON + timedelta(days=1))
    publish({"reference": "26-00123 ful"}, source="another-system", at=NOON + timedelta(days=2))
    alerting.tell_of_items(NOON + timedelta(days=2))

    assert told() == ["sam@example.org"]
    assert Alert.objects.count() == 1

    publish({"reference": "26/00124/FUL"}, at=NOON + timedelta(days=2))
    alerting.tell_of_items(NOON + timedelta(days=2))
    assert len(told()) == 2


def test_nothing_old_or_decided_is_news_and_nothing_from_before_it_was_turned_on() -> None:
    make_home()
    publish({"reference": "26/00001/FUL"}, at=NOON - timedelta(days=1))
    subscribed()
    publish({"reference": "19/00002/FUL", "received": "2019-05-01"})
    publish({"reference": "26/00003/FUL", "decision": "Refused", "decided": "2026-03-01"})
    alerting.tell_of_items(NOON)
    assert told() == []


def test_only_who_confirmed_the_address_is_told_and_the_rest_is_forgotten() -> None:
    make_home()
    wish = Wish(topic="planning", email="Sam@Example.org", uprn=HOME)
    row = subscribing.turn_on(wish, by=PUBLIC, at=NOON)
    publish({})
    alerting.tell_of_items(NOON)
    assert told() == []
    [mail] = Message.objects.filter(template="alert/confirm")
    token = mail.body_text.partition("/alerts/confirm/")[2].split()[0]
    assert subscribing.to_confirm(token) == row.pk
    assert subscribing.to_confirm(token[:-1] + "x") is None

    assert alerting.forget_unconfirmed(NOON + timedelta(days=7, minutes=1)) == 1
    with pytest.raises(NotFound):
        subscribing.confirm(row.pk, by=PUBLIC, at=NOON + timedelta(days=8))


def test_turning_it_on_again_replaces_the_distance() -> None:
    make_home()
    first = subscribed()
    second = subscribed(radius_m=402)
    first.refresh_from_db()
    assert (first.ended_because, second.radius_m) == ("replaced", 402)


@pytest.mark.parametrize(
    ("wish", "problem"),
    [
        ({"topic": "lottery"}, "topic"),
        ({"email": "nobody"}, "email"),
        ({"uprn": "999"}, "place"),
        ({"radius_m": 99}, "radius"),
        ({"radius_m": 8_048}, "radius"),
        ({"topic": "council-tax", "bill": "7"}, "bill"),
    ],
)
def test_what_cannot_be_told_is_said(wish: dict[str, Any], problem: str) -> None:
    make_home()
    given = {"topic": "planning", "email": "sam@example.org", "uprn": HOME} | wish
    with pytest.raises(BadInput) as refused:
        subscribing.turn_on(Wish(**given), by=PUBLIC, at=NOON)
    assert list(refused.value.problems) == [problem]


def test_each_instalment_is_reminded_of_five_days_before_and_never_by_direct_debit() -> None:
    due = date(2026, 4, 1)
    make_charge(reference="70001234", due_on=due)
    make_charge(reference="70001234", due_on=date(2026, 5, 1))
    make_charge(reference="70009999", due_on=due, by_direct_debit=True)
    make_charge(reference="70001234", due_on=due, kind="rent")
    subscribed(topic="council-tax", bill="7000 1234")
    subscribed("kim@example.org", topic="council-tax", bill="70009999")

    def reminded(on: date) -> int:
        return reminding.remind_of_council_tax(NOON + (on - NOON.date()))

    assert reminded(date(2026, 3, 26)) == 0
    assert reminded(date(2026, 3, 27)) == 1
    assert reminded(date(2026, 3, 28)) == 0, "once"
    assert reminded(date(2026, 4, 26)) == 1, "and again for the next instalment"
    assert told("alert/council_tax") == ["sam@example.org"] * 2
    first = Message.objects.filter(template="alert/council_tax").earliest("created_at")
    assert first.subject_line == "Council tax: £120.50 is due on 1 April 2026"


def test_who_has_paid_or_went_over_to_direct_debit_hears_nothing() -> None:
    account = make_account()
    customer = customer_of(account)
    first, second, third = (make_charge(customer_id=customer, due_on=date(2026, 3, day)) for day in (5, 6, 7))
    by = themselves(customer)
    wish = Wish(topic="council-tax", email=account.email, customer_id=customer)
    subscribing.turn_on(wish, by=by, at=NOON)
    payments.change_charge(first.pk, by=SYSTEM, at=NOON, due_on=first.due_on, by_direct_debit=True)
    payments.cancel_charge(second.pk, by=SYSTEM, at=NOON)

    assert reminding.remind_of_council_tax(NOON) == 1
    [one] = queries.told_to(customer)
    assert (one.words, one.source, one.made_at) == (third.description, "test", NOON)
    assert one.state == "pending"


def themselves(customer: UUID) -> Actor:
    return Actor(kind=ActorKind.CUSTOMER, id=str(customer))


def test_who_takes_the_consent_back_is_told_no_more() -> None:
    make_home()
    account = make_account()
    customer = customer_of(account)
    by = themselves(customer)
    subscribing.turn_on(Wish(topic="planning", email=account.email, uprn=HOME, customer_id=customer), by=by, at=NOON)
    assert consents.agreed(customer, "alerts")
    publish({})
    alerting.tell_of_items(NOON)
    assert told() == [account.email]

    consents.withdraw(customer, "alerts", channel="web", by=by, at=NOON)
    publish({})
    alerting.tell_of_items(NOON)
    assert told() == [account.email]


def test_in_the_quiet_hours_alerts_wait_until_the_morning() -> None:
    make_home()
    subscribed()
    publish({}, at=NIGHT)
    alerting.tell_of_items(NIGHT)
    [message] = Message.objects.filter(template="alert/planning")
    morning = NIGHT.replace(day=3, hour=8, minute=0)
    assert message.next_attempt_at == morning
    assert quiet.over_at(morning) == morning
    assert quiet.over_at(morning - timedelta(seconds=1)) == morning
    make_charge(reference="70001234", due_on=date(2026, 3, 5))
    subscribed(topic="council-tax", bill="70001234")
    assert reminding.remind_of_council_tax(NIGHT) == 0
    assert reminding.remind_of_council_tax(morning) == 1


def test_the_mail_has_the_one_click_headers_and_what_waits_is_taken_back() -> None:
    make_home()
    row = subscribed()
    publish({}, at=NIGHT)
    alerting.tell_of_items(NIGHT)
    [message] = Message.objects.filter(template="alert/planning")
    mail = message_from_bytes(as_email(message))
    link = mail["List-Unsubscribe"].strip("<>")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert subscribing.to_stop(link.rpartition("/")[2]) == row.pk

    subscribing.turn_off(row.pk, by=PUBLIC, at=NIGHT)
    subscribing.turn_off(row.pk, by=PUBLIC, at=NIGHT)
    message.refresh_from_db()
    assert message.state == "withdrawn"


def test_the_record_says_where_it_came_from_when_it_was_told_and_what_became_of_it() -> None:
    make_home()
    subscribed()
    publish({"reference": "26/00123/FUL"}, source="planning-system")
    alerting.tell_of_items(NOON)
    [message] = [one for one in sending.claim(at=NOON) if one.template == "alert/planning"]
    sending.mark_sent(message, provider_id="", at=NOON + timedelta(seconds=2))
    [one] = queries.newest()
    assert (one.words, one.source, one.made_at) == ("26/00123/FUL", "planning-system", NOON)
    assert (one.state, one.sent_at, one.address) == ("sent", NOON + timedelta(seconds=2), "sam@example.org")
