"""Paying: a card that is declined and then not; a penalty notice that is appealed against and then paid."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from journeys.browsing import SMALL_PHONE, resident
from journeys.council import Council, an_address, words_of
from journeys.paying import PROVIDER, bill, notice, to_provider
from journeys.reporting import a_picture
from journeys.staff import Staff, said


@pytest.mark.capability("PAY-01")
def test_a_payment_fails_and_then_succeeds(council: Council, browser: Browser, staff: Staff) -> None:
    email = an_address("nadia")
    owed = bill(council, kind="council-tax", pence=14_520, name="Nadia Duepayer")
    payer = resident(browser, council.url)

    payer.open("/pay")
    payer.look("Pay a bill, fine or fee")
    payer.page.get_by_label("Reference").fill("000000000")
    payer.press("Find it")
    payer.look("Pay a bill, fine or fee")
    payer.page.get_by_label("Reference").fill(owed.reference)
    payer.press("Find it")
    payer.look("Pay council tax")
    assert "Nadia" not in payer.page.content(), "a reference alone tells no name"
    payer.page.get_by_label("Email address for the receipt").fill(email)
    to_provider(payer, "£145.20")

    payer.press("The card is declined")
    payer.look("Your payment was not taken")
    assert "No money has been taken" in payer.words()
    payer.press("Try again")
    payer.look("Pay council tax")
    assert "We send it to" in payer.words()
    to_provider(payer, "£145.20")
    payer.press("Pay £145.20")
    payer.look("Payment received")
    assert owed.reference in payer.words()

    adviser = staff("Amina Larkspur")
    adviser.open(f"/work/customers/{owed.customer}?reason=check")
    adviser.look("Nadia Duepayer")
    panel = adviser.page.locator("section[aria-labelledby=money]").inner_text()
    assert owed.reference in panel
    assert "paid" in panel
    (receipt,) = council.mails_to(email, count=1)
    assert "£145.20" in words_of(receipt)


@pytest.mark.capability("PAY-01")
def test_a_bill_is_paid_without_javascript_and_the_return_is_lost(council: Council, browser: Browser) -> None:
    owed = bill(council, kind="rent", pence=9_875, name="Pavel Duepayer")
    payer = resident(browser, council.url, script=False, width=SMALL_PHONE)

    payer.open(f"/pay?reference={owed.reference}")
    payer.look("Pay council rent")
    payer.press("Pay £98.75")
    payer.look(PROVIDER)
    payer.press("Pay, and close the browser (the return is lost)")
    payer.look("The browser was closed")

    payer.open(f"/pay?reference={owed.reference}")
    payer.until("This has been paid")
    payer.look("Pay council rent")


@pytest.mark.capability("PAY-02")
def test_a_motorist_sees_the_pictures_appeals_and_pays(council: Council, browser: Browser, staff: Staff) -> None:
    email, mark = an_address("olu"), "ZZ21 OLU"
    number = notice(council, mark=mark)
    motorist = resident(browser, council.url)

    motorist.open("/penalty")
    motorist.look("See, pay or appeal against a penalty notice")
    for wrong in ("ZZ99 XXX", mark):
        motorist.page.get_by_label("Number of the notice").fill(number)
        motorist.page.get_by_label("Registration number").fill(wrong)
        motorist.press("Continue")
        if wrong != mark:
            motorist.look("See, pay or appeal against a penalty notice")
    motorist.look(f"Penalty notice {number}")
    pictures = motorist.page.locator("img.th-picture")
    assert pictures.count() == 2
    assert all(one.evaluate("image => image.naturalWidth") == 640 for one in pictures.all())

    motorist.press("Appeal", exact=False)
    motorist.look(f"Appeal against notice {number}")
    motorist.press("Send the appeal")
    motorist.look(f"Appeal against notice {number}")
    motorist.page.get_by_label("It did not happen").check()
    motorist.page.get_by_label("Tell us what happened").fill("I was loading a piano, and a van hid the sign.")
    motorist.page.set_input_files("input[type=file]", [a_picture("van.png", red=90)])
    motorist.page.get_by_label("Your name").fill("Olu Driver")
    motorist.page.get_by_label("Email address").fill(email)
    motorist.press("Send the appeal")
    motorist.look(f"Penalty notice {number}")
    assert "You do not need to pay at the moment" in motorist.words()
    council.mails_to(email, count=1, about=number)

    officer = staff("Ottilie Kerbside")
    officer.open("/work/penalties")
    officer.look("Penalty notices")
    officer.follow(number)
    officer.look(f"Penalty notice {number}")
    assert "piano" in officer.words()
    officer.page.get_by_label("Reject: the notice stands").check()
    officer.page.get_by_label("Reasons, as the appellant reads them").fill("The sign can be seen in both pictures.")
    officer.press("Decide and write to the appellant")
    said(officer, "The decision is made")
    assert "both pictures" in words_of(council.mails_to(email, count=2, about=number)[-1])

    motorist.open(motorist.page.url)
    motorist.look(f"Penalty notice {number}")
    motorist.press("Pay £35.00")
    motorist.look("Pay penalty notice")
    to_provider(motorist, "£35.00")
    motorist.press("Pay £35.00")
    motorist.look("Payment received")
