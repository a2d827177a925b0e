"""A resident who reports is shown the quicker way; another, helped at the counter, gets a place on a masterclass; both have their say."""

from __future__ import annotations

import re

from playwright.sync_api import Browser

from journeys.browsing import SMALL_PHONE, resident
from journeys.council import Council, an_address, words_of
from journeys.reporting import report_it, say_where
from journeys.staff import Staff, said


def test_a_report_shows_the_way_to_an_account_and_the_forum_is_on_the_first_page(
    council: Council, browser: Browser
) -> None:
    uma = resident(browser, council.url, width=SMALL_PHONE)
    email = an_address("uma")
    say_where(uma, "9 church lane")
    report_it(uma, name="Uma Quick", email=email)
    uma.page.get_by_text("Next time it is quicker with an account").wait_for()
    [mail] = council.mails_to(email, count=1)
    found = re.search(r"https?://\S+/n/quicker-account/[\w-]+", words_of(mail))
    assert found is not None
    uma.open(found[0])
    uma.look("Open an account")
    uma.open("/")
    uma.follow("Have your say")
    uma.look("Have your say")
    uma.follow("Library opening hours")
    uma.look("Library opening hours")
    uma.page.get_by_role("link", name="Sign in", exact=True).last.wait_for()


def test_somebody_helped_at_the_counter_gets_a_place_on_a_masterclass(staff: Staff) -> None:
    amina = staff("Amina Larkspur")
    amina.open("/work/outreach")
    amina.look("The quicker way")
    amina.follow("Residents who need help to do it online")
    amina.look("Residents who need help to do it online")
    row = amina.page.get_by_role("row").filter(has_text="Abel Stonecrop")
    row.get_by_role("link", name="Book one").click()
    amina.look("Book a session for Abel Stonecrop")
    amina.page.get_by_label("First steps with a tablet").check()
    amina.press("Book the place")
    said(amina, "The place is booked")
    amina.open("/work/outreach/sessions")
    amina.look("Courses and masterclasses")
    amina.follow("First steps with a tablet")
    amina.look("First steps with a tablet")
    assert "Abel Stonecrop" in amina.words()
