"""What others wrote down: the stand-ins' jobs and the pretend provider's payments, held against what Townhall believes."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import psycopg

from bench import home
from bench.proofs import Found
from bench.steps import PENCE

SYSTEMS = ("waste", "works")
_BOOK = """
import json
from townhall.connectors import signing
from townhall.connectors.calling import call
from townhall.core.time import now
for code in systems:
    after = "0"
    while after:
        path = f"http://127.0.0.1:{port}/{code}/jobs?limit=1000" + (f"&after={after}" if after != "0" else "")
        asked = signing.headers(signing.secret_of(code), message_id=f"book-{after}", at=now(), body=b"")
        said = json.loads(call("GET", path, headers=asked, body=b"").body)
        for job in said["jobs"]:
            print(job["delivery_id"])
        after = said["after"]
"""
_DELIVERIES = """
    SELECT d.id::text FROM connectors_delivery d JOIN cases_case c ON c.id = d.case_id
    WHERE d.target = ANY(%s) AND c.description LIKE '%%Ours: %%'
"""
_FORMS = """
    SELECT s.answers->>'email', c.reference,
           (SELECT count(*) FROM notifications_message m WHERE m.case_id = c.id AND m.template = 'case/received' AND m.state = 'sent')
    FROM forms_submission s LEFT JOIN cases_case c ON c.id = s.id WHERE s.answers->>'email' LIKE 'sender%%n%%@example.org'
"""
_PAYMENTS = """
    SELECT c.reference, c.state, count(p.id) FILTER (WHERE p.state = 'success'), coalesce(sum(p.amount_pence) FILTER
           (WHERE p.state = 'success'), 0), array_agg(p.provider_id) FILTER (WHERE p.state = 'success')
    FROM payments_charge c LEFT JOIN payments_payment p ON p.charge_id = c.id WHERE c.source = 'crash' GROUP BY c.id
"""


def examine_deliveries(found: Found, url: str, folder: Path, env: dict[str, str]) -> None:
    """Every report's job is in the other system's own book once."""
    code = f"systems = {SYSTEMS!r}\nport = {env['STANDINS_PORT']}\n{_BOOK}"
    booked = Counter(home.must(folder, "manage", "shell", "-v0", "-c", code, **env).split())
    with psycopg.connect(url) as connection:
        ours = [str(key) for (key,) in connection.execute(_DELIVERIES, [list(SYSTEMS)])]
    found.counts["deliveries, by the receivers' own books"] = sum(booked[key] for key in ours)
    found.must_be_none("reports whose job went nowhere", [] if ours else ["no delivery at all"])
    found.must_be_none(
        "deliveries not exactly once there", [f"{key}: {booked[key]}" for key in ours if booked[key] != 1]
    )


def examine_forms(found: Found, url: str, told: Sequence[tuple[str, str]]) -> None:
    """told: the email address of each form that was acknowledged, with the reference."""
    with psycopg.connect(url) as connection:
        rows = connection.execute(_FORMS).fetchall()
    made = Counter(email for email, _reference, _mails in rows)
    held = {(email, reference) for email, reference, _mails in rows}
    found.counts["forms acknowledged"] = len(told)
    found.must_be_none(
        "forms lost", [f"{email} {reference}" for email, reference in told if (email, reference) not in held]
    )
    found.must_be_none("forms doubled", [f"{email}: {count}" for email, count in made.items() if count > 1])
    found.must_be_none(
        "forms without a case, or not exactly one mail", [str(row) for row in rows if not row[1] or row[2] != 1]
    )


def examine_payments(found: Found, url: str, folder: Path, told: Sequence[str]) -> None:
    """told: the reference of each bill whose payer saw the receipt. By the provider's own book each was taken once."""
    book = json.loads((folder / "pretend-payments-pay.json").read_text())
    taken = [one for one in book if one["status"] == "success"]
    by_reference = Counter(one["reference"] for one in taken)
    with psycopg.connect(url) as connection:
        rows = connection.execute(_PAYMENTS).fetchall()
    held = {reference: row for reference, *row in rows}
    known = {key for row in rows for key in row[4] or []}
    found.counts["bills paid"] = len(told)
    found.must_be_none("bills paid but not so here", [one for one in told if held.get(one, [""])[0] != "paid"])
    found.must_be_none(
        "bills not taken exactly once there", [f"{one}: {by_reference[one]}" for one in told if by_reference[one] != 1]
    )
    found.must_be_none(
        "bills taken more than once", [one for one, count in by_reference.items() if one in held and count > 1]
    )
    found.must_be_none(
        "bills whose money is not the bill's",
        [one for one in told if list(held.get(one, ["", 0, 0])[1:3]) != [1, PENCE]],
    )
    found.must_be_none(
        "taken there and unknown here",
        [one["reference"] for one in taken if one["reference"] in held and one["payment_id"] not in known],
    )
