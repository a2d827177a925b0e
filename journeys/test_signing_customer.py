"""Acceptance scenario 11: needs on the record bring up sign-language video at the desk, and a later letter comes in the chosen format."""

from __future__ import annotations

import secrets
from pathlib import Path

from playwright.sync_api import Browser

from journeys import keyboard
from journeys.browsing import PHONE, Resident, resident
from journeys.council import Council, an_address
from journeys.staff import Staff, said
from journeys.test_account import choose_address, letter_to, open_account

_LETTERS = str.maketrans("0123456789", "ghijklmnop")


def printed_for(council: Council, name: str) -> Path:
    """The page of the only letter that waits to be printed for somebody."""
    [page] = [path for path in council.data.glob("letters/*.html") if name in path.read_text()]
    return page


def test_a_customer_who_signs(council: Council, browser: Browser, staff: Staff) -> None:
    name = f"Sibyl {secrets.token_hex(4).translate(_LETTERS).title()}"
    sibyl = resident(browser, council.url, width=PHONE)
    open_account(sibyl, council, name=name, email=an_address("sibyl"))
    choose_address(sibyl)
    sibyl.open("/account/preferences")
    sibyl.look("Preferences")
    sibyl.page.get_by_label("Large print").check()
    sibyl.press("Save preferences")
    sibyl.page.get_by_text("Your preferences are saved").wait_for()
    sibyl.look("Preferences")

    at_the_desk(staff("Amina Larkspur"), name)

    # A later letter is printed in her format, and in no other by mistake.
    sibyl.open("/account/verify")
    sibyl.look("Show us who you are")
    sibyl.press("Post me a code")
    sibyl.look("Show us who you are")
    letter_to(council, name)
    page = printed_for(council, name)
    assert 'class="large"' in page.read_text()
    assert not page.with_suffix(".pdf").exists()


def at_the_desk(amina: Resident, name: str) -> None:
    """A need that she tells at the window comes up by itself the next time: before anything else, with the video of this site."""
    amina.open("/work/safety")
    amina.look("Safety")
    amina.page.get_by_label("Site", exact=True).select_option("main-centre")
    amina.press("Save where I am")
    amina.look("Safety")
    amina.open(f"/work/customers?q={name.replace(' ', '+')}")
    amina.look("Look up")
    amina.follow(name)
    amina.look("Why do you need this record?")
    amina.page.locator("input[name=reason]").first.check()
    amina.press("Show the record")
    amina.look(name)
    amina.follow("Add a need")
    amina.look("Add a need")
    amina.page.get_by_label("What do they need?").select_option("bsl")
    amina.press("Save")
    amina.look(name)
    amina.follow("They got in touch another way")
    amina.look("Start a conversation")
    amina.page.get_by_label("How did they get in touch?").select_option("counter")
    amina.press("Start")
    amina.look(name)
    shown = amina.words()
    wanted = ("Before you go on", "British Sign Language", "Start sign-language video", "About a case we have")
    places = [shown.index(words) for words in wanted]
    assert places == sorted(places), shown
    assert shown.index("Large print") < places[-1]
    video = amina.page.get_by_role("button", name="Start sign-language video")
    answer = amina.page.request.get(amina.base + (video.get_attribute("href") or ""), max_redirects=0)
    assert answer.headers["location"].startswith("https://video.example.org/")
    amina.page.locator("h1").click()
    keyboard.shortcut(amina, "w")
    amina.look("Wrap up")
    amina.page.get_by_label("Ask for information").check()
    amina.page.get_by_label("Resolved").check()
    amina.page.get_by_role("group", name="Could this contact have been avoided?").get_by_label("No", exact=True).check()
    amina.page.get_by_label("No, that was all").check()
    amina.press("Wrap up")
    said(amina, "The conversation is wrapped up.")
    amina.look("Look up")
