"""A resident with a phone reports dumped rubbish: found by a misspelt search, followed to its end."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from journeys.browsing import DESK, SMALL_PHONE, resident
from journeys.council import Council, link_in, words_of
from journeys.reporting import a_picture, describe, send


@pytest.mark.capability("REPT-01", "REPT-02", "REPT-04", "CASE-05", "INCL-05")
def test_a_report_on_a_phone(council: Council, browser: Browser) -> None:
    sam = resident(browser, council.url, width=SMALL_PHONE)
    sam.open("/")
    sam.look("What do you need?")
    sam.page.get_by_label("Search for a problem or a service").fill("fly tiping")
    sam.press("Search")
    sam.look("Services")
    sam.follow("Fly-tipping")
    sam.look("Fly-tipping")
    sam.press("Report it")
    sam.look("Where is it?")

    # By the map, with the keyboard alone.
    sam.page.locator('.th-map[data-state="ready"] canvas').focus()
    sam.page.keyboard.press("Equal")
    sam.page.keyboard.press("Enter")
    sam.page.get_by_text("The place is set").wait_for()
    sam.press("Continue with this place")
    if "/elsewhere" in sam.page.url:
        sam.look("We do not look after this place")
        sam.follow("Choose another place")
        sam.page.get_by_label("Postcode, address or street").fill("mill lane")
        sam.press("Find it")
        sam.page.get_by_label("2 Mill Lane", exact=False).first.check()
        sam.press("Continue")
    if "/nearby" in sam.page.url:
        sam.look("Is it one of these?")
        sam.press("No, mine is new")

    # An answer left out is said beside the question and at the top, and the others are kept.
    sam.page.get_by_label("Several bags").check()
    sam.press("Continue")
    assert sam.page.title().startswith("Error: ")
    assert sam.page.get_by_label("Several bags").is_checked()
    # A question that depends on another appears as soon as it applies.
    asked = sam.page.get_by_label("What did you see?")
    assert not asked.is_visible()
    sam.page.get_by_role("group", name="Did you see who left it").get_by_label("Yes").check()
    asked.fill("A white van, early in the morning")
    describe(sam)

    sam.look("Add photos (optional)")
    sam.page.set_input_files("input[type=file]", [a_picture("one.png"), a_picture("two.png", red=200)])
    sam.press("Add, and show me")
    sam.page.get_by_role("img", name="Photo 2").wait_for()
    sam.look("Add photos (optional)")
    sam.press("Remove photo 1", exact=False)
    sam.page.get_by_role("img", name="Photo 2").wait_for(state="detached")
    sam.press("Continue")
    reference = send(sam, name="Sam Journey", email="sam.journey@example.org")

    [mail] = council.mails_to("sam.journey@example.org", count=1)
    assert reference in words_of(mail)
    received = sam.page.url
    sam.page.go_back()
    sam.look("Report received")  # back after sending never sends again
    sam.open(received)
    sam.look("Report received")
    sam.open(link_in(mail))
    sam.look("Fly-tipping")
    assert "Waiting for a decision" in sam.words()
    council.mails_to("sam.journey@example.org", count=1)


@pytest.mark.capability("REPT-01", "REPT-02", "INCL-05")
def test_a_report_without_javascript(council: Council, browser: Browser) -> None:
    kim = resident(browser, council.url, script=False)
    kim.open("/services/fly-tipping")
    kim.press("Report it")
    kim.look("Where is it?")
    # The picture is a button: where it is pressed, the place is set.
    kim.page.get_by_label("Postcode, address or street").fill("12 mill lane")
    kim.press("Find it")
    kim.go(kim.page.locator("input[type=image]"), at={"x": 150, "y": 100})
    kim.press("Further out")
    kim.press("Use the place in the middle")
    kim.page.get_by_text("A place is set on the map").wait_for()
    kim.press("Continue with this place")
    if "/nearby" in kim.page.url:
        kim.look("Is it one of these?")
        kim.press("No, mine is new")

    # The page asks again when an answer brings another question.
    kim.page.get_by_role("group", name="Did you see who left it").get_by_label("Yes").check()
    describe(kim)
    kim.page.get_by_text("we have one more question").wait_for()
    assert kim.page.get_by_label("Several bags").is_checked()
    kim.page.get_by_label("What did you see?").fill("Two people with a trolley")
    kim.press("Continue")
    kim.look("Add photos (optional)")
    kim.press("Continue")
    kim.look("Who should we tell?")
    kim.press("Report without my details")
    kim.look("Check your answers")
    assert "Two people with a trolley" in kim.words()
    kim.press("Send my report")
    kim.look("Report received")
    reference = kim.page.locator(".govuk-panel strong").inner_text()

    kim.open("/follow")
    kim.page.get_by_label("Reference").fill(f" {reference.lower().replace('-', ' ')} ")
    kim.press("Follow")
    kim.look("Fly-tipping")
    assert reference in kim.words()
    assert "Two people" not in kim.words()


def test_every_public_page_on_a_desk_and_on_a_small_phone(council: Council, browser: Browser) -> None:
    pages = {
        "/": "What do you need?",
        "/services": "Services A to Z",
        "/services/missed-bin": "Missed bin collection",
        "/report": "What is the problem?",
        "/reports": "Open reports",
        "/reports?service=pothole": "Open reports",
        "/follow": "Follow a report",
        "/contact": "Contact us",
        "/accessibility": "Accessibility statement",
        "/privacy": "Privacy",
        "/cookies": "Cookies",
        "/report/missed-bin/where": "Which address?",
        "/report/pothole/where?q=mill": "Where is it?",
    }
    for width in (SMALL_PHONE, DESK):
        visitor = resident(browser, council.url, width=width)
        for path, heading in pages.items():
            visitor.open(path)
            visitor.look(heading)
        visitor.open("/reports")
        visitor.go(visitor.page.locator(".th-card a").first)
        visitor.page.get_by_role("heading", name="Progress").wait_for()
