from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from townhall.core.actors import Actor, ActorKind
from townhall.core.errors import NotFound, WrongState
from townhall.core.ids import uuid7
from townhall.ledger.models import Entry
from townhall.notifications import sending
from townhall.notifications.operations import send, try_again, withdraw
from townhall.notifications.queries import inbox_of
from townhall.notifications.recipients import Recipient
from townhall.notifications.states import State
from townhall.notifications.tests.mail_server import Post, post_office
from townhall.notifications.tests.makers import MONDAY, a_case, later, make_message

pytestmark = pytest.mark.django_db
PRIYA = Actor(kind=ActorKind.STAFF, id="1")


@pytest.fixture
def post(settings: Settings) -> Iterator[Post]:
    with post_office(settings) as office:
        yield office


def test_a_failed_message_goes_again_when_an_officer_says_so(post: Post) -> None:
    post.on_data = lambda _mail: "552 Mailbox full"
    message = make_message(case_id=uuid7())
    sending.run(MONDAY)
    post.on_data = lambda _mail: None

    try_again(message.id, by=PRIYA, at=later(60))
    sending.run(later(60))

    message.refresh_from_db()
    assert (message.state, message.error) == (State.SENT, "")
    assert post.message_ids == [message.message_id]
    entries = Entry.objects.filter(case_id=message.case_id).order_by("at")
    assert [(entry.verb, entry.actor_kind) for entry in entries] == [
        ("message.failed", "system"),
        ("message.tried_again", "staff"),
    ]


def test_only_a_failed_message_can_go_again() -> None:
    message = make_message()

    with pytest.raises(WrongState):
        try_again(message.id, by=PRIYA, at=MONDAY)
    with pytest.raises(NotFound):
        try_again(uuid7(), by=PRIYA, at=MONDAY)


def test_what_was_said_of_a_change_that_is_undone_is_taken_back_while_it_waits(post: Post) -> None:
    case_id = uuid7()
    earlier = make_message(case_id=case_id)
    sending.run(MONDAY)
    held = make_message(case_id=case_id, at=later(60))
    other = make_message(case_id=uuid7(), at=later(60))

    assert withdraw(case_id=case_id, made_at=later(60), by=PRIYA, at=later(90)) == 1
    assert withdraw(case_id=case_id, made_at=MONDAY, by=PRIYA, at=later(90)) == 0
    sending.run(later(3600))

    for message, state in ((earlier, State.SENT), (held, State.WITHDRAWN), (other, State.SENT)):
        message.refresh_from_db()
        assert message.state == state
    assert Entry.objects.filter(case_id=case_id, verb="message.withdrawn").count() == 1


def test_a_held_message_comes_to_the_inbox_when_its_time_has_come() -> None:
    to = Recipient(customer_id=uuid7(), prefers="inbox")
    assert to.customer_id is not None
    send("check", to=to, about=a_case(), key="ack-1", context={}, at=MONDAY, not_before=later(300))
    assert not inbox_of(to.customer_id).rows

    sending.run(later(300))

    assert [told.state for told in inbox_of(to.customer_id).rows] == [State.SENT]
