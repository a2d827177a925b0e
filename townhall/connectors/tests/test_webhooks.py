from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from townhall.connectors import addresses, delivering, operations, queries, signing, webhooks
from townhall.connectors.models import Delivery, WebhookSubscription
from townhall.connectors.states import State
from townhall.connectors.tests.makers import LATER, NOON
from townhall.core.errors import BadInput
from townhall.core.ids import uuid7


@dataclass
class Subscriber:
    """Somebody else's server. What came, as it came."""

    came: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)  # taken first to last; then 204
    url: str = ""

    @property
    def ids(self) -> list[str]:
        return [json.loads(body)["id"] for _, body in self.came]


@pytest.fixture
def subscriber(settings: Any) -> Iterator[Subscriber]:
    settings.ALLOW_PRIVATE_WEBHOOKS = True
    kept = Subscriber()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            kept.came.append(({name.lower(): value for name, value in self.headers.items()}, body))
            status, headers = kept.answers.pop(0) if kept.answers else (204, {})
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *arguments: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    kept.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield kept
    server.shutdown()
    server.server_close()
    thread.join()


@dataclass(frozen=True)
class Row:
    """A ledger entry as the feed gives it."""

    position: int
    verb: str = "case.closed"
    id: UUID = field(default_factory=uuid7)
    at: datetime = NOON
    subject_kind: str = "case"
    subject_id: UUID = field(default_factory=uuid7)
    case_id: UUID | None = None
    data: dict[str, Any] = field(default_factory=lambda: {"reason": "done"})


@pytest.fixture
def feed() -> Iterator[list[Row]]:
    """Rows in order; append to it."""
    rows: list[Row] = []

    def read(*, position: int, entry_id: UUID, limit: int) -> Sequence[Row]:
        return [row for row in rows if (row.position, row.id) > (position, entry_id)][:limit]

    before = list(webhooks._feeds)
    webhooks.follow(read)
    yield rows
    webhooks._feeds[:] = before


def subscribe(subscriber: Subscriber, *verbs: str) -> WebhookSubscription:
    return operations.add_webhook("Their system", url=subscriber.url, verbs=verbs, position=10, at=NOON)


def send_everything(at: datetime = NOON) -> None:
    while webhooks.sweep(at):
        pass
    while delivering.sweep(at):
        pass


@pytest.mark.capability("INTG-01")
@pytest.mark.django_db(transaction=True)
def test_a_subscriber_gets_each_wanted_entry_signed_and_in_order(subscriber: Subscriber, feed: list[Row]) -> None:
    subscription = subscribe(subscriber, "case.*")
    feed += [
        Row(10),
        Row(11),
        Row(12, verb="message.sent"),
        Row(13, verb="case.opened"),
        Row(14, verb="caseload.counted"),
    ]
    send_everything()

    assert subscriber.ids == [str(feed[1].id), str(feed[3].id)]
    headers, body = subscriber.came[0]
    secret = signing.secret_from_text(queries.webhook_secret(subscription.pk))
    assert headers["webhook-id"] == str(feed[1].id)
    assert signing.is_right(
        secret,
        message_id=headers["webhook-id"],
        timestamp=headers["webhook-timestamp"],
        given=headers["webhook-signature"],
        body=body,
    )
    assert json.loads(body) == {
        "id": str(feed[1].id),
        "type": "case.closed",
        "timestamp": NOON.isoformat(),
        "data": {"subject": {"kind": "case", "id": str(feed[1].subject_id)}, "case_id": None, "reason": "done"},
    }


@pytest.mark.django_db(transaction=True)
def test_a_subscriber_that_was_away_catches_up_under_the_same_ids(subscriber: Subscriber, feed: list[Row]) -> None:
    subscribe(subscriber)
    subscriber.answers += [(503, {}), (500, {})]
    feed += [Row(11), Row(12)]
    at = NOON
    for _ in range(4):
        send_everything(at)
        at += LATER

    assert set(subscriber.ids) == {str(row.id) for row in feed}
    by_id = {headers["webhook-id"]: headers["idempotency-key"] for headers, _ in subscriber.came}
    assert len(subscriber.came) == 4
    assert len(by_id) == 2
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}


