"""A parking permit from the zone to the officer on the street, and a school place from the school to its receipt."""

from __future__ import annotations

import re
import secrets

import pytest
from playwright.sync_api import Browser

from journeys.browsing import SMALL_PHONE, Resident, resident
from journeys.council import Council, an_address, link_in, words_of
from journeys.paying import to_provider
from journeys.staff import Staff, said

_HOME = """
from townhall.permits.models import Permit
from townhall.places.models import Address
from townhall.places.whereabouts import parking_zone
taken = set(Permit.objects.values_list("uprn", flat=True))
homes = (one for one in Address.objects.order_by("-uprn") if parking_zone(one.easting, one.northing) == "A" and one.uprn not in taken)
print(next(homes).line)
"""


@pytest.mark.capability("FORM-09")
def test_a_permit_is_bought_on_a_phone_checked_by_an_officer_and_seen_on_the_street(
    council: Council, browser: Browser, staff: Staff
) -> None:
    email, mark = an_address("pia"), f"ZZ{secrets.randbelow(9_000) + 1_000} PIA"
    home = council._python(_HOME)
    pia = resident(browser, council.url, width=SMALL_PHONE)
    pia.open("/permits")
    pia.look("Parking permits")
    pia.page.get_by_label("Postcode or address").fill(home)
    pia.press("Find my zone")
    pia.page.get_by_role("link", name=home).click()
    pia.look("Parking permits")
    assert "in permit zone A" in pia.words()

    pia.open("/forms/parking-permit?now")
    pia.look("Is this a new permit or a renewal?")
    pia.page.get_by_label("A new permit").check()
    pia.press("Continue")
    pia.look("Where do you live?")
    pia.page.get_by_label("Postcode, or house and street").fill(home)
    pia.press("Find address")
    pia.page.get_by_label("Select the address").select_option(label=home)
    pia.press("Continue")
    pia.look("Your vehicle")
    pia.page.get_by_label("Registration number").fill(mark)
    pia.page.get_by_label("Up to 100 g").check()
    pia.page.get_by_label("6 months").check()
    pia.press("Continue")
    pia.look("Show us that you live there")
    pia.press("Continue")
    pia.look("About you")
    pia.page.get_by_label("Full name").fill("Pia Parker")
    pia.page.get_by_label("Email address").fill(email)
    pia.press("Continue")
    pia.look("Check your answers")
    assert "£30.00" in pia.words()
    pia.press("Agree and send")
    pia.look("Pay parking permit")
    to_provider(pia, "£30.00")
    pia.press("Pay £30.00")
    pia.look("Payment received")

    officer = staff("Ottilie Kerbside")
    officer.open(f"/work/permits?find={mark}")
    officer.look("Parking permits")
    officer.page.get_by_role("link", name=re.compile("^PP-")).first.click()
    officer.page.get_by_role("heading", name="The evidence shows that they live there").wait_for()
    officer.page.get_by_label("What did you see?").fill("Driving licence with this address")
    officer.press("Issue the permit")
    said(officer, "The permit is issued")
    officer.open(f"/work/permits/check?mark={mark}&zone=A")
    officer.look("Does a vehicle have a permit here?")
    assert "Yes." in officer.words()

    (mail,) = council.mails_to(email, count=1, about="virtual permit")
    number = re.search(r"PP-\w{4}-\w{4}", words_of(mail))
    assert number is not None
    link = re.search(r"https?://\S+/permits/\S+", words_of(mail))
    assert link is not None
    pia.open(link[0])
    pia.look(f"Parking permit {number[0]}")
    assert "This permit holds today" in pia.words()


@pytest.mark.capability("FORM-08")
def test_a_family_applies_at_the_school_and_has_a_receipt_for_the_child(
    council: Council, browser: Browser, staff: Staff
) -> None:
    email = an_address("fay")
    fay = resident(browser, council.url)
    fay.open("/school-places")
    fay.look("School places")
    assert "Open now" in fay.words()
    fay.open("/forms/school-place?now")
    fay.look("The child")
    fay.page.get_by_label("Full name").fill(f"Gil {email.partition('@')[0]}")
    for part, value in (("Day", "3"), ("Month", "4"), ("Year", "2016")):
        fay.page.get_by_label(part).fill(value)
    fay.press("Continue")
    fay.page.get_by_label("During the school year").check()
    fay.press("Continue")
    fay.look("Where does the child live?")
    fay.page.get_by_text("Write the address by hand").click()
    for name, value in (("line1", "9 Mill Lane"), ("town", "Aldermere"), ("postcode", "ZZ1 1AA")):
        fay.page.locator(f'[name="address-{name}"]').fill(value)
    fay.press("Continue")
    fay.page.get_by_label("None of these").check()
    fay.press("Continue")
    fay.look("A school you would like")
    _choose_school(fay, "Mill Lane Primary School")
    fay.press("Continue")
    fay.page.get_by_label("No", exact=True).check()
    fay.press("Continue")
    fay.look("Proof of the address, if you moved in the last year (optional)")
    fay.press("Continue")
    fay.look("About you")
    fay.page.get_by_label("Full name").fill("Fay Family")
    fay.page.get_by_label("Email address").fill(email)
    fay.page.get_by_label("At a school").check()
    building = fay.page.get_by_label("Which building or school?")
    if not building.is_visible():
        fay.press("Continue")
    building.fill("Mill Lane Primary School")
    fay.page.get_by_label("Name of the member of staff").fill("Ms Exampleteacher")
    fay.press("Continue")
    fay.look("Check your answers")
    fay.press("Agree and send")
    fay.look("We have what you sent")

    officer = staff("Tilly Slateboard")
    officer.open("/work/admissions")
    officer.look("School admissions")
    officer.page.get_by_role("button", name=re.compile("Send what was received now.*Places during")).click()
    said(officer, "goes out now")
    (receipt,) = council.mails_to(email, count=1, about="regional admissions system")
    assert re.search(r"RA\d{6}", words_of(receipt))
    fay.open(link_in(council.mails_to(email, count=1, about="School place")[0]))
    assert "The receipt is RA" in fay.words()


def _choose_school(who: Resident, name: str) -> None:
    """With JavaScript the list is searched by typing; without, it is a list."""
    chosen = who.page.locator('select[name="school"]')
    if chosen.is_visible():
        chosen.select_option(label=name)
        return
    who.page.get_by_label("School", exact=True).fill(name)
    who.page.get_by_role("option", name=name).click()
