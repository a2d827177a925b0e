"""Letters by GOV.UK Notify: from its template or as we printed them, followed by asking, and what the post brings back."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import Settings

from townhall.core.errors import BadInput
from townhall.notifications import addresses, sending, tracking
from townhall.notifications.models import Letter, Message, Unreachable
from townhall.notifications.notify import address_lines
from townhall.notifications.providers import Refused
from townhall.notifications.recipients import Recipient
from townhall.notifications.states import State
from townhall.notifications.tests.makers import MONDAY, make_message
from townhall.notifications.tests.notify_stand_in import Notify, notify_stand_in

pytestmark = [pytest.mark.django_db, pytest.mark.urls("townhall.notifications.urls")]
ANN = Recipient(name="Ann Reader", postal="12 Mill Lane, Aldermere, ZZ1 1LD", prefers="letter")
PDF = b"%PDF-1.7 made up"
TOKEN = "a-long-token-for-the-tests"


@pytest.fixture
def notify(settings: Settings) -> Iterator[Notify]:
    settings.NOTIFY_CALLBACK_TOKEN, settings.LETTER_PROVIDER = TOKEN, "notify"
    with notify_stand_in(settings) as stand_in:
        yield stand_in


def posted(*, pdf: bytes | None = None, postage: str = "second") -> Message:
    message = make_message(to=ANN)
    if pdf is not None or postage != "second":
        tracking.attach(message.pk, pdf=pdf, postage=postage)
    sending.run(MONDAY)
    message.refresh_from_db()
    return message


def test_a_letter_goes_out_by_the_template_with_name_street_and_postcode(notify: Notify) -> None:
    message = posted()
    assert message.state == State.SENT, message.error
    [taken] = notify.taken
    given = taken["request"]["personalisation"]
    lines = [given[f"address_line_{number}"] for number in range(1, 5)]
    assert lines == ["Ann Reader", "12 Mill Lane", "Aldermere", "ZZ1 1LD"]
    assert (given["subject"], given["body"]) == (message.subject_line, message.body_text)
    assert (taken["reference"], message.provider_id) == (str(message.id), taken["id"])


def test_a_letter_that_we_printed_goes_out_as_it_is_with_its_postage(notify: Notify) -> None:
    posted(pdf=PDF, postage="first")
    [taken] = notify.taken
    assert base64.b64decode(taken["request"]["content"]) == PDF
    assert taken["request"]["postage"] == "first"
    with pytest.raises(BadInput):
        tracking.attach(make_message(to=ANN, key="x").pk, pdf=b"<html>")


def test_an_answer_that_was_lost_sends_no_second_letter(notify: Notify) -> None:
    notify.lose_the_answer = True
    message = posted(pdf=PDF)
    assert message.state == State.PENDING
    notify.lose_the_answer = False
    sending.run(MONDAY + timedelta(minutes=1))
    assert len(notify.taken) == 1


def test_notify_is_asked_until_the_letter_is_on_its_way_or_given_up(notify: Notify) -> None:
    gone, bad = posted(), posted(pdf=PDF)
    notify.taken[1]["status"] = "validation-failed"
    soon = MONDAY + timedelta(minutes=20)
    assert tracking.look(MONDAY) == 0
    assert tracking.look(soon) == 2
    gone.refresh_from_db()
    bad.refresh_from_db()
    assert (gone.state, bad.state, bad.error) == (State.SENT, State.FAILED, "validation-failed")
    notify.taken[0]["status"] = "received"
    assert tracking.look(soon + timedelta(hours=7)) == 1
    assert Letter.objects.get(pk=gone.pk).status == "received"
    assert tracking.look(soon + timedelta(days=2)) == 0, "nobody asks any more"


def returned(message: Message, *, token: str = TOKEN) -> int:
    body = {
        "notification_id": message.provider_id,
        "reference": str(message.id),
        "date_sent": "2026-03-02",
        "template_name": "Letter",
    }
    headers = {"Authorization": f"Bearer {token}"}
    path = "/notify/callbacks/returned-letters"
    return Client().post(path, json.dumps(body), content_type="application/json", headers=headers).status_code


def test_a_letter_that_comes_back_is_undelivered_and_nobody_is_written_to_there(notify: Notify) -> None:
    message = posted()
    assert returned(message, token="guessed") == 401
    assert [returned(message), returned(message)] == [204, 204]
    message.refresh_from_db()
    assert (message.state, message.error) == (State.FAILED, "returned")
    assert Unreachable.objects.get().because == "returned"
    again = make_message(to=ANN, key="again")
    sending.run(MONDAY + timedelta(days=1))
    again.refresh_from_db()
    assert (again.state, again.error) == (State.FAILED, "Letters to it come back")
    assert len(notify.taken) == 1


def test_an_address_has_three_to_seven_lines() -> None:
    long = Message(recipient_name="Ann", recipient_address="a, b, c, d, e, f, g, h, ZZ1 1LD")
    assert list(address_lines(long).values()) == ["Ann", "a", "b", "c", "d", "e, f, g, h", "ZZ1 1LD"]
    with pytest.raises(Refused):
        address_lines(Message(recipient_name="", recipient_address="ZZ1 1LD"))
    assert addresses.address_key("letter", "1 Mill  Lane,ZZ1 1LD") == addresses.address_key(
        "letter", "1 mill lane ZZ1 1LD"
    )
