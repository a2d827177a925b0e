"""Real conversations with a real mail server, good and bad."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from django.db import connection
from pytest_django import Settings

from townhall.core.events import subscribe
from townhall.notifications import sending
from townhall.notifications.events import MessageFailed
from townhall.notifications.models import Message
from townhall.notifications.operations import send
from townhall.notifications.providers import opened
from townhall.notifications.recipients import Recipient
from townhall.notifications.states import Channel, State
from townhall.notifications.tests.mail_server import Post, free_port, post_office
from townhall.notifications.tests.makers import ANN, MONDAY, a_case, later, make_message

pytestmark = pytest.mark.django_db(transaction=True)
AFTER_LEASE = timedelta(seconds=121)


@pytest.fixture
def post(settings: Settings) -> Iterator[Post]:
    with post_office(settings) as office:
        yield office


def test_a_message_is_sent_once_and_marked(post: Post) -> None:
    message = make_message(to=Recipient(name="Ann Example", email="ann@example.org"))

    assert sending.run(MONDAY) == 1
    assert sending.run(later(3600)) == 0

    message.refresh_from_db()
    assert (message.state, message.attempts, message.next_attempt_at) == (State.SENT, 1, None)
    assert message.sent_at is not None
    assert post.message_ids == [message.message_id]
    assert post.envelopes[0].rcpt_tos == ["ann@example.org"]


def test_a_batch_goes_over_one_connection(post: Post) -> None:
    for _ in range(20):
        make_message()

    assert sending.run(MONDAY) == 20
    assert (len(post.mails), post.connections) == (20, 1)


def test_a_message_that_is_not_due_waits(post: Post) -> None:
    make_message(at=later(60))

    assert sending.run(MONDAY) == 0
    assert sending.run(later(60)) == 1


def test_a_passing_refusal_is_tried_again_with_longer_waits(post: Post) -> None:
    post.on_recipient = lambda _address: "451 4.3.0 Mailbox busy"
    message = make_message()

    sending.run(MONDAY)
    message.refresh_from_db()
    first_wait = message.next_attempt_at
    assert (message.state, message.attempts) == (State.PENDING, 1)
    assert "451" in message.error
    assert first_wait is not None
    assert first_wait >= MONDAY + sending.FIRST_WAIT

    sending.run(later(60))
    message.refresh_from_db()
    assert message.next_attempt_at is not None
    assert message.next_attempt_at - later(60) >= 2 * sending.FIRST_WAIT

    post.on_recipient = lambda _address: None
    sending.run(later(600))
    message.refresh_from_db()
    assert (message.state, message.error, message.attempts) == (State.SENT, "", 3)


def test_after_three_days_of_passing_refusals_the_message_has_failed(post: Post) -> None:
    post.on_data = lambda _mail: "451 Later"
    message = make_message()

    sending.run(MONDAY + timedelta(days=3, minutes=1))

    message.refresh_from_db()
    assert message.state == State.FAILED


@pytest.mark.parametrize("answer", ["550 5.1.1 No such mailbox", "554 5.7.1 Not wanted"])
def test_a_final_refusal_fails_and_is_announced(post: Post, answer: str) -> None:
    heard: list[MessageFailed] = []
    subscribe(MessageFailed, heard.append)
    post.on_recipient = lambda address: answer if address == ANN.email else None
    message, other = make_message(), make_message(to=Recipient(email="bo@example.org"))

    sending.run(MONDAY)

    message.refresh_from_db()
    other.refresh_from_db()
    assert (message.state, other.state) == (State.FAILED, State.SENT)
    assert message.error.startswith(answer[:3])
    assert [event.message_id for event in heard] == [message.id]
    assert sending.run(later(86_400)) == 0


def test_a_refused_mail_falls_back_to_a_text_message(post: Post, settings: Settings) -> None:
    settings.TEXT_PROVIDER = "demo"
    post.on_data = lambda _mail: "550 No"
    to = Recipient(name="Ann", email="ann@example.org", phone="07700 900123")
    message = make_message(to=to, key="ack-7", wording="Subject: Long\nText: Short\n\nAll of it")

    sending.run(MONDAY)

    fallback = Message.objects.get(key="ack-7:fallback")
    assert (fallback.channel, fallback.recipient_address, fallback.body_text) == (Channel.TEXT, "07700900123", "Short")
    assert (fallback.state, fallback.fallback) == (State.PENDING, None)
    assert fallback.subject_id == message.subject_id


def test_a_server_that_is_away_delays_everything_and_loses_nothing(settings: Settings) -> None:
    settings.EMAIL_PORT = free_port()
    messages = [make_message() for _ in range(3)]

    assert sending.run(MONDAY) == 0
    with post_office(settings) as post:
        assert sending.run(later(60)) == 3

    assert sorted(post.message_ids) == sorted(message.message_id for message in messages)


def test_a_hang_up_after_the_mail_repeats_it_under_the_same_message_id(post: Post) -> None:
    post.hang_up_after_data = True
    message = make_message()
    sending.run(MONDAY)
    message.refresh_from_db()
    assert message.state == State.PENDING

    post.hang_up_after_data = False
    sending.run(later(60))

    message.refresh_from_db()
    assert message.state == State.SENT
    assert post.message_ids == [message.message_id] * 2
    assert post.raw[0] == post.raw[1]


def test_a_connection_cut_in_the_middle_of_the_mail_is_tried_again(settings: Settings) -> None:
    message = make_message(wording="Subject: Long\n\n" + "word " * 400_000)
    with _cuts_off_in_the_middle() as port:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        sending.run(MONDAY)
    message.refresh_from_db()
    assert message.state == State.PENDING

    with post_office(settings) as post:
        sending.run(later(60))

    assert post.message_ids == [message.message_id]


def test_a_server_too_slow_to_answer_does_not_hold_up_the_worker(post: Post, settings: Settings) -> None:
    settings.EMAIL_TIMEOUT = 1
    post.delay = 3
    for _ in range(3):
        make_message()

    assert sending.run(MONDAY) == 0

    tried = Message.objects.filter(state=State.PENDING).order_by("attempts").values_list("attempts", flat=True)
    assert list(tried) == [0, 0, 1]  # the other two did not have to wait for the same silence


def test_two_workers_share_the_work_and_send_nothing_twice(post: Post) -> None:
    messages = [make_message() for _ in range(60)]

    def work(_: int) -> int:
        try:
            return sending.run(MONDAY)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(work, range(4))) == 60
    assert sorted(post.message_ids) == sorted(message.message_id for message in messages)


def test_a_claim_that_a_dead_worker_left_runs_out(post: Post) -> None:
    message = make_message()
    sending.claim(at=MONDAY)

    assert sending.run(later(60)) == 0
    assert sending.run(MONDAY + AFTER_LEASE) == 1
    message.refresh_from_db()
    assert (message.state, message.attempts) == (State.SENT, 2)


def test_a_worker_killed_between_the_answer_and_the_commit_repeats_that_mail_alone(post: Post) -> None:
    messages = [make_message(at=later(-number)) for number in range(5, 0, -1)]
    connection.close()  # the child makes its own
    child = os.fork()
    if not child:
        post_by = threading.Event()
        sending.run(MONDAY)
        post_by.wait()  # never reached in time: the third mail kills us
    received: list[str] = []

    def kill_at_the_third(mail: object) -> None:
        received.append("")
        if len(received) == 3:
            os.kill(child, signal.SIGKILL)

    post.on_data = kill_at_the_third
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL
    post.on_data = lambda _mail: None

    sending.run(MONDAY + AFTER_LEASE)

    first, second, third, *rest = [message.message_id for message in messages]
    assert sorted(post.message_ids) == sorted([first, second, third, third, *rest])
    assert {message.state for message in Message.objects.all()} == {State.SENT}


def test_a_sender_whose_lease_ran_out_writes_nothing_over_the_next_one(post: Post) -> None:
    make_message()
    [slow] = sending.claim(at=MONDAY)
    sending.run(MONDAY + AFTER_LEASE)

    sending.fail(slow, "550 too late", at=later(300))

    slow.refresh_from_db()
    assert slow.state == State.SENT


def test_a_slow_sender_leaves_the_next_attempt_to_whoever_took_it_over() -> None:
    make_message()
    [slow] = sending.claim(at=MONDAY)
    [taken_over] = sending.claim(at=MONDAY + AFTER_LEASE)

    sending.mark_sent(slow, provider_id="", at=later(300))
    taken_over.refresh_from_db()
    assert taken_over.state == State.SENDING

    sending.mark_sent(taken_over, provider_id="", at=later(301))
    taken_over.refresh_from_db()
    assert (taken_over.state, taken_over.attempts) == (State.SENT, 2)


def addresses(post: Post) -> list[str]:
    return [envelope.rcpt_tos[0] for envelope in post.envelopes]


def test_the_newest_do_not_stand_behind_a_mailing_to_thousands(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "BATCH", 4)
    monkeypatch.setattr(sending, "NEWEST", 2)
    for number in range(20):
        make_message(at=later(number - 3600))
    make_message(to=Recipient(email="now@example.org"))

    sending.run(MONDAY)

    assert "now@example.org" in addresses(post)[:2]
    assert len(post.mails) == 6
    while sending.run(MONDAY):
        pass
    assert sorted(post.message_ids) == sorted(message.message_id for message in Message.objects.all())


def test_no_message_goes_before_an_earlier_one_about_the_same_case(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "BATCH", 4)
    monkeypatch.setattr(sending, "NEWEST", 2)
    case_id = a_case().id
    for number in range(20):
        make_message(at=later(number - 3600))
    for number, name in enumerate(("received", "accepted")):
        make_message(to=Recipient(email=f"{name}@example.org"), at=later(number - 5), case_id=case_id)

    while sending.run(MONDAY):
        pass

    asked = [name for name in addresses(post) if name != ANN.email]
    assert asked == ["received@example.org", "accepted@example.org"]
    assert len(post.mails) == 22


def test_a_batch_that_lasts_too_long_ends_and_what_is_left_may_go_at_once(
    post: Post,
) -> None:
    for number in range(3):
        make_message(at=later(number - 3))
    batch = sending.Batch(sending.claim_batch(at=MONDAY), at=MONDAY)
    batch._began -= sending.LONGEST_BATCH

    assert batch.next() is None

    assert list(Message.objects.values_list("state", "attempts")) == [(State.PENDING, 0)] * 3
    assert sending.run(MONDAY) == 3
    assert post.message_ids == [message.message_id for message in Message.objects.order_by("created_at")]


def test_a_message_that_may_be_undone_is_held(post: Post) -> None:
    send("check", to=ANN, about=a_case(), key="ack-1", context={}, at=MONDAY, not_before=later(300))

    assert sending.run(later(299)) == 0
    assert sending.run(later(300)) == 1


def test_a_long_batch_renews_its_lease(post: Post, settings: Settings) -> None:
    settings.EMAIL_TIMEOUT = 20  # a lease of 120 s, renewed when 90 s or less are left
    for _ in range(3):
        make_message()
    batch = sending.Batch(sending.claim(at=MONDAY), at=MONDAY)
    leases: list[datetime | None] = []
    with opened(Channel.EMAIL) as provider:
        while message := batch.next():
            batch.attempt(message, provider)
            leases += Message.objects.filter(state=State.SENDING).values_list("next_attempt_at", flat=True)[:1]
            batch._leased -= 31  # half a minute has gone by

    first, renewed = leases
    assert first == later(120)
    assert renewed is not None
    assert renewed > first
    assert len(post.mails) == 3


def test_messages_taken_over_during_a_long_batch_are_left_alone(post: Post) -> None:
    for number in range(3):
        make_message(at=later(number - 3))
    batch = sending.Batch(sending.claim(at=MONDAY), at=MONDAY)
    sending.run(MONDAY + AFTER_LEASE)

    with opened(Channel.EMAIL) as provider:
        batch._leased -= 3600  # an hour has gone by
        while message := batch.next():
            batch.attempt(message, provider)

    assert len(post.mails) == 3
    assert batch.handled == 0


class _cuts_off_in_the_middle:  # noqa: N801 - reads as a sentence where it is used
    """A mail server that takes the start of a mail and hangs up."""

    def __enter__(self) -> int:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._talk)
        self._thread.start()
        port = self._listener.getsockname()[1]
        assert isinstance(port, int)
        return port

    def __exit__(self, *_: object) -> None:
        self._thread.join()
        self._listener.close()

    def _talk(self) -> None:
        caller, _ = self._listener.accept()
        with caller, caller.makefile("rb") as lines:
            caller.sendall(b"220 here\r\n")
            for line in lines:
                if line.upper().startswith(b"DATA"):
                    caller.sendall(b"354 go on\r\n")
                    lines.read(10_000)
                    caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
                    return
                caller.sendall(b"250 fine\r\n")
