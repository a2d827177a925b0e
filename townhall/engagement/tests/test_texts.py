"""What somebody texts us: STOP and its kin are done at once, and everything else has an owner."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from townhall.cases.models import Case, Note
from townhall.cases.tests.makers import make_council
from townhall.catalogue.operations import OUR_PACKS
from townhall.contacts.models import Contact
from townhall.contacts.seeds import seed_reference_data
from townhall.core.actors import SYSTEM, Actor, ActorKind
from townhall.core.subjects import Subject
from townhall.customers.accounts import consents
from townhall.engagement import alerting, heard, replying, subscribing
from townhall.engagement.models import AlertItem, AlertSubscription
from townhall.engagement.replying import meaning
from townhall.engagement.subscribing import Wish
from townhall.engagement.tests.makers import HOME, NOON, customer_of, make_account, make_home
from townhall.forms.operations.loading import load_forms
from townhall.ledger.models import Entry
from townhall.notifications import operations as notifications
from townhall.notifications import sending, texts
from townhall.notifications.models import Message, ReceivedText
from townhall.notifications.recipients import Recipient

pytestmark = pytest.mark.django_db
MOBILE = "07700 900123"


@pytest.fixture(autouse=True)
def _texting(settings: Any) -> None:
    settings.ALERTS_QUIET, settings.TEXT_PROVIDER = "", "demo"


def texted(body: str, *, provider_id: str = "", number: str = "447700900123", at: Any = NOON) -> None:
    texts.receive(provider_id=provider_id or f"{body}-{at}", number=number, body=body, sent_at=at, at=at)
    replying.answer(at)


def with_an_alert_by_text() -> UUID:
    make_home()
    account = make_account()
    customer = customer_of(account)
    by = Actor(kind=ActorKind.CUSTOMER, id=str(customer))
    for topic in ("events", "requests"):
        wish = Wish(topic=topic, email=account.email, uprn=HOME, customer_id=customer, phone=MOBILE, by_text=True)
        subscribing.turn_on(wish, by=by, at=NOON)
    return customer


def something_near_by(key: str) -> None:
    data = {"words": "A fair", "location": "", "description": "", "link": "/e"}
    heard.keep("events", key, source="test", data=data, at=NOON, spot=(530_000, 180_000))
    alerting.tell_of_items(NOON)


def answers() -> list[str]:
    return list(
        Message.objects.filter(template__startswith="texts/")
        .order_by("created_at", "id")
        .values_list("template", flat=True)
    )


@pytest.mark.parametrize(
    ("body", "what"),
    [("STOP", "stop"), (" stop. ", "stop"), ("Stop all!", "stop_all"), ("StopAll", "stop_all"), ("start", "start"), ("Help?", "help"),
     ("Stop the noise next door", ""), ("please help me", ""), ("", "")],
)  # fmt: skip
def test_only_a_message_that_is_nothing_else_is_a_command(body: str, what: str) -> None:
    assert meaning(body) == what


def test_stop_ends_the_alerts_of_a_number_at_once_takes_the_consent_back_and_is_confirmed_once() -> None:
    customer = with_an_alert_by_text()
    something_near_by("one")
    texted("STOP", provider_id="n1")
    texts.receive(
        provider_id="n1", number="447700900123", body="STOP", sent_at=NOON, at=NOON
    )  # the provider repeats it
    replying.answer(NOON)
    texted("stop", provider_id="n2")

    assert {row.ended_because for row in AlertSubscription.objects.all()} == {"texted"}
    assert not consents.agreed(customer, "text-alerts")
    assert Entry.objects.filter(verb="customer.consent_withdrawn", customer_id=customer).count() == 1
    assert Message.objects.get(template="alert/event").state == "withdrawn", "what waited is taken back"
    assert answers() == ["texts/stopped"]
    something_near_by("two")
    assert AlertItem.objects.get(key="two").told == 0
    assert [text.done for text in ReceivedText.objects.order_by("received_at", "id")] == ["stop", "stop"]


def test_start_brings_back_what_stop_ended_and_turning_one_on_again_is_a_start_too() -> None:
    customer = with_an_alert_by_text()
    texted("STOP")
    texted("START", at=NOON + timedelta(minutes=1))
    assert AlertSubscription.objects.filter(ended_at__isnull=True).count() == 2
    assert consents.agreed(customer, "text-alerts")
    texted("start", at=NOON + timedelta(minutes=2))
    assert answers() == ["texts/stopped", "texts/started"], "who has not stopped is told nothing"


def test_after_stop_all_nothing_is_texted_and_its_owner_is_told_the_other_way_or_the_case_knows() -> None:
    texted("STOP ALL")
    about = Subject(kind="case", id=UUID(int=1))
    both = Recipient(email="noor@example.org", phone=MOBILE, prefers="text")
    notifications.send("check", to=both, about=about, key="both", context={}, at=NOON)
    notifications.send("check", to=Recipient(phone="+44 7700 900123"), about=about, key="phone", context={}, at=NOON)
    sending.run(NOON + timedelta(seconds=1))

    assert Message.objects.get(key="phone").state == "failed"
    assert Message.objects.get(key="phone").error == "They asked us not to text this number"
    assert Message.objects.get(key="both:fallback").channel == "email"
    assert Message.objects.get(template="texts/stopped").state == "sent", "the answer itself still goes"


def test_help_is_answered_once_a_day_so_that_two_machines_do_not_talk_for_ever() -> None:
    for number in range(3):
        texted("HELP", provider_id=f"h{number}")
    assert answers() == ["texts/help"]


def make_desk(folder: Path) -> None:
    shutil.copytree(OUR_PACKS / "ask-us", folder / "ask-us")
    make_council(folder)
    load_forms(folder, by=SYSTEM, at=NOON)
    seed_reference_data()


def test_any_other_text_becomes_a_case_of_customer_services_and_the_next_is_added_to_it(tmp_path: Path) -> None:
    make_desk(tmp_path)
    texted("Stop the noise next door, the music goes on all night")
    [case] = Case.objects.all()
    assert case.service_code == "ask-us"
    assert case.origin_channel == "text"
    [contact] = Contact.objects.all()
    assert (contact.channel_id, contact.given_phone) == ("text", "07700900123")
    [ack] = Message.objects.filter(case_id=case.pk)
    assert (ack.channel, ack.recipient_address) == ("text", "07700900123")
    assert case.reference in ack.body_text

    texted("It is number 12", at=NOON + timedelta(hours=1))
    assert Case.objects.count() == 1
    assert Note.objects.get(case=case).text == "It is number 12"
    texted("Another matter", at=NOON + timedelta(days=40))
    assert Case.objects.count() == 2


def test_what_cannot_be_done_now_is_kept_and_holds_up_nothing_else(tmp_path: Path) -> None:
    texts.receive(provider_id="q", number="447700900456", body="Are you open?", sent_at=NOON, at=NOON)
    texts.receive(provider_id="s", number="447700900123", body="STOP", sent_at=NOON, at=NOON)
    with pytest.raises(Exception):  # noqa: B017 - there is no form to keep it with yet
        replying.answer(NOON)
    assert answers() == ["texts/stopped"]
    assert ReceivedText.objects.get(provider_id="q").done == ""
    make_desk(tmp_path)
    replying.answer(NOON + timedelta(minutes=1))
    assert Case.objects.count() == 1
