from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from pytest_django import DjangoAssertNumQueries

from townhall.core.ids import uuid7
from townhall.notifications import sending
from townhall.notifications.queries import inbox_of, messages_about, stuck
from townhall.notifications.recipients import Recipient
from townhall.notifications.states import State
from townhall.notifications.tests.makers import MONDAY, later, make_message

pytestmark = pytest.mark.django_db


def to_customer(customer_id: UUID) -> Recipient:
    return Recipient(name="Ann", email="ann@example.org", customer_id=customer_id)


def test_what_was_said_about_a_case_reads_newest_first(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    case_id = uuid7()
    for number in range(3):
        make_message(wording=f"Subject: Number {number}\n\nHello", at=later(number), case_id=case_id)
    make_message(to=Recipient(), wording="Subject: On screen\n\nHello", at=later(9), case_id=case_id)
    make_message(case_id=uuid7())

    with django_assert_num_queries(1):
        told = messages_about(case_id)

    assert [one.subject_line for one in told] == ["On screen", "Number 2", "Number 1", "Number 0"]
    assert [one.state for one in told] == [State.RECORDED, *[State.PENDING] * 3]
    assert told[0].body_html == "<p>Hello</p>\n"


def test_a_customers_inbox_holds_every_channel_page_by_page() -> None:
    customer_id = uuid7()
    made = [make_message(to=to_customer(customer_id), at=later(number // 2)).id for number in range(7)]
    make_message(to=to_customer(uuid7()))

    seen, after = [], ""
    for size in (3, 3, 1):
        page = inbox_of(customer_id, after=after, size=3)
        assert len(page.rows) == size
        seen += [one.id for one in page.rows]
        after = page.after

    assert seen == made[::-1]
    assert after == ""


@pytest.mark.parametrize("cursor", ["nonsense", "WyJhIiwiYiJd", "\x00"])
def test_a_cursor_that_was_tampered_with_does_no_harm(cursor: str) -> None:
    customer_id = uuid7()
    make_message(to=to_customer(customer_id))

    assert len(inbox_of(customer_id, after=cursor).rows) in (0, 1)


def test_a_message_is_stuck_when_it_waits_longer_than_allowed() -> None:
    message = make_message()
    recorded = make_message(to=Recipient())
    allowed = timedelta(minutes=15)

    assert stuck(MONDAY + allowed) == []
    assert [one.id for one in stuck(MONDAY + allowed + timedelta(seconds=1))] == [message.id]

    sending.claim(at=MONDAY)
    assert [one.id for one in stuck(MONDAY + timedelta(hours=1))] == [message.id]
    assert recorded.state == State.RECORDED
