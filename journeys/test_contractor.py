"""A contractor works a job: sent under a contract, accepted, how far it is with a photo, done; the resident sees all of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Browser

from journeys.browsing import Resident, resident
from journeys.council import Council, an_address, link_in, today, words_of
from journeys.reporting import a_picture, report_it, say_where
from journeys.staff import Staff, at_case, choose, heading_of, said, to_case

PLACE = "9 church lane"
PROGRESS = "Half of it is on the lorry, we come back for the rest."
DONE = "Everything is gone and the place is swept."


def step(who: Resident, name: str) -> None:
    who.press(name)
    who.look(name)


def send_job(officer: Resident, reference: str) -> None:
    """The service's own contract is filled in."""
    to_case(officer, reference)
    choose(officer, "Send to a contractor")
    assert officer.page.get_by_label("Contract reference").input_value() == "ACS-2024-07"
    assert officer.page.get_by_label("Working days to do it").input_value() == "5"
    officer.press("Preview the message")
    officer.look("Send to a contractor")
    officer.press("Send it to the contractor")
    said(officer, "The contractor has it.")
    at_case(officer, reference)
    assert "Sent, not answered yet" in officer.words()


def work_on(contractor: Resident, reference: str, *, not_named: str) -> None:
    contractor.open("/contractor/")
    contractor.look("Your jobs")
    contractor.go(contractor.page.get_by_role("link", name=reference))
    contractor.look(heading_of(contractor))
    assert "ACS-2024-07" in contractor.words()
    assert not_named not in contractor.page.content()
    step(contractor, "Accept")
    contractor.page.get_by_label("Date of the work (optional)").fill((today() + timedelta(days=1)).isoformat())
    contractor.press("Accept")
    said(contractor, "Accepted.")
    step(contractor, "Give an update")
    contractor.page.get_by_label("How far is it?").fill(PROGRESS)
    contractor.page.set_input_files("input[type=file]", [a_picture("half.png", red=60)])
    contractor.press("Give an update")
    said(contractor, "Everyone who follows is told.")
    contractor.look(heading_of(contractor))


@pytest.mark.capability("CASE-12")
def test_a_contractor_does_the_work(council: Council, browser: Browser, staff: Staff) -> None:
    email = an_address("rosa")
    rosa = resident(browser, council.url)
    say_where(rosa, PLACE)
    reference = report_it(rosa, name="Rosa Resident", email=email)
    priya, dana = staff("Priya Wherryman"), staff("Dana Broomhall")
    send_job(priya, reference)
    [job] = council.mails_to("aldermere-clean-streets@aldermere.example.org", count=1, about=reference)
    assert "Rosa" not in words_of(job)
    work_on(dana, reference, not_named="Rosa")

    # The resident follows the contractor's work as the council's own.
    to_case(priya, reference)
    priya.press("Approve half", exact=False)
    said(priya, "The photo is shown to the public.")
    rosa.open(f"/r/{reference}")
    rosa.look(heading_of(rosa))
    assert PROGRESS in rosa.words()
    assert rosa.page.get_by_role("img", name="After the work").count() == 1

    step(dana, "It is done")
    dana.page.get_by_label("What was done?").fill(DONE)
    dana.press("It is done")
    said(dana, "Done. The council tells the customer.")
    dana.open("/contractor/")
    dana.look("Your jobs")
    ended = dana.page.locator("h2", has_text="Ended lately").locator("xpath=following-sibling::table[1]")
    assert "Done" in ended.get_by_role("row").filter(has_text=reference).inner_text()

    # Done is not told: the council's own officer tells, and the case closes.
    to_case(priya, reference)
    choose(priya, "Tell the customer and close")
    assert DONE in priya.page.locator(".ws-mail").inner_text()
    priya.press("Send and close")
    said(priya, "Everyone who follows is told, and the case is closed.")
    told = council.mails_to(email, count=5)[-1]
    assert DONE in words_of(told)
    rosa.open(link_in(told))
    rosa.look(heading_of(rosa))
    assert "Done: Cleared" in rosa.words()
