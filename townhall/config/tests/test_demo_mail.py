"""What the demo sends can be read by whoever tries it."""

from __future__ import annotations

import os
import signal
import smtplib
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from townhall.config import demo_mail
from townhall.notifications import sending
from townhall.notifications.demo_phone import keep
from townhall.notifications.recipients import Recipient
from townhall.notifications.tests.mail_server import free_port
from townhall.notifications.tests.makers import MONDAY, make_message

pytestmark = pytest.mark.urls("townhall.config.demo_urls")


@pytest.fixture(autouse=True)
def _demo(settings: Settings, tmp_path: Path) -> None:
    settings.DEMO, settings.DATA_DIR, settings.TEXT_PROVIDER = True, tmp_path, "demo"


def start_server(port: int, folder: Path) -> subprocess.Popen[bytes]:
    """The demo's mail server as `townhall demo` starts it, in a process of its own."""
    code = "import django; django.setup(); from townhall.config.demo_mail import serve; serve()"
    env = os.environ | {"EMAIL_PORT": str(port), "TOWNHALL_DATA": str(folder), "TOWNHALL_DEMO": "True"}
    process = subprocess.Popen([sys.executable, "-c", code], env=env)
    for _ in range(800):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except ConnectionRefusedError:
            time.sleep(0.05)
        else:
            return process
    process.kill()
    raise AssertionError("The mail server did not start.")


@pytest.mark.django_db
def test_a_mail_sent_by_the_worker_is_read_on_the_page(settings: Settings, tmp_path: Path) -> None:
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    link = f"{settings.PUBLIC_URL}/r/TH-7K3M-92QX"
    server = start_server(settings.EMAIL_PORT, tmp_path)
    try:
        make_message(
            wording=f"Subject: We have it\n\nDear {{{{ to.name }}}}, follow it at {link}.\n\n<script>1</script>"
        )
        sending.run(MONDAY)
        with smtplib.SMTP("127.0.0.1", settings.EMAIL_PORT) as stranger:
            stranger.sendmail("a@example.org", ["b@example.org"], b"Subject: =?utf-99?q?odd?=\r\n\r\n\xff\xfe")
    finally:
        server.send_signal(signal.SIGTERM)
        assert server.wait(40) == 0

    [odd, ours] = demo_mail.newest().rows
    listed = Client().get("/demo/mailbox").content.decode()
    page = Client().get(f"/demo/mailbox/{ours.name}").content.decode()
    assert "We have it" in listed
    assert "Ann Example &lt;ann@example.org&gt;" in listed
    assert f'href="{link}"' in page
    assert "<script>1" not in page
    assert Client().get(f"/demo/mailbox/{odd.name}").status_code == 200


@pytest.mark.django_db
def test_a_text_message_arrives_in_the_same_mailbox_once() -> None:
    message = make_message(to=Recipient(name="Bo", phone="07700 900123"), wording="Text: Your bin is late\n\nLong")

    sending.run(MONDAY)

    [text] = demo_mail.newest().rows
    assert (text.to, text.text.strip(), text.is_text) == ("07700900123", "Your bin is late", True)
    message.refresh_from_db()
    assert message.provider_id
    page = Client().get(f"/demo/mailbox/{text.name}").content.decode()
    assert "Your bin is late" in page


def test_the_list_goes_on_page_by_page() -> None:
    for number in range(demo_mail.PAGE_SIZE + 5):
        keep(b"Subject: Number %d\r\n\r\nHello" % number, name=f"{number:032x}")

    first = demo_mail.newest()
    rest = demo_mail.newest(before=first.after)

    assert [mail.subject for mail in first.rows][:2] == ["Number 34", "Number 33"]
    assert [mail.subject for mail in rest.rows] == [f"Number {number}" for number in range(4, -1, -1)]
    assert rest.after == ""


def test_only_the_demo_has_a_mailbox(settings: Settings) -> None:
    settings.DEMO = False

    assert Client().get("/demo/mailbox").status_code == 404
    assert Client().get("/demo/mailbox/abc").status_code == 404


def test_names_lead_nowhere_else() -> None:
    assert demo_mail.read("../../../etc/passwd") is None
    assert Client().get("/demo/mailbox/nothing").status_code == 404
