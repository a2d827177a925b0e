"""A resident without an account is reminded of council tax before it is due, and stops it by the button of the mail program."""

from __future__ import annotations

import re
import urllib.parse
import urllib.request

import pytest
from playwright.sync_api import Browser

from journeys.browsing import SMALL_PHONE, Resident, resident
from journeys.council import Council, an_address, words_of
from journeys.staff import Staff, said
from townhall.accounts.demo import PASSWORD as STAFF_PASSWORD
from townhall.config.demo.deals import OTHER_TRADER, TRADER
from townhall.config.demo.money import DUE_SOON


def one_click(link: str) -> int:
    """What a mail program does (RFC 8058): a POST with one field, and nothing of the reader's browser."""
    body = urllib.parse.urlencode({"List-Unsubscribe": "One-Click"}).encode()
    with urllib.request.urlopen(urllib.request.Request(link, data=body, method="POST"), timeout=30) as answer:
        return int(answer.status)


def test_a_tax_reminder_arrives_and_stops_at_one_click(council: Council, browser: Browser, staff: Staff) -> None:
    ola = resident(browser, council.url, width=SMALL_PHONE)
    email = an_address("ola")
    ola.open("/")
    ola.follow("Alerts by email or text")
    ola.look("Alerts")
    ola.follow("Council tax instalments, five days before each is due")
    ola.look("Alerts")
    ola.press("Turn it on")
    ola.look("Alerts")
    assert ola.page.title().startswith("Error: ")
    ola.page.get_by_label("Account number on your bill").fill(f" {DUE_SOON[:4]} {DUE_SOON[4:]}")
    ola.page.get_by_label("Email address").fill(email)
    ola.press("Turn it on")
    ola.page.get_by_text("Check your email").wait_for()

    [first] = council.mails_to(email, count=1)
    found = re.search(r"https?://\S+/alerts/confirm/\S+", words_of(first))
    assert found is not None
    ola.open(found[0])
    ola.look("Turn this alert on?")
    ola.press("Turn it on")
    ola.look("The alert is on")

    [reminder] = council.mails_to(email, count=1, about="Your council tax instalment is due on")
    assert DUE_SOON in words_of(reminder)
    assert "£121.05" in str(reminder["Subject"])
    assert reminder["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = str(reminder["List-Unsubscribe"]).strip("<>")
    assert one_click(link) == 200
    ola.open(link)
    ola.look("This alert is off")
    assert len(council.mails_to(email, count=2)) == 2

    priya = staff("Priya Wherryman")
    priya.open("/work/engagement")
    priya.look("Alerts sent")
    row = priya.page.get_by_role("row").filter(has_text=email)
    assert "Council tax, this month's instalment" in row.inner_text()
    assert "Waiting" not in row.inner_text()


@pytest.mark.capability("ENGA-02")
def test_an_alert_for_planning_is_turned_on_for_an_address(council: Council, browser: Browser) -> None:
    kay = resident(browser, council.url)
    email = an_address("kay")
    kay.open("/alerts?topic=planning")
    kay.look("Alerts")
    kay.page.get_by_label("Postcode or address").fill("12 mill lane")
    kay.press("Find it")
    kay.look("Alerts")
    kay.page.locator("input[name=place]").first.check()
    assert kay.page.get_by_label("Half a mile").is_checked()
    kay.page.get_by_label("Email address").fill(email)
    kay.press("Turn it on")
    kay.page.get_by_text("Check your email").wait_for()
    [mail] = council.mails_to(email, count=1)
    assert "Planning applications near an address" in words_of(mail)
    assert "12 Mill Lane" in words_of(mail)


@pytest.mark.capability("ENGA-03")
def test_an_issue_of_the_newsletter_is_written_and_tried(council: Council, staff: Staff) -> None:
    editor = an_address("editor")
    writer = staff("Grace Overstreet")
    writer.open("/work/engagement/newsletter")
    writer.look("Newsletter")
    writer.page.get_by_label("Subject line").fill("What the season brings")
    writer.page.get_by_label("This season").fill("Gritting starts this month.")
    writer.press("Save and see it")
    writer.look("What the season brings")
    assert "Gritting starts this month." in writer.words()
    writer.page.get_by_label("Send a test to").fill(editor)
    writer.press("Send a test")
    said(writer, "The test is on its way.")
    [mail] = council.mails_to(editor, count=1)
    assert "Gritting starts this month." in words_of(mail)


def sign_in(who: Resident, email: str) -> None:
    who.open("/account/sign-in")
    who.look("Sign in")
    who.page.get_by_label("Email address").fill(email)
    who.page.get_by_label("Password").fill(STAFF_PASSWORD)
    who.press("Sign in")
    who.look("Your account")


def test_a_trader_offers_a_deal_and_a_holder_shows_its_voucher_at_the_till(
    council: Council, browser: Browser, staff: Staff
) -> None:
    title = f"Rolls {an_address('deal')[5:11]}"
    baker = resident(browser, council.url, width=SMALL_PHONE)
    sign_in(baker, TRADER)
    baker.open("/deals")
    baker.look("Deals of local traders")
    baker.follow("For traders")
    baker.look("Your deals")
    baker.press("Make an offer")
    baker.look("Make an offer")
    baker.press("Send it")
    baker.look("Make an offer")
    baker.page.get_by_label("What you offer, in a few words").fill(title)
    baker.page.get_by_label("What customers get").fill("Four rolls for the price of three.")
    baker.page.locator("input[name=month]").first.check()
    baker.press("Send it")
    baker.look("Your deals")

    manager = staff("Moira Quillfeather")
    manager.open("/work/engagement/deals")
    manager.look("Deals of traders")
    offered = manager.page.get_by_role("region", name=title)
    offered.get_by_role("button", name="Approve it").click()
    said(manager, "The deal is approved, and its trader is told.")

    holder = resident(browser, council.url, width=SMALL_PHONE)
    sign_in(holder, OTHER_TRADER)
    holder.open("/deals")
    holder.follow(title)
    holder.look(title)
    holder.press("Get your voucher")
    holder.look(title)
    code = re.search(r"DV-[0-9A-Z]{4}-[0-9A-Z]{4}", holder.words())
    assert code is not None

    for shown in ("is good, and is used now", "This voucher was used on"):
        baker.open("/deals/yours")
        baker.page.get_by_label("Code on the voucher").fill(code[0].lower())
        baker.press("Take it in")
        baker.look("Your deals")
        assert shown in baker.words()
