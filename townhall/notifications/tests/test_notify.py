"""Text messages (and email) by GOV.UK Notify, against a server that follows its documentation."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from unittest import mock
from uuid import uuid4

import pytest
from django.test import Client
from pytest_django import Settings

from townhall.notifications import sending
from townhall.notifications.models import Message, Receipt
from townhall.notifications.recipients import Recipient
from townhall.notifications.states import Channel, State
from townhall.notifications.tests.makers import MONDAY, later, make_message
from townhall.notifications.tests.notify_stand_in import Notify, notify_stand_in

pytestmark = [pytest.mark.django_db, pytest.mark.urls("townhall.notifications.urls")]
BO = Recipient(name="Bo", phone="07700 900123")
BY_TEXT = Recipient(name="Bo", email="bo@example.org", phone="07700 900123", prefers="text")
TOKEN = "a-long-token-for-the-tests"


@pytest.fixture
def notify(settings: Settings) -> Iterator[Notify]:
    settings.NOTIFY_CALLBACK_TOKEN = TOKEN
    with notify_stand_in(settings) as stand_in:
        yield stand_in


def call_back(status: str, *, message: Message, token: str = TOKEN, **fields: object) -> int:
    body = {
        "id": message.provider_id or str(uuid4()),
        "reference": str(message.id),
        "to": "07700900123",
        "status": status,
        "created_at": "2026-03-02T09:30:00.000000Z",
        "completed_at": "2026-03-02T09:31:00.000000Z",
        "sent_at": "2026-03-02T09:30:30.000000Z",
        "notification_type": "sms",
        **fields,
    }
    answer = Client().post(
        "/notify/callbacks/receipts",
        json.dumps(body),
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}"},
    )
    return answer.status_code


def sent_text(to: Recipient = BO) -> Message:
    message = make_message(to=to)
    sending.run(MONDAY)
    message.refresh_from_db()
    assert message.state == State.SENT
    return message


def test_a_text_message_reaches_notify_with_its_words_and_our_reference(notify: Notify) -> None:
    message = sent_text()

    [taken] = notify.taken
    assert taken["request"]["phone_number"] == "07700900123"
    assert taken["request"]["personalisation"] == {"body": message.body_text}
    assert (taken["reference"], message.provider_id) == (str(message.id), taken["id"])


def test_email_may_go_by_notify_too(notify: Notify, settings: Settings) -> None:
    settings.EMAIL_PROVIDER = "notify"
    url = "https://aldermere.example.org/stop/1"
    message = make_message(unsubscribe_url=url)

    sending.run(MONDAY)

    [taken] = notify.taken
    assert taken["request"]["email_address"] == "ann@example.org"
    assert taken["request"]["personalisation"] == {"subject": message.subject_line, "body": message.body_text}
    assert taken["request"]["one_click_unsubscribe_url"] == url


@pytest.mark.parametrize("status", [429, 500, 503])
def test_notify_in_trouble_delays_the_message(notify: Notify, status: int) -> None:
    notify.refusals = [(status, "RateLimitError")]
    message = make_message(to=BO)

    sending.run(MONDAY)
    message.refresh_from_db()
    assert (message.state, message.attempts) == (State.PENDING, 1)

    sending.run(later(60))
    message.refresh_from_db()
    assert message.state == State.SENT
    assert len(notify.taken) == 1


def test_a_rate_limit_lets_the_whole_batch_wait(notify: Notify) -> None:
    notify.refusals = [(429, "RateLimitError")]
    for _ in range(5):
        make_message(to=BO)

    assert sending.run(MONDAY) == 0
    assert notify.asked == ["POST /v2/notifications/sms"]
    assert sorted(Message.objects.values_list("attempts", flat=True)) == [0, 0, 0, 0, 1]

    assert sending.run(later(60)) == 5


def test_a_refused_text_message_falls_back_to_email(notify: Notify) -> None:
    notify.refusals = [(400, "BadRequestError")]
    message = make_message(to=BY_TEXT, key="ack-1")

    sending.run(MONDAY)

    message.refresh_from_db()
    fallback = Message.objects.get(key="ack-1:fallback")
    assert message.state == State.FAILED
    assert (fallback.channel, fallback.recipient_address) == (Channel.EMAIL, "bo@example.org")
    assert fallback.message_id


def test_a_wrong_key_is_not_tried_over_and_over(notify: Notify, settings: Settings) -> None:
    settings.NOTIFY_API_KEY = f"town_hall-{notify.service}-{uuid4()}"
    message = make_message(to=BO)

    sending.run(MONDAY)

    message.refresh_from_db()
    assert (message.state, notify.taken) == (State.FAILED, [])
    assert "403" in message.error


def test_a_clock_that_is_wrong_by_a_minute_is_refused(notify: Notify) -> None:
    message = make_message(to=BO)

    with mock.patch("notifications_python_client.authentication.epoch_seconds", return_value=1_000_000_000):
        sending.run(MONDAY)

    message.refresh_from_db()
    assert "clock" in message.error


def test_notify_out_of_reach_loses_nothing(notify: Notify, settings: Settings) -> None:
    settings.NOTIFY_BASE_URL = "http://127.0.0.1:1"
    make_message(to=BO)
    assert sending.run(MONDAY) == 0

    settings.NOTIFY_BASE_URL = notify.url
    assert sending.run(later(60)) == 1


def test_an_answer_that_was_lost_sends_no_second_text(notify: Notify) -> None:
    notify.lose_the_answer = True
    message = make_message(to=BO)
    sending.run(MONDAY)
    message.refresh_from_db()
    assert message.state == State.PENDING

    notify.lose_the_answer = False
    sending.run(later(60))

    message.refresh_from_db()
    assert (message.state, len(notify.taken)) == (State.SENT, 1)
    assert message.provider_id == notify.taken[0]["id"]


def test_a_receipt_repeated_five_times_is_noted_once(notify: Notify) -> None:
    message = sent_text()

    assert {call_back("delivered", message=message) for _ in range(5)} == {204}

    message.refresh_from_db()
    assert message.state == State.DELIVERED
    assert message.delivered_at is not None
    assert Receipt.objects.count() == 1


@pytest.mark.parametrize("status", ["permanent-failure", "temporary-failure"])
def test_a_text_that_could_not_be_delivered_falls_back_once(notify: Notify, status: str) -> None:
    message = sent_text(BY_TEXT)

    for _ in range(3):
        assert call_back(status, message=message) == 204

    message.refresh_from_db()
    assert message.state == State.FAILED
    assert Message.objects.filter(channel=Channel.EMAIL).count() == 1


def test_a_technical_failure_is_sent_again_and_its_old_receipt_changes_nothing(notify: Notify) -> None:
    message = sent_text()
    first = message.provider_id
    notify.taken[0]["status"] = "technical-failure"
    call_back("technical-failure", message=message)
    message.refresh_from_db()
    assert message.state == State.PENDING
    assert message.next_attempt_at is not None

    sending.run(message.next_attempt_at)
    message.refresh_from_db()
    assert (message.state, len(notify.taken)) == (State.SENT, 2)

    call_back("technical-failure", message=message, id=first)
    call_back("delivered", message=message, id=first)
    message.refresh_from_db()
    assert message.state == State.SENT


def test_a_receipt_that_overtakes_our_own_note_counts(notify: Notify) -> None:
    message = make_message(to=BO)
    [claimed] = sending.claim(at=MONDAY)
    call_back("delivered", message=message, id="n-1")

    sending.mark_sent(claimed, provider_id="n-1", at=later(1))

    message.refresh_from_db()
    assert (message.state, message.provider_id, message.next_attempt_at) == (State.DELIVERED, "n-1", None)
    assert sending.run(MONDAY + timedelta(hours=1)) == 0


@pytest.mark.parametrize("token", ["", "wrong", TOKEN + "x", "ünïcode"])
def test_a_receipt_without_our_token_is_refused(notify: Notify, token: str) -> None:
    message = sent_text()

    assert call_back("delivered", message=message, token=token) == 401
    message.refresh_from_db()
    assert message.state == State.SENT


def test_a_receipt_for_nothing_of_ours_is_taken_and_forgotten(notify: Notify) -> None:
    message = sent_text()

    for reference in (None, "", "not an id", str(uuid4()), "\x00"):
        assert call_back("delivered", message=message, reference=reference) == 204
    assert not Receipt.objects.exists()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("", 400),
        ("{", 400),
        ("[]", 400),
        ('{"id": 7, "status": "delivered"}', 400),
        ('{"id": "x"}', 400),
        ("\xff\x00", 400),
    ],
)
def test_nonsense_is_refused_plainly(notify: Notify, body: str, status: int) -> None:
    answer = Client().post(
        "/notify/callbacks/receipts",
        body.encode("latin-1"),
        content_type="application/json",
        headers={"Authorization": f"Bearer {TOKEN}"},
    )
    assert answer.status_code == status


def test_an_unknown_status_is_refused(notify: Notify) -> None:
    assert call_back("lost-in-the-post", message=sent_text()) == 400


def test_without_a_token_there_is_no_callback(settings: Settings) -> None:
    settings.NOTIFY_CALLBACK_TOKEN = ""
    answer: Any = Client().post("/notify/callbacks/receipts", headers={"Authorization": "Bearer "})

    assert answer.status_code == 404
