"""What a customer said of the ways to write to them, service by service, and how a message follows it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import transaction
from pytest_django import Settings

from townhall.catalogue.operations import keep_packs
from townhall.catalogue.tests.makers import make_pack
from townhall.core.actors import SYSTEM, Actor, ActorKind
from townhall.core.db import at_once, pipelined
from townhall.core.errors import BadInput
from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.customers import operations as customers
from townhall.customers.models import Customer
from townhall.customers.operations import NewCustomer, Ways
from townhall.notifications import operations as notifications
from townhall.notifications import receipts, sending, unreached
from townhall.notifications.chains import of_customer
from townhall.notifications.models import Message, Unreached
from townhall.notifications.recipients import Recipient
from townhall.notifications.states import State

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
PRIYA = Actor(kind=ActorKind.STAFF, id="5c0f1d3e-0000-4000-8000-0000000000aa", roles=frozenset({"adviser"}))


@pytest.fixture
def ann(db: Any, settings: Settings) -> Customer:
    keep_packs([make_pack("lost-swan"), make_pack("found-swan")], by=SYSTEM, at=AT)
    settings.TEXT_PROVIDER, settings.LETTER_PROVIDER = "demo", "folder"
    new = NewCustomer(
        name="Ann Reader", email="ann@example.org", phone="07700 900982", address="12 Mill Lane, Aldermere"
    )
    return customers.create(new, by=SYSTEM, at=AT)


def say(who: Customer, service: str = "", **ways: Any) -> None:
    customers.choose_channels(who.pk, service, Ways(**ways), by=PRIYA, at=AT)


def news(who: Customer, service: str = "lost-swan", **to: Any) -> Message:
    key = f"news-{uuid7()}"
    notifications.send(
        "check",
        to=Recipient(**{"name": who.name, "customer_id": who.pk, "email": "ann@example.org", **to}),
        about=Subject(kind="customer", id=who.pk),
        key=key,
        context={},
        at=AT,
        override="Subject: News\n\nSomething happened.",
        service=service,
    )
    return Message.objects.get(key=key)


def ways(message: Message) -> list[str]:
    return [message.channel, *(one["channel"] for one in message.fallback or ())]


def test_a_service_goes_before_the_matter_and_that_before_what_holds_for_all(ann: Customer) -> None:
    assert ways(news(ann)) == ["email"]
    customers.change(ann.pk, preferred_channel="letter", by=PRIYA, at=AT)
    assert ways(news(ann)) == ["letter", "email"]
    say(ann, "lost-swan", first="text", second="email")
    assert ways(news(ann)) == ["text", "email", "letter"]
    assert ways(news(ann, service="found-swan")) == ["letter", "email"]
    assert ways(news(ann, service="found-swan", prefers="email")) == ["email", "letter"]
    say(ann, "lost-swan")
    assert ways(news(ann)) == ["letter", "email"]


def test_what_they_refused_is_never_used_and_with_nothing_left_somebody_has_a_task(ann: Customer) -> None:
    say(ann, "lost-swan", first="text", refused=["email"])
    assert ways(news(ann)) == ["text"]
    say(ann, refused=["text"])
    message = news(ann)
    assert (message.state, message.error, message.attempts) == (State.FAILED, "refused", 0)
    task = Unreached.objects.get(message=message)
    assert task.due_at == AT + unreached.WITHIN
    unreached.told(message.pk, how="I rang her on Tuesday", by=PRIYA, at=AT)
    [chain] = [one for one in of_customer(ann.pk) if one.task or one.told]
    assert (chain.task, chain.told) == (None, "I rang her on Tuesday")
    assert chain.last.moments[0].words == "Not sent: they asked us not to use this way"


def test_the_task_is_made_however_the_writes_are_gathered(ann: Customer) -> None:
    say(ann, refused=["text", "email", "letter"])

    def send(key: str, *, is_new: bool = False) -> None:
        to = Recipient(name=ann.name, customer_id=ann.pk, email="ann@example.org")
        words, about = "Subject: News\n\nSomething happened.", Subject(kind="customer", id=ann.pk)
        notifications.send("check", key=key, to=to, about=about, context={}, at=AT, override=words, is_new=is_new)

    with at_once():
        send("new", is_new=True)
    with transaction.atomic(), pipelined():
        send("old")
    with transaction.atomic(), pipelined():
        send("old")
    assert set(Unreached.objects.values_list("message__key", flat=True)) == {"new", "old"}


def test_what_is_never_used_is_not_what_comes_first_and_neither_is_saved(ann: Customer) -> None:
    customers.change(ann.pk, preferred_channel="email", by=PRIYA, at=AT)
    with pytest.raises(BadInput):
        say(ann, refused=["email"])
    say(ann, refused=["letter"])


def test_what_they_refuse_while_it_waits_is_not_used_any_more(ann: Customer) -> None:
    say(ann, "lost-swan", first="text", second="letter")
    message = news(ann)
    assert ways(message) == ["text", "letter", "email"]
    say(ann, "lost-swan", refused=["text", "letter"])
    sending.run(AT)
    message.refresh_from_db()
    assert message.state == State.FAILED
    [chain] = of_customer(ann.pk)
    assert [(step.channel, step.state) for step in chain.steps] == [("text", "failed"), ("email", "pending")]
    assert receipts.receive(provider_id="x", reference=str(message.pk), status="delivered", at=AT) is False


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"first": "text", "refused": ["text"]}, "refused"),
        ({"first": "text", "second": "text"}, "second"),
        ({"first": "pigeon"}, "first"),
    ],
)
def test_what_makes_no_sense_is_refused(ann: Customer, said: dict[str, Any], field: str) -> None:
    with pytest.raises(BadInput) as caught:
        say(ann, "lost-swan", **said)
    assert field in caught.value.problems
