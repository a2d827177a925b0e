"""Doors that take several steps, for `make crash`: a form filled in page by page, and a bill paid at the provider.

Whoever gets no answer does the last step again, as people do.
"""

from __future__ import annotations

import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import psycopg

from bench import walking, wire
from bench.wire import Answer, Broken, Client
from townhall.core.ids import uuid7

CSRF = "a" * 32
HOST = "localhost"
PENCE = 4_250
TRIES = 1_000
PRESSED = b"do=success%3Anormal"
Repeat = Callable[[str], None]  # is told why something is done again


@dataclass(frozen=True, kw_only=True)
class Sender:
    """Somebody who fills in a form or pays a bill. `marker`: the email address of the form, the reference of the bill."""

    marker: str
    email: str
    charge: str = ""


def prepare_senders(count: int, _connection: psycopg.Connection[Any], port: int) -> list[Sender]:
    emails = [f"sender{port}n{number}@example.org" for number in range(count)]
    return [Sender(marker=email, email=email) for email in emails]


def fill_in(client: Client, sender: Sender, again: Repeat) -> str:
    """From the start of the form to the page that says it was received; the reference there."""
    walk = walking.one_form(sender.email)
    request, holds = next(walk)
    location = ""
    while True:
        answer = _answered(client, request, holds, again)
        location = answer.header(b"location").decode() or location
        try:
            request, holds = walk.send(answer)
        except StopIteration:
            return location.split("?")[0].split("/")[2]


def prepare_bills(count: int, connection: psycopg.Connection[Any], port: int) -> list[Sender]:
    """Bills of council tax that are owed."""
    made = [
        Sender(marker=f"{port}{number:06d}", email=f"payer{port}n{number}@example.org", charge=str(uuid7()))
        for number in range(count)
    ]
    rows = [(one.charge, one.marker, one.marker, PENCE, one.marker, datetime.now(UTC)) for one in made]
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO payments_charge (id, kind_id, reference, reference_key, description, amount_pence, discount_pence, payer_name, "
            "payer_email, site_code, source, source_key, subject_kind, state, created_at) "
            "VALUES (%s, 'council-tax', %s, %s, 'An instalment', %s, 0, '', '', '', 'crash', %s, '', 'open', %s)",
            rows,
        )
    connection.commit()
    return made


def pay(client: Client, sender: Sender, again: Repeat) -> str:
    """From the bill over the provider's page to the receipt; the bill's reference."""
    for _try in range(TRIES):
        try:
            if _paid_once_through(client, sender):
                return sender.marker
            problem = "payment: not finished yet"
        except (Broken, OSError) as error:
            problem = "payment: no answer" if isinstance(error, Broken) else f"provider: {type(error).__name__}"
        again(problem)
        time.sleep(0.2)
    raise AssertionError(f"{sender.marker} was never paid")


def _paid_once_through(client: Client, sender: Sender) -> bool:
    path, cookie = f"/pay/{sender.charge}", f"csrftoken={CSRF}"
    if b"This has been paid" in client.send(wire.get(path, host=HOST)).body:
        return True
    fields = {"csrfmiddlewaretoken": CSRF, "email": sender.email}
    answer = client.send(wire.post_form(path, fields, host=HOST, Cookie=cookie))
    next_url = answer.header(b"location").decode()
    if answer.status != 303 or not next_url:
        return False
    back = _press(next_url)
    if not back:
        return False
    return b"Payment received" in client.send(wire.get(urllib.parse.urlsplit(back).path, host=HOST)).body


def _press(next_url: str) -> str:
    """The payer opens the provider's page and presses the button; where the browser is sent then."""
    opener = urllib.request.build_opener(_Stay)
    opener.open(next_url, timeout=15).close()
    with opener.open(urllib.request.Request(next_url, data=PRESSED), timeout=15) as answer:
        return str(answer.headers.get("Location") or "")


class _Stay(urllib.request.HTTPRedirectHandler):
    def http_error_303(self, req: Any, fp: Any, code: Any, msg: Any, headers: Any) -> Any:
        return fp


def _answered(client: Client, request: bytes, holds: bytes, again: Repeat) -> Answer:
    for _try in range(TRIES):
        try:
            answer = client.send(request)
        except Broken:
            again("form: no answer")
        else:
            if answer.status in (200, 302) and (holds in answer.body or holds in answer.raw_head):
                return answer
            again(f"form: {answer.status}")
        time.sleep(0.2)
    raise AssertionError(f"never answered: {request[:100]!r}")
