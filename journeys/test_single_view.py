"""A caller whom the council knows: one list of everything, their home, what is kept while typing, and a wrap-up in two keys."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from journeys.browsing import DESK, SMALL_PHONE, Resident
from journeys.staff import Staff

CALLER = "Thea Tenantley"
PAGES = {
    "Sade Ropewalker": {
        "/work/sharing": "Sharing between services",
        "/work/resolution": "Contact centre: resolved first time",
    },
    "Amina Larkspur": {"/work/property": "What is going on at an address"},
}


@pytest.mark.parametrize("name", PAGES)
def test_pages_about_it(name: str, staff: Staff) -> None:
    who = staff(name)
    for width in (SMALL_PHONE, DESK):
        who.page.set_viewport_size({"width": width["width"], "height": width["height"]})
        for path, heading in PAGES[name].items():
            who.open(path)
            who.look(heading)


def record_of(who: Resident) -> str:
    """The record of the caller, found as an adviser does; its path."""
    who.open("/work/customers?q=" + CALLER.replace(" ", "+"))
    who.look("Look up")
    who.follow(CALLER)
    return re.sub(r"^https?://[^/]+", "", who.page.url).partition("?")[0]


def test_an_adviser_with_a_caller(staff: Staff) -> None:
    who = staff("Amina Larkspur")
    path = record_of(who)
    who.look("Why do you need this record?")
    who.open(f"{path}?reason=contact")
    who.look(CALLER)
    listed = who.words()
    assert "contacts about" in listed
    assert "not resolved: they came back" in listed
    who.page.set_viewport_size({"width": SMALL_PHONE["width"], "height": SMALL_PHONE["height"]})
    who.look(CALLER)
    who.page.set_viewport_size({"width": DESK["width"], "height": DESK["height"]})
    who.page.get_by_label("What", exact=True).select_option("contact")
    who.press("Show")
    who.look(CALLER)
    who.open(f"{path}?reason=contact")
    who.follow("What is going on there")
    who.look("2 Mill Lane")

    who.open(f"{path}?reason=contact")
    who.press("They are on the phone")
    who.look(CALLER)
    assert "Third contact about" in who.words() or "contact about" in who.words()
    conversation = who.page.url

    # Typed, and nothing lost without a connection or with a closed window.
    who.page.keyboard.press("g")
    with who.page.expect_navigation():
        who.page.keyboard.press("w")
    notes = who.page.get_by_label("Notes (optional)")
    says = who.page.locator("[data-kept-says]")
    notes.fill("She rings again on Tuesday")
    expect(says).to_have_text("Kept", timeout=20_000)
    who.page.context.set_offline(True)
    notes.fill("She rings again on Tuesday after four")
    expect(says).to_contain_text("no connection", timeout=20_000)
    who.page.context.set_offline(False)
    expect(says).to_have_text("Kept", timeout=30_000)
    who.complaints.clear()  # the browser says that it was offline
    wrap_up = who.page.url
    who.page.goto("about:blank")
    who.open(wrap_up)
    expect(who.page.get_by_label("Notes (optional)")).to_have_value("She rings again on Tuesday after four")
    who.look("Wrap up")

    # A case chased, and two keys end it.
    who.open("/work/")
    reference = re.search(r"TH-\w{4}-\w{4}", who.words())
    assert reference is not None
    who.open(conversation)
    who.page.get_by_label("Case reference").fill(reference[0])
    who.page.locator("form[novalidate]").get_by_role("button", name="They ask for progress").click()
    who.page.locator("#usual").wait_for()
    who.look(CALLER)
    who.page.locator("h1").click()
    who.page.keyboard.press("g")
    with who.page.expect_navigation():
        who.page.keyboard.press("d")
    who.look("Look up")
    who.page.get_by_text("The conversation is wrapped up.").wait_for()
