"""Moving home, told once: five branches, one of which is down at first and catches up (acceptance scenario 3)."""

from __future__ import annotations

import json
import re
import urllib.request

import pytest
from playwright.sync_api import Browser

from journeys.browsing import SMALL_PHONE, Resident, resident
from journeys.council import Council, an_address, today, words_of
from journeys.staff import Staff, to_case

STANDINS_BESIDE = 50  # ports
WAIT = 60  # looks, half a second apart


def mood(council: Council, system: str, **wanted: bool) -> None:
    port = int(council.url.rpartition(":")[2]) + STANDINS_BESIDE
    body = json.dumps(wanted).encode()
    urllib.request.urlopen(f"http://127.0.0.1:{port}/{system}/control", data=body, timeout=30).close()


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


def until(who: Resident, words: str) -> None:
    """Open the page again until it says so."""
    for _look in range(WAIT):
        if words in who.words():
            return
        who.page.wait_for_timeout(500)
        who.page.reload()
    raise AssertionError(f"“{words}” is not on {who.page.url}: {who.words()[:2000]}")


@pytest.mark.capability("FORM-06")
def test_a_family_moves_in_and_the_council_tax_system_is_down(council: Council, browser: Browser, staff: Staff) -> None:
    email, on = an_address("noor"), today()
    mood(council, "revenues", outage=True)
    noor = resident(browser, council.url, width=SMALL_PHONE)
    noor.page.set_default_timeout(20_000)
    noor.open("/services/council-tax-move")
    noor.look("Moving home")
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
    until(noor, "School places\nDone")
    assert "Electoral registration" in noor.words()
    assert "Council tax\nOn its way" in noor.words()

    officer = staff("Una Reckoner")
    to_case(officer, reference[0])
    passed = officer.page.locator("section[aria-labelledby=branches]").inner_text()
    assert "waiting to be sent" in passed
    assert "School admissions: done" in passed

    mood(council, "revenues", outage=False)
    until(noor, "Your new council tax account is")
    assert council.mails_to(email, count=1, about="council tax account")
    assert words_of(council.mails_to(email, count=1, about="With an account you see")[0])
