from __future__ import annotations

from datetime import UTC, datetime

import pytest

from townhall.core.actors import SYSTEM
from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.ledger.models import Entry, Look
from townhall.ledger.operations import looked, record

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.django_db
def test_what_happened_is_written_down() -> None:
    case = uuid7()
    record(
        "case.opened",
        about=Subject(kind="case", id=case),
        by=SYSTEM,
        at=NOON,
        case_id=case,
        data={"service": "fly-tip"},
    )

    entry = Entry.objects.get()
    assert (entry.verb, entry.case_id, entry.at, entry.data) == ("case.opened", case, NOON, {"service": "fly-tip"})
    assert entry.position > 0


@pytest.mark.django_db
def test_what_was_looked_at_is_written_down() -> None:
    customer = uuid7()
    looked(by=SYSTEM, at=NOON, customer_id=customer, page="workspace:customer", reason="call")

    look = Look.objects.get()
    assert (look.customer_id, look.page, look.reason) == (customer, "workspace:customer", "call")


@pytest.mark.parametrize("words", ["ann@example.org", "first\nsecond", "x" * 201])
def test_somebodys_words_are_refused(words: str) -> None:
    about = Subject(kind="case", id=uuid7())
    with pytest.raises(ValueError, match="never somebody's words"):
        record("case.opened", about=about, by=SYSTEM, at=NOON, data={"inner": [{"note": words}]})
    with pytest.raises(ValueError, match="never somebody's words"):
        looked(by=SYSTEM, at=NOON, customer_id=None, page="list", reason=words)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        record("case.opened", about=Subject(kind="case", id=uuid7()), by=SYSTEM, at=NOON.replace(tzinfo=None))
