"""Making a message: which channel, which words, and only once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from django.db import connection, transaction
from pytest_django import Settings

from townhall.core.db import pipelined
from townhall.core.ids import uuid7
from townhall.notifications.models import Message
from townhall.notifications.operations import preview, send
from townhall.notifications.recipients import Recipient
from townhall.notifications.states import Channel, State
from townhall.notifications.tests.makers import ANN, MONDAY, a_case, make_message

BOTH = Recipient(name="Bo", email="bo@example.org", phone="07700 900 123")


@pytest.fixture(autouse=True)
def _texts_are_on(settings: Settings) -> None:
    settings.TEXT_PROVIDER = "demo"


@pytest.mark.django_db
def test_a_message_waits_with_its_words_and_a_fixed_message_id() -> None:
    message = make_message(wording="Subject: Report {{ to.name }}\n\nDear {{ to.name }}")

    assert (message.state, message.channel) == (State.PENDING, Channel.EMAIL)
    assert (message.recipient_address, message.subject_line) == ("ann@example.org", "Report Ann Example")
    assert message.body_text == "Dear Ann Example"
    assert message.next_attempt_at == MONDAY
    assert message.message_id.startswith(f"<{message.id.hex}@")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("to", "channel", "address"),
    [
        (BOTH, Channel.EMAIL, "bo@example.org"),
        (Recipient(email="bo@example.org", phone="07700900123", prefers="text"), Channel.TEXT, "07700900123"),
        (Recipient(phone="+44 7700 (900) 123"), Channel.TEXT, "+447700900123"),
        (Recipient(email="bo@example.org", prefers="letter"), Channel.EMAIL, "bo@example.org"),
        (Recipient(email="bo@example.org", prefers="inbox"), Channel.EMAIL, "bo@example.org"),
        (Recipient(email="not an address", phone="nor a number"), Channel.SCREEN, ""),
        (Recipient(), Channel.SCREEN, ""),
    ],
)
def test_the_channel_follows_the_preference_and_the_addresses_given(
    to: Recipient, channel: Channel, address: str
) -> None:
    message = make_message(to=to)

    assert (message.channel, message.recipient_address) == (channel, address)


@pytest.mark.django_db
def test_an_anonymous_reporter_is_told_on_screen_and_that_is_recorded() -> None:
    message = make_message(to=Recipient())

    assert (message.state, message.channel, message.next_attempt_at) == (State.RECORDED, Channel.SCREEN, None)
    assert message.body_text == "We have it."


@pytest.mark.django_db
def test_a_customer_who_wants_the_account_inbox_has_it_there_at_once() -> None:
    message = make_message(to=Recipient(email="bo@example.org", customer_id=uuid7(), prefers="inbox"))

    assert (message.state, message.channel, message.sent_at) == (State.DELIVERED, Channel.INBOX, MONDAY)


@pytest.mark.django_db
def test_text_messages_wait_for_a_provider(settings: Settings) -> None:
    settings.TEXT_PROVIDER = ""

    assert make_message(to=Recipient(phone="07700 900123")).state == State.RECORDED


@pytest.mark.django_db
def test_a_text_message_says_the_short_words_and_email_keeps_them_as_its_fallback() -> None:
    wording = "Subject: Long\nText: Short for {{ to.name }}\n\nAll of it."

    text = make_message(to=Recipient(name="Bo", phone="07700900123"), wording=wording)
    mail = make_message(to=BOTH, wording=wording)

    assert text.body_text == "Short for Bo"
    assert (mail.body_text, mail.subject_line) == ("All of it.", "Long")
    assert mail.fallback == [
        {"channel": "text", "address": "07700900123", "subject_line": "Long", "body_text": "Short for Bo"}
    ]


@pytest.mark.django_db
def test_the_same_key_again_changes_nothing_and_names_the_first_message() -> None:
    first = make_message(key="ack-1")

    def again() -> UUID | None:
        return send("check", to=BOTH, about=a_case(), key="ack-1", context={}, at=MONDAY, override="Other words")

    assert again() == first.id
    assert Message.objects.get().body_text == "We have it."


@pytest.mark.django_db(transaction=True)
def test_a_message_in_a_pipeline_waits_for_nothing_and_is_made_once() -> None:
    with transaction.atomic(), pipelined():
        ids = [send("check", to=ANN, about=a_case(), key="ack-1", context={}, at=MONDAY) for _ in range(3)]

    assert ids == [None, None, None]
    assert Message.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_make_one_message() -> None:
    about = a_case()

    def make(_: int) -> UUID | None:
        try:
            with transaction.atomic():
                return send("check", to=ANN, about=about, key="ack-race", context={}, at=MONDAY)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        ids = set(pool.map(make, range(8)))

    assert ids == {Message.objects.get().id}


@pytest.mark.django_db(transaction=True)
def test_a_message_of_an_operation_that_failed_was_never_made() -> None:
    def operation() -> None:
        with transaction.atomic():
            make_message()
            raise LookupError

    with pytest.raises(LookupError):
        operation()
    assert not Message.objects.exists()


def test_a_preview_is_what_would_be_sent() -> None:
    shown = preview("check", to=BOTH, context={}, channel="text")

    assert (shown.channel, shown.address) == (Channel.TEXT, "07700900123")
    assert shown.body_text.endswith("text messages work.")


@pytest.mark.django_db
def test_a_preview_equals_the_message_made_from_the_same_arguments() -> None:
    wording = "Subject: Hello {{ to.name }}\n\nDear {{ to.name }}"
    shown = preview("check", to=ANN, context={}, override=wording)
    message = make_message(wording=wording)

    assert (shown.subject_line, shown.body_text) == (message.subject_line, message.body_text)


HOSTILE: list[Callable[[str], str]] = [
    lambda name: name + "\r\nBcc: all@example.org",
    lambda name: name + "\x00\x07",
    lambda name: name + "\ud83d",
    lambda name: "\u202e" + name + "🦊",
    lambda name: name * 5000,
]


@pytest.mark.django_db
@pytest.mark.parametrize("spoil", HOSTILE)
def test_hostile_names_are_stored_and_stay_on_one_line(spoil: Callable[[str], str]) -> None:
    name = spoil("Ann")

    message = make_message(
        to=Recipient(name=name, email="ann@example.org"), wording="Subject: {{ to.name }}\n\nHello {{ to.name }}"
    )

    assert "\n" not in message.subject_line + message.recipient_name
    assert len(message.subject_line) <= 200
    assert "\x00" not in message.body_text
    assert "Ann" in message.body_text


@pytest.mark.parametrize(
    "address",
    [
        "a@b.example\r\nBcc: c@d.example",
        "a@b.example, c@d.example",
        "<a@b.example>",
        "a b@c.example",
        "a" * 260 + "@b.example",
    ],
)
def test_an_address_that_could_reach_somebody_else_is_no_address(address: str) -> None:
    assert preview("check", to=Recipient(email=address), context={}).channel is Channel.SCREEN
