"""Without a mouse: a form with a branch and a stop is built, refused for a missing reason, mended, published and filled in."""

from __future__ import annotations

import secrets

import pytest
from playwright.sync_api import Browser

from journeys import keyboard
from journeys.browsing import DESK, SMALL_PHONE, Resident, resident
from journeys.council import Council
from journeys.staff import Staff

REASON = "To know whether we may decide"


def asked(who: Resident, kind: str, label: str, *, reason: str = REASON) -> None:
    """A question added to the page that is open."""
    keyboard.reach(who, who.page.get_by_label("Add to the page"))
    who.page.keyboard.type(kind)
    keyboard.enter(who, "button", "Add")
    who.look(kind)
    keyboard.type_into(who, "Question", label)
    if reason:
        keyboard.type_into(who, "Why is it asked?", reason)
    keyboard.type_into(who, "What uses the answer?", "Permits team")
    keyboard.enter(who, "button", "Save")
    who.look(label)


def page_added(who: Resident) -> None:
    who.page.get_by_role("button", name="Add a page").wait_for()
    keyboard.enter(who, "button", "Add a page")
    who.look("New page")


@pytest.mark.capability("FORM-01", "FORM-02", "INCL-05")
def test_a_form_built_by_keyboard(council: Council, browser: Browser, staff: Staff) -> None:
    sam = staff("Sam Switchwell")
    title = f"Skip permit {secrets.token_hex(3)}"
    code = title.lower().replace(" ", "-")
    sam.open("/work/forms")
    sam.look("Forms")
    keyboard.enter(sam, "button", "New form")
    sam.look("New form")
    keyboard.type_into(sam, "Title", title)
    keyboard.enter(sam, "button", "Begin")
    sam.look("About the form")
    keyboard.reach(sam, sam.page.get_by_label("Service", exact=True))
    sam.page.keyboard.type("Fly-tipping")
    keyboard.enter(sam, "button", "Save")
    sam.look(title)

    page_added(sam)
    keyboard.type_into(sam, "Short name of the page", "here")
    keyboard.enter(sam, "button", "Save")
    sam.look("here")
    asked(sam, "Yes or no", "Do you live here?")
    keyboard.enter(sam, "link", "All pages")
    page_added(sam)
    keyboard.type_into(sam, "Short name of the page", "street")
    keyboard.enter(sam, "button", "Save")
    sam.look("street")
    asked(sam, "One line of text", "Which street?", reason="")
    keyboard.reach(sam, sam.page.get_by_label("Add a way to"))
    sam.page.keyboard.type("Check")
    keyboard.enter(sam, "button", "Add the way")
    sam.look("When does “Which street?” lead to “Check your answers”?")
    keyboard.enter(sam, "link", "Back to the page")
    keyboard.enter(sam, "link", "All pages")
    page_added(sam)
    keyboard.type_into(sam, "Heading", "Ask your own council")
    keyboard.tick(sam, "The form ends here: it is not for them")
    keyboard.type_into(sam, "What to do instead", "We cannot help with a skip in another borough.")
    keyboard.type_into(sam, "Short name of the page", "elsewhere")
    keyboard.enter(sam, "button", "Save")
    sam.look("Ask your own council")
    keyboard.enter(sam, "link", "All pages")
    sam.look(title)

    keyboard.enter(sam, "link", "1. Do you live here?")
    sam.look("Do you live here?")
    keyboard.reach(sam, sam.page.get_by_label("Add a way to"))
    sam.page.keyboard.type("Ask your")
    keyboard.enter(sam, "button", "Add the way")
    sam.look("When does “Do you live here?” lead to “Ask your own council”?")
    keyboard.reach(sam, sam.page.get_by_label("Which answer decides?"))
    sam.page.keyboard.type("Do you live")
    keyboard.enter(sam, "button", "Continue")
    keyboard.pick_in(sam, "What", "No")
    keyboard.enter(sam, "button", "Add the condition")
    sam.page.get_by_text("“Do you live here?” is “No”", exact=True).first.wait_for()
    keyboard.enter(sam, "link", "Back to the page")
    keyboard.enter(sam, "link", "All pages")
    sam.look(title)

    keyboard.enter(sam, "button", "Publish")
    sam.page.get_by_role("heading", name="There is a problem").wait_for()
    sam.look(title)
    keyboard.enter(sam, "link", "The question “Which street?”")
    sam.look("One line of text")
    keyboard.type_into(sam, "Why is it asked?", "To know where the skip stands")
    keyboard.enter(sam, "button", "Save")
    keyboard.enter(sam, "link", "All pages")
    sam.page.set_viewport_size({"width": SMALL_PHONE["width"], "height": SMALL_PHONE["height"]})
    sam.look(title)
    sam.page.set_viewport_size({"width": DESK["width"], "height": DESK["height"]})
    keyboard.enter(sam, "button", "Publish")
    sam.page.get_by_text("Version 1 is published").wait_for()
    sam.look(title)

    rita = resident(browser, council.url, script=False)
    rita.open(f"/forms/{code}")
    rita.page.get_by_label("No", exact=True).check()
    rita.press("Continue")
    rita.look("Ask your own council")
    assert "another borough" in rita.words()
    rita.open(f"/forms/{code}/here")
    rita.page.get_by_label("Yes", exact=True).check()
    rita.press("Continue")
    rita.page.get_by_label("Which street?").fill("Mill Road")
    rita.press("Continue")
    rita.look("Check your answers")
    assert "Mill Road" in rita.words()
