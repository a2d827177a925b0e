"""Forms filled in page by page, as browsers do: from the start to the acknowledgement, each request after the answer before it."""

from __future__ import annotations

import re
from collections.abc import Generator
from itertools import count
from typing import Any

from bench import wire
from bench.load import Turn, Wanted
from bench.wire import Answer

HOST = "localhost"
CSRF = "a" * 32
FORM = "single-person-discount"  # five pages, the check of the answers among them
PAGES: tuple[tuple[str, dict[str, str]], ...] = (
    ("alone", {"alone": "yes"}),
    ("since", {"since-day": "2", "since-month": "3", "since-year": "2026"}),
    (
        "address",
        {
            "address-line1": "12 Mill Lane",
            "address-town": "Aldermere",
            "address-postcode": "ZZ1 1ZZ",
            "address-by": "hand",
        },
    ),
    ("you", {"who-name": "Wanda Walker"}),
)
REQUESTS = 2 * (len(PAGES) + 1) + 2  # each page is asked for and answered; the start, and the acknowledgement
_TOKEN = re.compile(rb"set-cookie:\s*(form-[a-z-]+=[^;]+)", re.IGNORECASE)
_numbers = count(1)


def walks() -> Wanted:
    """Every browser fills in one form after the other."""
    return Wanted([], status=(200, 302), again=True, walk=_walk_on)


def _walk_on() -> Turn:
    while True:
        yield from one_form(f"walker{next(_numbers)}@example.org")


def one_form(email: str) -> Generator[tuple[bytes, bytes], Answer | None, None]:
    base, cookie = f"/forms/{FORM}", f"csrftoken={CSRF}"

    def get(path: str) -> bytes:
        return wire.get(path, host=HOST, Cookie=cookie)

    def post(path: str, **fields: Any) -> bytes:
        return wire.post_form(path, {"csrfmiddlewaretoken": CSRF, **fields}, host=HOST, Cookie=cookie)

    yield get(base), f"{base}/".encode()
    following = [code for code, _fields in PAGES[1:]] + ["check"]
    for (code, fields), after in zip(PAGES, following, strict=True):
        yield get(f"{base}/{code}"), b"csrfmiddlewaretoken"
        typed = {**fields, "email": email} if code == "you" else fields
        answer = yield post(f"{base}/{code}", **typed), f"{base}/{after}".encode()
        kept = _TOKEN.search(answer.raw_head) if answer else None
        if kept:
            cookie = f"csrftoken={CSRF}; {kept[1].decode()}"
    yield get(f"{base}/check"), b"csrfmiddlewaretoken"
    answer = yield post(f"{base}/check"), b"/received"
    if answer is not None:
        yield get(answer.header(b"location").decode()), b"TH-"
