"""A resident opens an account on a phone, shows where they live, finds their home page made for it, and comes back with a passkey."""

from __future__ import annotations

import re
import time
from email.message import EmailMessage

import pytest
from playwright.sync_api import Browser

from journeys.browsing import PHONE, Resident, resident
from journeys.council import Council, an_address, words_of
from journeys.reporting import describe

PASSWORD = "seven green lanterns"


def open_account(who: Resident, council: Council, *, name: str, email: str) -> None:
    """From the home page to the account, by the code in the mail."""
    who.open("/")
    who.open("/account/register")
    who.look("Open an account")
    who.page.get_by_label("Full name").fill(name)
    who.page.get_by_label("Email address").fill(email)
    who.page.get_by_label("Password").fill(PASSWORD)
    who.press("Continue")
    who.look("Enter the code we sent you")
    [mail] = council.mails_to(email, count=1)
    found = re.search(r"^\W*(\d{6})\W*$", words_of(mail), re.MULTILINE)
    assert found is not None
    who.page.get_by_label("Code").fill(found[1])
    who.press("Continue")
    who.look("Your account")


def choose_address(who: Resident) -> None:
    who.follow("Choose your address")
    who.look("Your address")
    who.page.get_by_label("Postcode or address").fill("2 mill lane")
    who.press("Find it")
    who.page.locator("input[name=choice]").first.check()
    who.press("This is my address")
    who.look("Your account")
    who.page.get_by_role("heading", name="Your next collections").wait_for()


@pytest.mark.capability("ACCT-01", "ACCT-02", "ACCT-04", "ACCT-05")
def test_from_registering_to_a_home_page_of_ones_own_and_a_passkey(council: Council, browser: Browser) -> None:
    noor = resident(browser, council.url, width=PHONE)
    email = an_address("noor")
    name = f"Noor {email[5:11]}"  # nobody's before, on a council that runs on
    open_account(noor, council, name=name, email=email)
    choose_address(noor)
    assert "Your councillors" in noor.words()

    # The address is shown by a letter, which the demo's mailbox holds.
    noor.open("/account/verify")
    noor.look("Show us who you are")
    noor.press("Post me a code")
    noor.look("Show us who you are")
    letter = letter_to(council, name)
    found = re.search(r"([0-9A-Z]{4}-[0-9A-Z]{4})", words_of(letter))
    assert found is not None
    noor.page.get_by_label("The code in the letter").fill(found[1])
    noor.press("Continue")
    noor.page.get_by_text("Now: verified address").wait_for()

    # The session follows to the public site.
    noor.open("/services/missed-bin")
    noor.look("Missed bin collection")
    noor.page.get_by_role("heading", name="Your next collections").wait_for()

    # A passkey, made by the device and used instead of the password.
    devices = noor.page.context.new_cdp_session(noor.page)
    devices.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    options |= {"isUserVerified": True, "automaticPresenceSimulation": True}
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    noor.open("/account/security")
    noor.look("Signing in")
    noor.page.get_by_label("Name of the new passkey").fill("My phone")
    noor.press("Add a passkey")
    noor.page.get_by_text("Your passkey is added").wait_for()
    noor.look("Signing in")
    noor.press("Sign out")
    noor.look("You are signed out")
    noor.follow("Sign in again")
    noor.look("Sign in to your account")
    noor.press("Sign in with a passkey")
    noor.look("Your account")
    for path, heading in (
        ("/account/requests", "My requests"),
        ("/account/preferences", "Preferences"),
        ("/account/helpers", "People who help you"),
        ("/account/my-data", "My data"),
        ("/account/calendar", "Your collections in your calendar"),
        ("/account/messages", "Messages"),
    ):
        noor.open(path)
        noor.look(heading)
    mails = council.mails_to(email, count=2)
    assert "A passkey was added" in str(mails[-1]["Subject"])


@pytest.mark.capability("ACCT-01", "ACCT-07")
def test_an_account_without_javascript(council: Council, browser: Browser) -> None:
    kim = resident(browser, council.url, script=False)
    email = an_address("kim")
    open_account(kim, council, name="Kim Plain", email=email)
    choose_address(kim)

    kim.open("/report/fly-tipping")
    kim.page.get_by_label("Postcode, address or street").fill("12 mill lane")
    kim.press("Find it")
    kim.page.locator("input[name=choice]").first.check()
    kim.press("Continue")
    if "/nearby" in kim.page.url:
        kim.press("No, mine is new")
    describe(kim)
    kim.look("Add photos (optional)")
    kim.press("Continue")
    kim.look("Who should we tell?")
    assert kim.page.get_by_label("Email address").input_value() == email
    kim.press("Continue")
    kim.press("Send my report")
    kim.look("Report received")
    reference = kim.page.locator(".govuk-panel strong").inner_text()

    kim.open("/account/requests")
    kim.look("My requests")
    kim.go(kim.page.locator(".th-card a").first)
    assert reference in kim.words()
    kim.page.get_by_label("What do you want to add?").fill("It is beside the gate")
    kim.press("Add it")
    kim.page.get_by_text("We have added that to your request").wait_for()
    kim.press("Sign out")
    kim.look("You are signed out")
    kim.open("/account/requests")
    kim.look("Sign in to your account")
    kim.page.get_by_label("Email address").fill(email)
    kim.page.get_by_label("Password").fill(PASSWORD)
    kim.press("Sign in")
    kim.look("My requests")


def letter_to(council: Council, name: str) -> EmailMessage:
    """The letter that the demo would have posted to somebody of this name, once it is there."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        found = [mail for mail in council._mails() if name in str(mail["X-Letter"] or "")]
        if found:
            return found[-1]
        time.sleep(0.3)
    raise AssertionError("no letter was posted")
