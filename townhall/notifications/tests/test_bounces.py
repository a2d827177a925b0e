"""Mail that comes back, and texts that come in: told by the mail server and by Notify, kept once, believed only when it is ours."""

from __future__ import annotations

import json
from datetime import timedelta
from email.message import EmailMessage

import pytest
from django.test import Client
from pytest_django import Settings

from townhall.core.actors import SYSTEM
from townhall.core.events import _handlers
from townhall.ledger.models import Entry
from townhall.notifications import bounces, operations, sending
from townhall.notifications.events import MessageFailed
from townhall.notifications.models import Message, ReceivedText, Unreachable
from townhall.notifications.recipients import Recipient
from townhall.notifications.states import State
from townhall.notifications.tests.makers import MONDAY, make_message

pytestmark = [pytest.mark.django_db, pytest.mark.urls("townhall.notifications.urls")]
TOKEN = "a-long-token-for-the-tests"
BOTH = Recipient(name="Ann", email="Ann@Example.org", phone="07700 900123")


@pytest.fixture(autouse=True)
def _tokens(settings: Settings) -> None:
    settings.BOUNCE_TOKEN = settings.NOTIFY_CALLBACK_TOKEN = TOKEN
    settings.TEXT_PROVIDER = "demo"


def sent(to: Recipient = BOTH, *, key: str = "k") -> Message:
    message = make_message(to=to, key=key)
    [claimed] = sending.claim(at=MONDAY)
    sending.mark_sent(claimed, provider_id="", at=MONDAY)
    message.refresh_from_db()
    return message


def notification(message: Message, *, status: str = "5.1.1", action: str = "failed", to: str = "") -> bytes:
    """As RFC 3464 has it: words, the machine's part, and the headers of what failed."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "MAILER-DAEMON@mx.example.org", "bounces@example.gov.uk", "Undelivered"
    mail.set_content("This is the mail system at mx.example.org.")
    address = to or message.recipient_address
    report = (
        "Reporting-MTA: dns; mx.example.org\n\n"
        f"Final-Recipient: rfc822; {address}\nAction: {action}\nStatus: {status}\n"
        "Diagnostic-Code: smtp; 550 No such person here\n"
    )
    headers = f"Subject: {message.subject_line}\nMessage-ID: {message.message_id}\n"
    raw = mail.as_bytes()
    boundary = b"=_made_up"
    head, _blank, body = raw.partition(b"\n\n")
    head = b"\n".join(line for line in head.split(b"\n") if not line.startswith((b"Content-", b"MIME-")))
    parts = [b"Content-Type: text/plain\n\n" + body]
    parts.append(b"Content-Type: message/delivery-status\n\n" + report.encode())
    parts.append(b"Content-Type: text/rfc822-headers\n\n" + headers.encode())
    joined = b"".join(b"--" + boundary + b"\n" + part + b"\n" for part in parts) + b"--" + boundary + b"--\n"
    kind = (
        b'MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary="'
        + boundary
        + b'"\n\n'
    )
    return head + b"\n" + kind + joined


def hand_on(raw: bytes, *, token: str = TOKEN) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    return Client().post("/mail/bounces", raw, content_type="message/rfc822", headers=headers).status_code


def test_a_mail_that_comes_back_is_undelivered_goes_the_other_way_and_its_address_is_left_alone() -> None:
    message = sent()
    told: list[MessageFailed] = []
    _handlers[MessageFailed].append(told.append)
    try:
        assert hand_on(notification(message), token="guessed") == 401
        assert [hand_on(notification(message)) for _again in range(2)] == [204, 204]
    finally:
        _handlers[MessageFailed].remove(told.append)
    message.refresh_from_db()
    assert (message.state, message.error) == (State.FAILED, "5.1.1 550 No such person here")
    assert Message.objects.get(key="k:fallback").channel == "text"
    assert [event.message_id for event in told] == [message.pk], "its owner hears of it once"
    assert Unreachable.objects.get().address == "ann@example.org"
    assert Entry.objects.filter(verb="address.failing", subject_id=message.pk).count() == 1

    later = make_message(to=Recipient(email="ann@example.org"), key="later")
    code = make_message(to=Recipient(email="ann@example.org"), key="code")
    Message.objects.filter(pk=code.pk).update(template="account/code")
    blocked = sending._blocked(sending.claim(at=MONDAY + timedelta(minutes=1)), at=MONDAY)
    assert later.pk in blocked
    assert code.pk not in blocked, "who waits for a code has just typed the address"

    operations.try_again(message.pk, by=SYSTEM, at=MONDAY)
    assert Unreachable.objects.get().ended_at == MONDAY


@pytest.mark.parametrize(
    ("what", "state"),
    [
        ({"action": "delayed", "status": "4.4.1"}, "sent"),
        ({"status": "5.2.2"}, "failed"),
        ({"to": "eve@example.org"}, "sent"),
    ],
)
def test_a_delay_a_full_mailbox_and_somebody_elses_address_condemn_no_address(what: dict[str, str], state: str) -> None:
    message = sent()
    bounces.receive(notification(message, **what), at=MONDAY)
    message.refresh_from_db()
    assert message.state == state
    assert not Unreachable.objects.exists()


@pytest.mark.parametrize(
    "raw", [b"", b"\x00\xff" * 50, b"Content-Type: multipart/report\n\n", b"Subject: Out of office\n\nBack on Monday"]
)
def test_what_is_no_notification_is_taken_and_left(raw: bytes) -> None:
    assert hand_on(raw) == 204
    assert not Unreachable.objects.exists()


def test_an_address_that_failed_long_ago_is_tried_again() -> None:
    bounces.receive(notification(sent()), at=MONDAY)
    message = make_message(to=Recipient(email="ann@example.org"), key="later")
    assert sending._blocked([message], at=MONDAY + timedelta(days=89))
    assert not sending._blocked([message], at=MONDAY + timedelta(days=91))


def text_in(provider_id: str, number: str = "447700900123", *, token: str = TOKEN, **changed: object) -> int:
    body = {
        "id": provider_id,
        "source_number": number,
        "destination_number": "07700900999",
        "message": "STOP",
        "date_received": "2026-03-02T09:30:00.000000Z",
        **changed,
    }
    return (
        Client()
        .post(
            "/notify/callbacks/texts",
            json.dumps(body),
            content_type="application/json",
            headers={"Authorization": f"Bearer {token}"},
        )
        .status_code
    )


def test_a_text_that_notify_tells_of_is_kept_once_and_only_under_its_token(settings: Settings) -> None:
    assert text_in("1", token="guessed") == 401
    assert [text_in("1"), text_in("1"), text_in("2", message="a\x00b" + "x" * 9_000)] == [204, 204, 204]
    assert [text_in("", "447"), text_in("3", "not a number"), text_in("4", date_received="soon")] == [400, 400, 400]
    kept = list(ReceivedText.objects.order_by("provider_id"))
    assert [(one.provider_id, one.number, one.body[:6]) for one in kept] == [
        ("1", "+447700900123", "STOP"),
        ("2", "+447700900123", "abxxxx"),
    ]
    settings.NOTIFY_CALLBACK_TOKEN = ""
    assert text_in("5") == 404
