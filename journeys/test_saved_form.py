"""A form begun on a phone is saved, and sent from a computer."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from journeys.browsing import DESK, SMALL_PHONE, resident
from journeys.council import Council, an_address, words_of
from journeys.test_moving_home import answer


@pytest.mark.capability("FORM-04")
@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_a_form_is_saved_and_gone_on_with_on_another_device(council: Council, browser: Browser, script: bool) -> None:
    email = an_address("saver")
    phone = resident(browser, council.url, script=script, width=SMALL_PHONE)
    phone.open("/forms/single-person-discount")
    answer(phone, "Are you the only adult in your home?", alone="yes")
    answer(phone, "Since when?", **{"since-day": "2", "since-month": "3", "since-year": "2026"})
    phone.look("What is your address?")
    phone.follow("Save and come back later")
    phone.look("Save and come back later")
    phone.page.get_by_label("Email address").fill(email)
    phone.press("Save and send me the link")
    phone.look("Your answers are saved")
    [mail] = council.mails_to(email, count=1)
    link = next(word.rstrip(".)>") for word in words_of(mail).split() if "/resume/" in word)

    desk = resident(browser, council.url, script=script, width=DESK)
    desk.open(link)
    desk.look("Go on with your answers")
    desk.press("Open my answers")
    home = {"address-line1": "12 Mill Lane", "address-town": "Aldermere", "address-postcode": "ZZ1 1ZZ"}
    answer(desk, "What is your address?", **home)
    answer(desk, "About you", **{"who-name": "Wanda Walker", "email": email})
    desk.look("Check your answers")
    assert "2 March 2026" in desk.words()
    desk.press("Agree and send")
    desk.look("We have what you sent")
    assert len(council.mails_to(email, count=2)) == 2
