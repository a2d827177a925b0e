"""Acceptance scenario 10: a call at twenty past seven. The urgent part is paged, the rest is on the right list in the morning."""

from __future__ import annotations

import json
import secrets
import urllib.request
from datetime import UTC, datetime, time, timedelta
from time import monotonic, sleep
from typing import Any
from zoneinfo import ZoneInfo

from playwright.sync_api import Browser

from journeys.browsing import PHONE, Resident, resident
from journeys.council import Council, words_of
from journeys.staff import Staff, heading_of
from townhall.connectors import signing

LONDON = ZoneInfo("Europe/London")
DONE = "Coned off until the crew comes"
WORDS = "A tree lies across the road"
_KNOWN = """
from townhall.connectors import signing
from townhall.core.time import council_date, now
from townhall.telephony.night.report import council_days
print(signing.secret_of("answering").hex(), council_days().add_working_days(council_date(now()), -1))
"""


def last_early() -> datetime:
    """The last twenty past seven that has been."""
    now = datetime.now(LONDON)
    today = datetime.combine(now.date(), time(7, 20), LONDON)
    return today if today <= now else today - timedelta(days=1)


def script_of(council: Council, service: str) -> dict[str, Any]:
    """What the answering partner reads out and asks."""
    asked = urllib.request.Request(
        f"{council.url}/api/v1/answering/services", headers={"Authorization": "Bearer demo-key"}
    )
    with urllib.request.urlopen(asked) as answer:
        found: list[dict[str, Any]] = json.load(answer)
    return next(one for one in found if one["service"] == service)


def tell(council: Council, secret: bytes, service: str, *, address: str, started: datetime, urgent: bool) -> None:
    """What the answering partner took down, as its signed message."""
    name = f"night-{secrets.token_hex(4)}"
    call: dict[str, object] = {"call": name, "service": service, "started": started.isoformat(), "urgent": urgent}
    call |= {"name": "Sam Earlybird", "phone": "01632 960199", "address": address, "words": WORDS if urgent else ""}
    call |= {"answers": {"Is a road blocked?": "Yes" if urgent else "No"}}
    body = json.dumps({"kind": "night.calls", "calls": [call]}).encode()
    headers = signing.headers(secret, message_id=name, at=datetime.now(UTC), body=body)
    path = f"{council.url}/connectors/answering/events"
    message = urllib.request.Request(path, data=body, headers={**headers, "Content-Type": "application/json"})
    urllib.request.urlopen(message).close()


def link_texted(council: Council, about: str) -> str:
    """In the text to the phone of whoever is on call, once it is there; only one of them has one."""
    deadline = monotonic() + 90
    while monotonic() < deadline:
        found = [words_of(mail) for mail in council._mails() if mail["X-Phone"]]
        texts = [text for text in found if about in text]
        if texts:
            [text] = texts
            return text.split()[-1]
        sleep(0.3)
    raise AssertionError("nobody was paged")


def on_the_phone(officer: Resident, link: str) -> None:
    """Whoever is on call takes it, and settles it for the night."""
    officer.open(link)
    officer.look("On call: Fallen or dangerous tree")
    assert WORDS in officer.words()
    officer.press("I have it")
    officer.look("On call: Fallen or dangerous tree")
    assert "You have it" in officer.words()
    officer.page.get_by_label("What was done in the night").fill(DONE)
    officer.press("Settled for tonight")
    officer.look("On call: Fallen or dangerous tree")
    assert "It is settled." in officer.words()


def listed(who: Resident, whose: str = "") -> str:
    """The list of the morning, of their own teams or of everybody's."""
    who.open(f"/work/phone/night{whose}")
    who.look("Last night's calls")
    return who.words()


def test_the_call_at_twenty_past_seven(council: Council, browser: Browser, staff: Staff) -> None:
    script = script_of(council, "fallen-tree")
    assert "whether a road is blocked" in script["script"]
    assert script["is_covered"]
    key, last_day = council._python(_KNOWN).split()
    secret, early, mark = bytes.fromhex(key), last_early(), secrets.token_hex(3)
    tree, fox = f"Mill Lane, gate {mark}", f"Mill Lane, kerb {mark}"
    tell(council, secret, "fallen-tree", address=tree, started=early, urgent=True)
    tell(council, secret, "dead-animal", address=fox, started=early, urgent=False)
    on_the_phone(resident(browser, council.url, width=PHONE), link_texted(council, tree))

    # Half past eight: each with its team, the urgent one first.
    fern = staff("Fern Oakapple")
    mine = listed(fern)
    assert tree in mine
    assert DONE in mine
    assert fox not in mine
    fern.go(fern.page.get_by_role("row").filter(has_text=tree).get_by_role("link"))
    fern.look(heading_of(fern))
    assert "Is a road blocked?: Yes" in fern.words()
    assert fox in listed(staff("Priya Wherryman"))
    everybodys = listed(staff("Amina Larkspur"), "?whose=all")
    assert everybodys.index(tree) < everybodys.index(fox)

    # The half-hour shows in the early window of a day on which the council opens.
    open_day = datetime.fromisoformat(f"{last_day}T07:20").replace(tzinfo=LONDON)
    tell(council, secret, "fallen-tree", address=tree, started=open_day, urgent=False)
    grace = staff("Grace Overstreet")
    grace.open(f"/work/phone/night/report?month={open_day:%Y-%m}")
    grace.look("What people ring for out of hours")
    window = grace.page.locator("h2", has_text="Early, 07:00 to 08:30").locator("xpath=following-sibling::table[1]")
    row = window.get_by_role("row").filter(has_text="7am").filter(has_text="Fallen or dangerous tree")
    assert "Left for the morning" in " ".join(row.all_inner_texts())
