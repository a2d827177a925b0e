"""Half-hours are counted again from their calls whenever one of these changed; so a count can be repaired by counting again."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from townhall.core.db import execute, fetch_all

BATCH = 2_000  # calls
_LOCK = "SELECT pg_try_advisory_xact_lock(hashtext('telephony.count'))"
_CHANGED = """
    SELECT id, version, half_hour, counted_half_hour FROM telephony_call WHERE version <> counted ORDER BY id LIMIT %s
    FOR UPDATE SKIP LOCKED"""
_GONE = "DELETE FROM telephony_callhalfhour WHERE half_hour = ANY(%s)"
_COUNTED = """
    INSERT INTO telephony_callhalfhour (id, half_hour, queue, service_code, is_automated, offered, answered, answered_in_time,
        abandoned, short, wait_seconds, handled, handling_seconds, transferred)
    SELECT gen_random_uuid(), c.half_hour, c.queue, c.service_code, c.is_automated,
        count(*),
        count(*) FILTER (WHERE c.answered_at IS NOT NULL),
        count(*) FILTER (WHERE c.answered_at IS NOT NULL AND c.wait_seconds <= s.answer_seconds),
        count(*) FILTER (WHERE c.state = 'abandoned' AND c.wait_seconds > s.short_seconds),
        count(*) FILTER (WHERE c.state = 'abandoned' AND c.wait_seconds <= s.short_seconds),
        coalesce(sum(c.wait_seconds) FILTER (WHERE c.answered_at IS NOT NULL), 0),
        count(*) FILTER (WHERE c.answered_at IS NOT NULL AND c.handling_seconds IS NOT NULL),
        coalesce(sum(c.handling_seconds) FILTER (WHERE c.answered_at IS NOT NULL), 0),
        count(*) FILTER (WHERE c.transfers > 0)
    FROM telephony_call c
    LEFT JOIN LATERAL (
        SELECT coalesce(max(t.answer_seconds), 20) AS answer_seconds, coalesce(max(t.short_seconds), 5) AS short_seconds
        FROM (SELECT answer_seconds, short_seconds FROM telephony_phonestandard
              WHERE from_on <= (c.half_hour AT TIME ZONE 'Europe/London')::date ORDER BY from_on DESC LIMIT 1) t) s ON true
    WHERE c.half_hour = ANY(%s)
    GROUP BY c.half_hour, c.queue, c.service_code, c.is_automated"""
_DONE = """
    UPDATE telephony_call c SET counted = n.version, counted_half_hour = c.half_hour
    FROM unnest(%s::uuid[], %s::int[]) AS n (id, version) WHERE c.id = n.id"""


@transaction.atomic
def sweep(at: datetime) -> int:
    """Count the half-hours of calls that changed; how many calls. One worker at a time."""
    [(mine,)] = fetch_all(_LOCK)
    if not mine:
        return 0
    changed = fetch_all(_CHANGED, (BATCH,))
    if not changed:
        return 0
    half_hours = {half_hour for _id, _version, now, before in changed for half_hour in (now, before) if half_hour}
    count(half_hours)
    execute(_DONE, ([row[0] for row in changed], [row[1] for row in changed]))
    return len(changed)


def count(half_hours: Collection[datetime]) -> None:
    """Make these half-hours what their calls say. Within a transaction."""
    wanted = sorted(half_hours)
    execute(_GONE, (wanted,))
    execute(_COUNTED, (wanted,))
