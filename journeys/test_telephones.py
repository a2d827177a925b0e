"""A call rings, its record opens by itself, and it is one contact; the pages of telephones, at a desk and on a phone."""

from __future__ import annotations

import json
import re
import urllib.request
from urllib.parse import urlsplit

import pytest

from journeys.browsing import DESK, SMALL_PHONE
from journeys.council import Council
from journeys.staff import Staff

NUMBER = "01632 960777"
STANDIN = 54  # above the demo's port: the pretend phone platform
PAGES = {
    "Amina Larkspur": {
        "/work/desk/calls": "Calls at my phone",
        "/work/phone/operator": "Calls nobody picked up",
        "/work/call-backs?whose=all": "Call-backs",
        "/work/call-backs/new": "Take a message",
        "/work/video": "Telepresence",
    },
    "Grace Overstreet": {
        "/work/phone": "Contact centre: calls",
        "/work/phone/rota": "Rota and cover",
        "/work/phone/signed-in": "Signed in to the phones",
        "/work/phone/absences": "Who is away",
        "/work/phone/lines": "Who is at which line",
        "/work/phone/upload": "Upload calls from a file",
        "/work/phone/night?whose=all": "Last night's calls",
        "/work/phone/night/report": "What people ring for out of hours",
        "/work/phone/on-call": "On call",
        "/work/hours/compared": "Telephone hours compared",
        "/work/video/report": "Use of telepresence",
        "/work/call-backs/report": "How teams keep the deadline",
    },
    "Wilf Rafterly": {"/work/phone/rota": "Rota and cover"},
}


def platform(council: Council, path: str, **content: object) -> dict[str, str]:
    """Do something at the pretend phone platform."""
    port = (urlsplit(council.url).port or 0) + STANDIN
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/{path}", data=json.dumps(content).encode(), method="POST"
    )
    with urllib.request.urlopen(request) as answer:
        found: dict[str, str] = json.load(answer)
        return found


def test_a_call_opens_the_record_before_it_is_answered(council: Council, staff: Staff) -> None:
    who = staff("Amina Larkspur")
    who.open("/work/customers/new")
    who.page.get_by_label("Name").fill("Winifred Ringwell")
    who.page.get_by_label("Phone (optional)").fill(NUMBER)
    who.press("Make the record")
    who.page.get_by_role("heading", name="Winifred Ringwell", level=1).wait_for()

    who.open("/work/desk/calls")
    who.look("Calls at my phone")
    call = platform(council, "calls", agent="2041", number=NUMBER, queue="housing")["call"]
    who.page.get_by_role("heading", name="Winifred Ringwell", level=1).wait_for()  # opened by itself
    who.page.get_by_text("A call from 01632960777").wait_for()
    who.go(who.page.get_by_role("button", name="Take the call", exact=True).first)
    platform(council, f"calls/{call}", event="answered", agent="2041")
    platform(council, f"calls/{call}", event="ended", agent="2041", handling=30)
    who.page.wait_for_timeout(2_500)
    who.page.reload()
    assert re.search(r"/work/desk/contacts/[0-9a-f-]+$", who.page.url)
    assert who.page.locator(".desk-open__one").filter(has_text=re.compile("Winifred|01632960777")).count() == 1


@pytest.mark.parametrize("name", PAGES)
def test_pages_of(name: str, council: Council, staff: Staff) -> None:
    who = staff(name)
    for path, heading in PAGES[name].items():
        for size in (DESK, SMALL_PHONE):
            who.page.set_viewport_size(size)  # type: ignore[arg-type]
            who.open(path)
            who.look(heading)
    who.page.set_viewport_size(DESK)  # type: ignore[arg-type]
