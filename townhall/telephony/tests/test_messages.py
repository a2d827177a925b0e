"""Whatever another system sends, it is read or refused with a reason: never a fault of ours."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from townhall.connectors.protocol import UnreadableEvent
from townhall.core.actors import SYSTEM
from townhall.core.errors import BadInput
from townhall.telephony import messages
from townhall.telephony.calls.uploading import upload
from townhall.telephony.models import Call

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
_TEXT = st.text(max_size=12)
_VALUES = st.one_of(
    _TEXT,
    st.integers(-5, 10**12),
    st.none(),
    st.booleans(),
    st.just("2026-03-02T09:00:00+00:00"),
    st.just("0001-01-01T00:00:00+14:00"),
)
_EVENTS = st.dictionaries(
    st.sampled_from(["call", "event", "at", "agent", "queue", "wait", "handling", "to", "state"]), _VALUES
)


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(sorted(messages.KINDS)), st.lists(_EVENTS, max_size=3))
def test_a_message_is_read_or_refused(kind: str, parts: list[dict[str, object]]) -> None:
    name = {"call.events": "events", "agent.states": "agents", "night.calls": "calls"}.get(kind, "call")
    with suppress(UnreadableEvent):
        messages.read(kind, {"kind": kind, name: parts})


@pytest.mark.django_db
@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(st.text(alphabet='a1,:"-T+\n\x00é', max_size=20), min_size=3, max_size=3), max_size=4))
def test_a_file_is_taken_in_or_its_lines_are_named(rows: list[list[str]]) -> None:
    text = "call,event,at\n" + "\n".join(",".join(row) for row in rows)
    with suppress(BadInput):
        done = upload(text.encode(), platform="file", by=SYSTEM, at=NOON)
        assert done.refused == done.lines
        assert len(done.faults) == done.refused


@pytest.mark.django_db
def test_what_can_be_read_of_a_file_is_taken_and_the_rest_is_told_by_line() -> None:
    lines = [
        "call,event,at,wait",
        "c1,offered,2026-03-02T09:00:00,",
        "c1,answered,02/03/2026 09:00,4",
        "c1,ended,0001-01-01T00:00:00,",
    ]
    lines += ["c1,abandoned,2026-07-02T09:00:30,x", "c1,abandoned,2026-03-02T09:00:30,30"]
    done = upload("\r\n".join(lines).encode("utf-8-sig"), platform="file", by=SYSTEM, at=NOON)

    assert (done.lines, done.new, [line for line, _why in done.faults]) == (5, 2, [3, 4, 5])
    assert Call.objects.get().wait_seconds == 30
    for wrong in (b"\xff\xfe", b"one,two\n1,2\n"):
        with pytest.raises(BadInput):
            upload(wrong, platform="file", by=SYSTEM, at=NOON)
