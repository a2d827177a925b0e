"""Moving home, told once: five branches, one of which is down at first and catches up (acceptance scenario 3)."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser

from journeys.browsing import SMALL_PHONE, Resident, resident
from journeys.council import Council, an_address, today, words_of
from journeys.staff import Staff, to_case

STANDINS_BESIDE = 50  # ports


def answer(who: Resident, heading: str, **typed: str) -> None:
    """Fill in one page by the names of its fields, look at it, and go on."""
    who.look(heading)
    for name, value in typed.items():
        if name.endswith("-line1"):
            who.page.locator("summary", has_text="Write").first.click()
        field = who.page.locator(f'[name="{name}"]').first
        if field.get_attribute("type") == "radio":
            who.page.locator(f'[name="{name}"][value="{value}"]').check()
        else:
            field.fill(value)
    who.press("Continue")


@contextmanager
def outage(council: Council, system: str) -> Iterator[None]:
    _mood(council, system, outage=True)
    try:
        yield
    finally:
        _mood(council, system, outage=False)


def _mood(council: Council, system: str, **wanted: bool) -> None:
    port = int(council.url.rpartition(":")[2]) + STANDINS_BESIDE
    body = json.dumps(wanted).encode()
    urllib.request.urlopen(f"http://127.0.0.1:{port}/{system}/control", data=body, timeout=30).close()


@pytest.mark.capability("FORM-06")
def test_a_family_moves_in_and_the_council_tax_system_is_down(council: Council, browser: Browser, staff: Staff) -> None:
    email = an_address("noor")
    noor = resident(browser, council.url, width=SMALL_PHONE)
    noor.open("/services/council-tax-move")
    noor.look("Moving home")
    with outage(council, "revenues"):
        reference = tell_of_the_move(noor, email)
        noor.until("School places\nDone")
        assert "Electoral registration" in noor.words()
        assert "Council tax\nOn its way" in noor.words()
        officer = staff("Una Reckoner")
        to_case(officer, reference)
        officer.until("waiting to be sent")
        passed = officer.page.locator("section[aria-labelledby=branches]").inner_text()
        assert "School admissions: done" in passed

    noor.until("Your new council tax account is")
    assert council.mails_to(email, count=1, about="council tax account")
    assert words_of(council.mails_to(email, count=1, about="With an account you see")[0])


def tell_of_the_move(noor: Resident, email: str) -> str:
    """From the start of the form to the page that follows it; the reference."""
    on = today()
    noor.open("/forms/council-tax-move")
    noor.look("Tell us that you move")
    noor.press("Start now")
    answer(noor, "Which of these is it?", kind="in")
    when = {"moved_on-day": str(on.day), "moved_on-month": str(on.month), "moved_on-year": str(on.year)}
    answer(noor, "When is the move?", **when)
    old = {"old_address-line1": "1 Far Row", "old_address-town": "Elsewhere", "old_address-postcode": "ZZ9 9ZZ"}
    answer(noor, "What is your old address?", **old)
    new = {"new_address-line1": "2 Near Row", "new_address-town": "Aldermere", "new_address-postcode": "ZZ1 1AA"}
    answer(noor, "What is your new address?", **new)
    answer(noor, "Do you own or rent your new home?", tenure="own")
    answer(noor, "What is your full name?", **{"who-name": "Noor Newhome"})
    answer(noor, "How can we reach you?", email=email)
    answer(noor, "Which other adults move with you?")
    answer(noor, "Do children under 18 move with you?", has_children="yes")
    born = {"born_on-day": "2", "born_on-month": "5", "born_on-year": "2019"}
    answer(noor, "About the child", child_name="Kim Newhome", **born)
    answer(noor, "Children who move with you", children__more="no")
    noor.look("Check your answers")
    noor.press("Agree and send")
    noor.look("We have what you sent")
    reference = re.search(r"TH-\w{4}-\w{4}", noor.words())
    assert reference is not None
    noor.follow("Follow what you sent")
    return reference[0]
