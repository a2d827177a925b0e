"""Without a mouse, on a desk's screen: a resident reports and follows; an adviser takes a whole call."""

from __future__ import annotations

import random

import pytest
from playwright.sync_api import Browser

from journeys import keyboard
from journeys.browsing import DESK, resident
from journeys.council import Council, an_address, words_of
from journeys.reporting import a_picture
from journeys.staff import Staff, heading_of, said


@pytest.mark.capability("REPT-01", "INCL-05")
def test_a_report_by_keyboard(council: Council, browser: Browser) -> None:
    email = an_address("kit")
    kit = resident(browser, council.url, width=DESK)
    kit.open("/")
    kit.look("What do you need?")
    keyboard.enter(kit, "link", "Skip to main content")
    keyboard.type_into(kit, "Search for a problem or a service", "fly tiping")
    keyboard.submit(kit)
    kit.look("Services")
    keyboard.enter(kit, "link", "Fly-tipping")
    kit.look("Fly-tipping")
    keyboard.enter(kit, "button", "Report it")
    kit.look("Where is it?")
    keyboard.type_into(kit, "Postcode, address or street", "14 mill road")
    keyboard.submit(kit)
    kit.look("Where is it?")
    keyboard.pick(kit, kit.page.locator("input[name=choice][value^=address]").first)
    keyboard.enter(kit, "button", "Continue")
    kit.page.wait_for_url(lambda url: "/where" not in url)
    if "/nearby" in kit.page.url:
        kit.look("Is it one of these?")
        keyboard.enter(kit, "button", "No, mine is new")

    kit.look("Tell us about it")
    keyboard.pick_in(kit, "How much waste is there?", "Several bags")
    keyboard.tick(kit, "Tyres or vehicle parts")
    keyboard.pick_in(kit, "Is it blocking the road or the pavement?", "No")
    keyboard.enter(kit, "button", "Continue")
    kit.look("Add photos (optional)")
    keyboard.give_file(kit, a_picture("tyres.png"))
    keyboard.enter(kit, "button", "Add, and show me")
    kit.page.get_by_role("img", name="Photo 1").wait_for()
    kit.look("Add photos (optional)")
    keyboard.enter(kit, "button", "Continue")
    kit.look("Who should we tell?")
    keyboard.type_into(kit, "Full name", "Kit Keys")
    keyboard.type_into(kit, "Email address", email)
    keyboard.enter(kit, "button", "Continue")
    kit.look("Check your answers")
    keyboard.enter(kit, "button", "Send my report")
    kit.look("Report received")
    reference = kit.page.locator(".govuk-panel strong").inner_text()
    keyboard.enter(kit, "link", "Follow your report")
    kit.look(heading_of(kit))
    assert reference in kit.words()
    assert "Tyres or vehicle parts" in kit.words()
    council.mails_to(email, count=1)


@pytest.mark.capability("CHAN-04", "CUST-07", "INCL-05")
def test_a_call_by_keyboard(council: Council, staff: Staff) -> None:
    email = an_address("wanda")
    name = f"Wanda {email.split('.')[1].translate(str.maketrans('0123456789', 'ghijklmnop')).title()}"
    phone = f"07700 900{random.randrange(1_000):03}"
    amina = staff("Amina Larkspur")
    amina.open("/work/")
    amina.look("Team queue")
    keyboard.shortcut(amina, "l")
    amina.look("Look up")

    # Nobody of that name yet.
    amina.page.keyboard.press("/")
    amina.page.keyboard.type(name)
    keyboard.submit(amina)
    amina.page.get_by_text("Nobody was found").wait_for()
    amina.look("Look up")
    keyboard.enter(amina, "button", "Make a new record")
    amina.look("New customer record")
    assert amina.page.get_by_label("Name", exact=True).input_value() == name
    keyboard.type_into(amina, "Phone (optional)", phone)
    keyboard.type_into(amina, "Email (optional)", email)
    keyboard.type_into(amina, "Postcode, or house and street", "20 mill lane")
    keyboard.enter(amina, "button", "Find address")
    amina.look("New customer record")
    keyboard.pick(amina, amina.page.locator("input[name=choice]").first)
    keyboard.enter(amina, "button", "Make the record")
    said(amina, f"The record of {name} is made.")
    amina.look(name)
    keyboard.enter(amina, "button", "They are on the phone")
    amina.look(name)

    # A report for them, with the same questions as the public form.
    keyboard.shortcut(amina, "r")
    amina.look("What is it about?")
    amina.page.keyboard.type("pot hole in the road")
    keyboard.submit(amina)
    amina.look("What is it about?")
    keyboard.enter(amina, "link", "Pothole")
    amina.look("Pothole")
    keyboard.type_into(amina, "Postcode, address or street", "22 mill lane")
    keyboard.enter(amina, "button", "Find place")
    amina.look("Pothole")
    keyboard.pick(amina, amina.page.get_by_role("radio", name="22 Mill Lane").first)
    keyboard.pick_in(amina, "Where is the pothole?", "In the road")
    keyboard.pick_in(amina, "How deep is it?", "I do not know")
    assert amina.page.get_by_role("textbox", name="Email", exact=True).input_value() == email
    keyboard.enter(amina, "button", "Send the report")
    amina.page.wait_for_load_state()
    if amina.page.get_by_role("heading", name="Say this before you send it").is_visible():
        amina.look("Pothole")
        keyboard.enter(amina, "button", "None of these: send the report")
    said(amina, "Reported. The reference is")
    amina.look(name)
    for words in ("What happens next", "Expected by", "Highways"):
        assert words in amina.words()
    reference = amina.page.locator(".desk-done .desk-ref").inner_text()

    keyboard.shortcut(amina, "w")
    amina.look("Wrap up")
    assert amina.page.get_by_label("Report a problem").is_checked()
    keyboard.pick_in(amina, "Could this contact have been avoided?", "No")
    keyboard.type_into(amina, "Notes (optional)", "Asked to be written to by email.")
    keyboard.pick_in(amina, "Is there anything else we can do?", "No, that was all")
    keyboard.enter(amina, "button", "Wrap up")
    said(amina, "The conversation is wrapped up.")
    amina.look("Look up")

    # Found again by every clue, and by the number of the next call.
    for clue in (phone, email, reference.lower(), name):
        amina.page.keyboard.press("/")
        amina.page.keyboard.press("Control+A")
        amina.page.evaluate("document.querySelector('[data-found]').replaceChildren()")  # what was found before
        amina.page.keyboard.insert_text(clue)  # at once, as pasted: one question, one answer
        keyboard.reach(
            amina, amina.page.get_by_role("link", name=reference if clue == reference.lower() else name).first
        )
    amina.open(f"/work/desk/call?number={phone.replace(' ', '')}")
    amina.look(name)
    assert amina.page.get_by_role("button", name="Take the call").is_visible()
    assert reference in amina.words()
    assert "Asked to be written to by email." in amina.words()
    [mail] = council.mails_to(email, count=1)
    assert reference in words_of(mail)
