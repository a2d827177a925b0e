"""Acceptance scenario 5: the same fly-tip, five reporters, one case; and all five are told when it is done, with a photo."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Browser

from journeys.browsing import Resident, resident
from journeys.council import Council, an_address, link_in, today, words_of
from journeys.reporting import a_picture, report_it, say_where
from journeys.staff import Staff, at_case, choose, said, to_case

PLACE = "3 mill lane"
DONE = "All cleared and swept."


def follow_instead(who: Resident, reference: str, *, email: str) -> None:
    who.look("Is it one of these?")
    card = who.page.locator(".th-card", has_text=reference)
    form = card.locator("form")
    if not form.is_visible():
        card.locator("summary").click()
    form.get_by_label("Your email address").fill(email)
    who.go(form.get_by_role("button", name="Follow this report"))
    who.page.get_by_text("You follow this report. We have sent you an email.").wait_for()
    who.look("Fly-tipping")


def join(officer: Resident, second: str, *, first: str) -> None:
    """The officer sees that it may be the same, reads the message, and joins it."""
    to_case(officer, second)
    choose(officer, "Join to another report")
    near = officer.page.get_by_role("listitem").filter(has_text=first)
    near.get_by_text("May be the same").wait_for()
    officer.go(near.get_by_role("link", name=f"Choose {first}"))
    officer.press("Preview the message")
    officer.look("Join to another report")
    assert first in officer.page.locator(".ws-mail__body").inner_text()
    officer.press("Join them")
    said(officer, "Joined.")
    at_case(officer, second)
    officer.follow(first)
    at_case(officer, first)


def finish(officer: Resident) -> None:
    """From the case's page: accept with a date, end the work with a photo, approve the photos, read the message, send it."""
    choose(officer, "Accept")
    officer.page.get_by_label("Date of the work (optional)").fill((today() + timedelta(days=2)).isoformat())
    officer.press("Accept")
    said(officer, "Accepted.")
    choose(officer, "End the work")
    officer.page.get_by_label("Cleared", exact=True).check()
    officer.page.get_by_label("What the customer is told about it (optional)").fill(DONE)
    officer.page.set_input_files("input[type=file]", [a_picture("after.png", red=30)])
    officer.press("End the work")
    said(officer, "The work has ended. Now tell the customer.")
    officer.look("Tell the customer and close")
    officer.follow("Back to the case")
    for photo in ("before", "after"):
        officer.press(f"Approve {photo}", exact=False)
        said(officer, "The photo is shown to the public.")
    choose(officer, "Tell the customer and close")
    message = officer.page.locator(".ws-mail").inner_text()
    assert DONE in message
    assert "4 others who follow" in message
    officer.press("Send and close")
    said(officer, "Everyone who follows is told, and the case is closed.")


@pytest.mark.capability("REPT-03", "REPT-04", "REPT-05", "CASE-05")
def test_five_reporters_of_one_fly_tip(council: Council, browser: Browser, staff: Staff) -> None:
    addresses = [an_address(name) for name in ("ada", "ben", "cat", "dev", "eve")]
    ada = resident(browser, council.url)
    say_where(ada, PLACE)
    first = report_it(ada, name="Ada Five", email=addresses[0], photo=a_picture("before.png"))

    # Three see it nearby and follow it instead.
    for address in addresses[1:4]:
        neighbour = resident(browser, council.url)
        say_where(neighbour, PLACE)
        follow_instead(neighbour, first, email=address)

    # One slips through, and is merged by an officer.
    eve = resident(browser, council.url)
    say_where(eve, PLACE)
    second = report_it(eve, name="Eve Five", email=addresses[4])
    assert second != first
    priya = staff("Priya Wherryman")
    join(priya, second, first=first)
    eve.open(f"/r/{second}")
    eve.look("Fly-tipping")
    assert first in eve.words()

    finish(priya)
    at_case(priya, first)
    assert priya.page.locator(".ws-state").first.inner_text() == "Done"

    # Ada and her followers: received or following, accepted, done. Eve: received, joined, accepted, done.
    for address, count in zip(addresses, (3, 3, 3, 3, 4), strict=True):
        mails = council.mails_to(address, count=count)
        done = mails[-1]
        assert str(done["Subject"]).startswith("Done: ")
        assert DONE in words_of(done)
        told = resident(browser, council.url)
        told.open(link_in(done))
        told.look("Fly-tipping")
        assert "Done: Cleared" in told.words()
        for kind in ("Before", "After"):
            told.sees(told.page.get_by_role("img", name=f"{kind} the work"))
        assert told.page.get_by_role("button", name="It is not fixed").is_visible()

    # The one who finds it again says so, and the same case is open again.
    ben = resident(browser, council.url)
    ben.open(link_in(council.mails_to(addresses[1], count=3)[-1]))
    ben.page.get_by_label("What is still wrong?").fill("A mattress is still there")
    ben.press("It is not fixed")
    ben.page.get_by_text("We have opened this report again.").wait_for()
    ben.look("Fly-tipping")
    assert "Opened again" in ben.words()
    to_case(priya, first)
    assert priya.page.locator(".ws-state").first.inner_text() == "Accepted, to be done"
