"""Acceptance scenario 7: day 30 and day 60. Old cases reach whoever must answer for them, and an old backlog is cleaned up."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from journeys.browsing import Resident, resident
from journeys.council import Council, an_address, link_in, words_of
from journeys.staff import Staff, at_case, choose, heading_of, said

SERVICE, ANSWERS = "graffiti", {"surface": "private", "offensive": "no"}
HOLDERS = {
    "Head of street scene": "grace.overstreet@example.org",
    "Cabinet member for the environment": "councillor.joan.meadowsweet@example.org",
}
REFUSED = "It is on private property and is not offensive"
SORRY = "We painted over all old graffiti in this street. We are sorry that it took so long."


def raised_to(who: Resident, reference: str) -> str:
    """What the exceptions page says about a case that was raised to this person."""
    who.open("/work/exceptions")
    who.look("Exceptions")
    table = who.page.locator("h2", has_text="Raised to you").locator("xpath=following-sibling::table[1]")
    return " ".join(table.get_by_role("row").filter(has_text=reference).all_inner_texts())


@pytest.mark.capability("CASE-08")
def test_day_30(council: Council, staff: Staff) -> None:
    """Past 30 days a case goes to the senior manager and the portfolio holder, by mail and on their exceptions page."""
    [reference] = council.reported_days_ago(
        32, service=SERVICE, answers=ANSWERS, place="21 high street", email=an_address("olive")
    )
    for title, address in HOLDERS.items():
        [mail] = council.mails_to(address, count=1, about=reference)
        assert str(mail["To"].addresses[0].display_name) == title
        assert f"/work/cases/{reference}" in words_of(mail)
    for name in ("Grace Overstreet", "Councillor Joan Meadowsweet"):
        assert "open too long" in raised_to(staff(name), reference).lower()
    grace = staff("Grace Overstreet")
    grace.go(grace.page.get_by_role("link", name=reference).first)
    at_case(grace, reference)
    assert "Raised to Cabinet member for the environment: open too long" in grace.words()


@pytest.mark.capability("CASE-09")
def test_day_60(council: Council, browser: Browser, staff: Staff) -> None:
    """Past 60 days a case is on the exceptions page until it is decided: here, declined as not policy, with the reason."""
    email = an_address("olive")
    [reference] = council.reported_days_ago(62, service=SERVICE, answers=ANSWERS, place="23 high street", email=email)
    council.mails_to(HOLDERS["Head of street scene"], count=2, about=reference)
    council.mails_to(HOLDERS["Cabinet member for the environment"], count=1, about=reference)
    assert "no decision within the limit" in raised_to(staff("Grace Overstreet"), reference).lower()

    sade = staff("Sade Ropewalker")
    sade.open("/work/exceptions")
    sade.look("Exceptions")
    undecided = sade.page.locator("#undecided").locator("xpath=following-sibling::table[1]")
    sade.go(undecided.get_by_role("link", name=f"Graffiti {reference}"))
    at_case(sade, reference)
    choose(sade, "Decline")
    sade.page.get_by_label(REFUSED).check()
    sade.page.get_by_label("Anything to add for the customer (optional)").fill("The owner of the house knows.")
    sade.press("Preview the message")
    sade.look("Decline")
    assert "The owner of the house knows." in sade.page.locator(".ws-mail__body").inner_text()
    sade.press("Decline and send the explanation")
    said(sade, "Declined. The customer is sent the explanation.")
    at_case(sade, reference)
    assert "Declined: not policy" in sade.words()

    # It has left the open lists, the manager's and the public one.
    sade.open("/work/exceptions")
    sade.look("Exceptions")
    assert reference not in sade.words()
    olive = resident(browser, council.url)
    olive.open(f"/reports?service={SERVICE}")
    olive.look("Open reports")
    assert reference not in olive.words()

    declined = council.mails_to(email, count=2)[-1]
    assert "so the owner has to remove it" in " ".join(words_of(declined).split())
    olive.open(link_in(declined))
    olive.look(heading_of(olive))
    assert "Declined" in olive.words()
    assert "so the owner has to remove it" in olive.words()


def preview_closing(manager: Resident, references: list[str]) -> None:
    manager.look("Chase or close many at once")
    for reference in references:
        manager.page.get_by_role("checkbox", name=reference).check()
    manager.page.get_by_label("Close: with one outcome").check()
    manager.press("Continue")
    manager.look("Chase or close many at once")
    manager.page.get_by_role("radio", name="Painted over").check()
    manager.page.get_by_label("What the customers are told").fill(SORRY)
    manager.press("Show what would happen")
    manager.page.get_by_role("heading", name="What would happen to 3 cases").wait_for()
    manager.look("Chase or close many at once")
    preview = manager.page.locator(".ws-mail")
    assert "3 messages would be sent" in preview.inner_text()
    preview.get_by_text(f"{references[0]}: ").click()
    preview.get_by_text(SORRY).first.wait_for()


@pytest.mark.capability("CASE-08")
def test_an_old_backlog_is_cleaned_up(council: Council, browser: Browser, staff: Staff) -> None:
    """Preview, close many, take it back, close them for good: nobody hears anything before the time to undo is over."""
    email = an_address("olive")
    old = council.reported_days_ago(33, 40, 47, service=SERVICE, answers=ANSWERS, place="25 high street", email=email)
    for reference in old:
        for address in HOLDERS.values():
            council.mails_to(address, count=1, about=reference)
    council.mails_to(email, count=3)
    sade = staff("Sade Ropewalker")
    sade.open("/work/exceptions")
    sade.follow("Open past the age for senior managers")
    sade.look("Open too long")
    sade.follow("Chase or close many at once")
    preview_closing(sade, old)
    sade.press("Do it now")
    said(sade, "No customer is told until the time to undo is over.")
    sade.look("Chase or close many at once")
    assert not sade.page.get_by_role("checkbox", name=old[0]).is_visible()

    sade.go(sade.page.get_by_role("button", name="Undo it").first)  # the newest
    said(sade, "Undone: 3 cases are as they were, 3 messages were dropped.")
    sade.look("Chase or close many at once")
    preview_closing(sade, old)  # they are there again
    sade.press("Do it now")
    said(sade, "No customer is told until the time to undo is over.")
    council.mails_to(email, count=3)
    olive = resident(browser, council.url)
    olive.open(f"/r/{old[0]}")
    olive.look(heading_of(olive))
    assert "Being closed. We can still change this until" in olive.words()

    council.later(minutes=16)
    mails = council.mails_to(email, count=6)[3:]
    assert {str(mail["Subject"]) for mail in mails} == {f"Done: your report {reference}" for reference in old}
    for mail in mails:
        assert SORRY in " ".join(words_of(mail).split())
