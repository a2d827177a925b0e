"""What must be true after the kills. Reads the tables by itself: it uses none of the code that wrote them."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from bench.doors import Report

# A mail may repeat only when a kill fell between the mail server's answer and our commit. A sender that waits for a slow server
# when the database dies belongs to these, so the kill may also come a moment before the server's answer was written down.
BEFORE, AFTER = 2.0, 1.0  # seconds around the mail's first arrival in which such a kill must lie

_WAITING = """
    SELECT (SELECT count(*) FROM notifications_message WHERE state IN ('pending', 'sending')),
           (SELECT count(*) FROM connectors_delivery WHERE state IN ('pending', 'sending'))
"""
_CASES = """
    SELECT substring(c.description FROM 'Ours: (.*)$'), c.reference, c.id::text,
           (SELECT count(*) FROM forms_submission s WHERE s.id = c.id),
           (SELECT count(*) FROM clocks_clock k WHERE k.case_id = c.id),
           (SELECT count(*) FROM ledger_entry e WHERE e.case_id = c.id AND e.verb = 'case.opened'),
           (SELECT count(*) FROM connectors_delivery d WHERE d.case_id = c.id AND d.state IN ('sent', 'acknowledged')),
           (SELECT array_agg(m.state || ' ' || m.message_id) FROM notifications_message m
            WHERE m.case_id = c.id AND m.template = 'case/received')
    FROM cases_case c WHERE c.description LIKE '%Ours: %'
"""


@dataclass
class Found:
    """Counts for the table, and how many of them must not be. `details` names the first of these."""

    counts: dict[str, int] = field(default_factory=dict)
    checks: dict[str, str] = field(default_factory=dict)
    details: list[str] = field(default_factory=list)
    failed: int = 0

    def must_be_none(self, name: str, what: Sequence[str]) -> None:
        self.counts[name] = len(what)
        self.failed += len(what)
        self.details += [f"{name}: {one}" for one in what]


def wait_until_drained(url: str, *, seconds: float) -> float | None:
    """Seconds until no message or delivery waits any more; None when that did not come."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        try:
            with psycopg.connect(url) as connection:
                row = connection.execute(_WAITING).fetchone()
        except psycopg.OperationalError:
            row = None
        if row == (0, 0):
            return time.monotonic() - began
        time.sleep(0.5)
    return None


def examine(url: str, acknowledged: Sequence[tuple[Report, str]], mails: Path, kills: Sequence[float]) -> Found:
    with psycopg.connect(url) as connection:
        rows = connection.execute(_CASES).fetchall()
        waiting = connection.execute(_WAITING).fetchone()
    made = Counter(row[0] for row in rows)
    by_reference = {row[1]: row for row in rows}
    found = Found()
    found.must_be_none(
        "lost",
        [
            f"{report.marker} was acknowledged as {reference}"
            for report, reference in acknowledged
            if reference not in by_reference or by_reference[reference][0] != report.marker
        ],
    )
    found.must_be_none("doubled", [f"{marker}: {count} cases" for marker, count in made.items() if count > 1])
    told = Counter(report.marker for report, _reference in acknowledged)
    found.must_be_none("made but never acknowledged", [marker for marker in made if marker not in told])
    found.must_be_none(
        "without submission, clocks, ledger entry or delivery", [row[1] for row in rows if not _is_whole(row)]
    )
    found.must_be_none(
        "without exactly one acknowledgement that was sent",
        [f"{row[1]}: {row[7]}" for row in rows if not row[7] or len(row[7]) != 1 or not row[7][0].startswith("sent ")],
    )
    _examine_mails(found, rows, mails, kills)
    stuck_messages, stuck_deliveries = waiting or (0, 0)
    found.must_be_none("messages stuck", ["pending or sending"] * stuck_messages)
    found.must_be_none("deliveries stuck", ["pending or sending"] * stuck_deliveries)
    return found


def _is_whole(row: tuple[Any, ...]) -> bool:
    _marker, _reference, _id, submissions, clocks, entries, deliveries, _messages = row
    return (submissions, clocks, entries, deliveries) == (1, 3, 1, 1)


def _examine_mails(found: Found, rows: Sequence[tuple[Any, ...]], mails: Path, kills: Sequence[float]) -> None:
    arrived: dict[str, list[tuple[float, float]]] = {}
    recipients: dict[str, set[str]] = {}
    for line in mails.read_text().splitlines():
        received, answered, recipient, message_id = line.split(" ", 3)
        arrived.setdefault(message_id, []).append((float(received), float(answered)))
        recipients.setdefault(recipient, set()).add(message_id)
    ours = {message.split(" ", 1)[1] for row in rows for message in row[7] or []}
    found.counts["mails sent"] = len(ours & arrived.keys())
    found.must_be_none("mails never sent", sorted(ours - arrived.keys()))
    repeats = {message_id: times for message_id, times in arrived.items() if message_id in ours and len(times) > 1}
    found.counts["mails repeated, under the same Message-ID"] = sum(len(times) - 1 for times in repeats.values())
    found.must_be_none(
        "mails repeated without a kill at that moment",
        [
            f"{message_id} at {times}"
            for message_id, times in repeats.items()
            for received, answered in times[:-1]
            if not any(received - BEFORE <= kill <= answered + AFTER for kill in kills)
        ],
    )
    of_ours = [(address, ids & ours) for address, ids in recipients.items() if ids & ours]
    found.must_be_none(
        "people who got two Message-IDs",
        [f"{address}: {ids}" for address, ids in of_ours if len(recipients[address]) > 1],
    )