@pytest.mark.django_db(transaction=True)
def test_asking_us_to_wait_is_respected(subscriber: Subscriber, feed: list[Row]) -> None:
    subscribe(subscriber)
    subscriber.answers += [(429, {"Retry-After": "300"})]
    feed += [Row(11)]
    send_everything()
    send_everything(NOON + timedelta(seconds=299))
    assert len(subscriber.came) == 1
    send_everything(NOON + timedelta(seconds=302))
    assert len(subscriber.came) == 2


@pytest.mark.django_db(transaction=True)
def test_a_replay_sends_again_under_the_same_ids(subscriber: Subscriber, feed: list[Row]) -> None:
    subscription = subscribe(subscriber)
    feed += [Row(11), Row(12)]
    send_everything()
    operations.replay_webhook(subscription.pk, position=11)
    send_everything(NOON + LATER)
    assert subscriber.ids == [str(feed[0].id), str(feed[1].id), str(feed[1].id)]
    assert Delivery.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_workers_racing_over_a_subscription_queue_each_entry_once(subscriber: Subscriber, feed: list[Row]) -> None:
    subscribe(subscriber)
    feed += [Row(position) for position in range(11, 61)]

    def work() -> None:
        for _ in range(5):
            webhooks.sweep(NOON)
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert Delivery.objects.count() == 50


@pytest.mark.django_db(transaction=True)
def test_a_redirect_is_not_followed(subscriber: Subscriber, feed: list[Row]) -> None:
    subscribe(subscriber)
    subscriber.answers += [(307, {"Location": "http://127.0.0.1:1/inside"})]
    feed += [Row(11)]
    send_everything()
    assert Delivery.objects.get().state == State.FAILED


@pytest.mark.django_db(transaction=True)
def test_an_address_that_became_private_is_not_called(subscriber: Subscriber, feed: list[Row], settings: Any) -> None:
    subscribe(subscriber)
    feed += [Row(11)]
    settings.ALLOW_PRIVATE_WEBHOOKS = False
    send_everything()
    assert subscriber.came == []
    assert Delivery.objects.get().state == State.FAILED


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/hook",
        "https://127.0.0.1/hook",
        "https://localhost/hook",
        "https://10.1.2.3/",
        "https://192.168.0.1/",
        "https://172.16.5.5/",
        "https://169.254.169.254/latest/meta-data",
        "https://100.64.0.1/",
        "https://0.0.0.0/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://[fd00::1]/",
        "https://[fe80::1%25eth0]/",
        "https://224.0.0.1/",
        "https://user:password@127.0.0.1/",
        "https:///nothing",
        "https://[::1",
        "ftp://example.org/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "",
    ],
)
def test_addresses_inside_our_own_network_are_refused(url: str, settings: Any) -> None:
    settings.ALLOW_PRIVATE_WEBHOOKS = False
    with pytest.raises(BadInput, match="cannot be used"):
        addresses.check_url(url)


def test_a_name_with_one_private_address_among_public_ones_is_refused(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ALLOW_PRIVATE_WEBHOOKS = False
    answers = [["93.184.215.14"], ["93.184.215.14", "10.0.0.1"]]

    def lookup(host: str, port: int, **options: Any) -> list[Any]:
        return [(2, 1, 6, "", (address, port)) for address in answers.pop(0)]

    monkeypatch.setattr("socket.getaddrinfo", lookup)
    assert addresses.allowed_address("https://example.org/hook") == "93.184.215.14"
    with pytest.raises(addresses.ForbiddenAddress):
        addresses.allowed_address("https://example.org/hook")


def test_signatures_agree_with_the_specifications_example() -> None:
    """The example of the Standard Webhooks specification."""
    secret = signing.secret_from_text("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    made = signing.signature(
        secret, message_id="msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp=1614265330, body=b'{"test": 2432232314}'
    )
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert signing.secret_as_text(secret) == "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.mark.django_db(transaction=True)
def test_what_came_in_by_an_import_is_no_news_to_a_subscriber(subscriber: Subscriber, feed: list[Row]) -> None:
    subscription = subscribe(subscriber)
    feed += [Row(11, data={"imported_from": "old-system"}), Row(12)]

    send_everything()

    assert subscriber.ids == [str(feed[1].id)]
    subscription.refresh_from_db()
    assert subscription.position == 12
