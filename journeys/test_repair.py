"""A tenant finds out whose job a repair is, books a time, changes it, and sees the rent; an adviser does the same for a caller."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser

from journeys.browsing import SMALL_PHONE, Resident, resident
from journeys.council import Council, an_address
from journeys.staff import Staff
from journeys.test_account import open_account
from journeys.test_moving_home import answer

RENT, TENANT = "R4410021", "Thea Tenantley"  # of the demo, at 2 Mill Lane


def ask_for_a_repair(who: Resident, *, name: str, email: str) -> None:
    """The form, from its first question to the times that are free."""
    answer(who, "Is there a smell of gas", danger="no")
    answer(who, "Whose home is it?", home="council")
    answer(who, "Where is it?", room="kitchen")
    answer(who, "What is wrong in the kitchen?", what_kitchen="leak")
    answer(who, "Tell us more")
    where = {"address-line1": "2 Mill Lane", "address-town": "Aldermere", "address-postcode": "ZZ1 1AA"}
    answer(who, "What is your address?", **where)
    answer(who, "About you", **{"who-name": name, "email": email, "phone": "07700 900982"})
    who.look("Check your answers")


def book(who: Resident, *, number: int, press: str = "Go on") -> str:
    """Choose one of the times and book it; the words of the page that says so."""
    who.page.locator("input[name=slot]").nth(number).check()
    who.press(press)
    who.look("Book this time")
    who.page.get_by_label("Is there something we should know").fill("Ring twice")
    who.press("Book this time")
    who.page.get_by_text("visit is booked").first.wait_for()
    return who.words()


@pytest.mark.capability("FORM-10")
def test_a_tenant_books_a_visit_changes_it_and_sees_the_rent(council: Council, browser: Browser) -> None:
    email = an_address("thea")
    thea = resident(browser, council.url, width=SMALL_PHONE)
    thea.open("/services/housing-repair")
    thea.look("Repair in a council home")
    thea.press("Start now")
    ask_for_a_repair(thea, name=TENANT, email=email)
    thea.press("Send")
    thea.look("Choose when we come")
    first = re.search(r"\w+day \d+ \w+.*", book(thea, number=0))
    assert first is not None
    thea.look("The visit for your repair")
    thea.press("Change the time")
    thea.look("Choose when we come")
    book(thea, number=3)
    assert first[0] not in thea.words()
    booked, changed = council.mails_to(email, count=3)[1:]
    assert "Your repair visit" in str(booked["Subject"])
    assert "is changed" in str(changed["Subject"])

    thea.open("/near-me?q=2+mill+lane")
    home = thea.page.get_by_text(re.compile(r"2 Mill Lane, Aldermere, ZZ")).first.inner_text().rpartition(", ")[2]
    open_account(thea, council, name=TENANT, email=an_address("thea"))
    thea.open("/account/verify")
    thea.look("Show us who you are")
    thea.page.get_by_label("What kind of number it is").select_option("rent")
    thea.page.get_by_label("Number", exact=True).fill(RENT)
    thea.page.get_by_label("Postcode on the bill").fill(home)
    thea.press("Check it")
    thea.open("/account")
    thea.look("Your account")
    thea.page.get_by_role("heading", name="Council rent").wait_for()
    thea.page.get_by_text("As at").first.wait_for()
    thea.open("/account/accounts/rent")
    thea.look("Council rent")
    assert "The rent is £" in thea.words()


@pytest.mark.capability("FORM-10")
def test_an_adviser_does_the_same_for_a_caller(council: Council, staff: Staff) -> None:
    amina = staff("Amina Larkspur")
    amina.open("/work/desk/contacts/new")
    amina.page.get_by_label("Name as given (optional)").fill("Tam Caller")
    amina.press("Start")
    amina.look("Tam Caller")
    amina.open(f"{amina.page.url.partition('?')[0]}/report/housing-repair")
    amina.look("Repair in a council home")
    amina.press("Fill in the form")
    ask_for_a_repair(amina, name="Tam Caller", email=an_address("tam"))
    amina.press("Send")
    amina.look("Choose a time for the visit")
    book(amina, number=1)
    amina.look("Visit for a repair")
    amina.press("Change the time")
    amina.look("Choose a time for the visit")
    book(amina, number=2)
    amina.look("Visit for a repair")
    amina.open("/work/repairs")
    amina.look("Repairs")
    amina.open("/work/customers?q=Tenantley")
    amina.page.get_by_role("link", name=TENANT).first.click()
    amina.page.get_by_label("To check or correct the record").check()
    amina.press("Show the record")
    amina.look(TENANT)
    assert "Council rent" in amina.words()
    assert "As at" in amina.words()
