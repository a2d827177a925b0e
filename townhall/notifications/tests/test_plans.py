"""What is written for each mail finds its row by the key: reading all that waits would take longer the longer the queue."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from townhall.notifications import sending

pytestmark = pytest.mark.django_db
AT, SOME = datetime(2026, 3, 2, tzinfo=UTC), UUID(int=7)


@pytest.mark.parametrize(
    ("statement", "values"),
    [
        (sending._SENT, (AT, "", SOME, 1)),
        (sending._WAITS, (AT, "", SOME, 1)),
        (sending._PUT_BACK, (AT, [SOME], [1])),
        (sending._FAILED, ("", SOME, "sending", 1)),
        (sending._RENEW, (AT, [SOME], [1])),
    ],
)
def test_a_message_is_found_by_its_key(statement: str, values: tuple[Any, ...]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {statement}", values)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "notifications_message_pkey" in plan
    assert "message_due" not in plan
