"""Acceptance scenario 6: passed around. Two teams return it, the sender stays responsible, chasing twice raises it, a councillor writes.

The month's list of what reached a councillor shows it with its cause.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from journeys.browsing import Resident, resident
from journeys.council import Council, an_address, words_of
from journeys.reporting import report_it, say_where
from journeys.staff import Staff, at_case, choose, heading_of, said, to_case

PLACE = "5 station road"
NOT_THE_ROAD = "The carriageway is clear, it is on the pavement"
NOT_THE_PARK = "The park ends at the next corner"


def offer(sender: Resident, *, to: str, note: str) -> None:
    """From the case's page, which says afterwards who stays responsible."""
    choose(sender, "Offer to another team")
    sender.page.get_by_label("Offer to").select_option(to)
    sender.page.get_by_label("Note for them (optional)").fill(note)
    sender.press("Offer it")
    said(sender, "Offered. It stays with you until they accept.")
    sender.look(heading_of(sender))
    assert "Street cleansing stays responsible until then." in sender.words()
    responsible(sender)


def responsible(sender: Resident) -> None:
    names = sender.page.locator("section[aria-labelledby=names]").inner_text()
    assert "Does the work\nStreet cleansing" in names.replace("\n\n", "\n"), names


def give_back(who: Resident, reference: str, *, reason: str) -> None:
    """An officer of the team it was offered to finds it among the offers, and returns it."""
    who.open("/work/offers")
    who.look("Offers to your teams")
    who.go(who.page.get_by_role("link", name=f"Return {reference}"))
    who.look("Return the offer")
    who.press("Return it")
    who.look("Return the offer")
    assert "Enter why you are returning it" in who.words()
    who.page.get_by_label("Why are you returning it?").fill(reason)
    who.press("Return it")
    said(who, "Returned to the team that offered it")
    who.look("Offers to your teams")
    assert reference not in who.words()


def chase(adviser: Resident, reference: str, *, times: int) -> None:
    """The customer telephones to ask how far it is."""
    adviser.open("/work/desk/contacts/new")
    adviser.look("Start a conversation")
    adviser.page.get_by_label("Name as given (optional)").fill("Pat Waiting")
    adviser.press("Start")
    adviser.look("Pat Waiting")
    adviser.page.get_by_label("Case reference").fill(reference.lower())
    adviser.press("They ask for progress")
    said(adviser, f"chased: {times} times" if times > 1 else f"{reference} is marked as chased: once")
    adviser.look("Pat Waiting")
    adviser.press("Wrap up")
    adviser.look("Wrap up")
    assert adviser.page.get_by_label("Ask for progress").is_checked()
    assert adviser.page.get_by_label("Asking for progress").is_checked()  # why it was avoidable
    adviser.page.get_by_role("group", name="Is there anything else we can do?").get_by_label("Yes").check()
    adviser.press("Wrap up")
    said(adviser, "This is the further conversation: what else can we do?")
    adviser.look("Pat Waiting")
    adviser.press("Wrap up")
    adviser.page.get_by_label("Ask for information").check()
    adviser.page.get_by_label("Resolved").check()
    adviser.page.get_by_role("group", name="Could this contact have been avoided?").get_by_label(
        "No", exact=True
    ).check()
    adviser.page.get_by_label("No, that was all").check()
    adviser.press("Wrap up")
    said(adviser, "The conversation is wrapped up.")
    adviser.look("Look up")


def councillor_writes(priya: Resident, sade: Resident, reference: str) -> None:
    """For the customer: a failure of ours, with its cause, on the list of the month."""
    to_case(priya, reference)
    choose(priya, "A councillor wrote in")
    priya.page.get_by_label("Councillor", exact=True).fill("Councillor Joan Meadowsweet")
    priya.press("Keep it")
    priya.look("A councillor wrote in")
    assert "Select why it came to that" in priya.words()
    priya.page.get_by_label("Passed from team to team").check()
    priya.page.get_by_label("What they wrote (optional)").fill("He was sent round three teams for a sofa.")
    priya.press("Keep it")
    said(priya, "It is kept that this case reached a councillor.")
    priya.look(heading_of(priya))
    assert "Reached a councillor" in priya.words()
    sade.open("/work/exceptions")
    sade.follow("Reached a councillor, by month")
    sade.look("Cases that reached a councillor")
    row = sade.page.get_by_role("row").filter(has_text=reference)
    assert "Passed from team to team" in row.inner_text()
    assert "Councillor Joan Meadowsweet" in row.inner_text()


@pytest.mark.capability("CASE-03", "CASE-10", "CHAN-04")
def test_passed_around(council: Council, browser: Browser, staff: Staff) -> None:
    email = an_address("pat")
    pat = resident(browser, council.url)
    say_where(pat, PLACE)
    reference = report_it(pat, name="Pat Waiting", email=email)

    priya = staff("Priya Wherryman")
    to_case(priya, reference)
    offer(priya, to="Highways", note="It lies on the carriageway")
    give_back(staff("Dev Kerbstone"), reference, reason=NOT_THE_ROAD)
    to_case(priya, reference)
    responsible(priya)
    offer(priya, to="Parks and trees", note="It may be the hedge of the park")
    give_back(staff("Fern Oakapple"), reference, reason=NOT_THE_PARK)

    returned = council.mails_to("street-cleansing@aldermere.example.org", count=2, about=reference)
    for mail, reason in zip(returned, (NOT_THE_ROAD, NOT_THE_PARK), strict=True):
        assert reason in words_of(mail)

    # The resident was told of none of this: nothing changed for them, and the promise stands.
    council.mails_to(email, count=1)
    pat.open(f"/r/{reference}")
    pat.look(heading_of(pat))
    assert "Street cleansing" in pat.words()

    amina = staff("Amina Larkspur")
    chase(amina, reference, times=1)
    sade = staff("Sade Ropewalker")
    sade.open("/work/exceptions")
    assert reference not in sade.page.get_by_role("table").first.inner_text()
    chase(amina, reference, times=2)

    sade.open("/work/exceptions")
    sade.look("Exceptions")
    raised = sade.page.get_by_role("row").filter(has_text=reference)
    assert "chased" in raised.inner_text().lower()
    sade.go(raised.get_by_role("button", name="Seen"))
    said(sade, "Marked as seen.")
    [mail] = council.mails_to("sade.ropewalker@example.org", count=1, about=reference)
    assert "chased" in words_of(mail).lower()

    sade.open("/work/exceptions/passed")
    sade.page.get_by_label("More than how many times").fill("1")
    sade.press("Show")
    sade.page.get_by_text("passed on more than once").wait_for()
    sade.look(heading_of(sade))
    row = sade.page.get_by_role("row").filter(has_text=reference)
    assert row.get_by_role("cell").last.inner_text() == "2"
    sade.go(row.get_by_role("link"))
    at_case(sade, reference)
    responsible(sade)
    assert "Passed on 2 times" in sade.words()
    assert "The customer chased 2 times" in sade.words()
    assert NOT_THE_PARK in sade.words()
    councillor_writes(priya, sade, reference)
